"""What always holds of initiatives, their phases, decisions and continuations; see `susi.invariants`."""

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q

from phases.terms import Outcome, Phase, Stage
from portfolio.models import Continuation, Decision, Initiative, PhaseRun
from portfolio.models.continuation import every_link, linked, reached
from portfolio.transitions import outcome_now
from susi.danish import sort_key
from susi.files import CHUNK
from susi.invariants import Breach, Invariant


def phase_is_what_the_runs_show() -> Iterator[Breach]:
    """The initiative's phase and present run are those of its runs (ADR 3)."""
    for initiative in Initiative.objects.order_by("pk").iterator(chunk_size=CHUNK):
        stage, run = initiative.standing_by_runs()
        if initiative.phase != stage:
            said, shown = Stage(initiative.phase).label, Stage(stage).label
            yield Breach(initiative.number, f"Initiativet siger {said}, men faserne viser {shown}.")
        elif initiative.current_run_id != (run.pk if run else None):
            yield Breach(initiative.number, "Initiativets nuværende fase er ikke den, faserne viser.")


def at_most_one_run_is_open() -> Iterator[Breach]:
    """An initiative is in one phase at a time."""
    crowded = Initiative.objects.annotate(count=Count("runs", filter=Q(runs__state=PhaseRun.State.OPEN)))
    for number, count in crowded.filter(count__gt=1).order_by("pk").values_list("number", "count").iterator():
        yield Breach(number, f"Initiativet er i {count} faser på én gang.")


def runs_began_by_decision_or_source() -> Iterator[Breach]:
    """What opened a run is one source, or one decision in force that says so: of that phase, about that initiative."""
    carried_on = Continuation.objects.filter(decision=OuterRef("opened_by"), to_initiative=OuterRef("initiative"))
    begun = PhaseRun.objects.filter(state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED])
    runs = begun.select_related("initiative", "opened_by").annotate(is_carried_on=Exists(carried_on))
    for run in runs.order_by("pk").iterator(chunk_size=CHUNK):
        decision, about, phase = run.opened_by, run.initiative.number, Phase(run.phase).definite
        if (decision is None) == (run.source == ""):
            yield Breach(about, f"Forløbet i {phase} er ikke begyndt ved netop én beslutning eller én kilde.")
        if decision is None:
            continue
        if decision.is_reversed:
            yield Breach(about, f"Beslutning {decision.no} er omgjort, men forløbet i {phase} står ved magt.")
        if decision.to_phase != run.phase:
            yield Breach(about, f"Forløbet i {phase} er åbnet af beslutning {decision.no}, som siger noget andet.")
        if decision.initiative_id != run.initiative_id and not run.is_carried_on:
            yield Breach(about, f"Forløbet i {phase} er åbnet af en beslutning om et andet initiativ.")


def runs_ended_by_decision_or_source() -> Iterator[Breach]:
    """A run in force ended by a decision in force, or ended already in its source; nothing else is closed."""
    runs = PhaseRun.objects.in_force().select_related("initiative", "closed_by")
    for run in runs.order_by("pk").iterator(chunk_size=CHUNK):
        about, phase = run.initiative.number, Phase(run.phase).definite
        if run.closed_by and run.closed_by.is_reversed:
            yield Breach(about, f"Beslutning {run.closed_by.no} er omgjort, men har afsluttet {phase}.")
        if run.closed_by and run.state != PhaseRun.State.ENDED:
            yield Breach(about, f"Der er besluttet en afslutning af {phase}, som ikke er afsluttet.")
        if run.state == PhaseRun.State.ENDED and not run.closed_by and not run.source:
            yield Breach(about, f"Forløbet i {phase} er afsluttet uden beslutning og uden kilde.")
        if run.state == PhaseRun.State.PLANNED and (run.planned_by is None or run.planned_by.is_reversed):
            yield Breach(about, f"Forløbet i {phase} er planlagt uden en beslutning, der gælder.")


