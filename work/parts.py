"""What the page of a phase is made of: one part for each kind of work Drejebogen describes."""

from collections.abc import Callable
from dataclasses import dataclass

from portfolio.models import Initiative
from susi.models import User


@dataclass(frozen=True)
class Part:
    """One kind of work in the present phase: how far it is in a sentence, and what is still `open`, one sentence each.

    `url` leads to the page where it is done.
    """

    heading: str
    state: str
    url: str
    open: tuple[str, ...] = ()


PARTS: tuple[Callable[[Initiative, User], Part | None], ...] = ()


def parts_of(initiative: Initiative, user: User) -> list[Part]:
    """Return the parts of the initiative's present phase, in the order the work is done, as `user` may see them."""
    parts = (part(initiative, user) for part in PARTS)
    return [part for part in parts if part]
