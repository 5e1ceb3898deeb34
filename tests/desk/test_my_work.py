"""What I owe and by when: how urgent it is, what is on the list, and how it is narrowed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from assessments.models import Deviation
from desk.owed import Urgency, kinds, owed_by, urgency
from phases.terms import Phase
from portfolio.models import PhaseRun
from susi.clock import clock_at
from susi.days import today
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.visitor import Visitor
from work.actions import deliverables
from work.actions.deliverables import PlanInput

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, Urgency.UNDATED),
        (date(2026, 11, 24), Urgency.OVERDUE),
        (date(2026, 11, 25), Urgency.THIS_WEEK),  # today is not too late
        (date(2026, 11, 29), Urgency.THIS_WEEK),  # Sunday
        (date(2026, 11, 30), Urgency.LATER),
    ],
)
def test_how_urgent_it_is(due, expected) -> None:
    assert urgency(due, WEDNESDAY) == expected


@pytest.mark.parametrize(("due", "expected"), [(0, Urgency.THIS_WEEK), (1, Urgency.LATER), (-1, Urgency.OVERDUE)])
def test_on_a_sunday_the_week_ends_today(due, expected) -> None:
    assert urgency(date(2026, 11, 29) + timedelta(days=due), date(2026, 11, 29)) == expected


@pytest.fixture
def lead():
    factories.rulebook()
    return person(Role.LEAD)


def ends(initiative, day: date, precision: str = "day") -> None:
    PhaseRun.objects.filter(initiative=initiative).update(expected_end=day, expected_end_precision=precision)


def test_the_most_urgent_comes_first_whatever_kind_it_is(lead) -> None:
    departed = initiative_in(Phase.SCREENING, lead=lead)
    factories.approved(departed, manager=person(Role.MANAGER), to_phase=Phase.MATURATION, departed=("M1.1",))
    Deviation.objects.update(review_on=today() - timedelta(days=3))
    drafted = factories.draft_of(initiative_in(Phase.SCREENING, lead=lead), to_phase=Phase.MATURATION).initiative
    ending, far = initiative_in(Phase.TRIAL, lead=lead), initiative_in(Phase.DISSEMINATION, lead=lead)
    ends(ending, today() + timedelta(days=30))
    ends(far, today() + timedelta(days=400))
    found = [(one.task.number, one.kind, one.urgency) for one in owed_by(lead, ["involvement"]).owed]
    assert found == [
        (departed.number, "review", Urgency.OVERDUE),
        (ending.number, "end", Urgency.LATER),
        (drafted.number, "draft", Urgency.UNDATED),
        (ending.number, "begin", Urgency.UNDATED),
    ]
    assert [one.kind for one in owed_by(lead, ["review", "end", "begin", "involvement"]).owed] == ["draft"]


def test_a_deliverable_is_owed_by_its_responsible_else_by_those_who_write_there(lead) -> None:
    run, member = initiative_in(Phase.MATURATION, lead=lead).current_run, person(Role.LEAD)
    run.initiative.members.add(member)
    late = PlanInput(due=today() - timedelta(days=1))
    deliverables.add_own(run=run, by=lead, name="Alles", planned=late)
    deliverables.add_own(run=run, by=lead, name="Medarbejderens", planned=replace(late, responsible=member))
    deliverables.add_own(run=run, by=lead, name="Færdig", planned=replace(late, state="done"))
    deliverables.add_own(run=run, by=lead, name="Uden frist", planned=PlanInput())
    owed = {who: [one.task.text for one in owed_by(who).owed if one.kind == "deliverable"] for who in (lead, member)}
    assert owed[lead] == ["Færdiggør leverancen Alles"]
    assert owed[member] == ["Færdiggør leverancen Alles", "Færdiggør leverancen Medarbejderens"]
    assert owed_by(lead).owed[0].urgency == Urgency.OVERDUE


def test_a_month_is_over_with_its_last_day(lead) -> None:
    ends(initiative_in(Phase.DISSEMINATION, lead=lead), date(2026, 11, 1), "month")
    for day, expected in ((date(2026, 11, 30), Urgency.THIS_WEEK), (date(2026, 12, 1), Urgency.OVERDUE)):
        with clock_at(factories.noon(day)):
            assert [one.urgency for one in owed_by(lead).owed] == [expected]


def test_what_is_nobodys_is_on_no_list(lead) -> None:
    ends(initiative_in(Phase.DISSEMINATION), today())
    for one in (lead, person(Role.READER), person(Role.ADMINISTRATOR), person(Role.MANAGER)):
        assert owed_by(one).owed == []


def test_the_list_is_narrowed_by_kind_and_initiative(lead) -> None:
    first, second = initiative_in(Phase.TRIAL, lead=lead), initiative_in(Phase.TRIAL, lead=lead)
    ends(first, today())
    visitor = Visitor(lead).opens("/mit-arbejde/").reads("5 opgaver", "Denne uge", "Uden dato")
    visitor.chooses("Slags", "Initiativer uden SUSI-vurdering").presses("Vis").reads("2 af 5 opgaver")
    visitor.does_not_read("Forbered afslutningen")
    visitor.chooses("Initiativ", f"{second.number} {second.title}").presses("Vis").reads("1 af 5 opgaver")
    visitor.follows("Påbegynd SUSI-vurdering")
    assert visitor.address.startswith(f"/initiativer/{second.number}/vurderinger/")


def test_an_invented_choice_shows_everything_and_an_empty_list_says_so(lead) -> None:
    client = Client()
    client.force_login(lead)
    assert "Der er ikke noget, der venter på dig" in client.get("/mit-arbejde/").content.decode()
    initiative_in(Phase.TRIAL, lead=lead)
    assert "2 opgaver." in client.get("/mit-arbejde/?kind=x&initiative=y&page=z").content.decode()


def test_a_kind_belongs_to_one_source_and_has_a_word() -> None:
    assert all(kinds().values())
    assert len(set(kinds().values())) == len(kinds())
