"""What needs a person: the drafts to finish, what to approve, what to decide. Read for the overview, for the list of
what one owes (`desk`) and for the weekly mail, which all say the same of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, TextChoices, Window
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Deviation
from assessments.models.assessment import of_proposal, undecided
from assessments.models.deviation import departed_from
from assessments.under_way import UnderWay
from phases.terms import Outcome, Phase, Stage
from portfolio.models import Decision, Initiative
from portfolio.models.initiative import shown_to, written_on_by
from susi.http import address
from susi.models import User
from susi.prepared import Prepared
from susi.roles import Role


class Kind(TextChoices):
    """What there is to do, in the words of lists and choices."""

    APPROVE = "approve", "SUSI-vurderinger til godkendelse"
    DECIDE = "decide", "SUSI-vurderinger uden beslutning"
    RETURNED = "returned", "SUSI-vurderinger sendt tilbage"
    DRAFT = "draft", "Kladder"
    REVIEW = "review", "Fravigelser til opfølgning"
    BEGIN = "begin", "Initiativer uden SUSI-vurdering"
    PROPOSAL = "proposal", "Forslag uden beslutning"


@dataclass(frozen=True)
class Task:
    """One thing to do with the initiative `number`: `text` links to `url`; `when` is since when, after `since`, and
    `due` by when. It holds all that its line shows, so that the line is drawn once.

    `key` names it from one week to the next. What it is worth telling anew about is `stamp`: it changes when that does.
    `owner_id` is whose it is, where it is one person's, and `for_whom` the name of whom the user stands in for with it.
    """

    number: str
    title: str
    text: str
    url: str
    since: str = ""
    when: date | datetime | None = None
    remarks: str = ""
    key: str = ""
    stamp: str = ""
    due: date | None = None
    owner_id: int | None = None
    for_whom: str = ""


@dataclass(frozen=True)
class TaskGroup:
    """The first tasks of a kind, of `count` in all. Those that can wait are folded together."""

    heading: str
    tasks: list[Task]
    count: int
    can_wait: bool = False
    kind: str = ""

    @property
    def not_shown(self) -> int:
        return self.count - len(self.tasks)


class Due(NamedTuple):
    """A fravigelse to follow up on, one of `in_all`; `number` and `title` are those of its initiative."""

    pk: int
    owner: int
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
    in_all: int


class _First(NamedTuple):
    """The first of some rows, and how many there are in all."""

    rows: list[Any]
    in_all: int


def agenda_for(user: User, coming: UnderWay | None = None, *, ahead: bool = False) -> list[TaskGroup]:
    """Return what needs `user`, most pressing first, without empty groups, in a constant number of queries.

    `coming` is what is under way for the user, where the page has asked for it. With `ahead` also the fravigelser that
    are to be looked at later.
    """
    coming = coming or UnderWay(user)
    review = _deviations_to_review(user, coming, ahead)
    begin = _without_assessment(user, coming)
    groups = [
        _group(Kind.APPROVE, "SUSI-vurderinger til godkendelse", coming.first(coming.to_approve), _to_approve),
        _group(Kind.DECIDE, "Godkendte SUSI-vurderinger uden beslutning", coming.first(coming.to_decide), _to_decide),
        _group(Kind.RETURNED, "Sendt tilbage til dig", coming.first(coming.returned), _draft),
        _group(Kind.DRAFT, "Dine kladder", coming.first(coming.drafts), _draft),
        _group(Kind.REVIEW, "Fravigelser, du skal følge op på nu", review, _to_review),
        _group(Kind.BEGIN, "Dine initiativer uden SUSI-vurdering", begin, _to_begin, can_wait=True),
    ]
    if user.has_role(Role.MANAGER):
        proposals = _proposals(user, coming)
        groups.append(_group(Kind.PROPOSAL, "Forslag uden beslutning", proposals, _to_begin_with, can_wait=True))
    return with_whom_one_stands_in_for(user, [group for group in groups if group.tasks])


def with_whom_one_stands_in_for(user: User, groups: list[TaskGroup]) -> list[TaskGroup]:
    """Return `groups` with `for_whom` filled in on what is `user`'s only as a stand-in.

    What one person owns is that person's, what a role asks for is everybody's with it, and the rest is owed by those
    who write on the initiative. No query for who stands in for nobody, else two.
    """
    if not user.stands_in_for:
        return groups
    absent = {one.pk: str(one) for one in User.objects.filter(pk__in=user.stands_in_for).order_by("pk")}
    asked = {task.number for group in groups for task in group.tasks}
    writers: dict[str, set[int | None]] = {number: set() for number in asked}
    rows = Initiative.objects.filter(number__in=asked).order_by().values_list("number", "lead", "members")
    for number, *people in rows:
        writers[number].update(people)

    def told(task: Task) -> Task:
        owners = {task.owner_id} if task.owner_id else writers[task.number]
        if user.pk in owners:
            return task
        return replace(task, for_whom=next((name for pk, name in absent.items() if pk in owners), ""))

    return [
        group if group.kind in _OF_ROLES else replace(group, tasks=[told(task) for task in group.tasks])
        for group in groups
    ]


_OF_ROLES = frozenset({Kind.APPROVE, Kind.DECIDE, Kind.PROPOSAL})


def _group(kind: Kind, heading: str, some: Any, task: Callable[[Any], Task], *, can_wait: bool = False) -> TaskGroup:
    return TaskGroup(heading, [task(row) for row in some.rows], some.in_all, can_wait, kind)


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
        key=f"approve:{row.pk}",
        stamp=_moment(row.submitted_at),
    )


def _to_decide(row: Assessment) -> Task:
    return Task(
        row.initiative.number,
        row.initiative.title,
        f"Registrér beslutning om overgang til {transition_to(row)}",
        address("assessments:decision_create", row.initiative.number),
        "godkendt",
        row.approved_at,
        key=f"decide:{row.pk}",
        stamp=_moment(row.approved_at),
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
        key=f"draft:{row.pk}",
        stamp=_moment(row.returned_at) if returned else "",  # each save of a draft is nothing to tell
    )


def _deviations_to_review(user: User, coming: UnderWay, ahead: bool) -> _First:
    until = None if ahead else timezone.localdate()
    found = [Due(*row) for row in _due(user, user.roles, user.acts_for, until, coming.at_most).rows()]
    return _First(found, found[0].in_all if found else 0)


@lru_cache(maxsize=500)
def _due(user: User, roles: frozenset[Role], acts_for: frozenset[int], until: date | None, at_most: int) -> Prepared:
    """The query of the first fravigelser that `user` follows up on, until a day or at any time, as owner, as stand-in,
    or as one who writes on the initiative where the owner has left. As far as the user may see them: whoever has lost
    the right to see is told no more. Kept by the `roles` and the people stood in for it depends on."""
    orphaned = Q(owner__left_at__isnull=False) & written_on_by(user, "initiative__")
    mine = Q(owner__in=acts_for) | orphaned
    due = Deviation.objects.filter(mine, shown_to(roles, "initiative__"), state=Deviation.State.OPEN)
    due = due.filter(review_on__lte=until) if until else due
    counted = due.annotate(in_all=Window(Count("pk"))).order_by("review_on", "pk")
    names = ("pk", "owner", "initiative__number", "initiative__title", "criterion__code", "review_on", "in_all")
    return Prepared(counted.values_list(*names)[:at_most])


def _to_review(row: Due) -> Task:
    return Task(
        row.number,
        row.title,
        f"Følg op på fravigelsen fra {departed_from(row.criterion)}",
        f"{reverse('registers_deviation', args=[row.pk])}#opfoelgning",
        "opfølgning",
        row.review_on,
        key=f"review:{row.pk}",
        due=row.review_on,
        owner_id=row.owner,
    )


def _without_assessment(user: User, coming: UnderWay) -> _First:
    """The writer's initiatives that may go on to a next phase, without an assessment open or waiting for a decision."""
    under_way = {key.initiative for key in coming.keys if key.is_mine}
    begun = map(Begun._make, _may_go_on(user, user.roles, user.acts_for).rows())
    found = [row for row in begun if row.pk not in under_way]
    return _First(found[: coming.at_most], len(found))


