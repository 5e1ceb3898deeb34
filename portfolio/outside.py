"""Answers that were given: which proposals were found outside the strategy, and which of them a new title resembles."""

from collections.abc import Iterable

from portfolio.models import OutsideStrategy
from susi.danish import fold

_SHORTEST = 4  # letters of a word that says something
_STEM = 5  # letters two forms of a word have in common: "misbrug" and "misbrugere"
_SAYS_NOTHING = frozenset(
    (
        "eksempel", "eller", "efter", "deres", "gennem", "hvor", "hvordan", "indsats", "indsatser", "initiativ",
        "mellem", "mere", "over", "projekt", "sammen", "samt", "styrket", "styrkelse", "under", "uden", "udvikling",
    )
)  # fmt: skip
SHOWN = 5


def words_that_tell(title: str) -> frozenset[str]:
    """Return the words of `title`, folded, that say what it is about."""
    words = "".join(letter if letter.isalnum() else " " for letter in fold(title)).split()
    return frozenset(word for word in words if len(word) >= _SHORTEST and word not in _SAYS_NOTHING)


def are_alike(one: str, other: str) -> bool:
    """Return whether two titles are so alike that the answer to one may be the answer to the other: of the shorter's
    words that tell at least half, and two where it has as many, are in the other too, in some form.
    """
    fewer, more = sorted((words_that_tell(one), words_that_tell(other)), key=len)
    common = sum(any(_same(word, another) for another in more) for word in fewer)
    return bool(fewer) and common >= max(min(2, len(fewer)), len(fewer) / 2)


def answers_like(title: str) -> list[OutsideStrategy]:
    """Return the answers in force to proposals whose titles are like `title`, the newest first. Two queries."""
    told: Iterable[tuple[int, str]] = OutsideStrategy.objects.in_force().values_list("pk", "title")
    pks = [pk for pk, other in told if are_alike(title, other)]
    if not pks:
        return []
    return list(OutsideStrategy.objects.filter(pk__in=pks).prefetch_related("conditions")[:SHOWN])


def _same(one: str, other: str) -> bool:
    shortest = min(len(one), len(other))
    return one == other or (shortest >= _STEM and one[:shortest] == other[:shortest])
