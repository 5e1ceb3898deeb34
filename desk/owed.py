"""What a person owes, and by when, across initiatives: for the list, and for the weekly mail.

Each kind of work adds a source (`desk.sources`). Those of SUSI-vurderinger and fravigelser are the overview's
(`assessments.agenda`): what is owed is said alike wherever it is said.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

from assessments import agenda
from assessments.agenda import Task, TaskGroup, with_whom_one_stands_in_for
from desk import sources
from desk.sources import Kind
from susi.days import today
from susi.models import User


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
    """Where what is owed is asked: the `kinds` it tells of, and `find`, in a constant number of queries."""

    kinds: Iterable[TextChoices]
    find: Callable[[User], list[TaskGroup]]


SOURCES: tuple[Source, ...] = (
    Source(agenda.Kind, sources.of_assessments),
    Source([Kind.DELIVERABLE], sources.deliverables),
    Source([Kind.CALL, Kind.SELECTION], sources.puljer),
    Source([Kind.END], sources.expected_ends),
    Source([Kind.WORKSHEET], sources.worksheets),
    Source([Kind.INVOLVEMENT], sources.strategies),
    Source([Kind.FAST_TRACK], sources.fast_track),
    Source([Kind.LENGTH], sources.lengths),
)


def kinds() -> dict[str, str]:
    """Return every kind there is, with its word, in order."""
    return {kind.value: str(kind.label) for source in SOURCES for kind in source.kinds}


@dataclass(frozen=True)
class All:
    """What a person owes, the most urgent first, and how many more there are than were fetched."""

    owed: list[Owed]
    not_fetched: int


def owed_by(user: User, left_out: Iterable[str] = ()) -> All:
    """Return what `user` owes today, without the kinds in `left_out`, in a constant number of queries."""
    labels, day, without = kinds(), today(), set(left_out)
    groups = [group for source in SOURCES if set(source.kinds) - without for group in source.find(user)]
    groups = with_whom_one_stands_in_for(user, [group for group in groups if group.kind not in without])
    owed = [
        Owed(task, group.kind, labels[group.kind], urgency(task.due, day)) for group in groups for task in group.tasks
    ]
    return All(sorted(owed, key=_place), sum(group.not_shown for group in groups))


_ORDER = {one: place for place, one in enumerate(Urgency)}


def _place(one: Owed) -> tuple:
    return (_ORDER[one.urgency], one.task.due or date.max)
