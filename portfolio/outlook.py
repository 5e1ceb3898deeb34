"""What the overview says of the phases going on: what waits for a coming agreement, what takes longer than typical."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce

from phases.terms import Outcome, Phase, Stage
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, Programme
from susi.dates import Precision

SHOWN = 8


@dataclass(frozen=True)
class Some:
    """The first initiatives of a kind, and how many there are in all."""

    initiatives: Sequence[Initiative]
    count: int


@dataclass(frozen=True)
class Waiting:
    """The initiatives recommended for one coming agreement; `agreement` is "" where none is named."""

    agreement: str
    initiatives: Sequence[Initiative]


def waiting_for_agreement(initiatives: QuerySet[Initiative]) -> tuple[list[Waiting], int]:
    """Return those of `initiatives` that are recommended for a coming agreement, by agreement, the first of them, and
    how many there are in all; proposals too. One query.

    The agreement is that of the latest decision in force, else the one a source states.
    """
    latest = Decision.objects.in_force().filter(initiative=OuterRef("pk")).order_by("-decided_on", "-pk")
    decided = {name: Subquery(latest.values(name)[:1]) for name in ("outcome", "agreement__programme__name")}
    year = Coalesce(Subquery(latest.values("agreement__year")[:1]), "current_run__stated_agreement__year")
    programme = Coalesce(decided["agreement__programme__name"], "current_run__stated_agreement__programme__name")
    running = Q(current_run__outcome=Outcome.RECOMMENDED) & ~Q(phase=Stage.ENDED)
    found = list(
        initiatives.alias(decided_outcome=decided["outcome"])
        .filter(running | Q(phase=Stage.PROPOSAL, decided_outcome=Outcome.RECOMMENDED))
        .annotate(coming_year=year, coming_programme=programme, in_all=Window(Count("pk")))
        .order_by("coming_year", "coming_programme", "sort_key", "number")[:SHOWN]
    )
    by_agreement: dict[str, list[Initiative]] = defaultdict(list)  # in their order
    for one in found:
        by_agreement[_named(one)].append(one)
    return [Waiting(*group) for group in by_agreement.items()], found[0].in_all if found else 0


def _named(initiative: Any) -> str:
    if not initiative.coming_year:
        return ""
    return str(Agreement(programme=Programme(name=initiative.coming_programme), year=initiative.coming_year))


def beyond_typical_length(day: date) -> Q:
    """Return the condition on an initiative that its open phase has on `day` surely taken longer than phases of its
    kind typically take (`Phase.longest_years`). Where only month or year is known, all of it must have passed.
    """
    long = Q()
    for phase in Phase:
        begun_before = _years_before(day, phase.longest_years)
        first_not_over = {
            Precision.DAY: begun_before,
            Precision.MONTH: begun_before.replace(day=1),
            Precision.YEAR: begun_before.replace(month=1, day=1),
        }
        for precision, limit in first_not_over.items():
            long |= Q(
                current_run__phase=phase,
                current_run__started_on_precision=precision,
                current_run__started_on__lt=limit,
            )
    return Q(current_run__state=PhaseRun.State.OPEN) & long


def taking_long(initiatives: QuerySet[Initiative], day: date) -> Some:
    """Return those of `initiatives` beyond the typical length of their phase on `day`, the longest first. One query."""
    found = list(
        initiatives.filter(beyond_typical_length(day))
        .annotate(in_all=Window(Count("pk")))
        .select_related("current_run")
        .order_by("current_run__started_on", "sort_key", "number")[:SHOWN]
    )
    return Some(found, found[0].in_all if found else 0)


def _years_before(day: date, years: int) -> date:
    """Return the day `years` before; 28 February for a 29 February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
