"""What the page of a phase is made of: one part for each kind of work Drejebogen describes."""

from collections.abc import Callable

from portfolio.models import Initiative
from susi.models import User
from work import length
from work.part import Part

PARTS: tuple[Callable[[Initiative, User], Part | None], ...] = (length.length_part,)


def parts_of(initiative: Initiative, user: User) -> list[Part]:
    """Return the parts of the initiative's present phase, in the order the work is done, as `user` may see them."""
    parts = (part(initiative, user) for part in PARTS)
    return [part for part in parts if part]
