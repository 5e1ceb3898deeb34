"""What a person owes, and by when, across initiatives: for the list, and for the weekly mail.

Each kind of work adds a source. The sources of SUSI-vurderinger and fravigelser are those of the overview
(`assessments.agenda`): what is owed is said alike wherever it is said.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, TextChoices, Window
from django.urls import reverse

from assessments.agenda import Kind, Task, TaskGroup, agenda_for, with_whom_one_stands_in_for
from assessments.under_way import UnderWay
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from portfolio.models.initiative import written_on_by
from susi.dates import last_day, read
from susi.days import today
from susi.models import User
from work.models import Deliverable

AT_MOST = 200  # of each kind: more are no list
ENDS_WITHIN = timedelta(days=180)  # an expected end further away asks for nothing yet


class Urgency(TextChoices):
    """How urgent it is, in the order of the list."""

    OVERDUE = "overdue", "Forfalden"
    THIS_WEEK = "this_week", "Denne uge"
    LATER = "later", "Senere"
    UNDATED = "undated", "Uden dato"


def urgency(due: date | None, day: date) -> Urgency:
    """Return how urgent something due on `due` is on `day`. The week ends on Sunday."""
    if due is None:
        return Urgency.UNDATED
    if due < day:
        return Urgency.OVERDUE
    return Urgency.THIS_WEEK if due <= day + timedelta(days=6 - day.weekday()) else Urgency.LATER


@dataclass(frozen=True)
class Owed:
    """One thing a person owes: a task, its kind with its word, and how urgent it is today."""

    task: Task
    kind: str
    kind_label: str
    urgency: Urgency


@dataclass(frozen=True)
class Source:
    """Where what is owed is asked: `kinds` it tells of, by their word, and `find`, in a constant number of queries."""

    kinds: dict[str, str]
    find: Callable[[User], list[TaskGroup]]


def _of_assessments(user: User) -> list[TaskGroup]:
    return agenda_for(user, UnderWay(user, at_most=AT_MOST), ahead=True)


def _expected_ends(user: User) -> list[TaskGroup]:
    """The phases of the writer's initiatives that are expected to end soon, or were to have ended."""
    runs = PhaseRun.objects.filter(
        state=PhaseRun.State.OPEN,
        expected_end__lte=today() + ENDS_WITHIN,
        initiative__in=Initiative.objects.writable_by(user).order_by().values("pk"),
    )
    found = list(
        runs.select_related("initiative").annotate(in_all=Window(Count("pk"))).order_by("expected_end", "pk")[:AT_MOST]
    )
    tasks = [_to_end(run) for run in found]
    group = TaskGroup("Faser, der ventes afsluttet", tasks, found[0].in_all if found else 0, kind="end")
    return with_whom_one_stands_in_for(user, [group])


def _to_end(run: PhaseRun) -> Task:
    expected = read(run, "expected_end")
    return Task(
        run.initiative.number,
        run.initiative.title,
        f"Forbered afslutningen af {Phase(run.phase).definite}",
        reverse("work:phase", args=[run.initiative.number]),
        "ventes afsluttet",
        key=f"end:{run.pk}",
        due=last_day(expected) if expected else None,
    )


def _deliverables(user: User) -> list[TaskGroup]:
    """The deliverables with a date of phases going on: of their responsible, else of those who write there."""
    mine = Q(responsible__in=user.acts_for) | Q(responsible__isnull=True) & written_on_by(user, "initiative__")
    due = Deliverable.objects.filter(
        mine, run__state=PhaseRun.State.OPEN, standing=Deliverable.Standing.RELEVANT, due__isnull=False
    ).exclude(state=Deliverable.State.DONE)
    found = list(
        due.select_related("initiative", "run", "type")
        .annotate(in_all=Window(Count("pk")))
        .order_by("due", "pk")[:AT_MOST]
    )
    tasks = [_to_deliver(row) for row in found]
    group = TaskGroup("Leverancer med frist", tasks, found[0].in_all if found else 0, kind="deliverable")
    return with_whom_one_stands_in_for(user, [group])


def _to_deliver(row: Deliverable) -> Task:
    return Task(
        row.initiative.number,
        row.initiative.title,
        f"Færdiggør leverancen {row.title}",
        reverse("work:deliverable", args=[row.initiative.number, row.run.sequence, row.code]),
        key=f"deliverable:{row.pk}",
        due=row.due,
        owner_id=row.responsible_id,
    )


SOURCES: tuple[Source, ...] = (
    Source({kind.value: kind.label for kind in Kind}, _of_assessments),
    Source({"deliverable": "Leverancer med frist"}, _deliverables),
    Source({"end": "Faser, der ventes afsluttet"}, _expected_ends),
)


def kinds() -> dict[str, str]:
    """Return every kind there is, with its word, in order."""
    return {kind: label for source in SOURCES for kind, label in source.kinds.items()}


@dataclass(frozen=True)
class All:
    """What a person owes, the most urgent first, and how many more there are than were fetched."""

    owed: list[Owed]
    not_fetched: int


def owed_by(user: User, left_out: Iterable[str] = ()) -> All:
    """Return what `user` owes today, without the kinds in `left_out`, in a constant number of queries."""
    labels, day, without = kinds(), today(), set(left_out)
    groups = [group for source in SOURCES if source.kinds.keys() - without for group in source.find(user)]
    groups = [group for group in groups if group.kind not in without]
    owed = [
        Owed(task, group.kind, labels[group.kind], urgency(task.due, day)) for group in groups for task in group.tasks
    ]
    return All(sorted(owed, key=_place), sum(group.not_shown for group in groups))


_ORDER = {one: place for place, one in enumerate(Urgency)}


def _place(one: Owed) -> tuple:
    return (_ORDER[one.urgency], one.task.due or date.max)
