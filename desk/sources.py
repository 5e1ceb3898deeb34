"""What is owed beside the SUSI-vurderinger and fravigelser, kind by kind, each in a constant number of queries.

What is open is asked where its rule is (`work`, `participants`, `portfolio.length`); here it becomes tasks.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, Window
from django.db.models.functions import Coalesce
from django.urls import reverse

from assessments.agenda import Task, TaskGroup, agenda_for
from assessments.under_way import UnderWay
from participants.models import Application, Call
from participants.terms import ApplicationState
from phases.fast_track import OpenQuestion
from phases.terms import Phase
from phases.track_choice import track_is_to_be_chosen, ways_are_to_be_weighed
from portfolio.lengths import Stay, asking_for_reason
from portfolio.models import Initiative, PhaseRun
from portfolio.models.initiative import shown_to, written_on_by
from susi.dates import last_day, read, surely_before
from susi.days import today
from susi.models import User
from work.fast_track import Answered, open_questions
from work.involvement import Involvement, strategies_to_lay
from work.models import Deliverable
from work.track_choice import missing_of_choice, missing_of_weighing

AT_MOST = 200  # of each kind: more are no list
ENDS_WITHIN = timedelta(days=180)  # an expected end further away asks for nothing yet
_TO_ANSWER = {
    OpenQuestion.UNANSWERED: "Tag stilling til, om viden fra {} skal formidles nu",
    OpenQuestion.NO_PRODUCT: "Planlæg, hvordan viden fra {} formidles",
}


class Kind(TextChoices):
    """What there is to do beside the kinds of `assessments.agenda`, in the words of lists and choices."""

    DELIVERABLE = "deliverable", "Leverancer med frist"
    CALL = "call", "Puljer med ansøgningsfrist"
    SELECTION = "selection", "Ansøgninger til udvælgelse"
    END = "end", "Faser, der ventes afsluttet"
    WORKSHEET = "worksheet", "Sporvalg og de tre veje videre"
    INVOLVEMENT = "involvement", "Strategier for brugerinddragelse"
    FAST_TRACK = "fast_track", "Fast track af viden"
    LENGTH = "length", "Faser, der varer længere end typisk"


def of_assessments(user: User) -> list[TaskGroup]:
    return agenda_for(user, UnderWay(user, at_most=AT_MOST), ahead=True)


def deliverables(user: User) -> list[TaskGroup]:
    """The deliverables with a date of phases going on: of their responsible, else of those who write there, also where
    the responsible has left."""
    of_nobody = Q(responsible__isnull=True) | Q(responsible__left_at__isnull=False)
    mine = Q(responsible__in=user.acts_for) | of_nobody & written_on_by(user, "initiative__")
    due = Deliverable.objects.filter(
        mine,
        shown_to(user.roles, "initiative__"),
        run__state=PhaseRun.State.OPEN,
        standing=Deliverable.Standing.RELEVANT,
        due__isnull=False,
    ).exclude(state=Deliverable.State.DONE)
    found = list(
        due.select_related("initiative", "run", "type")
        .annotate(in_all=Window(Count("pk")))
        .order_by("due", "pk")[:AT_MOST]
    )
    tasks = [_to_deliver(row) for row in found]
    return _owed(Kind.DELIVERABLE, tasks, _in_all(found))


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


def puljer(user: User) -> list[TaskGroup]:
    """The puljer whose deadline is ahead, and those with applications nobody has chosen among since it passed.

    Of a deadline known to the month or the year all of it must have passed.
    """
    waiting = Application.objects.in_force().filter(call=OuterRef("pk"), state=ApplicationState.RECEIVED)
    counted = waiting.order_by().values("call").annotate(number=Count("pk")).values("number")
    has_passed = surely_before("deadline", today())
    calls = Call.objects.in_force().filter(
        run__state__in=[PhaseRun.State.PLANNED, PhaseRun.State.OPEN],
        run__initiative__in=_written_on(user),
        deadline__isnull=False,
    )
    calls = calls.select_related("run__initiative").annotate(waiting=Coalesce(Subquery(counted), Value(0)))
    found = list(calls.filter(~has_passed | Q(waiting__gt=0)).order_by("deadline", "pk"))
    ahead = [_to_receive(one) for one in found if _deadline(one) >= today()]
    to_select = [_to_select(one) for one in found if _deadline(one) < today()]
    return [
        *_owed(Kind.CALL, ahead[:AT_MOST], len(ahead)),
        *_owed(Kind.SELECTION, to_select[:AT_MOST], len(to_select)),
    ]


def _deadline(call: Call) -> Any:
    deadline: Any = read(call, "deadline")
    return last_day(deadline)


def _to_receive(call: Call) -> Task:
    return _of_pulje(call, f"Følg puljen {call.title} frem til ansøgningsfristen", key="call", due=_deadline(call))


def _to_select(call: Any) -> Task:
    applications = "1 ansøgning venter" if call.waiting == 1 else f"{call.waiting} ansøgninger venter"
    text = f"Udvælg ansøgere til puljen {call.title}: {applications}"
    return _of_pulje(call, text, key="selection", since="fristen var", when=_deadline(call))


def _of_pulje(call: Call, text: str, *, key: str, **when: Any) -> Task:
    initiative = call.initiative
    url = reverse("participants:of_initiative", args=[initiative.number])
    return Task(initiative.number, initiative.title, text, f"{url}#puljer", key=f"{key}:{call.pk}", **when)


def expected_ends(user: User) -> list[TaskGroup]:
    """The phases of the writer's initiatives that are expected to end soon, or were to have ended."""
    runs = _ending(user).select_related("initiative").annotate(in_all=Window(Count("pk")))
    found = list(runs.order_by("expected_end", "pk")[:AT_MOST])
    return _owed(Kind.END, [_to_end(run) for run in found], _in_all(found))


