"""The rules of participation as truth tables."""

import datetime

import pytest

from participants import rules
from participants.rules import Count, Period
from participants.terms import ONLY_FOR, OrganisationKind, ParticipantRole
from tests.participants.making import day

pytestmark = pytest.mark.once
TODAY = datetime.date(2026, 11, 25)


def period(text: str) -> Period:
    """Read "2025-03..2026", "..2024", "2026.."."""
    start, end = text.split("..")
    return Period(day(start) if start else None, day(end) if end else None)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("2025-01-01..2025-06-30", "2025-06-30..2025-12-31", True),
        ("2025-01-01..2025-06-30", "2025-07-01..2025-12-31", False),
        ("2025-01-01..", "2026-01-01..", True),
        ("..", "..", True),
        ("..2024", "2025..", False),
        ("..2025", "2025..", False),  # in one and the same year, so perhaps one after the other
        ("..2025", "2025-06-01..", False),
        ("2024..2026", "2025-06-01..2025-07-01", True),
        ("2025-06..2025-06", "2025-06-10..2025-06-20", False),
        ("2025-05..2025-07", "2025-06-10..2025-06-20", True),
        ("2025..", "..2024-12-31", False),
    ],
)
def test_two_periods_overlap_where_they_surely_do(one: str, other: str, overlap: bool) -> None:
    assert rules.surely_overlap(period(one), period(other)) is overlap
    assert rules.surely_overlap(period(other), period(one)) is overlap


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("2026-01-02..2026-01-01", True),
        ("2026-01-01..2026-01-01", False),
        ("2026-06-01..2026", False),
        ("2026..2025", True),
        ("..2025", False),
        ("2025..", False),
    ],
)
def test_a_period_is_backwards_where_it_surely_is(text: str, wrong: bool) -> None:
    assert rules.is_backwards(period(text)) is wrong


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("2026..", True),
        ("2026-11-25..2026-11-25", True),
        ("2026-11-26..", False),
        ("..2026-11-24", False),
        ("..2026", True),
        ("..", True),
    ],
)
def test_a_period_holds_a_day_it_may_hold(text: str, holds: bool) -> None:
    assert rules.holds_on(period(text), TODAY) is holds


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "text", "field"),
    [
        (None, None, "1995..", ""),
        ("2007-01-01", None, "2007-01-01..", ""),
        ("2007-01-01", None, "2006-12-31..", "started_on"),
        ("2007-01-01", None, "2006..", "started_on"),
        ("2007-06-01", None, "2007..", ""),  # perhaps in December
        (None, "2026-12-31", "2025..", ""),  # the organisation is still there
        (None, "2026-12-31", "2025..2026", ""),
        (None, "2026-12-31", "2025..2027-01-01", "ended_on"),
        (None, "2026-12-31", "2027..", "organisation"),
        (None, "2026-12-31", "2026..2027", "ended_on"),
        (None, "2026-10-31", "2025..", "ended_on"),  # it ended, and still takes part
        (None, "2026-10-31", "2025..2026-10-31", ""),
        (None, "2026-10-31", "..", "ended_on"),
    ],
)
def test_an_organisation_takes_part_while_it_exists(valid_from, valid_to, text: str, field: str) -> None:
    bounds = [datetime.date.fromisoformat(one) if one else None for one in (valid_from, valid_to)]
    assert rules.outside_validity("Navn", bounds[0], bounds[1], period(text), TODAY)[0] == field


@pytest.mark.parametrize("role", ParticipantRole)
@pytest.mark.parametrize("kind", OrganisationKind)
def test_a_municipality_and_a_region_take_part_as_such(role: ParticipantRole, kind: OrganisationKind) -> None:
    assert bool(rules.wrong_role(role, kind)) is (role in ONLY_FOR and ONLY_FOR[role] != kind)


def test_stages_follow_each_other_and_what_is_unknown_is_passed_over() -> None:
    stages = [("a", "Forberedelse", day("2026-03")), ("b", "Forandring", None), ("c", "Forankring", day("2026-02-28"))]
    assert [field for field, _ in rules.out_of_order(stages)] == ["c"]
    stages[2] = ("c", "Forankring", day("2026"))
    assert rules.out_of_order(stages) == []


def on(number: int) -> datetime.date:
    return datetime.date(2026, 1, number)


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        ([], None),
        ([Count(on(1), None, 5, 1), Count(on(9), None, 8, 2)], Count(on(9), None, 8, 2)),
        ([Count(on(1), 1, 5, 1), Count(on(2), 2, 4, 3), Count(on(3), 1, 6, 2)], Count(on(3), None, 10, 5)),
        ([Count(on(5), None, 20, 9), Count(on(3), 1, 6, 2)], Count(on(5), None, 20, 9)),
        ([Count(on(1), None, 20, 9), Count(on(3), 1, 22, 2)], Count(on(3), None, 22, 2)),
        ([Count(on(3), None, 20, 9), Count(on(3), 1, 6, 2)], Count(on(3), None, 20, 9)),
    ],
)
def test_the_newest_counts_are_the_total(counts: list[Count], total: Count | None) -> None:
    assert rules.totals(counts) == total
    assert rules.totals(reversed(counts)) == total
