"""What needs a person: the drafts to finish, what to approve, what to decide. Read for the overview."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Deviation
from assessments.under_way import TASKS, UnderWay
from phases.terms import Outcome, Phase, Stage
from portfolio.models import Decision, Initiative
from susi.models import User
from susi.roles import Role


@dataclass(frozen=True)
class Task:
    """One thing to do: `text` links to `url`; `when` is since when, after the words `since`."""

    initiative: Initiative
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
        row.initiative,
        f"Læs SUSI-vurderingen af overgang til {transition_to(row)}",
        reverse("assessments:detail", args=[row.initiative.number, row.no]),
        "indsendt",
        row.submitted_at,
    )


def _to_decide(row: Assessment) -> Task:
    return Task(
        row.initiative,
        f"Registrér beslutning om overgang til {transition_to(row)}",
        reverse("assessments:decision_create", args=[row.initiative.number]),
        "godkendt",
        row.approved_at,
    )


def _draft(row: Assessment) -> Task:
    returned = row.state == Assessment.State.RETURNED
    return Task(
        row.initiative,
        f"Fortsæt på SUSI-vurderingen af overgang til {transition_to(row)}",
        reverse("assessments:gate", args=[row.initiative.number, row.no]),
        "sendt tilbage" if returned else "senest gemt" if row.saved_at else "påbegyndt",
        row.returned_at if returned else row.saved_at or row.created_at,
        row.return_remarks if returned else "",
    )


def _deviations_to_review(user: User) -> _First:
    due = Deviation.objects.filter(
        owner=user, state=Deviation.State.OPEN, review_on__lte=timezone.localdate()
    ).select_related("initiative", "criterion")
    return _first(due.defer("search_text").order_by("review_on"))


def _to_review(row: Deviation) -> Task:
    return Task(
        row.initiative,
        f"Følg op på fravigelsen fra {row.subject}",
        f"{reverse('registers_deviation', args=[row.pk])}#opfoelgning",
        "opfølgning",
        row.review_on,
    )


def _without_assessment(user: User, coming: UnderWay) -> _First:
    """The writer's initiatives that may go on to a next phase, without an assessment open or waiting for a decision."""
    under_way = {key.initiative for key in coming.keys if key.is_mine}
    mine = (
        Initiative.objects.filter(pk__in=_pks(Initiative.objects.writable_by(user)))
        .filter(phase__in=[Phase.SCREENING, Phase.MATURATION, Phase.TRIAL])
        .exclude(current_run__outcome__in=[Outcome.RECOMMENDED, Outcome.AWAITING])
        .exclude(pk__in=under_way)
        .select_related("current_run")
    )
    return _first(mine)


def _to_begin(initiative: Initiative) -> Task:
    return Task(
        initiative,
        "Påbegynd SUSI-vurdering",
        reverse("assessments:start", args=[initiative.number]),
        f"i {Phase(initiative.phase).definite} siden",
        initiative.current_run.started_on if initiative.current_run else None,
    )


def _proposals(user: User, coming: UnderWay) -> _First:
    proposals = Initiative.objects.visible_to(user).filter(phase=Stage.PROPOSAL)
    undecided = proposals.exclude(Exists(Decision.objects.in_force().filter(initiative=OuterRef("pk"))))
    awaiting = {key.initiative for key in coming.to_decide if key.phase == Stage.PROPOSAL}
    return _first(undecided.exclude(pk__in=awaiting).order_by("created_at"))


def _to_begin_with(initiative: Initiative) -> Task:
    return Task(
        initiative,
        "Registrér beslutning om forslaget",
        reverse("assessments:decision_create", args=[initiative.number]),
        "oprettet",
        initiative.created_at,
    )


def _first(rows: QuerySet) -> _First:
    found = list(rows.annotate(in_all=Window(Count("pk")))[:TASKS])
    return _First(found, found[0].in_all if found else 0)


def _pks(initiatives: QuerySet[Initiative]) -> QuerySet:
    return initiatives.order_by().values("pk")
