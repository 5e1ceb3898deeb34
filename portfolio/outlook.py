"""What the overview says of the phases going on: what waits for a coming agreement, what takes longer than typical."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from phases.models import PhaseDefinition
from phases.terms import Outcome, Stage
from portfolio.length import Pause, is_beyond, years_before
from portfolio.models import Agreement, Decision, Initiative, PhasePause, PhaseRun, Programme
from portfolio.standing import surely_going_on
from susi.dates import read, surely_before

SHOWN = 8


@dataclass(frozen=True)
class TakingLong:
    """The first of the initiatives that take longer than typical, how many there are in all, and what is `typical` in
    words; "" where no edition says."""

    initiatives: Sequence[Initiative]
    count: int
    typical: str


@dataclass(frozen=True)
class Waiting:
    """The initiatives recommended for one coming agreement; `agreement` is "" where none is named."""

    agreement: str
    initiatives: Sequence[Initiative]


def waits_for_agreement() -> Q:
    """Return the condition on an initiative, also a proposal, that it is recommended for a coming agreement."""
    running = Q(current_run__outcome=Outcome.RECOMMENDED) & ~Q(phase=Stage.ENDED)
    decided = Exact(Subquery(_latest_decisions().values("outcome")[:1]), Value(Outcome.RECOMMENDED.value))
    return running | (Q(phase=Stage.PROPOSAL) & Q(decided))


def _latest_decisions() -> QuerySet[Decision]:
    """The decisions in force on the initiative asked about, the latest first."""
    return Decision.objects.in_force().filter(initiative=OuterRef("pk")).order_by("-decided_on", "-pk")


def recommended_for(initiatives: QuerySet[Initiative]) -> Any:
    """Return those of `initiatives` that are recommended for a coming agreement, with the key of that in
    `coming_agreement` (None: not named) and the number of their newest decision in `last_no`, by title.

    The agreement is that of the latest decision in force, else the one a source states.
    """
    latest = _latest_decisions()
    newest = Decision.objects.filter(initiative=OuterRef("pk")).order_by("-no")
    decided = Subquery(latest.values("agreement")[:1])
    coming = Coalesce(decided, "current_run__stated_agreement", output_field=BigIntegerField())
    found = initiatives.filter(waits_for_agreement())
    return found.annotate(coming_agreement=coming, last_no=Subquery(newest.values("no")[:1])).order_by(
        "sort_key", "number"
    )


def waiting_for_agreement(initiatives: QuerySet[Initiative]) -> tuple[list[Waiting], int]:
    """Return those of `initiatives` that are recommended for a coming agreement, by agreement, the first of them, and
    how many there are in all; proposals too. One query.

    The agreement is that of the latest decision in force, else the one a source states.
    """
    latest = _latest_decisions()
    year = Coalesce(Subquery(latest.values("agreement__year")[:1]), "current_run__stated_agreement__year")
    programme = Coalesce(
        Subquery(latest.values("agreement__programme__name")[:1]), "current_run__stated_agreement__programme__name"
    )
    found = list(
        initiatives.filter(waits_for_agreement())
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


def beyond_typical_length(day: date, typical: Iterable[PhaseDefinition]) -> Q:
    """Return the condition on an initiative that its open phase has on `day` surely taken longer than phases of its
    kind typically take (`longest_years` of those in `typical`), pauses not counted. Where only month or year is known,
    all of it must have passed. The rule of `portfolio.length.is_beyond`, asked of the database. One query, for those
    whom a pause keeps within.
    """
    years = {one.phase: one.longest_years for one in typical if one.longest_years}
    long = Q(pk__in=[])
    for phase, longest in years.items():
        limit = years_before(day, longest)
        long |= Q(current_run__phase=phase) & surely_before("current_run__started_on", limit)
    return surely_going_on() & long & ~Q(pk__in=_within_by_pauses(day, years))


def _within_by_pauses(day: date, years: dict[str, int]) -> list[int]:
    """Return the initiatives whose pauses keep the present phase within the typical length on `day`."""
    present = PhasePause.objects.in_force().filter(run__initiative__current_run=F("run"), since__lt=day)
    paused: dict[PhaseRun, list[Pause]] = defaultdict(list)
    for one in present.select_related("run"):
        paused[one.run].append(Pause(one.since, one.until))
    return [
        run.initiative_id
        for run, pauses in paused.items()
        if not is_beyond(read(run, "started_on"), day, years.get(run.phase), pauses)
    ]


def taking_long(initiatives: QuerySet[Initiative], day: date) -> TakingLong:
    """Return those of `initiatives` beyond the typical length of their phase on `day`, the longest first.

    What is typical the edition in force on `day` says. Two queries.
    """
    typical = PhaseDefinition.objects.in_force(day)
    found = list(
        initiatives.filter(beyond_typical_length(day, typical))
        .annotate(in_all=Window(Count("pk")))
        .select_related("current_run")
        .order_by("current_run__started_on", "sort_key", "number")[:SHOWN]
    )
    return TakingLong(found, found[0].in_all if found else 0, _in_a_sentence(typical))


def _in_a_sentence(typical: Iterable[PhaseDefinition]) -> str:
    """Return "screening op til 1 år, modning fra 2 til 4 år og udbredelse 2 år", in the words of the edition."""
    *first, last = [f"{one.get_phase_display().lower()} {one.typical_length}" for one in typical] or [""]
    return f"{', '.join(first)} og {last}" if first else last
