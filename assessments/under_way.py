"""The SUSI-vurderinger on their way, read once for all the front page says of them.

Which they are is asked in one query of plain values, since with many it is the costly question; the rows are then
fetched for those that are shown.
"""

from collections.abc import Iterable
from functools import cache, cached_property, lru_cache
from heapq import nsmallest
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db.models import Case, F, FilteredRelation, Func, Q, QuerySet, TextField, When
from django.db.models.functions import Coalesce

from assessments.models import Assessment, Deviation
from assessments.models.assessment import of_open_phase, of_proposal, undecided
from portfolio.models.initiative import written_on_by
from susi.models import User
from susi.past import require_present
from susi.prepared import GivenKeys, Prepared
from susi.roles import Role

State = Assessment.State
_SHOWN = (
    *("no", "state", "to_phase", "to_track", "recommendation", "edition", "initiative__number", "initiative__title"),
    *("created_at", "saved_at", "submitted_at", "returned_at", "return_remarks", "approved_at"),
)
AHEAD = 8  # of the transitions
TASKS = 20  # of each kind: more are no list of what to do next
_NEAREST_FIRST = (State.APPROVED, State.SUBMITTED, State.RETURNED, State.DRAFT)
_SINCE = {
    State.APPROVED: F("approved_at"),
    State.SUBMITTED: F("submitted_at"),
    State.RETURNED: F("returned_at"),
    State.DRAFT: Coalesce("saved_at", "created_at"),
}


_NAMES = ("pk", "state", "corrects", "initiative")


class InOrder(Func):
    """A moment as what is in the same order: to make moments of a thousand takes a while, and only their order is asked
    for. Microseconds on PostgreSQL; SQLite keeps moments as texts that are in their order."""

    template = "%(expressions)s"
    output_field = TextField()  # which makes nothing else of what the database gives

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


class Key(NamedTuple):
    """What tells whom an assessment concerns. `is_mine` where the user may write on its initiative, `is_own_text` where
    the user has written on it or submitted it; neither is told of a past day.
    """

    pk: int
    state: str
    corrects: int | None
    initiative: int
    since: Any
    is_mine: bool = False
    is_own_text: bool = False


class Some(NamedTuple):
    """The first assessments of a kind, and how many there are in all."""

    rows: list[Assessment]
    in_all: int


class UnderWay:
    """The open assessments `user` may see, and the approved ones that await a decision: by what is to be done.

    At most `at_most` of each kind are fetched.
    """

    def __init__(self, user: User, *, is_past: bool = False, at_most: int = TASKS) -> None:
        self.user, self.is_past, self.at_most = user, is_past, at_most

    @cached_property
    def keys(self) -> list[Key]:
        """All of them, the longest in its state first."""
        if not self.is_past:
            require_present("What is under way, with its drafts,")
        query = _keys_then(self.user) if self.is_past else _keys_now(self.user, self.user.roles, self.user.acts_for)
        return [Key(*values) for values in query.rows()]

    @cached_property
    def to_approve(self) -> list[Key]:
        """What the user, as a manager, may approve: no text of one's own (four eyes)."""
        return [key for key in self._as_manager if key.state == State.SUBMITTED and not key.is_own_text]

    @cached_property
    def to_decide(self) -> list[Key]:
        return [key for key in self._as_manager if key.state == State.APPROVED]

    @property
    def _as_manager(self) -> list[Key]:
        return self.keys if self.user.has_role(Role.MANAGER) else []

    @cached_property
    def drafts(self) -> list[Key]:
        """The user's drafts to go on with, the latest first."""
        return [key for key in reversed(self.keys) if key.is_mine and key.state == State.DRAFT]

    @cached_property
    def returned(self) -> list[Key]:
        return [key for key in reversed(self.keys) if key.is_mine and key.state == State.RETURNED]

    @cached_property
    def transitions(self) -> list[Key]:
        """The transitions ahead. A correction changes the text of an assessment, never the transition, so its draft is
        none on its way.
        """
        return [key for key in self.keys if key.state == State.APPROVED or not key.corrects]

    @cached_property
    def _nearest(self) -> list[Key]:
        """What has come furthest, and of that what has stood there longest."""
        return nsmallest(AHEAD, self.transitions, key=lambda key: _NEAREST_FIRST.index(key.state))

    @cached_property
    def _rows(self) -> dict[int, Any]:
        """The rows of all that is shown, by key, in one query; the nearest transitions with their `departures`."""
        tasks: Iterable[list[Key]] = (
            () if self.is_past else (self.to_approve, self.to_decide, self.drafts, self.returned)
        )
        shown = {key.pk for key in chain(self._nearest, *(islice(kind, self.at_most) for kind in tasks))}
        if not shown:
            return {}
        if self.is_past:
            return {row.pk: row for row in _shown().rows(shown=shown)}
        return _with_departures(shown, [key.pk for key in self._nearest])

    @property
    def nearest(self) -> Some:
        return Some([self._rows[key.pk] for key in self._nearest], len(self.transitions))

    def first(self, kind: list[Key]) -> Some:
        """Return the first of `kind`, one of the tasks above."""
        return Some([self._rows[key.pk] for key in kind[: self.at_most]], len(kind))


