"""How long initiatives are in each phase, by the dates that are known."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet

from assessments.statistics import Chosen
from phases.models import PhaseDefinition
from phases.terms import Phase
from portfolio.length import Pause, paused_days
from portfolio.models import Initiative, PhasePause, PhaseRun
from portfolio.standing import surely_going_on
from susi.dates import PartialDate, Precision, read

_YEAR = 365.25
_ENOUGH_FOR_A_MEDIAN = 3
# The figure, in its own units.
_LEFT, _RIGHT, _ROW, _LINE = 110, 620, 46, 3


@dataclass(frozen=True)
class Stay:
    """A run and its length in years; so far where it is open."""

    run: PhaseRun
    years: float
    roughly: bool  # a date is known to the year only

    @property
    def words(self) -> str:
        return in_years(self.years)


@dataclass(frozen=True)
class PhaseTime:
    """The stays in one phase. `undated` are those that have ended without both dates being known."""

    phase: Phase
    typical: PhaseDefinition | None
    ended: list[Stay] = field(default_factory=list)
    going_on: list[Stay] = field(default_factory=list)
    undated: int = 0

    @property
    def ended_words(self) -> str:
        return summary([stay.years for stay in self.ended])

    @property
    def going_on_words(self) -> str:
        return summary([stay.years for stay in self.going_on])

    @property
    def roughly(self) -> int:
        return sum(1 for stay in self.ended if stay.roughly)

    @property
    def stays(self) -> list[Stay]:
        return [*self.ended, *self.going_on]


class PlacedRun(NamedTuple):
    """A run as the filter of the page asks of it: the year is that of its end."""

    initiative: Initiative
    phase: str
    track: str
    year: int | None


def phase_times(initiatives: QuerySet[Initiative], chosen: Chosen, today: date) -> list[PhaseTime]:
    """Return the time in each phase, in order. Runs of `initiatives` that are open or have ended; planned ones not."""
    typical = {one.phase: one for one in PhaseDefinition.objects.in_force(today)}
    runs = PhaseRun.objects.filter(
        initiative__in=initiatives.order_by().values("pk"), state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED]
    )
    runs = runs.select_related("initiative__programme").prefetch_related(
        Prefetch("pauses", PhasePause.objects.in_force(), to_attr="paused")
    )
    kept = [run for run in runs if chosen.holds(_placed(run))]
    going_on = set(initiatives.filter(surely_going_on()).values_list("pk", flat=True))
    return [_of_phase(phase, typical.get(phase), kept, going_on, today) for phase in Phase]


def length(begun: PartialDate, ended: PartialDate, pauses: Iterable[Pause] = ()) -> float:
    """Return the years between two dates, each taken in the middle of the month or year it is known to, but for the
    `pauses`, which are no time in the phase.
    """
    last = _middle(ended)
    return max(0, (last - _middle(begun)).days - paused_days(pauses, last)) / _YEAR


def summary(years: list[float]) -> str:
    """Return the lengths in words: each of one or two, from three on the shortest, the median and the longest."""
    if len(years) < _ENOUGH_FOR_A_MEDIAN:
        return " og ".join(in_years(one) for one in sorted(years))
    return f"{in_years(min(years))} til {in_years(max(years))}, median {in_years(statistics.median(years))}"


def in_years(years: float) -> str:
    return f"{years:.1f} år".replace(".", ",")


def figure(times: Iterable[PhaseTime]) -> dict[str, object]:
    """Return where to draw each phase: its typical length as a band, and a mark for each stay."""
    times = list(times)
    longest = max([1.0, *(stay.years for one in times for stay in one.stays), *map(_typical_end, times)])
    years = int(longest) + 1
    scale = (_RIGHT - _LEFT) / years
    rows = []
    for place, one in enumerate(times):
        start = (one.typical.min_years or 0) if one.typical else 0
        width = _width(_typical_end(one) - start, scale) if one.typical else 0
        rows.append(
            {
                "time": one,
                "y": place * _ROW + 26,
                "band": {"x": round(_LEFT + start * scale), "width": width},
                "ended": [round(_LEFT + stay.years * scale) for stay in one.ended],
                "going_on": [round(_LEFT + stay.years * scale) for stay in one.going_on],
            }
        )
    ticks = [{"x": round(_LEFT + year * scale), "year": year} for year in range(years + 1)]
    return {"rows": rows, "ticks": ticks, "bottom": len(times) * _ROW + 8, "height": len(times) * _ROW + 34}


def _width(years: float, scale: float) -> int:
    """Where the typical length is one number it is drawn as a line."""
    return max(round(years * scale), _LINE)


def _typical_end(one: PhaseTime) -> float:
    return (one.typical and one.typical.longest_years) or 0


def _of_phase(
    phase: Phase, typical: PhaseDefinition | None, runs: Sequence[PhaseRun], going_on_now: set[int], today: date
) -> PhaseTime:
    """`going_on_now` are the initiatives whose open phase surely goes on: of others no source says whether it ended."""
    ended: list[Stay] = []
    going_on: list[Stay] = []
    undated = 0
    for run in (run for run in runs if run.phase == phase):
        is_open = run.state == PhaseRun.State.OPEN
        begun, end = read(run, "started_on"), PartialDate(today) if is_open else read(run, "ended_on")
        if is_open and run.initiative_id not in going_on_now:
            end = None
        if begun is None or end is None:
            undated += 1
            continue
        pauses = [Pause(one.since, one.until) for one in run.paused]  # type: ignore[attr-defined]
        stay = Stay(run, length(begun, end, pauses), Precision.YEAR in (begun.precision, end.precision))
        (going_on if is_open else ended).append(stay)
    return PhaseTime(phase, typical, _in_order(ended), _in_order(going_on), undated)


def _in_order(stays: list[Stay]) -> list[Stay]:
    return sorted(stays, key=lambda stay: (stay.years, stay.run.initiative.number))


def _middle(when: PartialDate) -> date:
    if when.precision == Precision.YEAR:
        return when.date.replace(month=7, day=1)
    return when.date.replace(day=15) if when.precision == Precision.MONTH else when.date


def _placed(run: PhaseRun) -> PlacedRun:
    ended = read(run, "ended_on")
    return PlacedRun(run.initiative, run.phase, run.track, ended.date.year if ended else None)