@lru_cache(maxsize=500)
def _may_go_on(user: User, roles: frozenset[Role], acts_for: frozenset[int]) -> Prepared:
    """The query of what `user` writes on and may begin an assessment of, kept by the `roles` and the people stood in
    for it depends on."""
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
        key=f"begin:{row.pk}:{row.phase}",
    )


def _proposals(user: User, coming: UnderWay) -> _First:
    found = [Proposed(*row) for row in _undecided(user.roles, coming.at_most).rows()]
    return _First(found, found[0].in_all if found else 0)


@lru_cache(maxsize=100)
def _undecided(roles: frozenset[Role], at_most: int) -> Prepared:
    """The query of the first proposals that nothing has been decided on, the oldest first, without those with an
    assessment that awaits a decision: they are among what is `to_decide`."""
    decided = Decision.objects.in_force().filter(initiative=OuterRef("pk"))
    awaiting = Assessment.objects.filter(undecided(), of_proposal()).order_by().values("initiative")
    proposals = Initiative.objects.filter(shown_to(roles), ~Exists(decided), ~Q(pk__in=awaiting), phase=Stage.PROPOSAL)
    counted = proposals.annotate(in_all=Window(Count("pk"))).order_by("created_at", "pk")
    return Prepared(counted.values_list("pk", "number", "title", "created_at", "in_all")[:at_most])


def _to_begin_with(row: Proposed) -> Task:
    return Task(
        row.number,
        row.title,
        "Registrér beslutning om forslaget",
        address("assessments:decision_create", row.number),
        "oprettet",
        row.created_at,
        key=f"proposal:{row.pk}",
    )


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