def _keys_then(user: User) -> Prepared:
    """The query of the keys `user` may see of the past day that is asked about: one of its own for each day."""
    return _in_order(*(found.values_list(*_NAMES, "since") for found in _found(user)))


@lru_cache(maxsize=500)
def _keys_now(user: User, roles: frozenset[Role], acts_for: frozenset[int]) -> Prepared:
    """The query of the keys `user` may see now, kept by the `roles` and the people stood in for it depends on."""
    texts = Assessment.writers.through.objects.filter(user=user).values("assessment")
    is_mine, is_own_text = written_on_by(user, "initiative__"), Q(submitted_by=user) | Q(pk__in=texts)
    marked = (found.annotate(is_mine=is_mine, is_own_text=is_own_text) for found in _found(user))
    return _in_order(*(found.values_list(*_NAMES, "since", "is_mine", "is_own_text") for found in marked))


def _found(user: User) -> list[QuerySet]:
    """What is open, and what awaits a decision: in a phase, which is open and found by that, or as a proposal. Each is
    asked by itself: together they take the database many times as long. Which ones await is told by indexes alone.
    """
    moment = Case(*(When(state=state, then=moment) for state, moment in _SINCE.items()))
    since = InOrder(moment)
    visible = Assessment.objects.visible_to(user).annotate(since=since).order_by()
    awaiting = Assessment.objects.filter(undecided()).order_by().values("pk")
    in_phase, proposed = (visible.filter(pk__in=awaiting.filter(where)) for where in (of_open_phase(), of_proposal()))
    return [visible.filter(state__in=Assessment.OPEN), in_phase, proposed]


def _in_order(first: QuerySet, *others: QuerySet) -> Prepared:
    return Prepared(first.union(*others, all=True).order_by("since", "pk"))


def _rows_to_show() -> QuerySet:
    return Assessment.objects.filter(pk__in=GivenKeys("shown")).order_by("pk")


@cache
def _shown() -> Prepared:
    return Prepared(_rows_to_show().select_related("initiative").only(*_SHOWN))


@cache
def _shown_with_departures() -> Prepared:
    of_nearest = Q(deviations__assessment__in=GivenKeys("nearest")) & ~Q(deviations__state=Deviation.State.ANNULLED)
    departure: Any = FilteredRelation("deviations", condition=of_nearest)
    rows: Any = _rows_to_show().annotate(departure=departure).select_related("initiative", "departure")
    return Prepared(rows.only(*_SHOWN))


def _with_departures(shown: Iterable[int], nearest: list[int]) -> dict[int, Any]:
    """Return the rows `shown` by key, those of the `nearest` with their fravigelser as `departures`. One query, which
    gives a row once for each fravigelse.
    """
    found: dict[int, Any] = {}
    for row in _shown_with_departures().rows(shown=shown, nearest=nearest):
        one = found.setdefault(row.pk, row)
        one.departures = [*getattr(one, "departures", []), *filter(None, [getattr(row, "departure", None)])]
    return found
