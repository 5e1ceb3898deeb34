"""The pages that ask before a correction or an annulment: open only to those who may, and only where it can be done."""

import pytest
from django.http import HttpResponse
from django.test import Client

from assessments.actions import review
from assessments.models import Assessment
from phases.models import Edition
from phases.terms import Phase
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import at, text_of
from tests.factories import draft_of, initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


def in_state(state: str) -> Assessment:
    """Return an assessment in that state, with the lead of its initiative as its writer."""
    initiative = initiative_in(Phase.SCREENING)
    if state == "approved":
        return factories.approved(initiative, manager=person(Role.MANAGER), to_phase=Phase.MATURATION)
    if state == "submitted":
        return factories.submitted(initiative, to_phase=Phase.MATURATION)
    draft = draft_of(initiative, to_phase=Phase.MATURATION)
    return draft if state == "draft" else review.annul(assessment=draft, by=initiative.lead, reason="En fejl.")


def asked(client: Client, assessment: Assessment, place: str) -> HttpResponse:
    """Return the page as the writer gets it, with the message there is where it leads back."""
    client.force_login(assessment.initiative.lead)
    return client.get(at(assessment, place), follow=True)


@pytest.mark.parametrize("role", [Role.READER, Role.ADMINISTRATOR, Role.LEAD])
@pytest.mark.parametrize("place", ["correct", "annul"])
def test_not_for_those_who_do_not_write_it(client: Client, role: Role, place: str) -> None:
    client.force_login(person(role))
    for state in ("submitted", "approved"):
        assessment = in_state(state)
        assert client.get(at(assessment, place)).status_code == 403
        assert client.post(at(assessment, place)).status_code == 403


def test_a_manager_gives_up_but_does_not_correct(client: Client) -> None:
    client.force_login(person(Role.MANAGER))
    assert client.get(at(in_state("draft"), "annul")).status_code == 200
    assert client.get(at(in_state("approved"), "correct")).status_code == 403


@pytest.mark.parametrize(
    ("state", "place", "why"),
    [
        ("draft", "correct", "Kun den nyeste godkendte version kan rettes."),
        ("submitted", "correct", "Kun den nyeste godkendte version kan rettes."),
        ("annulled", "correct", "Kun den nyeste godkendte version kan rettes."),
        ("approved", "annul", "SUSI-vurderingen kan ikke annulleres: Den er allerede godkendt."),
        ("annulled", "annul", "SUSI-vurderingen kan ikke annulleres: Den er allerede annulleret."),
    ],
)
def test_where_it_cannot_be_done_the_assessment_says_why(client: Client, state: str, place: str, why: str) -> None:
    assessment = in_state(state)
    response = asked(client, assessment, place)
    assert response.redirect_chain[0] == (at(assessment, "detail"), 302)
    assert why in text_of(response)


def test_no_second_correction_while_one_is_under_way(client: Client) -> None:
    approved = in_state("approved")
    review.correct(assessment=approved, by=approved.initiative.lead)
    assert "Der er allerede en SUSI-vurdering i gang" in text_of(asked(client, approved, "correct"))


def test_an_annulment_that_came_too_late_keeps_the_reason_and_offers_no_button(client: Client) -> None:
    approved = in_state("approved")
    client.force_login(approved.initiative.lead)
    response = client.post(at(approved, "annul"), {"reason": "Skrevet forgæves."})
    assert response.status_code == 409
    assert "Skrevet forgæves." in text_of(response)
    assert "Behold kladden" not in text_of(response)
