"""What the work of the phases asks of those who do it: on their list while it is open, and off it when it is done."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from desk.actions.stand_ins import name_stand_in
from desk.owed import Urgency, owed_by
from participants.actions import entries
from phases.models import PhaseDefinition
from phases.terms import Outcome, Phase, Track
from portfolio import lengthening
from portfolio.models import Initiative, PhaseRun
from susi.dates import parse
from susi.days import today
from susi.models import StandIn, User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.participants import making
from tests.portfolio.portfolios import anew, decide
from tests.work import workings
from work.actions import fast_track, involvement

pytestmark = pytest.mark.django_db
KINDS = ("call", "selection", "worksheet", "involvement", "fast_track", "length")


@pytest.fixture
def edition():
    edition = factories.rulebook()
    typical = {"purpose": "Formål", "typical_length": "2 år", "max_years": 2, "source": "Eksempel"}
    PhaseDefinition.objects.bulk_create([PhaseDefinition(edition=edition, phase=Phase.MATURATION, **typical)])
    return edition


@pytest.fixture
def lead(edition) -> User:
    return person(Role.LEAD)


def owed(user: User, kind: str) -> list[str]:
    return [one.task.text for one in owed_by(user).owed if one.kind == kind]


def ends_in(initiative: Initiative, days: int) -> Initiative:
    day = today() + timedelta(days=days)
    PhaseRun.objects.filter(initiative=initiative).update(expected_end=day, expected_end_precision="day")
    return anew(initiative)


def begun(initiative: Initiative, day: date) -> Initiative:
    PhaseRun.objects.filter(initiative=initiative).update(started_on=day, started_on_precision="day")
    return anew(initiative)


def test_a_strategy_is_owed_until_it_is_whole(lead) -> None:
    run = initiative_in(Phase.MATURATION, Track.ONE, lead=lead).current_run
    initiative_in(Phase.DISSEMINATION, lead=lead)  # no strategy belongs to it
    assert owed(lead, "involvement") == ["Læg en strategi for brugerinddragelse i modningsfasen"]
    involvement.save_strategy(run=run, by=lead, version=0, **{**workings.strategy_texts(), "ethics": ""})
    assert owed(lead, "involvement") == ["Gør strategien for brugerinddragelse i modningsfasen færdig"]
    involvement.save_strategy(run=run, by=lead, version=1, **workings.strategy_texts())
    assert owed(lead, "involvement") == []


def test_knowledge_of_a_phase_that_has_ended_asks_for_an_answer_then_for_a_product(lead) -> None:
    initiative = initiative_in(Phase.SCREENING, lead=lead)
    assert owed(lead, "fast_track") == []
    decide(initiative, person(Role.MANAGER), Outcome.STOPPED, reason="Eksempel")
    run = initiative.runs.get()
    assert owed(lead, "fast_track") == ["Tag stilling til, om viden fra screeningsfasen skal formidles nu"]
    fast_track.answer_fast_track(run=run, by=lead, version=0, answer=True, reason="Efterspurgt.")
    assert owed(lead, "fast_track") == ["Planlæg, hvordan viden fra screeningsfasen formidles"]
    workings.product(run, lead)
    assert owed(lead, "fast_track") == []


def test_a_phase_past_the_typical_length_asks_for_its_reason_once(lead) -> None:
    initiative = initiative_in(Phase.MATURATION, Track.ONE, lead=lead)
    begun(initiative, today() - timedelta(days=700))
    assert owed(lead, "length") == []
    initiative = begun(initiative, today() - timedelta(days=800))
    begun(initiative_in(Phase.TRIAL, lead=lead), date(2001, 1, 1))  # no edition says what is typical
    assert owed(lead, "length") == ["Skriv den særlige begrundelse for længden af modningsfasen"]
    paused = {"since": today() - timedelta(days=200), "reason": "Eksempel"}
    pause = lengthening.pause(initiative=initiative, by=lead, version=initiative.version, **paused)
    assert owed(lead, "length") == []  # no work was done meanwhile
    initiative = anew(initiative)
    lengthening.annul_pause(initiative=initiative, by=lead, version=initiative.version, pause=pause, reason="En fejl")
    initiative = anew(initiative)
    lengthening.give_reason(initiative=initiative, by=lead, version=initiative.version, text="Eksempel")
    assert owed(lead, "length") == []


def test_the_track_is_to_be_chosen_when_the_end_of_screening_is_near(lead) -> None:
    initiative = ends_in(initiative_in(Phase.SCREENING, lead=lead), 181)
    assert owed(lead, "worksheet") == []
    initiative = ends_in(initiative, 180)
    assert owed(lead, "worksheet") == ["Vælg spor efter screeningsfasen"]
    workings.chosen(initiative, lead, reason="")
    assert owed(lead, "worksheet") == ["Vælg spor efter screeningsfasen"]
    workings.chosen(initiative, lead, version=1)
    assert owed(lead, "worksheet") == []


def test_the_three_ways_are_to_be_weighed_when_the_end_of_modning_in_spor_2_is_near(lead) -> None:
    ends_in(initiative_in(Phase.MATURATION, Track.ONE, lead=lead), 10)
    run = ends_in(initiative_in(Phase.MATURATION, Track.TWO, lead=lead), 10).current_run
    assert owed(lead, "worksheet") == ["Afvej de tre veje videre efter modningsfasen"]
    workings.weighed(run, lead)
    assert owed(lead, "worksheet") == []


class TestPuljer:
    @pytest.fixture
    def run(self, lead) -> PhaseRun:
        return initiative_in(Phase.MATURATION, Track.ONE, lead=lead).current_run

    @pytest.mark.parametrize(("days", "expected"), [(0, Urgency.THIS_WEEK), (30, Urgency.LATER), (-1, None)])
    def test_a_deadline_is_followed_until_it_has_passed(self, lead, run, days, expected) -> None:
        making.call(run, deadline=parse(f"{today() + timedelta(days=days):%d.%m.%Y}"))
        found = [one for one in owed_by(lead).owed if one.kind in ("call", "selection")]
        assert [one.urgency for one in found] == ([expected] if expected else [])

    def test_the_applications_that_wait_are_chosen_among_after_it(self, lead, run) -> None:
        pulje = making.call(run, deadline=parse(f"{today() - timedelta(days=1):%d.%m.%Y}"))
        first, second = making.application(pulje), making.application(pulje)
        assert owed(lead, "selection") == ["Udvælg ansøgere til puljen Eksempelpulje: 2 ansøgninger venter"]
        entries.edit(entry=first, by=lead, version=first.version, state="selected")
        assert owed(lead, "selection") == ["Udvælg ansøgere til puljen Eksempelpulje: 1 ansøgning venter"]
        entries.annul(entry=second, by=lead, reason="En fejl")
        assert owed(lead, "selection") == []

    def test_a_month_is_over_with_its_last_day(self, lead, run) -> None:
        making.application(making.call(run, deadline=parse(f"{today():%m.%Y}")))
        assert (len(owed(lead, "call")), owed(lead, "selection")) == (1, [])

    def test_an_annulled_pulje_and_one_without_a_deadline_ask_for_nothing(self, lead, run) -> None:
        making.application(making.call(run))
        wrong = making.call(run, title="Forkert", deadline=parse(f"{today():%d.%m.%Y}"))
        entries.annul(entry=wrong, by=lead, reason="En fejl")
        assert owed(lead, "call") == owed(lead, "selection") == []


def busy(lead: User) -> None:
    """An initiative that asks for one thing of every kind of work, and a screening."""
    initiative = begun(initiative_in(Phase.MATURATION, Track.TWO, lead=lead), date(2001, 1, 1))
    ends_in(initiative, 3)
    run = initiative.current_run
    making.application(making.call(run, title="Lukket", deadline=parse("01.03.2024")))
    making.call(run, title="Åben", deadline=parse(f"{today():%d.%m.%Y}"))
    ends_in(initiative_in(Phase.SCREENING, lead=lead), 3)
    decide(initiative_in(Phase.SCREENING, lead=lead), person(Role.MANAGER), Outcome.STOPPED, reason="Eksempel")


def test_all_of_it_is_told_in_a_constant_number_of_queries_with_links_and_keys(lead) -> None:
    counts = []
    for _ in range(2):
        busy(lead)
        asking = User.objects.get(pk=lead.pk)
        with CaptureQueriesContext(connection) as queries:
            found = owed_by(asking).owed
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert {one.kind for one in found} >= set(KINDS)
    keys = [one.task.key for one in found]
    assert len(set(keys)) == len(keys)
    for one in found:
        resolve(one.task.url.partition("#")[0])


def test_a_stand_in_gets_it_and_others_do_not(lead) -> None:
    busy(lead)
    other, member = person(Role.LEAD), person(Role.LEAD)
    assert owed_by(other).owed == []
    name_stand_in(person=lead, stand_in=other, from_day=today(), to_day=today(), reason=StandIn.Reason.HOLIDAY, by=lead)
    for user in (User.objects.get(pk=other.pk), member):
        told = {(one.kind, one.task.for_whom) for one in owed_by(user).owed if one.kind in KINDS}
        assert told == ({(kind, str(lead)) for kind in KINDS} if user.pk == other.pk else set())


def test_writers_owe_it_and_managers_and_readers_do_not(lead) -> None:
    busy(lead)
    member = person(Role.LEAD)
    for initiative in lead.led_initiatives.all():
        initiative.members.add(member)
    assert {one.task.key for one in owed_by(member).owed} == {one.task.key for one in owed_by(lead).owed}
    for user in (person(Role.MANAGER), person(Role.READER)):
        assert [one for one in owed_by(user).owed if one.kind in KINDS] == []
