"""What the timeline shows of a selection of initiatives: in groups, a page at a time, and last those nothing dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Model, Prefetch, Q, QuerySet, TextChoices

from phases.terms import Stage
from portfolio.filters import NONE
from portfolio.models import Agreement, Continuation, Initiative, PhaseRun, Programme, TargetGroup
from portfolio.plan import run_of
from portfolio.standing import Standing
from portfolio.timeline import Course, Sheet, scale_of, sheets

PER_PAGE = 200
_LAST = -1
_DATES = ("started_on", "ended_on", "expected_start", "expected_end")


class Grouping(TextChoices):
    PROGRAMME = "programme", "Program"
    TARGET_GROUP = "target_group", "Målgruppe"
    AGREEMENT = "agreement", "Aftale"


_WITHOUT = {
    Grouping.PROGRAMME: "Uden program",
    Grouping.TARGET_GROUP: "Målgruppe ikke oplyst",
    Grouping.AGREEMENT: "Uden aftale",
}


@dataclass(frozen=True)
class Group:
    """A group of `count` initiatives, with what is drawn of it on this page. `value` is what the filter calls it.

    `drawn` are drawn on all pages together; the others have no dates and are listed last.
    """

    name: str
    value: str
    count: int
    drawn: int
    courses: list[Course]
    sheets: list[Sheet]

    @property
    def undated(self) -> int:
        return self.count - self.drawn


@dataclass(frozen=True)
class Timeline:
    """A page of the timeline. `undated` are those on it without dates and agreements, `undated_count` how many there
    are in all. `is_repeated`: some are in several groups.
    """

    page: Page
    groups: list[Group]
    undated: list[Course]
    undated_count: int
    is_repeated: bool


def timeline_of(initiatives: QuerySet[Initiative], *, by: Grouping, today: date, page: str | None) -> Timeline:
    """Return the page `page` of the timeline of `initiatives` (fetched `with_standing`), in their order within each
    group. One that is in several groups is drawn in each. The number of queries is constant.
    """
    pks = list(dict.fromkeys(initiatives.prefetch_related(None).values_list("pk", flat=True)))
    dated = _dated()
    undated = [pk for pk in pks if pk not in dated]
    members = _members(pks, by)
    places = [(no, pk) for no, (_, _, own) in enumerate(members) for pk in own if pk in dated]
    shown = Paginator([*places, *((_LAST, pk) for pk in undated)], PER_PAGE).get_page(page)
    courses = _courses({pk for _, pk in shown})
    scale = scale_of(courses.values(), today)
    groups = []
    for number, (name, value, own) in enumerate(members):
        here = [courses[pk] for no, pk in shown if no == number]
        if here:
            drawn = sum(pk in dated for pk in own)
            groups.append(Group(name, value, len(own), drawn, here, sheets(here, scale, today)))
    return Timeline(
        page=shown,
        groups=groups,
        undated=[courses[pk] for no, pk in shown if no == _LAST],
        undated_count=len(undated),
        is_repeated=sum(len(own) for _, _, own in members) > len(pks),
    )


def _dated() -> set[int]:
    """Return the initiatives of which a date or an agreement's year is known."""
    known = Q(*((f"{name}__isnull", False) for name in _DATES), _connector=Q.OR)
    runs = PhaseRun.objects.in_force().filter(known).order_by()
    funded = Initiative.agreements.through.objects.all()
    return {*runs.values_list("initiative_id", flat=True), *funded.values_list("initiative_id", flat=True)}


def _members(pks: list[int], by: Grouping) -> list[tuple[str, str, list[int]]]:
    """Return the groups in order: name, what the filter calls it, and those of `pks` in it; last those in none."""
    found: dict[int, set[int]] = {}
    for pk, group in _memberships(by):
        found.setdefault(group, set()).add(pk)
    groups = [
        (str(group), str(getattr(group, "key", group.pk)), [pk for pk in pks if pk in found[group.pk]])
        for group in _groups(by)
        if group.pk in found
    ]
    in_one = {pk for *_, own in groups for pk in own}
    groups.append((_WITHOUT[by], NONE, [pk for pk in pks if pk not in in_one]))
    return [(name, value, own) for name, value, own in groups if own]


def _groups(by: Grouping) -> Iterable[Model]:
    match by:
        case Grouping.PROGRAMME:
            return Programme.objects.all()
        case Grouping.TARGET_GROUP:
            return TargetGroup.objects.all()
        case Grouping.AGREEMENT:
            return Agreement.objects.select_related("programme").order_by("programme__since", "programme", "year")


def _memberships(by: Grouping) -> Iterable[tuple[int, int]]:
    """Return the pairs of initiative and group."""
    match by:
        case Grouping.PROGRAMME:
            funded = Initiative.objects.filter(programme__isnull=False).order_by()
            return funded.values_list("pk", "programme_id")
        case Grouping.TARGET_GROUP:
            return Initiative.target_groups.through.objects.values_list("initiative_id", "targetgroup_id")
        case Grouping.AGREEMENT:
            return Initiative.agreements.through.objects.values_list("initiative_id", "agreement_id")


def _courses(pks: set[int]) -> dict[int, Course]:
    links = Continuation.objects.in_force().exclude(is_split=True, to_initiative__phase=Stage.PROPOSAL).order_by("pk")
    initiatives = (
        Initiative.objects.filter(pk__in=pks)
        .with_standing()
        .prefetch_related(
            Prefetch("continues", links.select_related("from_initiative")),
            Prefetch("continued_in", links.select_related("to_initiative")),
        )
    )
    return {initiative.pk: _course(initiative) for initiative in initiatives}


def _course(initiative: Initiative) -> Course:
    is_silent = initiative.standing == Standing.UNKNOWN  # type: ignore[attr-defined]
    runs = sorted(initiative.runs.all(), key=lambda run: run.sequence)
    return Course(
        initiative=initiative,
        runs=tuple(run_of(run, is_silent=is_silent) for run in runs if run.state != PhaseRun.State.ANNULLED),
        agreement_years=tuple(sorted({agreement.year for agreement in initiative.agreements.all()})),
        continued_in=tuple(
            (link.to_initiative_id, link.to_initiative.number)
            for link in initiative.continued_in.all()
            if not link.is_split  # which begins while the whole goes on: there is no end to draw it from
        ),
    )
