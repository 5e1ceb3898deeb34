"""User involvement of an initiative as the pages show it: phase by phase, the strategy and what took place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from phases.involvement import DUE, StrategyDue, strategy_is_due
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.models import User
from work.models import InvolvementEvent, InvolvementStrategy
from work.part import Part


@dataclass(frozen=True)
class Involvement:
    """User involvement in one phase. `events` are all that were logged, `in_force` those that are not annulled."""

    run: PhaseRun
    strategy: InvolvementStrategy | None
    events: list[InvolvementEvent]

    @property
    def due(self) -> StrategyDue | None:
        return DUE.get(self.run.phase)

    @property
    def in_force(self) -> list[InvolvementEvent]:
        return [event for event in self.events if not event.is_annulled]

    @property
    def missing(self) -> list[str]:
        """What the strategy still lacks; where none is written, that."""
        if not self.due:
            return []
        if self.strategy is None:
            return [f"Læg en strategi for brugerinddragelse i {Phase(self.run.phase).definite}."]
        return self.strategy.missing

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The strategy as (label, text), in the order of the phase."""
        return texts_of(self.strategy) if self.strategy else []

    @property
    def may_be_planned(self) -> bool:
        return self.due is not None and self.run.state in (PhaseRun.State.PLANNED, PhaseRun.State.OPEN)

    @property
    def state(self) -> str:
        """How far it is, in a sentence."""
        if not self.due:
            strategy = "Der hører ingen strategi til fasen."
        elif self.strategy is None:
            strategy = "Der er ikke lagt en strategi."
        else:
            strategy = "Strategien mangler noget." if self.missing else "Strategien er lagt."
        number = len(self.in_force)
        return f"{strategy} Brugerne er inddraget {number} gang{'' if number == 1 else 'e'}." if number else strategy


def texts_of(strategy: InvolvementStrategy) -> list[tuple[str, str]]:
    """Return the texts of a strategy as (label, text), in the order of its phase."""
    field: Any = InvolvementStrategy._meta.get_field
    return [(str(field(name).verbose_name).capitalize(), text) for name, text in strategy.texts.items()]


def involvement_in(runs: Iterable[PhaseRun]) -> list[Involvement]:
    """Return user involvement in each of `runs`, in two queries."""
    runs = list(runs)
    events: dict[int, list[InvolvementEvent]] = {run.pk: [] for run in runs}
    for event in InvolvementEvent.objects.filter(run__in=events).select_related("written_by", "annulled_by"):
        events[event.run_id].append(event)
    strategies = {
        one.run_id: one for one in InvolvementStrategy.objects.filter(run__in=events).select_related("saved_by")
    }
    for run in runs:
        if run.pk in strategies:
            strategies[run.pk].run = run
    return [Involvement(run, strategies.get(run.pk), events[run.pk]) for run in runs]


def involvement_of(initiative: Initiative) -> list[Involvement]:
    """Return user involvement in every phase of the initiative that it belongs to, the newest first."""
    runs = initiative.runs.in_force().order_by("-sequence")
    return [one for one in involvement_in(runs) if one.due or one.events]


def strategies_to_lay(initiatives: QuerySet[Initiative]) -> list[Involvement]:
    """Return user involvement in the open present phases of `initiatives` whose strategy is due and lacks something.

    In the order of their numbers, in one query; `events` are not fetched.
    """
    runs = PhaseRun.objects.filter(
        state=PhaseRun.State.OPEN,
        phase__in=list(DUE),
        initiative__in=initiatives.order_by().values("pk"),
        initiative__current_run=F("pk"),
    )
    runs = runs.select_related("initiative", "involvement_strategy").order_by("initiative__number")
    found = [Involvement(run, getattr(run, "involvement_strategy", None), []) for run in runs]
    return [one for one in found if one.missing]


def part(initiative: Initiative, user: User) -> Part | None:
    """Return the part on user involvement in the present phase; None where there is no phase yet."""
    run = initiative.current_run
    if run is None:
        return None
    (here,) = involvement_in([run])
    open_ones = tuple(here.missing) if strategy_is_due(run.phase) and run.state == PhaseRun.State.OPEN else ()
    return Part("Brugerinddragelse", here.state, reverse("work:involvement", args=[initiative.number]), open_ones)