def _ending(user: User) -> QuerySet[PhaseRun]:
    return PhaseRun.objects.filter(
        state=PhaseRun.State.OPEN, expected_end__lte=today() + ENDS_WITHIN, initiative__in=_written_on(user)
    )


def _to_end(run: PhaseRun) -> Task:
    text = f"Forbered afslutningen af {Phase(run.phase).definite}"
    return _of_phase(run, text, "work:phase", key="end", since="ventes afsluttet", due=_expected_end(run))


def _expected_end(run: PhaseRun) -> Any:
    expected = read(run, "expected_end")
    return last_day(expected) if expected else None


def worksheets(user: User) -> list[TaskGroup]:
    """The worksheets of the transition (track, the three ways) still to be filled in of phases that end soon.

    They are filled in at the end of the phase: before its end is near nothing is missing.
    """
    present = _ending(user).filter(initiative__current_run=F("pk"))
    runs = present.select_related("initiative", "track_choice", "way_weighing").order_by("expected_end", "pk")
    tasks = [task for run in runs for task in _to_fill_in(run)]
    return _owed(Kind.WORKSHEET, tasks[:AT_MOST], len(tasks))


def _to_fill_in(run: PhaseRun) -> list[Task]:
    definite, tasks = Phase(run.phase).definite, []
    when: dict[str, Any] = {"since": "ventes afsluttet", "due": _expected_end(run)}
    is_to_be_chosen = track_is_to_be_chosen(run.phase, run.track)
    if is_to_be_chosen and missing_of_choice(getattr(run, "track_choice", None)):
        tasks.append(_of_phase(run, f"Vælg spor efter {definite}", "work:track_choice", key="track_choice", **when))
    is_to_be_weighed = ways_are_to_be_weighed(run.phase, run.track)
    if is_to_be_weighed and missing_of_weighing(getattr(run, "way_weighing", None)):
        text = f"Afvej de tre veje videre efter {definite}"
        tasks.append(_of_phase(run, text, "work:weighing", key="weighing", **when))
    return tasks


def strategies(user: User) -> list[TaskGroup]:
    """The strategies of user involvement that the present phases lack, or that lack something."""
    tasks = [_to_plan(one) for one in strategies_to_lay(Initiative.objects.writable_by(user))]
    return _owed(Kind.INVOLVEMENT, tasks[:AT_MOST], len(tasks))


def _to_plan(one: Involvement) -> Task:
    phase = Phase(one.run.phase).definite
    lay, finish = "Læg en strategi for brugerinddragelse i {}", "Gør strategien for brugerinddragelse i {} færdig"
    text = (finish if one.strategy else lay).format(phase)
    return _of_phase(one.run, text, "work:involvement", key="involvement")


def fast_track(user: User) -> list[TaskGroup]:
    """What is open about the knowledge of the writer's phases."""
    tasks = [
        _to_pass_on(one, one.open) for one in open_questions(user, Initiative.objects.writable_by(user)) if one.open
    ]
    return _owed(Kind.FAST_TRACK, tasks[:AT_MOST], len(tasks))


def _to_pass_on(one: Answered, question: OpenQuestion) -> Task:
    text = _TO_ANSWER[question].format(Phase(one.run.phase).definite)
    return _of_phase(one.run, text, "work:knowledge", key="fast_track")


def lengths(user: User) -> list[TaskGroup]:
    """The phases that go on past what is typical without the special reason for it."""
    tasks = [_to_give_reason(stay) for stay in asking_for_reason(Initiative.objects.writable_by(user))]
    return _owed(Kind.LENGTH, tasks[:AT_MOST], len(tasks))


def _to_give_reason(stay: Stay) -> Task:
    text = f"Skriv den særlige begrundelse for længden af {Phase(stay.run.phase).definite}"
    return _of_phase(stay.run, text, "portfolio:initiative_length", key="length")


def _of_phase(run: PhaseRun, text: str, view: str, *, key: str, **when: Any) -> Task:
    initiative = run.initiative
    url = reverse(view, args=[initiative.number])
    return Task(initiative.number, initiative.title, text, url, key=f"{key}:{run.pk}", **when)


def _written_on(user: User) -> Any:
    return Initiative.objects.writable_by(user).order_by().values("pk")


def _in_all(found: list[Any]) -> int:
    return found[0].in_all if found else 0


def _owed(kind: Kind, tasks: list[Task], in_all: int) -> list[TaskGroup]:
    return [TaskGroup(kind.label, tasks, in_all, kind=kind)]
