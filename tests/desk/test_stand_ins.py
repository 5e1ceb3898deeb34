"""Who stands in for whom: the days it holds, who may name one, what it gives, and what the history says of it."""

import datetime
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.actions import review
from assessments.agenda import agenda_for
from assessments.models import Deviation
from desk.actions.stand_ins import end_stand_in, name_stand_in, roles_lacking
from phases.terms import Phase
from portfolio.access import may_write
from portfolio.acting import acted_for
from portfolio.actions import set_people, write_status
from portfolio.history import history_of
from portfolio.models import Initiative
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.days import today
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import StandIn, User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def anne() -> User:
    return person(Role.LEAD, first_name="Anne", last_name="Hansen")


@pytest.fixture
def britta() -> User:
    return person(Role.LEAD, first_name="Britta", last_name="Holm")


def named(absent: User, stand_in: User, **values) -> StandIn:
    days = {"from_day": today(), "to_day": today() + 14 * DAY, "reason": StandIn.Reason.HOLIDAY}
    return name_stand_in(**{"person": absent, "stand_in": stand_in, "by": absent, **days, **values})


def anew(user: User) -> User:
    return User.objects.get(pk=user.pk)


def moment(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("when", "ended", "holds"),
    [
        (moment(9, 23, 59), None, False),
        (moment(10, 0), None, True),  # the first day from its first minute
        (moment(15, 12), None, True),
        (moment(20, 23, 59), None, True),  # the last day to its last
        (moment(21, 0), None, False),
        (datetime.datetime(2026, 11, 20, 23, 30, tzinfo=datetime.UTC), None, False),  # the 21st in Copenhagen
        (datetime.datetime(2026, 11, 9, 23, 30, tzinfo=datetime.UTC), None, True),  # the 10th in Copenhagen
        (moment(15, 11, 59), moment(15, 12), True),
        (moment(15, 12), moment(15, 12), False),  # ended: from that moment on
        (moment(12, 12), moment(5, 12), False),  # ended before it began
    ],
)
def test_the_days_it_holds(anne, britta, when, ended, holds) -> None:
    row = StandIn.objects.create(
        person=anne, stand_in=britta, from_day=date(2026, 11, 10), to_day=date(2026, 11, 20), reason="holiday",
        created_by=anne, created_at=moment(1, 12), ended_at=ended, ended_by=anne if ended else None,
    )  # fmt: skip
    assert row.holds_at(when) is holds
    with clock_at(when):
        assert StandIn.objects.in_force().exists() is holds
        assert (anne.pk in anew(britta).stands_in_for) is holds
        found = User.with_roles(britta.pk)
        assert found is not None
        assert found.stands_in_for == anew(britta).stands_in_for
        assert found.roles == {Role.LEAD}


@pytest.mark.parametrize(
    ("absent", "stand_in", "lacking"),
    [
        ({Role.LEAD}, {Role.LEAD}, []),
        ({Role.LEAD}, {Role.MANAGER}, [Role.LEAD]),
        ({Role.MANAGER}, {Role.LEAD}, [Role.MANAGER]),
        ({Role.LEAD, Role.MANAGER}, {Role.LEAD}, [Role.MANAGER]),
        ({Role.LEAD, Role.ADMINISTRATOR}, {Role.LEAD, Role.READER}, []),
        ({Role.MANAGER}, set(), [Role.MANAGER]),
    ],
)
def test_a_stand_in_has_the_roles_the_work_needs(absent, stand_in, lacking) -> None:
    assert roles_lacking(absent, stand_in) == lacking


