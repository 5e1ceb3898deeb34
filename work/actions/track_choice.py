"""Filling in the worksheets of a transition: the choice of track, and the three ways on after modning in spor 2."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from phases.models import Edition
from phases.terms import Track, WayOn
from phases.track_choice import Fit, track_is_to_be_chosen, ways_are_to_be_weighed
from portfolio.access import require_writer
from portfolio.actions import lock
from portfolio.models import Initiative, PhaseRun
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from work.models import TrackChoice, WayWeighing

SAVED_BY_ANOTHER = "En anden har gemt arket, mens du skrev. Din tekst står her endnu. Sammenlign, og gem igen."
_TEXTS = ("knowledge_goal", "is_prepared", "preparation", "track", "reason")


def choice_of(initiative: Initiative) -> TrackChoice | None:
    """Return the worksheet of the initiative's present phase; of the proposal itself where it has begun none."""
    choices = TrackChoice.objects.filter(initiative=initiative, run=initiative.current_run)
    return choices.select_related("edition", "saved_by").first()


def weighing_of(run: PhaseRun | None) -> WayWeighing | None:
    """Return the weighing of the three ways after `run`."""
    return WayWeighing.objects.filter(run=run).select_related("saved_by").first() if run else None


@transaction.atomic
def save_track_choice(
    *, initiative: Initiative, by: User, version: int, fits: Iterable[Mapping[str, str]], **values: Any
) -> TrackChoice:
    """Save the worksheet, whole or not. `fits` judge the characteristics of both tracks (`TrackChoice.fits`).

    Raises `NotAllowed`, `Conflict` where somebody saved since `version` was read (0: nothing was there), or `Refused`
    where the track is not to be chosen now.
    """
    initiative = lock(initiative)
    require_writer(by, initiative)
    if not track_is_to_be_chosen(initiative.phase, initiative.track):
        raise Refused("Sporet er valgt. Det kan kun skiftes i en SUSI-vurdering ved en faseovergang.")
    choice = choice_of(initiative)
    if choice is None:
        choice = TrackChoice(initiative=initiative, run=initiative.current_run)
    if choice.version != version:
        raise Conflict(SAVED_BY_ANOTHER)
    rows = [dict(row) for row in fits]
    if any(row["track"] not in Track.values or row["fit"] not in ("", *Fit.values) for row in rows):
        raise Refused("Et af svarene om kendetegnene kan ikke læses. Indlæs siden igen.")
    choice.edition = Edition.objects.current()
    choice.fits = rows
    for name in _TEXTS:
        if name in values:
            setattr(choice, name, values[name])
    _stamp(choice, by, "Arket om sporvalg gemt")
    return choice


@transaction.atomic
def save_weighing(
    *, run: PhaseRun, by: User, version: int, ways: Iterable[Mapping[str, str]], way: str, reason: str
) -> WayWeighing:
    """Save the weighing of the three ways after modning in spor 2, whole or not.

    Raises `NotAllowed`, `Conflict` where somebody saved since `version` was read (0: nothing was there), or `Refused`
    where the phase is another or over.
    """
    initiative = lock(run.initiative)
    require_writer(by, initiative)
    run = PhaseRun.objects.get(pk=run.pk)
    if run.state != PhaseRun.State.OPEN or not ways_are_to_be_weighed(run.phase, run.track):
        raise Refused("De tre veje afvejes, mens et initiativ er i modning i spor 2.")
    weighing = weighing_of(run) or WayWeighing(run=run)
    if weighing.version != version:
        raise Conflict(SAVED_BY_ANOTHER)
    rows = [dict(row) for row in ways]
    if {row["way"] for row in rows} - set(WayOn.values):
        raise Refused("En af vejene kan ikke læses. Indlæs siden igen.")
    weighing.ways, weighing.way, weighing.reason = rows, way, reason
    _stamp(weighing, by, "Afvejningen af de tre veje gemt")
    return weighing


def _stamp(row: Any, by: User, reason: str) -> None:
    row.version += 1
    row.saved_by, row.saved_at = by, timezone.now()
    save_with_reason(row, by=by, reason=reason)
