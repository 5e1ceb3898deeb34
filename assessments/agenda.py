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

SHOWN = 20  # of each kind: more are no list of what to do next


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
    """Tasks of one kind, of which the first are shown. Those that can wait are folded together."""

    heading: str
    tasks: list[Task]
    can_wait: bool = False

    @property
    def shown(self) -> list[Task]:
        return self.tasks[:SHOWN]

    @property
    def not_shown(self) -> int:
        return max(0, len(self.tasks) - SHOWN)


def agenda_for(user: User) -> list[TaskGroup]:
    """Return what needs `user`, most pressing first, without empty groups, in a constant number of queries."""
    groups = []
    if user.has_role(Role.MANAGER):
        to_approve, to_decide = _of_managers(user)
        groups += [
            TaskGroup("SUSI-vurderinger til godkendelse", to_approve),
            TaskGroup("Godkendte SUSI-vurderinger uden beslutning", to_decide),
        ]
    drafts = _drafts(user)
    groups += [
        TaskGroup("Sendt tilbage til dig", [task for task in drafts if task.remarks]),
        TaskGroup("Dine kladder", [task for task in drafts if not task.remarks]),
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


def _of_managers(user: User) -> tuple[list[Task], list[Task]]:
    """Return what a manager may approve, and what awaits the registration of a decision; the longest waiting first."""
    own = Assessment.writers.through.objects.filter(user=user, assessment=OuterRef("pk"))
    to_approve = Q(state=Assessment.State.SUBMITTED) & ~Q(submitted_by=user) & ~Exists(own)
    waiting = Assessment.objects.visible_to(user).filter(to_approve | Q(pk__in=awaiting_decision().values("pk")))
    rows = list(_ordered(waiting, "approved_at", "submitted_at"))
    return (
        [_to_approve(row) for row in rows if not row.is_approved],
        [_to_decide(row) for row in rows if row.is_approved],
    )


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


def _drafts(user: User) -> list[Task]:
    """The assessments to go on with. What was sent back has remarks, which its constraint sees to; the others none."""
    mine = Assessment.objects.filter(
        state__in=Assessment.EDITABLE, initiative__in=_pks(Initiative.objects.writable_by(user))
    )
    return [_draft(row) for row in _ordered(mine, "-returned_at", "-saved_at")]


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
    return assessments.select_related("initiative").defer("sealed_data", "search_text").order_by(*order)


def _pks(initiatives: QuerySet[Initiative]) -> QuerySet:
    return initiatives.order_by().values("pk")
