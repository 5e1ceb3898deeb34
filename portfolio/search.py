"""The free text of the list: which initiatives hold every word, and where the words stand.

A word is looked for, in folded text, in the initiative itself, in the SUSI-vurderinger the user may read and in the
fravigelser in force. The words of one search may be spread over these.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from portfolio.models import Initiative
from susi.danish import fold, fold_letters
from susi.keys import Among
from susi.models import User
from susi.past import is_asked
from susi.prepared import GivenKeys, Prepared
from susi.roles import Role
from susi.words import GivenWord, Holds, looked_for_as

_SHOWN_ANYWAY = ("number", "title")
_OWN_TEXTS = ("problem", "description", "funding", "case_number")
_BEFORE, _AFTER = 50, 70
_PLACES_SHOWN = 3
_HELD = "held"
_TO_READ_AMONG = 3  # words found by the index, among whose initiatives the texts are read


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
    """Return the condition on an initiative that it holds every one of `words`. At most two queries.

    Initiatives that `user` may not see can be among them: the caller asks among those that are visible.
    """
    looked_for = looked_for_as(words) if words else []
    if not looked_for or [] in looked_for:
        return Among("pk", (), _HELD)
    # By the index first: then only the texts of what that found are read.
    looked_for.sort(key=lambda one: isinstance(one, str))
    given = {f"word{no}": one for no, one in enumerate(looked_for)}
    by_index = tuple(isinstance(one, list) for one in looked_for)
    found = _asked_by(user, _holding_all, by_index).rows(**given)
    return Among("pk", chain.from_iterable(found), _HELD)


def held_nowhere(words: list[str]) -> list[str]:
    """Return those of `words` that no text holds, as far as is known without reading the texts. At most one query."""
    return [word for word, stored in zip(words, looked_for_as(words), strict=True) if not stored]


def _asked_by(user: User, make: Any, *others: Any) -> Prepared:
    """Return the query that `make`, which keeps them, makes by what `user` may read: the past has one for each day."""
    make = make.__wrapped__ if is_asked() else make
    return make(user, user.roles, user.acts_for, *others)


@lru_cache(maxsize=200)
def _holding_all(user: User, roles: frozenset[Role], acts_for: frozenset[int], by_index: tuple[bool, ...]) -> Prepared:
    """The query of the keys of what holds as many words, those found by the index first; kept by what `user` may read,
    too."""
    words = [GivenWord(f"word{no}", by_index=one) for no, one in enumerate(by_index)]
    found = [_holding(word, user) for word in words if word.by_index]
    among = _in_all(found[:_TO_READ_AMONG]) if found else None
    return Prepared(_in_all([*found, *(_holding(word, user, among) for word in words if not word.by_index)]))


def _in_all(keys: list[QuerySet]) -> QuerySet:
    first, *others = keys
    return first.intersection(*others) if others else first


def _holding(word: GivenWord, user: User, among: QuerySet | None = None) -> QuerySet:
    """Return the keys of the initiatives, of those `among` these where given, that hold the word in one text or other;
    several times those of some."""
    own = Initiative.objects.filter(Holds("search_text", word)).order_by()
    read = _assessments(user).filter(Holds("search_words", word)).order_by()
    explained = _deviations().filter(Holds("search_text", word)).order_by()
    if among is not None:
        own, read = own.filter(pk__in=among), read.filter(initiative__in=among)
        explained = explained.filter(initiative__in=among)
    return own.values_list("pk").union(read.values_list("initiative"), explained.values_list("initiative"), all=True)


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
    for pk, reason, handling in _reasons().rows(initiatives=pks):
        yield pk, f"{reason} {handling}", "I en fravigelse", None
    for pk, text, no in _asked_by(user, _readings).rows(initiatives=pks):
        yield pk, text, "I SUSI-vurderingen", no


@cache
def _reasons() -> Prepared:
    found = _deviations().filter(initiative__in=GivenKeys("initiatives")).order_by("-pk")
    return Prepared(found.values_list("initiative", "reason", "handling"))


@lru_cache(maxsize=200)
def _readings(user: User, roles: frozenset[Role], acts_for: frozenset[int]) -> Prepared:
    found = _assessments(user).filter(initiative__in=GivenKeys("initiatives")).order_by("-no")
    return Prepared(found.values_list("initiative", "search_text", "no"))


def _look(text: str, where: str, missing: set[str], shown: list[Place], assessment_no: int | None = None) -> None:
    """Move the words that `text` holds from `missing` to `shown`, as one place. That of an assessment is folded."""
    if not missing:
        return
    folded = text if assessment_no else fold_letters(text)
    here = {word for word in missing if word in folded}
    if not here:
        return
    missing -= here
    line = text if assessment_no else " ".join(text.split())
    begin, end = _first_of(here, line, is_folded=bool(assessment_no))
    shown.append(
        Place(where, _shortened_before(line[:begin]), line[begin:end], _shortened_after(line[end:]), assessment_no)
    )


def _first_of(words: set[str], line: str, *, is_folded: bool) -> tuple[int, int]:
    """Return where the first of `words` begins and ends in `line`."""
    if is_folded:
        return min((begin, begin + len(word)) for word in words if (begin := line.find(word)) >= 0)
    found = re.search("|".join(map(re.escape, sorted(words))), line, re.IGNORECASE)
    return found.span() if found else (0, 0)  # a letter that is folded to two stands elsewhere


def _shortened_before(text: str) -> str:
    return text if len(text) <= _BEFORE else f"…{text[-_BEFORE:].partition(' ')[2]}"


def _shortened_after(text: str) -> str:
    return text if len(text) <= _AFTER else f"{text[:_AFTER].rpartition(' ')[0]}…"
