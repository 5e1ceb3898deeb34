"""Fast track of knowledge as the pages show it: what is answered, what is open, and the products."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from phases.fast_track import OpenQuestion, open_fast_track
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.models import User
from work.models import FastTrackAnswer, KnowledgeProduct
from work.models.fast_track import runs_with_fast_track
from work.part import Part


@dataclass(frozen=True)
class Answered:
    """The knowledge of one phase: the answer, what is still open, and how many products there are.

    `run` is of `runs_with_fast_track`. The answer of a SUSI-vurdering comes before one given on the phase.
    """

    run: Any

    @property
    def own(self) -> FastTrackAnswer | None:
        """The answer on the phase itself, where one is given."""
        return getattr(self.run, "fast_track_answer", None)

    @property
    def is_assessed(self) -> bool:
        return self.run.assessed_answer is not None

    @property
    def answer(self) -> bool | None:
        if self.is_assessed:
            return bool(self.run.assessed_answer)
        return self.own.answer if self.own else None

    @property
    def products(self) -> int:
        return self.run.products or 0

    @property
    def has_ended(self) -> bool:
        return bool(self.run.state == PhaseRun.State.ENDED)

    @property
    def open(self) -> OpenQuestion | None:
        return open_fast_track(
            phase=self.run.phase, has_ended=self.has_ended, answer=self.answer, products=self.products
        )

    @property
    def may_be_answered(self) -> bool:
        """Whether the question is answered on the phase: it is over, and no SUSI-vurdering answers it."""
        return self.has_ended and not self.is_assessed


def answered_of(initiative: Initiative, user: User) -> list[Answered]:
    """Return the knowledge of each phase of the initiative, the newest first, in one query."""
    runs = runs_with_fast_track(user).filter(initiative=initiative).order_by("-sequence")
    return [Answered(run) for run in runs]


def open_questions(user: User, initiatives: QuerySet[Initiative] | None = None) -> list[Answered]:
    """Return the phases with something open about their knowledge, across all that `user` may see or `initiatives`.

    In the order of the initiatives' numbers; one query.
    """
    runs = runs_with_fast_track(user).order_by("initiative__number", "sequence")
    if initiatives is not None:
        runs = runs.filter(initiative__in=initiatives)
    return [one for one in map(Answered, runs) if one.open]


def products_of(initiative: Initiative) -> QuerySet[KnowledgeProduct]:
    """Return the products of the initiative's phases, also the annulled ones, the newest first."""
    return KnowledgeProduct.objects.filter(run__initiative=initiative).select_related("run")


def part(initiative: Initiative, user: User) -> Part | None:
    """Return the part on passing knowledge on; None for a proposal, which has run no phase to learn from."""
    if initiative.current_run is None:
        return None
    phases = answered_of(initiative, user)
    number = sum(one.products for one in phases)
    planned = "1 produkt er" if number == 1 else f"{number or 'Ingen'} produkter er"
    state = f"{planned} planlagt eller formidlet."
    open_ones = tuple(f"{Phase(one.run.phase).label}: {one.open.label}" for one in phases if one.open)
    return Part("Fast track af viden", state, reverse("work:knowledge", args=[initiative.number]), open_ones)
