"""The dates of an initiative's phases: which may be filled in, what must hold between them, and how they are changed.

A date that a decision set here is changed by reversing the decision, never by typing another. Only a decision ends an
open phase.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from django.db import transaction

from portfolio.access import require_dater
from portfolio.actions import lock
from portfolio.models import Initiative, PhasePause, PhaseRun
from susi.dates import PartialDate, danish, last_day, read, write
from susi.days import today
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User

STARTED, ENDED, EXPECTED_START, EXPECTED_END = "started_on", "ended_on", "expected_start", "expected_end"
NAMES = {
    STARTED: "begyndt",
    ENDED: "afsluttet",
    EXPECTED_START: "forventet begyndt",
    EXPECTED_END: "forventet afsluttet",
}
YEARS_AHEAD = 20  # a plan further on is a slip of the keys
CONFLICT = "En anden har gemt initiativet imens. Dine datoer står her endnu. Sammenlign, og gem igen."

Dates = Mapping[str, PartialDate | None]
Key = tuple[int, str]  # the run's primary key and the name of the date


def runs_to_date(initiative: Initiative) -> list[PhaseRun]:
    """Return the phases in force in their order, with the decisions that set their dates."""
    runs = initiative.runs.in_force().select_related("opened_by__initiative", "closed_by__initiative")
    return list(runs.order_by("sequence"))


def may_be_filled_in(run: PhaseRun, name: str) -> bool:
    """Whether people may fill in that date of `run`, instead of a decision."""
    if name == STARTED:
        return run.opened_by_id is None and run.state in (PhaseRun.State.OPEN, PhaseRun.State.ENDED)
    if name == ENDED:
        return run.closed_by_id is None and run.state == PhaseRun.State.ENDED
    return True


def dates_of(run: PhaseRun) -> dict[str, PartialDate | None]:
    return {name: read(run, name) for name in NAMES}


def problems(runs: list[PhaseRun], dates: Mapping[int, Dates]) -> Iterator[tuple[Key, str]]:
    """Yield what cannot hold of `dates` (by run, then by name), each with the date it is said of.

    A date known to the month or the year is given the benefit of its doubt.
    """
    for run in runs:
        for name, sentence in _within(dates[run.pk], today()):
            yield (run.pk, _to_be_changed(run, name)), sentence
    yield from _paused_before(dates)
    for earlier, later in pairwise(runs):
        first, second = dates[earlier.pk][STARTED], dates[later.pk][STARTED]
        if second is None:
            yield from _over_before(later, dates[later.pk], earlier, first)
        if _before(second, first):
            run, name = (later, STARTED) if may_be_filled_in(later, STARTED) else (earlier, STARTED)
            yield (
                (run.pk, name),
                f"{later.get_phase_display()} kan ikke begynde før {earlier.get_phase_display().lower()}, "
                f"som begyndte {first}.",
            )


@transaction.atomic
def change_dates(
    *, initiative: Initiative, by: User, version: int, dates: Mapping[int, Dates], source: str
) -> Initiative:
    """Change dates of the initiative's phases. `dates` holds those filled in, by the key of the run and their name.

    `source` says where they are known from, and is the reason in the history. Raises `NotAllowed`, `Conflict` where
    somebody saved since `version` was read, or `Refused` where nothing is changed, or dates cannot hold together.
    """
    initiative = lock(initiative)
    require_dater(by, initiative)
    if initiative.version != version:
        raise Conflict(CONFLICT)
    runs = runs_to_date(initiative)
    wanted = {run.pk: dates_of(run) | _allowed(run, dates.get(run.pk, {})) for run in runs}
    if wrong := [sentence for _, sentence in problems(runs, wanted)]:
        raise Refused(*wrong)
    changed = [run for run in runs if wanted[run.pk] != dates_of(run)]
    if not changed:
        raise Refused("Du har ikke ændret nogen datoer, så der er ikke gemt noget.")
    reason = f"Datoer: {source}"
    for run in changed:
        for name, value in wanted[run.pk].items():
            write(run, name, value)
        save_with_reason(run, by=by, reason=reason)
    initiative.version += 1
    save_with_reason(initiative, by=by, reason=reason)
    return initiative


def _allowed(run: PhaseRun, dates: Dates) -> dict[str, PartialDate | None]:
    if fixed := [NAMES[name] for name in dates if not may_be_filled_in(run, name)]:
        what = f"{run.get_phase_display()} {' og '.join(fixed)}"
        raise Refused(f"{what} kan kun ændres ved en beslutning om faseovergang.")
    return dict(dates)


def _to_be_changed(run: PhaseRun, name: str) -> str:
    """Return the date to put the sentence at: one that can be changed, where `name` cannot."""
    return name if may_be_filled_in(run, name) else STARTED


def _within(dates: Dates, day: date) -> Iterator[tuple[str, str]]:
    """Yield what cannot hold of the dates of one phase."""
    started, ended, expected_end = dates[STARTED], dates[ENDED], dates[EXPECTED_END]
    for name in (STARTED, ENDED):
        if (one := dates[name]) and one.date > day:
            yield name, "Datoen er ikke kommet endnu. Skriv den som forventet i stedet."
    for name in (EXPECTED_START, EXPECTED_END):
        if (one := dates[name]) and one.date.year > day.year + YEARS_AHEAD:
            yield name, f"Datoen ligger mere end {YEARS_AHEAD} år ude i fremtiden. Se årstallet efter."
    if _before(ended, started):
        yield ENDED, f"Fasen kan ikke være afsluttet {ended}, før den begyndte {started}."
    if _before(expected_end, started):
        yield EXPECTED_END, f"Fasen kan ikke forventes afsluttet {expected_end}, før den begyndte {started}."
    if _before(expected_end, dates[EXPECTED_START]):
        yield (
            EXPECTED_END,
            f"Fasen kan ikke forventes afsluttet {expected_end}, før den forventes begyndt {dates[EXPECTED_START]}.",
        )


def _paused_before(dates: Mapping[int, Dates]) -> Iterator[tuple[Key, str]]:
    """Yield the beginnings that come after a pause of the phase."""
    for pause in PhasePause.objects.in_force().filter(run__in=dates):
        if (started := dates[pause.run_id][STARTED]) and pause.since < started.date:
            sentence = f"Fasen kan ikke være begyndt {started}: Den var allerede på pause {danish(pause.since)}."
            yield (pause.run_id, STARTED), sentence


def _over_before(
    later: PhaseRun, dates: Dates, earlier: PhaseRun, first: PartialDate | None
) -> Iterator[tuple[Key, str]]:
    """Yield the ends of `later`, of unknown start, that come before the phase ahead of it began."""
    for name, words in ((ENDED, "være afsluttet"), (EXPECTED_END, "forventes afsluttet")):
        if _before(dates[name], first):
            yield (
                (later.pk, _to_be_changed(later, name)),
                f"{later.get_phase_display()} kan ikke {words} {dates[name]}, "
                f"før {earlier.get_phase_display().lower()} begyndte {first}.",
            )


def _before(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Whether `one` is certainly before `other`: even its last day is before the other's first."""
    return bool(one and other and last_day(one) < other.date)
