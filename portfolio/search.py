"""The free text of the list: which initiatives hold every word, and where the words stand.

A word is looked for, in folded text, in the initiative itself, in the SUSI-vurderinger the user may read and in the
fravigelser in force. The words of one search may be spread over these.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from portfolio.models import Initiative
from susi.danish import fold
from susi.keys import Among
from susi.models import User

_SHOWN_ANYWAY = ("number", "title")
_OWN_TEXTS = ("problem", "description", "funding", "case_number")
_BEFORE, _AFTER = 50, 70
_PLACES_SHOWN = 3


@dataclass(frozen=True)
class Place:
    """Where a word stands: `where` in running text, and the text around `word`.

    `assessment_no` is that of the SUSI-vurdering it stands in.
    """

    where: str
    before: str
    word: str
    after: str
    assessment_no: int | None = None


def words_of(text: str) -> list[str]:
    """Return the words to look for, folded. One that is part of another is found with it and left out."""
    words: list[str] = []
    for word in sorted(set(fold(text).split()), key=lambda word: (-len(word), word)):
        if not any(word in longer for longer in words):
            words.append(word)
    return words


def holding(words: list[str], user: User) -> Among:
    """Return the condition on an initiative that it holds every one of `words`. Takes one query.

    Initiatives that `user` may not see can be among them: the caller asks among those that are visible.
    """
    assessments, deviations = _assessments(user).order_by(), _deviations().order_by()
    held = Initiative.objects.order_by()
    for word in words:
        read = assessments.filter(_says("search_words", word)).values("initiative")
        explained = deviations.filter(_says("search_text", word)).values("initiative")
        held = held.filter(_says("search_text", word) | Q(pk__in=read) | Q(pk__in=explained))
    return Among("pk", held.values_list("pk", flat=True) if words else ())


def _says(column: str, word: str) -> Q:
    """Return the condition that the column holds `word`. `StrIndex` and not LIKE, which is several times slower on
    SQLite."""
    return Q(GreaterThan(StrIndex(column, Value(word)), 0))


def places(initiatives: Iterable[Any], words: list[str], user: User) -> dict[int, list[Place]]:
    """Return by primary key where the words stand that the number and the title do not hold, in two queries.

    `initiatives` are such, or rows of them (`portfolio.listed`).
    """
    missing: dict[int, set[str]] = {}
    shown: dict[int, list[Place]] = {}
    for initiative in initiatives:
        in_sight = fold(" ".join(getattr(initiative, name) for name in _SHOWN_ANYWAY))
        missing[initiative.pk] = {word for word in words if word not in in_sight}
        shown[initiative.pk] = []
        for name in _OWN_TEXTS:
            where = f"I {Initiative._meta.get_field(name).verbose_name}"  # type: ignore[union-attr]
            _look(getattr(initiative, name), where, missing[initiative.pk], shown[initiative.pk])
    for pk, text, where, assessment_no in _texts_elsewhere([pk for pk in missing if missing[pk]], user):
        _look(text, where, missing[pk], shown[pk], assessment_no)
    return {pk: found[:_PLACES_SHOWN] for pk, found in shown.items()}


def _assessments(user: User) -> QuerySet:
    model: Any = Initiative._meta.get_field("assessments").related_model
    return model.objects.visible_to(user).exclude(state=model.State.ANNULLED)


def _deviations() -> QuerySet:
    model: Any = Initiative._meta.get_field("deviations").related_model
    return model.objects.in_force()


def _texts_elsewhere(pks: list[int], user: User) -> Iterator[tuple[int, str, str, int | None]]:
    """Yield whose it is, the text, what it is, and the number of the SUSI-vurdering, for the initiatives `pks`."""
    if not pks:
        return
    for pk, reason, handling in (
        _deviations().filter(initiative__in=pks).order_by("-pk").values_list("initiative", "reason", "handling")
    ):
        yield pk, f"{reason} {handling}", "I en fravigelse", None
    for pk, text, no in (
        _assessments(user).filter(initiative__in=pks).order_by("-no").values_list("initiative", "search_text", "no")
    ):
        yield pk, text, "I SUSI-vurderingen", no


def _look(text: str, where: str, missing: set[str], shown: list[Place], assessment_no: int | None = None) -> None:
    """Move the words that `text` holds from `missing` to `shown`, as one place."""
    folded = fold(text) if missing else ""
    here = {word for word in missing if word in folded}
    if not here:
        return
    missing -= here
    line = " ".join(text.split())
    found = re.search("|".join(map(re.escape, sorted(here))), line, re.IGNORECASE)
    begin, end = found.span() if found else (0, 0)  # a letter that is folded to two stands elsewhere
    shown.append(
        Place(where, _shortened_before(line[:begin]), line[begin:end], _shortened_after(line[end:]), assessment_no)
    )


def _shortened_before(text: str) -> str:
    return text if len(text) <= _BEFORE else f"…{text[-_BEFORE:].partition(' ')[2]}"


def _shortened_after(text: str) -> str:
    return text if len(text) <= _AFTER else f"{text[:_AFTER].rpartition(' ')[0]}…"