class TestNaming:
    def test_the_person_a_manager_and_an_administrator_name_one(self, anne, britta) -> None:
        assert str(named(anne, britta)) == "Britta Holm er stedfortræder for Anne Hansen"
        for role, weeks in ((Role.MANAGER, 4), (Role.ADMINISTRATOR, 8)):
            start = today() + timedelta(weeks=weeks)
            assert named(anne, britta, by=person(role), from_day=start, to_day=start).history.get().history_user
        with pytest.raises(NotAllowed):
            named(anne, britta, by=britta)
        with pytest.raises(NotAllowed):
            named(anne, britta, by=person(Role.READER))

    def test_what_cannot_be_is_refused_with_every_reason(self, anne, britta) -> None:
        wrong = [
            (anne, anne, {}, "sig selv"),
            (anne, britta, {"to_day": today() - DAY}, "ligger før"),
            (anne, britta, {"from_day": today() - DAY}, "i dag eller senere"),
            (anne, person(Role.MANAGER), {}, "har ikke rollen Initiativansvarlig"),
            (anne, person(Role.LEAD, is_active=False), {}, "ikke længere bruger"),
            (person(Role.READER), britta, {}, "stedfortræder til"),
        ]
        for absent, stand_in, values, said in wrong:
            with pytest.raises(Refused, match=said):
                named(absent, stand_in, **values)
        assert not StandIn.objects.exists()

    def test_nobody_has_two_at_once_or_one_who_is_away(self, anne, britta) -> None:
        first = named(anne, britta)
        other = person(Role.LEAD)
        for values in ({}, {"from_day": first.to_day, "to_day": first.to_day + DAY}, {"to_day": today()}):
            with pytest.raises(Conflict, match="har allerede Britta Holm"):
                named(anne, other, **values)
        with pytest.raises(Refused, match="er selv fraværende"):
            named(other, anne)
        named(anne, other, from_day=first.to_day + DAY, to_day=first.to_day + DAY)
        assert StandIn.objects.count() == 2

    def test_it_ends_once_and_makes_room_for_another(self, anne, britta) -> None:
        row = named(anne, britta)
        with pytest.raises(NotAllowed):
            end_stand_in(stand_in=row, by=britta)
        assert end_stand_in(stand_in=row, by=person(Role.MANAGER)).ended_at
        assert anew(britta).stands_in_for == frozenset()
        with pytest.raises(Conflict):
            end_stand_in(stand_in=row, by=anne)
        named(anne, person(Role.LEAD))

    def test_the_database_holds_no_half_of_it(self, anne, britta) -> None:
        row = named(anne, britta)
        for wrong in ({"to_day": row.from_day - DAY}, {"stand_in": anne}, {"ended_at": timezone.now()}):
            with pytest.raises(IntegrityError), transaction.atomic():
                StandIn.objects.filter(pk=row.pk).update(**wrong)


class TestWhatItGives:
    def test_the_stand_in_writes_as_long_as_it_holds_and_nobody_elses_stand_in_does(self, anne, britta) -> None:
        initiative, alone = initiative_in(Phase.TRIAL, lead=anne), initiative_in(Phase.TRIAL)
        alone.members.add(anne)
        row = named(anne, britta)
        carl = person(Role.LEAD)
        named(britta, carl, from_day=row.to_day + DAY, to_day=row.to_day + DAY)
        assert set(Initiative.objects.writable_by(anew(britta))) == {initiative, alone}
        assert all(may_write(anew(britta), one) for one in (initiative, alone))
        write_status(initiative=initiative, by=anew(britta), text="Eksempel")
        with clock_at(timezone.now() + 15 * DAY):  # Britta is away, and it is not handed on
            assert not may_write(anew(britta), initiative)
            assert not may_write(anew(carl), initiative)
            assert not Initiative.objects.writable_by(anew(britta)).exists()

    def test_not_without_the_role(self, anne, britta) -> None:
        initiative = initiative_in(Phase.TRIAL, lead=anne)
        named(anne, britta)
        britta.groups.clear()
        assert not may_write(anew(britta), initiative)
        assert not Initiative.objects.writable_by(anew(britta)).exists()

    def test_whoever_wrote_as_stand_in_does_not_approve(self, anne) -> None:
        factories.rulebook()
        both = person(Role.LEAD, Role.MANAGER)
        draft = factories.complete_draft(initiative_in(Phase.SCREENING, lead=anne), to_phase=Phase.MATURATION)
        named(anne, both)
        factories.conclude(draft, anew(both), conclusion="Skrevet af stedfortræderen.")
        snapshot = review.submit(assessment=draft, by=anne)
        with pytest.raises((NotAllowed, Refused)):
            review.approve(assessment=draft, by=anew(both), sha256=snapshot.sha256)

    def test_the_work_is_on_the_list_and_says_whose_it_is(self, anne, britta) -> None:
        factories.rulebook()
        theirs = factories.draft_of(initiative_in(Phase.SCREENING, lead=anne), to_phase=Phase.MATURATION).initiative
        own = factories.draft_of(initiative_in(Phase.SCREENING, lead=britta), to_phase=Phase.MATURATION).initiative
        shared = initiative_in(Phase.SCREENING, lead=anne)
        shared.members.add(britta)
        named(anne, britta)
        tasks = [task for group in agenda_for(anew(britta)) for task in group.tasks]
        assert {task.number: task.for_whom for task in tasks} == {
            theirs.number: "Anne Hansen",
            own.number: "",
            shared.number: "",
        }
        assert {task.for_whom for group in agenda_for(anew(anne)) for task in group.tasks} == {""}

    def test_so_is_the_fravigelse_of_the_absent(self, anne, britta) -> None:
        factories.rulebook()
        manager = person(Role.MANAGER)
        initiative = initiative_in(Phase.SCREENING, lead=anne)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
        Deviation.objects.update(review_on=today())
        named(anne, britta)
        review_group = next(group for group in agenda_for(anew(britta)) if group.kind == "review")
        assert [task.for_whom for task in review_group.tasks] == ["Anne Hansen"]