def outcomes_are_those_decided() -> Iterator[Breach]:
    """The outcome a run shows is that of the latest decision in force about it, else its source's."""
    runs = PhaseRun.objects.in_force().select_related("initiative").order_by("pk")
    for run in runs.iterator(chunk_size=CHUNK):
        if run.outcome != outcome_now(run):
            phase = Phase(run.phase).definite
            yield Breach(run.initiative.number, f"Udfaldet af {phase} er ikke det, der er besluttet eller oplyst.")


def decisions_are_carried_out() -> Iterator[Breach]:
    """A decision to go on opened a run or carried on; one to stop ended the initiative."""
    opened = PhaseRun.objects.in_force().filter(opened_by=OuterRef("pk"))
    carried_on = Continuation.objects.in_force().filter(decision=OuterRef("pk"))
    of_them = Decision.objects.in_force().select_related("initiative").order_by("pk")
    continued = of_them.filter(outcome=Outcome.CONTINUED)
    for decision in continued.filter(~Exists(opened), ~Exists(carried_on)).iterator(chunk_size=CHUNK):
        yield Breach(_number(decision), "Beslutningen siger, at initiativet videreføres, men intet er videreført.")
    stopped = of_them.filter(outcome=Outcome.STOPPED).exclude(initiative__phase=Stage.ENDED)
    for decision in stopped.iterator(chunk_size=CHUNK):
        yield Breach(
            _number(decision), "Beslutningen siger, at initiativet ikke videreføres, men det er ikke afsluttet."
        )


def continuations_lead_on() -> Iterator[Breach]:
    """What is carried on has ended, but where a selection is split off, by a decision in force or a source, and never
    leads back to itself."""
    links = Continuation.objects.in_force().select_related("from_initiative", "to_initiative", "decision")
    for link in links.order_by("pk").iterator(chunk_size=CHUNK):
        about, after = link.from_initiative.number, link.to_initiative.number
        if (link.decision is None) == (link.source == ""):
            yield Breach(about, f"Videreførelsen i {after} hviler ikke på netop én beslutning eller én kilde.")
        if link.decision and link.decision.is_reversed:
            yield Breach(about, f"Beslutningen er omgjort, men initiativet er stadig videreført i {after}.")
        if not link.is_split and not link.from_initiative.has_ended:
            yield Breach(about, f"Initiativet er videreført i {after}, men er ikke afsluttet.")
        if after == about:
            yield Breach(about, "Initiativet er videreført i sig selv.")
    pairs = linked((before, after) for before, after in every_link() if before != after)
    rings = [pk for pk in pairs if pk in reached([pk], pairs)]
    for number in Initiative.objects.filter(pk__in=rings).order_by("pk").values_list("number", flat=True):
        yield Breach(number, "Initiativet er videreført i en ring, der fører tilbage til det selv.")


def titles_are_sorted_as_written() -> Iterator[Breach]:
    """The stored key of the Danish order is that of the title."""
    titles = Initiative.objects.order_by("pk").values_list("number", "title", "sort_key")
    for number, title, key in titles.iterator(chunk_size=CHUNK):
        if key != sort_key(title):
            yield Breach(number, "Initiativet står ikke efter sin titel i listerne. Gem det igen.")


def nobody_who_has_left_leads_what_goes_on() -> Iterator[Breach]:
    """Whoever leaves hands the initiatives that go on over to others first (ADR 21)."""
    left = Initiative.objects.filter(lead__left_at__isnull=False).exclude(phase=Stage.ENDED)
    for number in left.order_by("pk").values_list("number", flat=True).iterator(chunk_size=CHUNK):
        yield Breach(number, "Den initiativansvarlige er fratrådt. En leder udpeger en anden.")


def _number(decision: Decision) -> str:
    return f"{decision.initiative.number}-{decision.no}"


INVARIANTS: tuple[Invariant, ...] = (
    phase_is_what_the_runs_show,
    at_most_one_run_is_open,
    runs_began_by_decision_or_source,
    runs_ended_by_decision_or_source,
    outcomes_are_those_decided,
    decisions_are_carried_out,
    continuations_lead_on,
    titles_are_sorted_as_written,
    nobody_who_has_left_leads_what_goes_on,
)
