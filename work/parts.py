"""What the page of a phase is made of: one part for each kind of work Drejebogen describes."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from work.deliverables import items_of, summary


@dataclass(frozen=True)
class Part:
    """One kind of work in the present phase: how far it is in a sentence, and what is still `open`, one sentence each.

    `url` leads to the page where it is done.
    """

    heading: str
    state: str
    url: str
    open: tuple[str, ...] = ()


def deliverables(initiative: Initiative, user: User) -> Part | None:
    """How far the deliverables of the present phase are, and which of them are late."""
    if initiative.current_run is None:
        return None
    items = [item for run in initiative.runs_together if run.has_begun for item in items_of(run)]
    late = (f"{item.title} skulle være færdig {danish(item.due)}." for item in items if item.due and item.is_late)
    url = reverse("work:deliverables", args=[initiative.number])
    return Part("Leverancer", summary(items), url, open=tuple(late))


PARTS: tuple[Callable[[Initiative, User], Part | None], ...] = (deliverables,)


def parts_of(initiative: Initiative, user: User) -> list[Part]:
    """Return the parts of the initiative's present phase, in the order the work is done, as `user` may see them."""
    parts = (part(initiative, user) for part in PARTS)
    return [part for part in parts if part]
