"""The rules of participation, as pure functions over plain values (domain, rules 22 and 23).

A date may be known to the month or the year only. A rule finds fault where a date is surely wrong; what may be right is
let through.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from participants.terms import ONLY_FOR, OrganisationKind, ParticipantRole
from susi.dates import PartialDate, danish, last_day

Problem = tuple[str, str]  # the field it is about ("" for none), and a sentence that says what to do


class Period(NamedTuple):
    """From and until, both known or not. No end is still going on, as far as is known."""

    start: PartialDate | None = None
    end: PartialDate | None = None


def is_backwards(period: Period) -> bool:
    """Whether the period surely ends before it begins."""
    return bool(period.start and period.end and last_day(period.end) < period.start.date)


def surely_overlap(one: Period, other: Period) -> bool:
    """Whether the periods have a day in common, however what is known to the month or year is read.

    No beginning is always, no end is for ever.
    """
    return _begins_by_the_end(one, other) and _begins_by_the_end(other, one)


def _begins_by_the_end(one: Period, other: Period) -> bool:
    return one.start is None or other.end is None or last_day(one.start) <= other.end.date


def holds_on(period: Period, day: date) -> bool:
    """Whether the period may hold `day`: begun by then, and not surely over."""
    begun = period.start is None or period.start.date <= day
    return begun and (period.end is None or last_day(period.end) >= day)


def reaches_past(period: Period, day: date) -> bool:
    """Whether the period surely begins or ends after `day`. One without an end may have ended by then."""
    return any(known and known.date > day for known in period)


def is_valid_on(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether something valid from and until those days, both included, is so on `day`. No day is no bound."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def outside_validity(name: str, valid_from: date | None, valid_to: date | None, period: Period, today: date) -> Problem:
    """Return what is wrong with taking part in `period` for an organisation of that validity; ("", "") for nothing.

    An organisation must be there for the whole period. One that is still taking part when the organisation has ended
    needs an end.
    """
    if valid_from and period.start and last_day(period.start) < valid_from:
        return "started_on", f"{name} findes først fra {danish(valid_from)}. Vælg en anden organisation eller dato."
    if valid_to and period.start and period.start.date > valid_to:
        there = f"{name} findes kun til og med {danish(valid_to)}."
        return "organisation", f"{there} Vælg den organisation, der afløser den, eller en anden dato."
    if valid_to and period.end and period.end.date > valid_to:
        return "ended_on", f"{name} ophører {danish(valid_to)}. Skriv en slutdato, som ikke er senere."
    if valid_to and period.end is None and valid_to < today:
        return "ended_on", f"{name} ophørte {danish(valid_to)}. Skriv, hvornår deltagelsen sluttede."
    return "", ""


def wrong_role(role: str, kind: str) -> str:
    """Return why an organisation of `kind` can't have `role`; "" where it can."""
    wanted = ONLY_FOR.get(ParticipantRole(role))
    if wanted is None or wanted == kind:
        return ""
    return (
        f"Rollen »{ParticipantRole(role).label}« er kun for organisationer af typen {wanted.label}, "
        f"og den valgte er {OrganisationKind(kind).label}. Vælg en anden rolle."
    )


def out_of_order(stages: Sequence[tuple[str, str, PartialDate | None]]) -> list[Problem]:
    """Return what is wrong with the order of dates that follow each other: (field, label, date) of each."""
    known = [(field, label, day) for field, label, day in stages if day]
    return [
        (field, f"{label} kan ikke ligge før {before[1].lower()} ({before[2]}).")
        for before, (field, label, day) in pairwise(known)
        if last_day(day) < before[2].date
    ]


class Count(NamedTuple):
    """How many were recruited and completed by a day, in an organisation (its key) or in all of them (None)."""

    day: date
    organisation: int | None
    recruited: int
    completed: int


def totals(counts: Iterable[Count]) -> Count | None:
    """Return what the counts come to, as of the newest of them: the newest of the whole, or the newest of each
    organisation added up, whichever is the more recent. None where nothing was counted.
    """
    newest: dict[int | None, Count] = {}
    for count in sorted(counts, key=lambda count: count.day):
        newest[count.organisation] = count
    whole = newest.pop(None, None)
    parts = list(newest.values())
    if not parts or (whole and whole.day >= max(part.day for part in parts)):
        return whole
    day = max(part.day for part in parts)
    return Count(day, None, sum(part.recruited for part in parts), sum(part.completed for part in parts))
