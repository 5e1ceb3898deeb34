"""The first page, as each role; and that no page of the portfolio takes more queries with more in it."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from phases.models import Edition
from phases.terms import Phase
from susi.dates import danish
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import decide, from_source, fully_related

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


def overview(client, user) -> str:
    client.force_login(user)
    response = client.get("/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_manager_sees_what_to_approve_and_to_decide(client) -> None:
    manager = person(Role.MANAGER)
    submitted, approved = initiative_in(Phase.SCREENING), initiative_in(Phase.MATURATION)
    factories.submitted(submitted, to_phase=Phase.MATURATION)
    factories.approved(approved, manager=manager, to_phase=Phase.TRIAL)
    html = overview(client, manager)
    assert reverse("assessments:detail", args=[submitted.number, 1]) in html
    assert "Læs SUSI-vurderingen af overgang til modningsfasen, spor 1" in html
    assert reverse("assessments:decision_create", args=[approved.number]) in html


def test_of_many_proposals_three_are_shown_and_the_others_fold(client) -> None:
    proposals = [initiative_in(None, title=f"Eksempel: Forslag {no}") for no in range(7)]
    shown, folded = overview(client, person(Role.MANAGER)).split("Vis de øvrige 4")
    assert [one.title in shown for one in proposals] == [True] * 3 + [False] * 4
    assert [one.title in folded for one in proposals] == [False] * 3 + [True] * 4


def test_whoever_has_no_role_is_told_instead_of_shown_an_empty_portfolio(client) -> None:
    initiative_in(Phase.SCREENING)
    html = overview(client, person())
    assert "Bed en administrator om at give dig en rolle." in html
    for told_of_nothing in ("Her står initiativerne", "Ingen faser har varet længere", "endnu ikke registreret"):
        assert told_of_nothing not in html
    assert "Du har ingen rolle" not in overview(client, person(Role.READER))


def test_the_newest_decisions_are_those_registered_last_whenever_they_were_made(client) -> None:
    manager, made = person(Role.MANAGER), datetime.date(2025, 1, 20)
    first, last = initiative_in(Phase.TRIAL, title="Eksempel: Først"), initiative_in(None, title="Eksempel: Sidst")
    decide(first, manager, "stopped", reason="Målene er nået.")
    decide(last, manager, "awaiting", reason="Midlerne er ikke fundet.", decided_on=made)
    html = overview(client, manager).split("Senest besluttet")[1]
    assert html.index("Eksempel: Sidst") < html.index("Eksempel: Først")
    assert "Besluttet 20.01.2025, registreret <time" in html
    assert f"i dag ({danish(timezone.localdate())})" in html


def test_the_lead_sees_the_drafts(client) -> None:
    initiative = initiative_in(Phase.SCREENING)
    factories.draft_of(initiative, to_phase=Phase.MATURATION)
    assert reverse("assessments:gate", args=[initiative.number, 1]) in overview(client, initiative.lead)
    assert "Der er ikke noget, der venter på dig lige nu." in overview(client, person(Role.LEAD))


def test_a_reader_sees_figures_and_decisions_but_no_tasks_and_no_proposals(client) -> None:
    manager = person(Role.MANAGER)
    initiative, proposal = initiative_in(Phase.TRIAL, title="Eksempel: Slut"), initiative_in(None, title="Forslag X")
    decide(initiative, manager, "stopped", reason="Målene er nået.")
    decide(proposal, manager, "recommended", agreement=factories.AgreementFactory())
    from_source(Phase.DISSEMINATION, outcome="final", counts_as=3)
    html = overview(client, person(Role.READER))
    assert "Kræver din handling" not in html
    assert "Eksempel: Slut" in html
    assert "Videreføres ikke" in html
    assert "Forslag X" not in html
    assert "For 3 af dem</a> oplyser kilden ikke, om de er afsluttet" in html
    assert "Forslag X" in overview(client, manager)


def test_the_administrator_sees_editions_in_progress(client) -> None:
    Edition.objects.create(number="9.9", name="Eksempelregelsæt i arbejde", valid_from="2030-01-01", source="Eksempel")
    assert reverse("phases:edition", args=["9.9"]) in overview(client, person(Role.ADMINISTRATOR))
    assert "i arbejde" not in overview(client, person(Role.MANAGER))


def test_the_figure_has_a_table_and_its_numbers_are_links(client) -> None:
    initiative_in(Phase.MATURATION, "2")
    html = overview(client, person(Role.READER))
    assert 'aria-label="Modning, spor 2: 1 initiativ"' in html
    assert "/initiativer/?phase=maturation&amp;status=not_ended&amp;track=2" in html
    assert "Vis fasemodellen som tabel" in html


def test_without_a_role_there_is_nothing_to_see(client) -> None:
    initiative_in(Phase.TRIAL, title="Eksempel: Skjult")
    assert "Skjult" not in overview(client, person())


def test_one_has_to_log_in(client) -> None:
    assert client.get("/").status_code == 302


@pytest.mark.slow
def test_the_number_of_queries_is_the_same_for_3_initiatives_and_30(client) -> None:
    manager, lead = person(Role.MANAGER, Role.LEAD), person(Role.LEAD)
    user = person(Role.MANAGER, Role.LEAD, Role.ADMINISTRATOR)

    def counts(number: str) -> dict[str, int]:
        counted = {}
        for name in ("overview", "portfolio:initiative_list"):
            counted[name] = queries(reverse(name))
        counted["filtered"] = queries(reverse("portfolio:initiative_list") + "?phase=maturation&track=1&q=eksempel")
        for name in ("detail", "history"):
            counted[name] = queries(reverse(f"portfolio:initiative_{name}", args=[number]))
        return counted

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def add(count: int) -> None:
        for _ in range(count):
            initiative = fully_related(manager, lead)
            initiative.members.add(user)
            factories.submitted(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
            initiative_in(None)

    add(2)
    few = fully_related(manager, lead, continued=3)
    factories.draft_of(few, to_phase=Phase.TRIAL)
    client.force_login(user)
    client.get("/")
    before = counts(few.number)
    add(26)
    many = fully_related(manager, lead, continued=30)
    factories.draft_of(many, to_phase=Phase.TRIAL)
    for n in range(30):
        many.status_notes.create(text=f"Status {n}", written_by=lead, written_at=many.created_at)
    assert counts(many.number) == before
    assert before["detail"] <= 28
