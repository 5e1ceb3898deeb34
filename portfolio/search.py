"""The free text of the list: which initiatives hold every word, and where the words stand.

A word is looked for, in folded text, in the initiative itself, in the SUSI-vurderinger the user may read and in the
fravigelser in force. The words of one search may be spread over these.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex

from portfolio.models import Initiative
from susi.danish import fold
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


def holding(words: list[str], user: User) -> RawSQL | list[int]:
    """Return the primary keys of the initiatives that hold every one of `words`, for `pk__in`. Takes three queries.

    Initiatives that `user` may not see can be among them: the caller asks among those that are visible.
    """
    held: list[set[int]] = [set() for _ in words]
    for texts, owner in _texts(user):
        _add_hits(held, texts, owner, words)
    pks = set.intersection(*held) if held else set()
    # Written out: as parameters ten thousand keys take a tenth of a second, and SQLite takes a limited number.
    return RawSQL(",".join(str(int(pk)) for pk in pks), ()) if pks else []  # noqa: S611  nothing but whole numbers


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


def _texts(user: User) -> Iterator[tuple[QuerySet, str]]:
    """Yield the rows to search, with the name of the column that says whose text it is."""
    yield Initiative.objects.all(), "pk"
    yield _assessments(user), "initiative"
    yield _deviations(), "initiative"


def _assessments(user: User) -> QuerySet:
    model: Any = Initiative._meta.get_field("assessments").related_model
    return model.objects.visible_to(user).exclude(state=model.State.ANNULLED)


def _deviations() -> QuerySet:
    model: Any = Initiative._meta.get_field("deviations").related_model
    return model.objects.in_force()


def _add_hits(held: list[set[int]], texts: QuerySet, owner: str, words: list[str]) -> None:
    """Add to the set of each word, in the order of `words`, whose text holds it.

    `StrIndex` and not LIKE, which takes several times as long on SQLite.
    """
    at = {f"at_{no}": StrIndex("search_text", Value(word)) for no, word in enumerate(words)}
    any_of_them = reduce(or_, (Q(**{f"{name}__gt": 0}) for name in at))
    hits = texts.order_by().alias(**at).filter(any_of_them)
    if len(words) == 1:
        held[0].update(hits.values_list(owner, flat=True))
        return
    for pk, *found in hits.annotate(**at).values_list(owner, *at):
        for no, position in enumerate(found):
            if position:
                held[no].add(pk)


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