class TestHistory:
    @pytest.mark.parametrize(
        ("people", "told"), [({1}, True), ({1, 2}, False), ({3}, False), (set(), False), ({2}, False)]
    )
    def test_whom_somebody_acted_for(self, people, told) -> None:
        absent = User(pk=1)
        periods = [StandIn(person=absent, stand_in=User(pk=2))]
        assert acted_for(2, frozenset(people), periods) == (absent if told else None)
        assert acted_for(2, frozenset(people), []) is None

    def test_it_says_who_stood_in_for_whom_also_long_after(self, anne, britta) -> None:
        initiative = initiative_in(Phase.TRIAL, lead=anne)
        row = named(anne, britta)
        with clock_at(timezone.now() + timedelta(hours=1)):
            write_status(initiative=initiative, by=anew(britta), text="Som stedfortræder")
        with clock_at(timezone.now() + timedelta(hours=2)):
            write_status(initiative=initiative, by=anne, text="Selv")
        with clock_at(timezone.now() + timedelta(hours=3)):
            end_stand_in(stand_in=row, by=anne)
        with clock_at(timezone.now() + timedelta(hours=4)):
            set_people(initiative=initiative, by=person(Role.MANAGER), version=1, lead=britta, members=[])
            write_status(initiative=initiative, by=anew(britta), text="Som ansvarlig")
        said = {event.detail: event.by for event in history_of(initiative, anne) if event.text == "Status skrevet"}
        assert said == {
            "Som stedfortræder": "Britta Holm som stedfortræder for Anne Hansen",
            "Selv": "Anne Hansen",
            "Som ansvarlig": "Britta Holm",
        }


def test_from_naming_over_writing_to_ending(anne, britta) -> None:
    initiative = initiative_in(Phase.TRIAL, lead=anne)
    visitor = Visitor(anne).opens("/mit-arbejde/").follows("Stedfortrædere")
    visitor.chooses("Hvem er stedfortræder?", "Britta Holm").writes("Fra og med", "01.01.2020")
    visitor.writes("Til og med", "31.12.2030").presses("Udpeg stedfortræderen", 422).reads("i dag eller senere")
    visitor.writes("Fra og med", f"{today():%d.%m.%Y}").presses("Udpeg stedfortræderen")
    visitor.reads("Britta Holm er stedfortræder for Anne Hansen")
    page = f"/initiativer/{initiative.number}/"
    other = Visitor(britta).opens(page).reads("Britta Holm er stedfortræder til og med 31.12.2030")
    other.writes("Ny status", "Skrevet af Britta").presses("Gem status").reads("Skrevet af Britta")
    other.opens(f"{page}historik/").reads("Britta Holm som stedfortræder for Anne Hansen")
    other.opens("/mit-arbejde/").reads("Du er stedfortræder for Anne Hansen")
    visitor.opens("/mit-arbejde/stedfortraedere/").presses("Ophæv nu").reads("er ikke længere stedfortræder")
    other.opens(page).does_not_read("er stedfortræder til", "Gem status")
