"""In which years an initiative is known to run. Pure functions over what is known of its dates; nothing is guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from susi.dates import PartialDate

YEARS_BACK, YEARS_AHEAD = 14, 5  # as many columns as a page has room for


class Mark(TextChoices):
    """How an initiative stands in a year. The first that fits one of its phases goes before the others."""

    RUNS = "runs", "Kører"
    EXPECTED = "expected", "Forventes at køre"
    UNKNOWN = "unknown", "Ikke oplyst"
    NOT = "not", "Kører ikke"


class State(TextChoices):
    """Whether it goes on, as of the day it is asked."""

    OPEN = "open"
    ENDED = "ended"
    NOT_STATED = "not_stated"  # a source tells of it, but not whether it has ended


@dataclass(frozen=True)
class Span:
    """What is known of the time of phases run together. None is unknown; only what has ended has `ended`."""

    state: State
    started: PartialDate | None = None
    ended: PartialDate | None = None
    expected_end: PartialDate | None = None

    def years(self) -> list[int]:
        """Return the years its dates name."""
        return [one.date.year for one in (self.started, self.ended, self.expected_end) if one]


@dataclass(frozen=True)
class Columns:
    """The years of a table, and whether dates lie beyond them."""

    years: range
    left_out: bool


def mark(span: Span, year: int, *, today: int) -> Mark:
    """Return how the phase stands in `year`, where `today` is the year it is asked in.

    It runs in the years of its known beginning and its known end, in those between, and until today where it is open.
    It is expected to run from today until its expected end. Else it is unknown, but for the years that a known date
    rules out. An expected end that has passed says nothing.
    """
    if _is_ruled_out(span, year, today):
        return Mark.NOT
    if _is_known_to_run(span, year, today):
        return Mark.RUNS
    if span.state != State.ENDED and span.expected_end and today <= year <= span.expected_end.date.year:
        return Mark.EXPECTED
    return Mark.UNKNOWN


def marks(spans: Iterable[Span], years: Iterable[int], *, today: int) -> list[Mark]:
    """Return how an initiative of these phases stands in each of the `years`."""
    order = list(Mark)
    phases = list(spans)
    return [min((mark(one, year, today=today) for one in phases), key=order.index, default=Mark.NOT) for year in years]


def columns(named: Sequence[int], *, since: int | None, today: int) -> Columns:
    """Return which years a table shows: from the programme's first, else the first of those `named`, to the last named,
    this year always among them.
    """
    first = min([*named, today] if since is None else [since, *named, today])
    last = max([*named, today])
    shown = range(max(first, today - YEARS_BACK), min(last, today + YEARS_AHEAD) + 1)
    return Columns(shown, left_out=first not in shown or last not in shown)


def _is_ruled_out(span: Span, year: int, today: int) -> bool:
    if span.started and year < span.started.date.year:
        return True
    if span.state == State.ENDED:
        return year > (span.ended.date.year if span.ended else today)
    return bool(span.expected_end and today <= span.expected_end.date.year < year)


def _is_known_to_run(span: Span, year: int, today: int) -> bool:
    """Whether known dates say so. What is ruled out has been left out before."""
    first = span.started.date.year if span.started else None
    last = span.ended.date.year if span.ended else None
    if span.state == State.OPEN and first is not None:
        return year <= max(today, first)
    if first is not None and last is not None:
        return True
    return year in (first, last)
