"""The SUSI-vurderinger on their way, read once for all the front page says of them.

Which they are is asked in one query of plain values, since with many it is the costly question; the rows are then
fetched for those that are shown.
"""

from collections.abc import Iterable
from functools import cached_property
from heapq import nsmallest
from itertools import chain, islice
from typing import NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce

from assessments.models import Assessment
from assessments.models.assessment import awaiting_decision
from portfolio.models import Initiative
from susi.models import User
from susi.roles import Role

State = Assessment.State
AHEAD = 8  # of the transitions
TASKS = 20  # of each kind: more are no list of what to do next
_NEAREST_FIRST = (State.APPROVED, State.SUBMITTED, State.RETURNED, State.DRAFT)
_SINCE = {
    State.APPROVED: F("approved_at"),
    State.SUBMITTED: F("submitted_at"),
    State.RETURNED: F("returned_at"),
    State.DRAFT: Coalesce("saved_at", "created_at"),
}


class Key(NamedTuple):
    """What tells whom an assessment concerns. `is_mine` where the user may write on its initiative, `is_own_text` where
    the user has written on it or submitted it; neither is told of a past day.
    """

    pk: int
    state: str
    corrects: int | None
    initiative: int
    phase: str
    sort_key: str
    is_mine: bool = False
    is_own_text: bool = False


class Some(NamedTuple):
    """The first assessments of a kind, and how many there are in all."""

    rows: list[Assessment]
    in_all: int


class UnderWay:
    """The open assessments `user` may see, and the approved ones that await a decision: by what is to be done."""

    def __init__(self, user: User, *, is_past: bool = False) -> None:
        self.user, self.is_past = user, is_past

    @cached_property
    def keys(self) -> list[Key]:
        """All of them, the longest in its state first."""
        found = Assessment.objects.visible_to(self.user).filter(Q(state__in=Assessment.OPEN) | awaiting_decision())
        names = ["pk", "state", "corrects", "initiative", "initiative__phase", "initiative__sort_key"]
        if not self.is_past:
            texts = Assessment.writers.through.objects.filter(user=self.user, assessment=OuterRef("pk"))
            found = found.annotate(is_mine=self._is_mine, is_own_text=Q(submitted_by=self.user) | Exists(texts))
            names += ["is_mine", "is_own_text"]
        since = Case(*(When(state=state, then=moment) for state, moment in _SINCE.items()))
        return [Key(*values) for values in found.order_by(since, "pk").values_list(*names)]

    @property
    def _is_mine(self) -> Q:
        return Q(initiative__in=Initiative.objects.writable_by(self.user).order_by().values("pk"))

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
        return nsmallest(
            AHEAD, self.transitions, key=lambda key: (_NEAREST_FIRST.index(key.state), key.sort_key, key.pk)
        )

    @cached_property
    def _rows(self) -> dict[int, Assessment]:
        """The rows of all that is shown, by key, in one query."""
        tasks: Iterable[list[Key]] = (
            () if self.is_past else (self.to_approve, self.to_decide, self.drafts, self.returned)
        )
        shown = {key.pk for key in chain(self._nearest, *(islice(kind, TASKS) for kind in tasks))}
        rows = Assessment.objects.select_related("initiative").defer("sealed_data", "search_text")
        return {row.pk: row for row in rows.filter(pk__in=shown)} if shown else {}

    @property
    def nearest(self) -> Some:
        return Some([self._rows[key.pk] for key in self._nearest], len(self.transitions))

    def first(self, kind: list[Key]) -> Some:
        """Return the first of `kind`, one of the tasks above."""
        return Some([self._rows[key.pk] for key in kind[:TASKS]], len(kind))
