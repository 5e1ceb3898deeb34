"""What the overview says of the initiatives: what was decided last, what waits for a coming agreement, and what takes
longer than typical. Fetched as plain values, by queries that are put together once (`susi.prepared`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from phases.models import PhaseDefinition
from phases.terms import Outcome, Phase, Stage
from portfolio.length import Pause, is_beyond, years_before
from portfolio.models import Agreement, Decision, Initiative, PhasePause, PhaseRun, Programme
from portfolio.models.decision import decided
from portfolio.models.initiative import shown_to
from portfolio.standing import surely_going_on
from susi.dates import PartialDate, read, surely_before
from susi.prepared import Given, Prepared
from susi.roles import Role

Roles = frozenset[Role]  # of the person who asks
Longest = tuple[tuple[str, int], ...]  # phase, and the years it typically takes at most
SHOWN = 8
NEWEST_DECISIONS = 10


class NewDecision(NamedTuple):
    """A decision among the newest, and the initiative it was made about."""

    number: str
    title: str
    no: int
    decided_on: date
    registered_at: datetime
    reversed_at: datetime | None
    outcome: str
    to_phase: str
    to_track: str

    @property
    def sentence(self) -> str:
        return decided(self.outcome, self.to_phase, self.to_track)


class Named(NamedTuple):
    """An initiative as a list of links shows it."""

    number: str
    title: str


class Long(NamedTuple):
    """An initiative that has been in its phase since `since`."""

    number: str
    title: str
    phase: str
    since: PartialDate


@dataclass(frozen=True)
class TakingLong:
    """The first of the initiatives that take longer than typical, how many there are in all, and what is `typical` in
    words; "" where no edition says."""

    initiatives: Sequence[Long]
    count: int
    typical: str


@dataclass(frozen=True)
class Waiting:
    """The initiatives recommended for one coming agreement; `agreement` is "" where none is named."""

    agreement: str
    initiatives: Sequence[Named]


def newest_decisions(roles: Roles) -> list[NewDecision]:
    """Return the decisions registered last on the initiatives that `roles` may see, reversed ones too."""
    return [NewDecision(*row) for row in _newest_decisions(roles).rows()]


@lru_cache(maxsize=100)
def _newest_decisions(roles: Roles) -> Prepared:
    newest = Decision.objects.filter(shown_to(roles, "initiative__")).order_by("-registered_at", "-pk")
    named = ("initiative__number", "initiative__title")
    return Prepared(newest.values_list(*named, *NewDecision._fields[len(named) :])[:NEWEST_DECISIONS])


def waits_for_agreement() -> Q:
    """Return the condition on an initiative, also a proposal, that it is recommended for a coming agreement."""
    running = Initiative.objects.filter(current_run__outcome=Outcome.RECOMMENDED).exclude(phase=Stage.ENDED)
    return _in_either(running, Initiative.objects.filter(_decided_as(Outcome.RECOMMENDED), phase=Stage.PROPOSAL))


def has_outcome(outcome: str) -> Q:
    """Return the condition on an initiative that its present or last phase has the `outcome`; where it never began
    one, its latest decision in force."""
    running = Initiative.objects.filter(current_run__outcome=outcome)
    return _in_either(running, Initiative.objects.filter(_decided_as(outcome), current_run__isnull=True))


def _decided_as(outcome: str) -> Exact:
    """Return the condition on an initiative that its latest decision in force has the `outcome`."""
    return Exact(Subquery(latest_decisions(OuterRef("pk")).values("outcome")[:1]), Value(str(outcome)))


def _in_either(some: QuerySet[Initiative], others: QuerySet[Initiative]) -> Q:
    """What each is found by is another index: asked as one condition, the database reads every row."""
    return Q(pk__in=some.order_by().values("pk").union(others.order_by().values("pk"), all=True))


def latest_decisions(initiative: Initiative | OuterRef) -> QuerySet[Decision]:
    """Return the decisions in force on `initiative`, the latest first."""
    return Decision.objects.in_force().filter(initiative=initiative).order_by("-decided_on", "-pk")


def recommended_for(initiatives: QuerySet[Initiative]) -> Any:
    """Return those of `initiatives` that are recommended for a coming agreement, with the key of that in
    `coming_agreement` (None: not named) and the number of their newest decision in `last_no`, by title.
    """
    newest = Decision.objects.filter(initiative=OuterRef("pk")).order_by("-no")
    found = _with_latest_decision(initiatives.filter(waits_for_agreement()))
    return found.annotate(coming_agreement=_coming("agreement"), last_no=Subquery(newest.values("no")[:1])).order_by(
        "sort_key", "number"
    )


def _with_latest_decision(initiatives: QuerySet[Initiative]) -> Any:
    """Return `initiatives` with `latest`, the relation to the latest decision in force, if any."""
    latest = Subquery(latest_decisions(OuterRef("pk")).values("pk")[:1])
    return initiatives.annotate(latest=FilteredRelation("decisions", condition=Q(decisions__pk=latest)))


def _coming(agreement: str) -> Coalesce:
    """Return the expression for the coming agreement, or what the lookup leads to from it ("agreement__year"): that of
    the latest decision in force, else the one a source states."""
    return Coalesce(f"latest__{agreement}", f"current_run__stated_{agreement}")


def waiting_for_agreement(roles: Roles) -> tuple[list[Waiting], int]:
    """Return the initiatives that are recommended for a coming agreement, as far as `roles` may see them, by
    agreement, the first of them, and how many there are in all; proposals too. One query.
    """
    found = _waiting(roles).rows()
    by_agreement: dict[str, list[Named]] = defaultdict(list)  # in their order
    for number, title, year, programme, _ in found:
        agreement = str(Agreement(programme=Programme(name=programme), year=year)) if year else ""
        by_agreement[agreement].append(Named(number, title))
    return [Waiting(*group) for group in by_agreement.items()], found[0][-1] if found else 0


@lru_cache(maxsize=100)
def _waiting(roles: Roles) -> Prepared:
    waiting = (
        _with_latest_decision(Initiative.objects.filter(shown_to(roles), waits_for_agreement()))
        .annotate(
            coming_year=_coming("agreement__year"),
            coming_programme=_coming("agreement__programme__name"),
            in_all=Window(Count("pk")),
        )
        .order_by("coming_year", "coming_programme", "sort_key", "number")
    )
    return Prepared(waiting.values_list(*Named._fields, "coming_year", "coming_programme", "in_all")[:SHOWN])


def beyond_typical_length(day: date, longest: Longest, within: Iterable[int]) -> Q:
    """Return the condition on an initiative that its open phase has on `day` surely taken longer than phases of its
    kind typically take, in years: `longest` (`longest_by_phase`), pauses not counted: they keep those in `within`
    (`within_by_pauses`). Where only month or year is known, all of it must have passed.

    The rule of `portfolio.length.is_beyond`, asked of the database.
    """
    long = Q(pk__in=[])
    for phase, years in longest:
        long |= Q(current_run__phase=phase) & surely_before("current_run__started_on", years_before(day, years))
    return surely_going_on() & long & ~Q(pk__in=within)


def within_by_pauses(day: date, longest: Longest) -> tuple[int, ...]:
    """Return the keys of the initiatives whose pauses keep the present phase within `longest` on `day`. One query."""
    paused: dict[PhaseRun, list[Pause]] = defaultdict(list)
    for one in _pauses().rows(day=day):
        paused[one.run].append(Pause(one.since, one.until))
    years = dict(longest)
    return tuple(
        run.initiative_id
        for run, pauses in paused.items()
        if not is_beyond(read(run, "started_on"), day, years.get(run.phase), pauses)
    )


@cache
def _pauses() -> Prepared:
    """The query of the pauses of present phases until a day."""
    until = Given("day", DateField())
    present = PhasePause.objects.in_force().filter(run__initiative__current_run=F("run"), since__lt=until)
    return Prepared(present.select_related("run"))


def longest_by_phase(typical: Iterable[PhaseDefinition]) -> Longest:
    """Return, phase by phase, how many years it typically takes at most, where that is said."""
    return tuple((one.phase, one.longest_years) for one in typical if one.longest_years)


def taking_long(roles: Roles, day: date) -> TakingLong:
    """Return the initiatives `roles` may see that are beyond the typical length of their phase on `day`, the longest
    first.

    What is typical the edition in force on `day` says. Two queries, three where phases are paused.
    """
    typical = _typical(day).rows()
    longest = longest_by_phase(typical)
    within = within_by_pauses(day, longest) if any(one.some_are_paused for one in typical) else ()
    found = _taking_long(roles, day, longest, within).rows()
    initiatives = [
        Long(number, title, str(Phase(phase).label), PartialDate(since, precision))
        for number, title, phase, since, precision, _ in found
    ]
    return TakingLong(initiatives, found[0][-1] if found else 0, _in_a_sentence(typical))


@lru_cache(maxsize=100)
def _typical(day: date) -> Prepared:
    """The query of what is typical on `day`, which also tells whether there are any pauses to ask about."""
    typical = PhaseDefinition.objects.of_edition_in_force(day)
    return Prepared(typical.annotate(some_are_paused=Exists(PhasePause.objects.in_force())))


@lru_cache(maxsize=100)
def _taking_long(roles: Roles, day: date, longest: Longest, within: tuple[int, ...]) -> Prepared:
    run = [f"current_run__{name}" for name in ("phase", "started_on", "started_on_precision")]
    long = (
        Initiative.objects.filter(shown_to(roles), beyond_typical_length(day, longest, within))
        .annotate(in_all=Window(Count("pk")))
        .order_by("current_run__started_on", "sort_key", "number")
    )
    return Prepared(long.values_list("number", "title", *run, "in_all")[:SHOWN])


def _in_a_sentence(typical: Iterable[PhaseDefinition]) -> str:
    """Return "screening op til 1 år, modning fra 2 til 4 år og udbredelse 2 år", in the words of the edition."""
    *first, last = [f"{one.get_phase_display().lower()} {one.typical_length}" for one in typical] or [""]
    return f"{', '.join(first)} og {last}" if first else last
