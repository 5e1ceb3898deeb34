"""The plan against what happened: what is said of a run's dates, and how far two dates that may be known to different
precision lie from each other. Pure functions over plain values."""

from dataclasses import dataclass
from datetime import date

from phases.terms import Phase, Track
from portfolio.models import PhaseRun
from susi.dates import PartialDate, Precision, last_day, read

State = PhaseRun.State
_DAYS_TOLD = 31
_THAN_EXPECTED = " end forventet"


@dataclass(frozen=True)
class Run:
    """A phase run as the timeline tells of it. `is_silent`: open, but no source says whether it has ended."""

    phase: Phase
    state: str
    track: str = ""
    start: PartialDate | None = None
    end: PartialDate | None = None
    expected_start: PartialDate | None = None
    expected_end: PartialDate | None = None
    is_silent: bool = False

    @property
    def name(self) -> str:
        """The phase and its track: "Modning, spor 1"."""
        return ", ".join([self.phase.label, *([Track(self.track).label.lower()] if self.track else [])])

    @property
    def shown(self) -> tuple[PartialDate | None, PartialDate | None]:
        """When it began and ended; where neither is known, when it was expected to (`is_expected`)."""
        return (self.expected_start, self.expected_end) if self.is_expected else (self.start, self.end)

    @property
    def is_expected(self) -> bool:
        """Whether all that is known of its dates is the plan."""
        return self.is_planned or not (self.start or self.end)

    @property
    def dates(self) -> list[PartialDate]:
        """What is known of when it ran or is to run."""
        known = {*self.shown, self.expected_start, self.expected_end}
        return [partial for partial in known if partial]

    @property
    def is_planned(self) -> bool:
        return self.state == State.PLANNED

    @property
    def is_going_on(self) -> bool:
        return self.state == State.OPEN and not self.is_silent

    def is_overdue(self, today: date) -> bool:
        """Whether it goes on although the day it was expected to end by has passed."""
        return self.is_going_on and self.expected_end is not None and last_day(self.expected_end) < today


def run_of(row: PhaseRun, *, is_silent: bool = False) -> Run:
    """Return what the row of the database says."""
    return Run(
        phase=Phase(row.phase),
        state=row.state,
        track=row.track,
        start=read(row, "started_on"),
        end=read(row, "ended_on"),
        expected_start=read(row, "expected_start"),
        expected_end=read(row, "expected_end"),
        is_silent=is_silent and row.state == State.OPEN,
    )


def difference(actual: PartialDate, expected: PartialDate) -> str:
    """Return how `actual` lies from `expected`, in the unit both are known to: "3 mdr. senere end forventet"."""
    precisions = {actual.precision, expected.precision}
    if Precision.YEAR in precisions:
        return _apart(actual.date.year - expected.date.year, "år", "år") or "i det forventede år"
    if Precision.MONTH in precisions:
        return _apart(_months(actual.date) - _months(expected.date), "md.", "mdr.") or "i den forventede måned"
    days = (actual.date - expected.date).days
    if abs(days) < _DAYS_TOLD:
        return _apart(days, "dag", "dage") or "som forventet"
    earlier, later = sorted([actual.date, expected.date])
    months = _months(later) - _months(earlier) - (later.day < earlier.day)
    return _apart(max(months, 1) * (1 if days > 0 else -1), "md.", "mdr.")


def sentence(run: Run, today: date) -> str:
    """Return in words all the timeline draws of the run: "Modning, spor 1: begyndt 02.03.2026, i gang"."""
    return f"{run.name}: {', '.join(_planned(run) if run.is_planned else [*_begun(run), *_ended(run, today)])}"


def lateness(run: Run, today: date) -> str:
    """Return how the end lies from the one expected, in two words: "3 mdr. senere"; "" without two to compare."""
    if run.expected_end is None or run.is_planned:
        return ""
    if run.is_overdue(today):
        return f"{_overdue(run.expected_end, today)} over"
    return difference(run.end, run.expected_end).removesuffix(_THAN_EXPECTED) if run.end else ""


def when(partial: PartialDate) -> str:
    """Return the date after a verb: "02.03.2026", "i marts 2026", "i 2026"."""
    return str(partial) if partial.precision == Precision.DAY else f"i {partial}"


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _apart(number: int, one: str, several: str) -> str:
    if not number:
        return ""
    unit = one if abs(number) == 1 else several
    return f"{abs(number)} {unit} {'senere' if number > 0 else 'tidligere'}{_THAN_EXPECTED}"


def _planned(run: Run) -> list[str]:
    said = ["planlagt"]
    said += [f"forventes begyndt {when(run.expected_start)}"] if run.expected_start else []
    said += [f"forventes afsluttet {when(run.expected_end)}"] if run.expected_end else []
    return said if len(said) > 1 else [*said, "datoerne er ikke oplyst"]


def _begun(run: Run) -> list[str]:
    if run.start:
        return [f"begyndt {when(run.start)}" + _against(run.start, run.expected_start)]
    expected = f" (forventet {when(run.expected_start)})" if run.expected_start else ""
    return ["begyndelsen er ikke oplyst" + expected] if run.end or run.is_going_on or expected else []


def _ended(run: Run, today: date) -> list[str]:
    expected = f" (forventet {when(run.expected_end)})" if run.expected_end else ""
    if run.end:
        return [f"afsluttet {when(run.end)}" + _against(run.end, run.expected_end)]
    if run.state == State.ENDED:
        told = run.start or run.expected_start or expected
        return ["afsluttet", ("men det er ikke oplyst, hvornår" if told else "datoerne er ikke oplyst") + expected]
    if run.is_silent:
        told = run.start or run.expected_start or expected
        return ["det er ikke oplyst, om fasen er afsluttet" + expected] if told else ["datoerne er ikke oplyst"]
    if run.expected_end is None:
        return ["i gang"]
    if run.is_overdue(today):
        return ["i gang", f"skulle være afsluttet {when(run.expected_end)}, {_overdue(run.expected_end, today)} over"]
    return ["i gang", f"forventes afsluttet {when(run.expected_end)}"]


def _overdue(expected: PartialDate, today: date) -> str:
    return difference(PartialDate(today), expected).removesuffix(f" senere{_THAN_EXPECTED}")


def _against(actual: PartialDate, expected: PartialDate | None) -> str:
    return f", {difference(actual, expected)} ({expected})" if expected else ""
