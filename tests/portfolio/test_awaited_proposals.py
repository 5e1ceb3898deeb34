"""A decision may await a proposal, which readers may not know of: they are told of "et andet initiativ"."""

import datetime
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from phases.terms import Outcome, Phase
from portfolio import bilag1
from portfolio.changes import Period, changes_between
from portfolio.history import Kind, history_of
from portfolio.models import Decision, Initiative
from susi.clock import clock_at
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, ProgrammeFactory, initiative_in, person
from tests.portfolio.between_days import at, page
from tests.portfolio.portfolios import anew, decide

pytestmark = pytest.mark.django_db
SECRET = "Eksempel: hemmeligt forslag"


@pytest.fixture
def reader() -> User:
    return person(Role.READER)


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def decision(manager) -> Decision:
    """Of an initiative in screening that awaits a proposal, registered 03.05.2026."""
    with clock_at(at(4, 1)):
        factories.rulebook()
        proposal = initiative_in(None, title=SECRET)
        initiative = initiative_in(Phase.SCREENING, programme=ProgrammeFactory())
    with clock_at(at(5, 3)):
        return decide(initiative, manager, Outcome.AWAITING, awaits=proposal, agreement=AgreementFactory(year=2027))


def cells(content: bytes) -> str:
    sheets = load_workbook(io.BytesIO(content)).worksheets
    return " ".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row)


READ = {
    "bilag1": lambda content: content.decode(),
    "bilag1_xlsx": cells,
    "bilag1_pdf": lambda content: " ".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages),
}


@pytest.mark.parametrize("name", ["bilag1", "bilag1_xlsx", pytest.param("bilag1_pdf", marks=pytest.mark.slow)])
def test_bilag_1_names_what_is_awaited_to_those_who_may_see_it(client, decision, reader, manager, name) -> None:
    said = {}
    for user in (reader, manager):
        client.force_login(user)
        response = client.get(reverse(name))
        assert response.status_code == 200
        said[user] = " ".join(READ[name](response.content).split())
    assert "hemmeligt" not in said[reader]
    assert "Afventer et andet initiativ og UIP 2027" in said[reader]
    assert f"Afventer {SECRET} og UIP 2027" in said[manager]


def test_the_command_names_it(decision) -> None:
    run = bilag1.begun().get(pk=decision.initiative_id).current_run
    assert bilag1.carried_forward(run) == f"Afventer {SECRET} og UIP 2027"


def test_history_and_changes_name_what_is_awaited_to_those_who_may_see_it(client, decision, reader, manager) -> None:
    period = Period(datetime.date(2026, 5, 1), datetime.date(2026, 5, 31))
    for user, said in (
        (reader, "Afventer et andet initiativ."),
        (manager, f"Afventer initiativ {decision.awaits.number}."),
    ):
        (event,) = [one for one in history_of(anew(decision.initiative), user) if one.kind == Kind.DECIDED]
        assert said in event.detail
        (told,) = next(one.items for one in changes_between(period, user) if one.key == Kind.DECIDED)
        assert said in told.event.detail
    assert decision.awaits.number not in page(client, reader, fra="01.05.2026", til="31.05.2026")


def test_the_page_of_the_decision_does_not_even_say_its_number(client, decision, reader, manager) -> None:
    url = reverse("assessments:decision_detail", args=[decision.initiative.number, decision.no])
    detail = reverse("portfolio:initiative_detail", args=[decision.initiative.number])
    client.force_login(reader)
    assert "Et andet initiativ" in (html := client.get(url).content.decode())
    assert decision.awaits.number not in html + client.get(detail).content.decode()
    client.force_login(manager)
    assert SECRET in client.get(url).content.decode()


def test_what_has_begun_is_named_to_readers_too(decision, reader) -> None:
    begun = initiative_in(Phase.SCREENING, title="Eksempel: begyndt")
    Decision.objects.filter(pk=decision.pk).update(awaits=begun)
    run = bilag1.begun(reader).get(pk=decision.initiative_id).current_run
    assert bilag1.carried_forward(run) == "Afventer Eksempel: begyndt og UIP 2027"
    assert not bilag1.begun(person()).exists()
    assert not Initiative.objects.visible_to(person()).exists()
