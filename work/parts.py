"""What the page of a phase is made of: one part for each kind of work Drejebogen describes."""

from collections.abc import Callable

from django.urls import reverse

from participants import overview
from phases.terms import Phase
from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from work import fast_track, involvement, length, track_choice
from work.deliverables import items_of, summary
from work.part import Part


def deliverables(initiative: Initiative, user: User) -> Part | None:
    """How far the deliverables of the present phase are, and which of them are late."""
    if initiative.current_run is None:
        return None
    items = [item for run in initiative.runs_together if run.has_begun for item in items_of(run)]
    late = (f"{item.title} skulle være færdig {danish(item.due)}." for item in items if item.due and item.is_late)
    url = reverse("work:deliverables", args=[initiative.number])
    return Part("Leverancer", summary(items), url, open=tuple(late))


def participants(initiative: Initiative, user: User) -> Part | None:
    """Who takes part in the present phase. One query."""
    if initiative.current_run is None:
        return None
    state = overview.state_of(initiative.current_run)
    url = reverse("participants:of_initiative", args=[initiative.number])
    return Part("Deltagere", state.sentence, url, state.open)


def recruitment(initiative: Initiative, user: User) -> Part | None:
    """How far the recruitment of afprøvning is. Two queries, none in other phases."""
    run = initiative.current_run
    if run is None or run.phase != Phase.TRIAL:
        return None
    found = overview.recruitment_of(run)
    url = reverse("participants:of_initiative", args=[initiative.number]) + "#rekruttering"
    return Part("Rekruttering", found.sentence, url, found.missing)


PARTS: tuple[Callable[[Initiative, User], Part | None], ...] = (
    involvement.part,
    deliverables,
    participants,
    recruitment,
    track_choice.choice_part,
    track_choice.weighing_part,
    length.length_part,
    fast_track.part,
)


def parts_of(initiative: Initiative, user: User) -> list[Part]:
    """Return the parts of the initiative's present phase, in the order the work is done, as `user` may see them."""
    parts = (part(initiative, user) for part in PARTS)
    return [part for part in parts if part]
