"""The length of a phase: the rules as truth tables, and the question to the database that must say the same."""

import datetime

import pytest

from phases.models import PhaseDefinition
from phases.terms import Phase
from portfolio import length
from portfolio.length import LengthFacts, Pause
from portfolio.models import Initiative, PhasePause, PhaseRun
from portfolio.outlook import beyond_typical_length, longest_by_phase, within_by_pauses
from susi.dates import PartialDate, Precision, parse, write
from susi.models import User
from tests.factories import initiative_in

DAY = datetime.date(2026, 6, 15)


def day(text: str) -> datetime.date:
    return parse(text).date


def pause(since: str, until: str = "") -> Pause:
    return Pause(day(since), day(until) if until else None)


@pytest.mark.parametrize(
    ("started", "pauses", "beyond"),
    [
        ("", [], False),  # unknown is unknown
        ("15.06.2025", [], False),  # a year to the day
        ("14.06.2025", [], True),
        ("06.2025", [], False),  # may have begun on the 30th
        ("05.2025", [], True),
        ("2025", [], False),
        ("2024", [], True),
        ("01.06.2025", [pause("01.01.2026", "10.01.2026")], True),  # 9 days of pause, 14 over
        ("01.06.2025", [pause("01.01.2026", "15.01.2026")], False),  # 14 days: just within
        ("01.06.2025", [pause("01.06.2026")], False),  # lasts: the days until today
        ("01.06.2025", [pause("02.06.2026")], True),
        ("01.06.2025", [pause("01.01.2026", "08.01.2026"), pause("01.02.2026", "08.02.2026")], False),
        ("2024", [pause("01.01.2025", "01.07.2025")], False),
    ],
)
@pytest.mark.django_db
def test_a_phase_is_beyond_what_is_typical_by_the_rule_and_by_the_database(started, pauses, beyond) -> None:
    begun = parse(started) if started else None
    assert length.is_beyond(begun, DAY, 1, pauses) is beyond

    initiative = initiative_in(Phase.SCREENING)
    run = initiative.current_run
    write(run, "started_on", begun)
    run.save()
    for one in pauses:
        add(run, one, initiative.lead)
    add(run, pause("01.01.2024", "01.06.2026"), initiative.lead, annulled=True)  # counts for nothing
    longest = longest_by_phase([PhaseDefinition(phase=Phase.SCREENING, min_years=1)])
    found = Initiative.objects.filter(beyond_typical_length(DAY, longest, within_by_pauses(DAY, longest)))
    assert found.exists() is beyond


def add(run: PhaseRun, one: Pause, by: User, *, annulled: bool = False) -> None:
    now = datetime.datetime(2026, 6, 15, tzinfo=datetime.UTC)
    taken_back = {"annulled_by": by, "annulled_at": now, "annulment_reason": "Eksempel"} if annulled else {}
    PhasePause.objects.create(
        run=run, since=one.since, until=one.until, reason="Eksempel", registered_by=by, registered_at=now, **taken_back
    )


def test_without_a_typical_length_nothing_is_beyond_it() -> None:
    assert not length.is_beyond(PartialDate(day("01.01.1990")), DAY, None)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, False),
        ({"started": "01.01.2025"}, True),
        ({"started": "01.01.2025", "has_reason": True}, False),  # asked once
        ({"started": "01.01.2025", "is_going_on": False}, False),
        ({"started": "01.01.2026", "expected_end": "31.12.2026"}, False),
        ({"started": "01.01.2026", "expected_end": "02.01.2027"}, True),  # the plan runs past it
        ({"started": "01.01.2026", "expected_end": "2027"}, False),  # may be its first day
        ({"started": "01.01.2026", "expected_end": "02.2027"}, True),
        ({"started": "01.01.2026", "expected_end": "02.2027", "pauses": (pause("01.03.2026", "01.04.2026"),)}, False),
    ],
)
def test_the_special_reason_is_asked_for_once_and_only_past_the_typical_length(facts, asked) -> None:
    facts = {name: parse(value) if isinstance(value, str) else value for name, value in facts.items()}
    assert length.asks_for_reason(LengthFacts(longest_years=1, **facts), DAY) is asked


@pytest.mark.parametrize(
    ("since", "problem"),
    [
        ("15.06.2026", ""),
        ("16.06.2026", "i fremtiden"),
        ("01.02.2026", ""),
        ("31.01.2026", "oven i en tidligere"),
        ("31.12.2025", "Fasen begyndte 01.01.2026"),
    ],
)
def test_a_pause_begins_in_the_phase_after_the_last_and_not_in_the_future(since, problem) -> None:
    facts = LengthFacts(started=parse("01.01.2026"), pauses=(pause("10.01.2026", "01.02.2026"),))
    found = length.pause_problem(facts, day(since), DAY)
    assert problem in found
    assert bool(found) is bool(problem)


def test_one_pause_at_a_time() -> None:
    facts = LengthFacts(pauses=(pause("01.01.2026"),))
    assert "allerede på pause" in length.pause_problem(facts, DAY, DAY)


@pytest.mark.parametrize(
    ("until", "holds"), [("02.01.2026", True), ("01.01.2026", False), ("15.06.2026", True), ("16.06.2026", False)]
)
def test_work_is_resumed_after_the_pause_began_and_not_in_the_future(until, holds) -> None:
    assert (length.resumption_problem(day("01.01.2026"), day(until), DAY) == "") is holds


@pytest.mark.parametrize(
    ("planned", "wanted", "holds"),
    [
        ("", "2027", False),  # nothing to extend
        ("31.12.2026", "01.01.2027", True),
        ("31.12.2026", "31.12.2026", False),
        ("12.2026", "31.12.2026", False),  # the last day of the month was planned already
        ("12.2026", "2027", True),
    ],
)
def test_an_extension_lies_after_the_plan(planned, wanted, holds) -> None:
    facts = LengthFacts(expected_end=parse(planned) if planned else None)
    assert (length.extension_problem(facts, parse(wanted)) == "") is holds


def test_days_of_pause_stop_where_they_are_counted_to() -> None:
    pauses = [pause("01.01.2026", "11.01.2026"), pause("10.06.2026"), pause("01.07.2026", "01.08.2026")]
    assert length.paused_days(pauses, DAY) == 10 + 5
    assert length.years_before(day("29.02.2024"), 1) == day("28.02.2023")


def test_a_plan_is_overdue_when_all_of_it_has_passed() -> None:
    assert length.is_overdue(LengthFacts(expected_end=PartialDate(day("01.05.2026"), Precision.MONTH)), DAY)
    assert not length.is_overdue(LengthFacts(expected_end=PartialDate(day("01.06.2026"), Precision.MONTH)), DAY)
