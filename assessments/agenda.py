"""What needs a person: the drafts to finish, what to approve, what to decide. Read for the overview."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Window
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Deviation
from assessments.models.deviation import departed_from
from assessments.under_way import TASKS, UnderWay
from phases.terms import Outcome, Phase, Stage
from portfolio.models import Decision, Initiative
from portfolio.models.initiative import shown_to
from susi.http import address
from susi.models import User
from susi.prepared import Prepared
from susi.roles import Role


@dataclass(frozen=True)
class Task:
    """One thing to do with the initiative `number`: `text` links to `url`; `when` is since when, after `since`.

    It holds all that its line shows, so that the line is drawn once.
    """

    number: str
    title: str
    text: str
    url: str
    since: str = ""
    when: date | datetime | None = None
    remarks: str = ""


@dataclass(frozen=True)
class TaskGroup:
    """The first tasks of a kind, of `count` in all. Those that can wait are folded together."""

    heading: str
    tasks: list[Task]
    count: int
    can_wait: bool = False

    @property
    def not_shown(self) -> int:
        return self.count - len(self.tasks)


class Due(NamedTuple):
    """A fravigelse to follow up on, one of `in_all`; `number` and `title` are those of its initiative."""

    pk: int
    number: str
    title: str
    criterion: str | None
    review_on: date
    in_all: int


class Begun(NamedTuple):
    """An initiative that may go on to a next phase."""

    pk: int
    number: str
    title: str
    phase: str
    started_on: date | None


class Proposed(NamedTuple):
    """A proposal nothing has been decided on."""

    pk: int
    number: str
    title: str
    created_at: datetime


class _First(NamedTuple):
    """The first of some rows, and how many there are in all."""

    rows: list[Any]
    in_all: int


def agenda_for(user: User, coming: UnderWay | None = None) -> list[TaskGroup]:
    """Return what needs `user`, most pressing first, without empty groups, in a constant number of queries.

    `coming` is what is under way for the user, where the page has asked for it.
    """
    coming = coming or UnderWay(user)
    groups = [
        _group("SUSI-vurderinger til godkendelse", coming.first(coming.to_approve), _to_approve),
        _group("Godkendte SUSI-vurderinger uden beslutning", coming.first(coming.to_decide), _to_decide),
        _group("Sendt tilbage til dig", coming.first(coming.returned), _draft),
        _group("Dine kladder", coming.first(coming.drafts), _draft),
        _group("Fravigelser, du skal følge op på nu", _deviations_to_review(user), _to_review),
        _group("Dine initiativer uden SUSI-vurdering", _without_assessment(user, coming), _to_begin, can_wait=True),
    ]
    if user.has_role(Role.MANAGER):
        groups.append(_group("Forslag uden beslutning", _proposals(user, coming), _to_begin_with, can_wait=True))
    return [group for group in groups if group.tasks]


def _group(heading: str, some: Any, task: Callable[[Any], Task], *, can_wait: bool = False) -> TaskGroup:
    return TaskGroup(heading, [task(row) for row in some.rows], some.in_all, can_wait)


def transition_to(assessment: Assessment) -> str:
    """Return where the assessment leads, in running text: "modningsfasen, spor 1"."""
    track = assessment.get_to_track_display().lower() if assessment.to_track else ""
    return ", ".join(filter(None, [Phase(assessment.to_phase).definite, track]))


def _to_approve(row: Assessment) -> Task:
    return Task(
        row.initiative.number,
        row.initiative.title,
        f"Læs SUSI-vurderingen af overgang til {transition_to(row)}",
        address("assessments:detail", row.initiative.number, row.no),
        "indsendt",
        row.submitted_at,
    )


def _to_decide(row: Assessment) -> Task:
    return Task(
        row.initiative.number,
        row.initiative.title,
        f"Registrér beslutning om overgang til {transition_to(row)}",
        address("assessments:decision_create", row.initiative.number),
        "godkendt",
        row.approved_at,
    )


def _draft(row: Assessment) -> Task:
    returned = row.state == Assessment.State.RETURNED
    return Task(
        row.initiative.number,
        row.initiative.title,
        f"Fortsæt på SUSI-vurderingen af overgang til {transition_to(row)}",
        address("assessments:gate", row.initiative.number, row.no),
        "sendt tilbage" if returned else "senest gemt" if row.saved_at else "påbegyndt",
        row.returned_at if returned else row.saved_at or row.created_at,
        row.return_remarks if returned else "",
    )


def _deviations_to_review(user: User) -> _First:
    found = [Due(*row) for row in _due(user, timezone.localdate()).rows()]
    return _First(found, found[0].in_all if found else 0)


@lru_cache(maxsize=500)
def _due(user: User, day: date) -> Prepared:
    due = Deviation.objects.filter(owner=user, state=Deviation.State.OPEN, review_on__lte=day)
    counted = due.annotate(in_all=Window(Count("pk"))).order_by("review_on", "pk")
    names = ("pk", "initiative__number", "initiative__title", "criterion__code", "review_on", "in_all")
    return Prepared(counted.values_list(*names)[:TASKS])


def _to_review(row: Due) -> Task:
    return Task(
        row.number,
        row.title,
        f"Følg op på fravigelsen fra {departed_from(row.criterion)}",
        f"{reverse('registers_deviation', args=[row.pk])}#opfoelgning",
        "opfølgning",
        row.review_on,
    )


def _without_assessment(user: User, coming: UnderWay) -> _First:
    """The writer's initiatives that may go on to a next phase, without an assessment open or waiting for a decision."""
    under_way = {key.initiative for key in coming.keys if key.is_mine}
    return _first(row for row in map(Begun._make, _may_go_on(user, user.roles).rows()) if row.pk not in under_way)


@lru_cache(maxsize=500)
def _may_go_on(user: User, roles: frozenset[Role]) -> Prepared:
    """The query of what `user` writes on and may begin an assessment of, kept by the `roles` it depends on."""
    mine = (
        Initiative.objects.writable_by(user)
        .filter(phase__in=[Phase.SCREENING, Phase.MATURATION, Phase.TRIAL])
        .exclude(current_run__outcome__in=[Outcome.RECOMMENDED, Outcome.AWAITING])
    )
    return Prepared(mine.values_list("pk", "number", "title", "phase", "current_run__started_on"))


def _to_begin(row: Begun) -> Task:
    return Task(
        row.number,
        row.title,
        "Påbegynd SUSI-vurdering",
        address("assessments:start", row.number),
        f"i {Phase(row.phase).definite} siden",
        row.started_on,
    )


def _proposals(user: User, coming: UnderWay) -> _First:
    awaiting = {key.initiative for key in coming.to_decide if key.phase == Stage.PROPOSAL}
    return _first(row for row in map(Proposed._make, _undecided(user.roles).rows()) if row.pk not in awaiting)


@lru_cache(maxsize=100)
def _undecided(roles: frozenset[Role]) -> Prepared:
    """The query of the proposals nothing has been decided on, the oldest first."""
    decided = Decision.objects.in_force().filter(initiative=OuterRef("pk"))
    proposals = Initiative.objects.filter(shown_to(roles), phase=Stage.PROPOSAL).exclude(Exists(decided))
    return Prepared(proposals.order_by("created_at", "pk").values_list("pk", "number", "title", "created_at"))


def _to_begin_with(row: Proposed) -> Task:
    return Task(
        row.number,
        row.title,
        "Registrér beslutning om forslaget",
        address("assessments:decision_create", row.number),
        "oprettet",
        row.created_at,
    )


def _first(rows: Iterable[Any]) -> _First:
    found = list(rows)
    return _First(found[:TASKS], len(found))
