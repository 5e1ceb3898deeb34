"""How long a phase takes against what is typical (Drejebogen; rule 15): screening up to 1 year, longer with a special
reason, modning 2-4, afprøvning 3-5, udbredelse about 2.

A pause is not time in the phase: the typical length speaks of the work, and in a pause no work is done. Dates known to
the month or the year are given the benefit of their doubt, as everywhere (`susi.dates.surely_before`). Pure functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from susi.dates import PartialDate, last_day


@dataclass(frozen=True, slots=True)
class Pause:
    """From the first day without work to the first day with work again; None while it lasts."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LengthFacts:
    """A phase as its length is judged. `longest_years` is what is typical at most, None where no edition says.

    `is_going_on`: open, and no source leaves open whether it has ended.
    """

    started: PartialDate | None = None
    ended: PartialDate | None = None
    expected_end: PartialDate | None = None
    pauses: tuple[Pause, ...] = ()
    longest_years: int | None = None
    has_reason: bool = False
    is_going_on: bool = True


def paused_days(pauses: Iterable[Pause], until: date) -> int:
    """Return how many days of pause there are before the day `until`. Pauses of one phase never overlap."""
    ends = ((pause, min(pause.until or until, until)) for pause in pauses)
    return sum(max(0, (end - pause.since).days) for pause, end in ends)


def years_before(day: date, years: int) -> date:
    """Return the day `years` before; 28 February for a 29 February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def is_beyond(started: PartialDate | None, day: date, longest_years: int | None, pauses: Iterable[Pause] = ()) -> bool:
    """Return whether the phase has on `day` surely taken longer than typical, pauses not counted.

    False where it is unknown when it started, or what is typical.
    """
    if started is None or not longest_years:
        return False
    counted_from = last_day(started) + timedelta(days=paused_days(pauses, day))
    return counted_from < years_before(day, longest_years)


def is_running_past(facts: LengthFacts, day: date) -> bool:
    """Return whether it takes, has taken or is expected to take longer than typical, as seen on `day`.

    Of an end known to the month or the year its first day counts. A pause that lasts is not counted beyond `day`.
    """
    ends = [facts.ended.date] if facts.ended else [day] if facts.is_going_on else []
    if facts.is_going_on and facts.expected_end:
        ends.append(facts.expected_end.date)
    pauses = [Pause(pause.since, pause.until or day) for pause in facts.pauses]
    return any(is_beyond(facts.started, end, facts.longest_years, pauses) for end in ends)


def asks_for_reason(facts: LengthFacts, day: date) -> bool:
    """Return whether a special reason is asked for: it goes on past the typical length, and none is written yet."""
    return facts.is_going_on and not facts.has_reason and is_running_past(facts, day)


def is_overdue(facts: LengthFacts, day: date) -> bool:
    """Return whether it goes on although all of what it was expected to end by has passed on `day`."""
    return facts.is_going_on and facts.expected_end is not None and last_day(facts.expected_end) < day


def pause_problem(facts: LengthFacts, since: date, day: date) -> str:
    """Return what stands against a pause from `since`, registered on `day`; "" where nothing does."""
    if since > day:
        return "Pausen kan ikke begynde i fremtiden. Skriv den dag, arbejdet gik i stå."
    if facts.started and since < facts.started.date:
        return f"Fasen begyndte {facts.started}. Pausen kan ikke ligge før."
    if any(pause.until is None for pause in facts.pauses):
        return "Fasen er allerede på pause. Genoptag den først."
    if any(pause.until and since < pause.until for pause in facts.pauses):
        return "Pausen ligger oven i en tidligere pause. Begynd den senere, eller annullér den tidligere."
    return ""


def resumption_problem(since: date, until: date, day: date) -> str:
    """Return what stands against resuming on `until` what was paused `since`, registered on `day`."""
    if until > day:
        return "Skriv den dag, arbejdet blev genoptaget. Den kan ikke ligge i fremtiden."
    if until <= since:
        return "Arbejdet skal være genoptaget efter den dag, pausen begyndte."
    return ""


def extension_problem(facts: LengthFacts, wanted: PartialDate) -> str:
    """Return what stands against expecting the phase to end `wanted` instead of as planned."""
    if facts.expected_end is None:
        return "Der er ingen forventet afslutning at forlænge. Skriv den først under »Ret datoer«."
    if last_day(wanted) <= last_day(facts.expected_end):
        return f"Fasen forventes allerede afsluttet {facts.expected_end}. En forlængelse skal ligge efter."
    return ""
