"""What needs a person: the drafts to finish, what to approve, what to decide. Read for the overview."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Deviation
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
    """Tasks of one kind. Those that can wait are folded together."""

    heading: str
    tasks: list[Task]
    can_wait: bool = False


def agenda_for(user: User) -> list[TaskGroup]:
    """Return what needs `user`, most pressing first, without empty groups, in a constant number of queries."""
    groups = []
    if user.has_role(Role.MANAGER):
        groups += [
            TaskGroup("SUSI-vurderinger til godkendelse", _to_approve(user)),
            TaskGroup("Godkendte SUSI-vurderinger uden beslutning", _to_decide()),
        ]
    groups += [
        TaskGroup("Sendt tilbage til dig", _drafts(user, Assessment.State.RETURNED)),
        TaskGroup("Dine kladder", _drafts(user, Assessment.State.DRAFT)),
        TaskGroup("Fravigelser, du skal følge op på nu", _deviations_to_review(user)),
        TaskGroup("Dine initiativer uden SUSI-vurdering", _without_assessment(user), can_wait=True),
    ]
    if user.has_role(Role.MANAGER):
        groups.append(TaskGroup("Forslag uden beslutning", _proposals(user), can_wait=True))
    return [group for group in groups if group.tasks]


def of_present_phase() -> QuerySet[Assessment]:
    """Return the newest approved versions of assessments about the phase their initiative is in now."""
    present = Q(run=F("initiative__current_run")) | Q(run__isnull=True, initiative__phase=Stage.PROPOSAL)
    return Assessment.objects.latest_approved().filter(present).exclude(initiative__phase=Stage.ENDED)


def awaiting_decision() -> QuerySet[Assessment]:
    """Return those of the present phase on which nothing has been decided yet."""
    decided = Decision.objects.in_force().filter(grounds__assessment=OuterRef("pk"))
    return of_present_phase().exclude(Exists(decided))


def transition_to(assessment: Assessment) -> str:
    """Return where the assessment leads, in running text: "modningsfasen, spor 1"."""
    track = assessment.get_to_track_display().lower() if assessment.to_track else ""
    return ", ".join(filter(None, [Phase(assessment.to_phase).definite, track]))


def _to_approve(user: User) -> list[Task]:
    submitted = Assessment.objects.visible_to(user).filter(state=Assessment.State.SUBMITTED)
    own = Assessment.writers.through.objects.filter(user=user, assessment=OuterRef("pk"))
    readable = submitted.exclude(submitted_by=user).exclude(Exists(own))
    return [
        Task(
            row.initiative,
            f"Læs SUSI-vurderingen af overgang til {transition_to(row)}",
            reverse("assessments:detail", args=[row.initiative.number, row.no]),
            "indsendt",
            row.submitted_at,
        )
        for row in _ordered(readable, "submitted_at")
    ]


def _to_decide() -> list[Task]:
    return [
        Task(
            row.initiative,
            f"Registrér beslutning om overgang til {transition_to(row)}",
            reverse("assessments:decision_create", args=[row.initiative.number]),
            "godkendt",
            row.approved_at,
        )
        for row in _ordered(awaiting_decision(), "approved_at")
    ]


def _drafts(user: User, state: Assessment.State) -> list[Task]:
    mine = Assessment.objects.filter(state=state, initiative__in=_pks(Initiative.objects.writable_by(user)))
    returned = state == Assessment.State.RETURNED
    return [
        Task(
            row.initiative,
            f"Fortsæt på SUSI-vurderingen af overgang til {transition_to(row)}",
            reverse("assessments:gate", args=[row.initiative.number, row.no]),
            "sendt tilbage" if returned else "senest gemt" if row.saved_at else "påbegyndt",
            row.returned_at if returned else row.saved_at or row.created_at,
            row.return_remarks if returned else "",
        )
        for row in _ordered(mine, "-returned_at", "-saved_at")
    ]


def _deviations_to_review(user: User) -> list[Task]:
    due = Deviation.objects.filter(
        owner=user, state=Deviation.State.OPEN, review_on__lte=timezone.localdate()
    ).select_related("initiative", "criterion")
    return [
        Task(
            row.initiative,
            f"Følg op på fravigelsen fra {row.subject}",
            f"{reverse('portfolio:initiative_detail', args=[row.initiative.number])}#fravigelser",
            "opfølgning",
            row.review_on,
        )
        for row in due.order_by("review_on")
    ]


def _without_assessment(user: User) -> list[Task]:
    """The writer's initiatives that may go on to a next phase, without an assessment open or waiting for a decision."""
    under_way = Assessment.objects.filter(initiative=OuterRef("pk"))
    mine = (
        Initiative.objects.filter(pk__in=_pks(Initiative.objects.writable_by(user)))
        .filter(phase__in=[Phase.SCREENING, Phase.MATURATION, Phase.TRIAL])
        .exclude(current_run__outcome__in=[Outcome.RECOMMENDED, Outcome.AWAITING])
        .exclude(Exists(under_way.open()))
        .exclude(pk__in=awaiting_decision().values("initiative"))
        .select_related("current_run")
    )
    return [
        Task(
            initiative,
            "Påbegynd SUSI-vurdering",
            reverse("assessments:start", args=[initiative.number]),
            f"i {Phase(initiative.phase).definite} siden",
            initiative.current_run.started_on if initiative.current_run else None,
        )
        for initiative in mine
    ]


def _proposals(user: User) -> list[Task]:
    proposals = Initiative.objects.visible_to(user).filter(phase=Stage.PROPOSAL)
    undecided = proposals.exclude(Exists(Decision.objects.in_force().filter(initiative=OuterRef("pk"))))
    undecided = undecided.exclude(pk__in=awaiting_decision().values("initiative"))
    return [
        Task(
            initiative,
            "Registrér beslutning om forslaget",
            reverse("assessments:decision_create", args=[initiative.number]),
            "oprettet",
            initiative.created_at,
        )
        for initiative in undecided.order_by("created_at")
    ]


def _ordered(assessments: QuerySet[Assessment], *order: str) -> Iterable[Assessment]:
    return assessments.select_related("initiative").order_by(*order)


def _pks(initiatives: QuerySet[Initiative]) -> QuerySet:
    return initiatives.order_by().values("pk")
