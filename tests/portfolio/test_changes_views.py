"""The page and the document of what has changed: the period chosen, what is too much, and for whom."""

import datetime

import page as documents
import pytest
from django.urls import reverse
from pypdf import PdfReader

from phases.terms import Phase, Track
from portfolio import actions
from portfolio.changes import MOST
from portfolio.views import changes as views
from susi.clock import clock_at
from susi.dates import danish
from susi.days import today
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import ProgrammeFactory, initiative_in, person
from tests.portfolio.between_days import at, edit, page
from tests.portfolio.portfolios import anew, decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    with clock_at(at(4, 1)):
        return person(Role.LEAD, first_name="Line", last_name="Eksempel")


@pytest.fixture
def manager() -> User:
    with clock_at(at(4, 1)):
        return person(Role.MANAGER, first_name="Leo", last_name="Eksempel")


def test_the_page_says_when_the_first_record_is_from(client, lead, manager) -> None:
    assert "Der er ikke registreret noget endnu" in page(client, manager)
    with clock_at(at(5, 2)):
        initiative_in(Phase.SCREENING, lead=lead)
    html = page(client, manager, fra="01.01.2020", til="31.05.2026")
    assert "Systemets første oplysning er fra 02.05.2026." in html
    assert "1 nyt initiativ" in html
    assert "første oplysning" not in page(client, manager, fra="02.05.2026", til="31.05.2026")


@pytest.mark.parametrize("pdf", [False, True])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"fra": "10.05.2026", "til": "09.05.2026"}, "Perioden skal slutte en senere dag"),
        ({"fra": "10.05.2026", "til": "10.05.2026"}, "Perioden skal slutte en senere dag"),
        ({"fra": "10.05.2026", "til": "01.01.2099"}, "Dagen er ikke kommet endnu"),
        ({"fra": "01.01.2099"}, "Dagen er ikke kommet endnu"),
        ({"fra": "01.01.2020", "til": "01.02.2020"}, "Systemets første oplysning er fra 02.05.2026"),
        ({"fra": "i går", "til": "31.05.2026"}, "Det kan ikke læses som en dato"),
        ({"fra": "31.02.2026"}, "Den dato findes ikke i kalenderen"),
        ({"programme": "findes-ikke"}, "Vælg en af mulighederne på listen"),
        ({"fra": "\x00"}, "Fra udgangen af"),
    ],
)
def test_a_bad_period_is_answered_with_the_reason_and_kept(client, manager, query, said, pdf) -> None:
    with clock_at(at(5, 2)):
        initiative_in(Phase.SCREENING, lead=None)
    html = page(client, manager, status=422, pdf=pdf, **query)
    assert said in html
    if "\x00" not in query.get("fra", ""):
        assert all(f'value="{value}"' in html for name, value in query.items() if name != "programme")


def test_without_days_it_is_the_last_thirty(client, manager) -> None:
    initiative_in(Phase.SCREENING)
    html = page(client, manager)
    assert f'value="{danish(today() - datetime.timedelta(days=30))}"' in html
    assert f"til nu, {danish(today())}" in html


def test_much_is_shown_in_pages_and_refused_on_paper(client, lead, manager, monkeypatch) -> None:
    with clock_at(at(5, 2)):
        for _ in range(4):
            initiative_in(None, lead=lead)
    monkeypatch.setattr(views, "SHOWN", 3)
    monkeypatch.setattr(views, "PER_PAGE", 2)
    monkeypatch.setattr(views, "MOST_ON_PAPER", 3)
    html = page(client, manager, fra="01.05.2026", til="31.05.2026")
    assert "Vis også de 1 sidste" not in html
    assert "Vis alle 4" in html
    assert "Udskriv som PDF" not in html
    whole = page(client, manager, fra="01.05.2026", til="31.05.2026", afsnit="created", page="2")
    assert whole.count("Eksempel: initiativ") == 2
    refused = page(client, manager, status=422, pdf=True, fra="01.05.2026", til="31.05.2026")
    assert "Perioden har 4 ændringer. Et dokument kan rumme 3." in refused
    monkeypatch.setattr("portfolio.changes.MOST", 3)
    assert "Vælg en kortere periode" in page(client, manager, status=422, fra="01.05.2026", til="31.05.2026")
    assert MOST > 10_000


@pytest.mark.slow
def test_the_document_can_be_read_by_everyone(client, lead, manager, tmp_path) -> None:
    with clock_at(at(4, 2)):
        factories.rulebook()
        programme = ProgrammeFactory(name="Før")
        initiative = initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Før", programme=programme)
    edit(initiative, lead, at(5, 3), title="Eksempel: Efter")
    with clock_at(at(5, 4)):
        initiative_in(None, lead=lead)
        actions.write_status(initiative=anew(initiative), by=lead, text="Det går.")
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
        decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
        programme.name = "Siden"
        programme.save()
    client.force_login(manager)
    response = client.get(reverse("changes_pdf"), {"fra": "01.05.2026", "til": "31.05.2026"})
    file = tmp_path / "aendringer.pdf"
    file.write_bytes(response.content)
    assert documents.validate_pdf(str(file), profile="ua1").is_compliant
    html = page(client, manager, fra="01.05.2026", til="31.05.2026")
    assert html.count('data-label="Efter"') == 2
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(file).pages).split())
    for heading in ("Nye initiativer", "Faser og status", "Beslutninger", "Fravigelser", "Ændrede oplysninger"):
        assert heading in text
    assert text.count("Før Efter Hvem") == 2
    assert "Fra udgangen af 01.05.2026 til udgangen af 31.05.2026" in text
