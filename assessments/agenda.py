"""What needs a person: the drafts to finish, what to approve, what to decide. Read for the overview."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OrderBy, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
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
    count: int

    def group(self, heading: str, task: Callable[[Any], Task], *, can_wait: bool = False) -> TaskGroup:
        return TaskGroup(heading, [task(row) for row in self.rows], self.count, can_wait)


def agenda_for(user: User) -> list[TaskGroup]:
    """Return what needs `user`, most pressing first, without empty groups, in a constant number of queries."""
    state = Assessment.State
    groups = []
    if user.has_role(Role.MANAGER):
        waiting = _of_managers(user)
        groups += [
            waiting[state.SUBMITTED].group("SUSI-vurderinger til godkendelse", _to_approve),
            waiting[state.APPROVED].group("Godkendte SUSI-vurderinger uden beslutning", _to_decide),
        ]
    drafts = _drafts(user)
    groups += [
        drafts[state.RETURNED].group("Sendt tilbage til dig", _draft),
        drafts[state.DRAFT].group("Dine kladder", _draft),
        _deviations_to_review(user).group("Fravigelser, du skal følge op på nu", _to_review),
        _without_assessment(user).group("Dine initiativer uden SUSI-vurdering", _to_begin, can_wait=True),
    ]
    if user.has_role(Role.MANAGER):
        groups.append(_proposals(user).group("Forslag uden beslutning", _to_begin_with, can_wait=True))
    return [group for group in groups if group.tasks]


def of_present_phase() -> Q:
    """Return the condition on an assessment that it is the newest approved version about the phase its initiative is
    in now."""
    corrections = Assessment.objects.approved().filter(corrects=OuterRef("pk"))
    present = Q(run=F("initiative__current_run")) | Q(run__isnull=True, initiative__phase=Stage.PROPOSAL)
    return Q(state=Assessment.State.APPROVED) & present & ~Q(initiative__phase=Stage.ENDED) & ~Exists(corrections)


def awaiting_decision() -> Q:
    """Return the condition that it is of the present phase and nothing has been decided on it yet."""
    decided = Decision.objects.in_force().filter(grounds__assessment=OuterRef("pk"))
    return of_present_phase() & ~Exists(decided)


def transition_to(assessment: Assessment) -> str:
    """Return where the assessment leads, in running text: "modningsfasen, spor 1"."""
    track = assessment.get_to_track_display().lower() if assessment.to_track else ""
    return ", ".join(filter(None, [Phase(assessment.to_phase).definite, track]))


def _of_managers(user: User) -> dict[str, _First]:
    """Return, by state, what a manager may approve and what awaits the registration of a decision; the longest waiting
    first.
    """
    own = Assessment.writers.through.objects.filter(user=user, assessment=OuterRef("pk"))
    to_approve = Q(state=Assessment.State.SUBMITTED) & ~Q(submitted_by=user) & ~Exists(own)
    waiting = Assessment.objects.visible_to(user).filter(to_approve | awaiting_decision())
    return _first_of_each_state(waiting, F("approved_at").asc(), F("submitted_at").asc())


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


def _drafts(user: User) -> dict[str, _First]:
    """The assessments to go on with, by state, the latest first."""
    mine = Assessment.objects.filter(
        state__in=Assessment.EDITABLE, initiative__in=_pks(Initiative.objects.writable_by(user))
    )
    latest = (F("returned_at").desc(), Coalesce("saved_at", "created_at").desc())
    return _first_of_each_state(mine, *latest)


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
        f"{reverse('portfolio:initiative_detail', args=[row.initiative.number])}#fravigelser",
        "opfølgning",
        row.review_on,
    )


def _without_assessment(user: User) -> _First:
    """The writer's initiatives that may go on to a next phase, without an assessment open or waiting for a decision."""
    under_way = Assessment.objects.filter(initiative=OuterRef("pk"))
    mine = (
        Initiative.objects.filter(pk__in=_pks(Initiative.objects.writable_by(user)))
        .filter(phase__in=[Phase.SCREENING, Phase.MATURATION, Phase.TRIAL])
        .exclude(current_run__outcome__in=[Outcome.RECOMMENDED, Outcome.AWAITING])
        .exclude(Exists(under_way.filter(Q(state__in=Assessment.OPEN) | awaiting_decision())))
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


def _proposals(user: User) -> _First:
    proposals = Initiative.objects.visible_to(user).filter(phase=Stage.PROPOSAL)
    undecided = proposals.exclude(Exists(Decision.objects.in_force().filter(initiative=OuterRef("pk"))))
    awaiting = Assessment.objects.filter(awaiting_decision(), initiative=OuterRef("pk"))
    return _first(undecided.exclude(Exists(awaiting)).order_by("created_at"))


def _to_begin_with(initiative: Initiative) -> Task:
    return Task(
        initiative,
        "Registrér beslutning om forslaget",
        reverse("assessments:decision_create", args=[initiative.number]),
        "oprettet",
        initiative.created_at,
    )


def _first(rows: QuerySet) -> _First:
    found = list(rows.annotate(in_all=Window(Count("pk")))[:SHOWN])
    return _First(found, found[0].in_all if found else 0)


def _first_of_each_state(assessments: QuerySet[Assessment], *order: OrderBy) -> dict[str, _First]:
    """Return the first of each state in `order`, in one query; none for a state without."""
    found: dict[str, _First] = defaultdict(lambda: _First([], 0))
    rows = (
        assessments.select_related("initiative")
        .defer("sealed_data", "search_text")
        .annotate(
            in_all=Window(Count("pk"), partition_by="state"),
            place=Window(RowNumber(), partition_by="state", order_by=[*order, F("pk").asc()]),
        )
        .filter(place__lte=SHOWN)
        .order_by("place")
    )
    for row in rows:
        found[row.state] = _First([*found[row.state].rows, row], row.in_all)  # type: ignore[attr-defined]
    return found


def _pks(initiatives: QuerySet[Initiative]) -> QuerySet:
    return initiatives.order_by().values("pk")
