"""The document of an assessment as it is served: to whom, under which name, and only as it was sealed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from assessments import pdf
from assessments.models import Assessment
from phases.models import Edition
from phases.terms import Phase
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import anew, at, text_of
from tests.factories import draft_of, initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def draft() -> Assessment:
    return draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)


@pytest.fixture
def approved() -> Assessment:
    return factories.approved(initiative_in(Phase.SCREENING), manager=person(Role.MANAGER), to_phase=Phase.MATURATION)


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def typeset(monkeypatch: pytest.MonkeyPatch) -> None:
    """The typesetting has tests of its own and takes its time."""
    monkeypatch.setattr(pdf, "render", lambda record, **kwargs: b"%PDF-1.7 eksempel")


def test_the_sealed_one_is_the_stored_file(client: Client, approved: Assessment) -> None:
    response = as_(client, person(Role.READER)).get(at(approved, "pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{approved.file_name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == b"%PDF-1.7 eksempel"
    assert anew(approved).pdf_sha256


def test_can_be_saved(client: Client, approved: Assessment) -> None:
    response = as_(client, person(Role.READER)).get(at(approved, "pdf"), {"hent": 1})
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content


def test_a_draft_is_for_those_who_may_see_it(client: Client, draft: Assessment) -> None:
    response = as_(client, draft.initiative.lead).get(at(draft, "pdf"))
    assert "Udkast_" in response["Content-Disposition"]
    assert as_(client, person(Role.READER)).get(at(draft, "pdf")).status_code == 404


def test_a_name_with_danish_letters_reaches_every_browser(client: Client) -> None:
    draft = draft_of(initiative_in(Phase.TRIAL), to_phase=Phase.DISSEMINATION)
    header = as_(client, draft.initiative.lead).get(at(draft, "pdf"))["Content-Disposition"]
    assert header.isascii()
    assert header.startswith("inline; filename*=utf-8''Udkast_SUSI-vurdering_")
    assert "_afpr%C3%B8vning_" in header


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"%PDF-1.7 noget andet")])
def test_a_stored_file_that_is_gone_or_changed_is_told(
    client: Client, approved: Assessment, harm: Callable[[Path], object]
) -> None:
    page = as_(client, person(Role.READER))
    page.get(at(approved, "pdf"))
    harm(Path(anew(approved).pdf.path))
    response = page.get(at(approved, "pdf"))
    assert response.status_code == 409
    assert "Kontakt administratoren." in text_of(response)


def test_a_broken_seal_is_told(client: Client, approved: Assessment) -> None:
    Assessment.objects.filter(pk=approved.pk).update(sealed_data=approved.sealed_data + " ")
    response = as_(client, person(Role.READER)).get(at(approved, "pdf"))
    assert response.status_code == 409
    assert "passer ikke til kontrolsummen" in text_of(response)
