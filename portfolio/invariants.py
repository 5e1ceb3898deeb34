"""What always holds of initiatives, their phases, decisions and continuations; see `susi.invariants`."""

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q

from phases.terms import Outcome, Phase, Stage
from portfolio.models import (
    AgreementEntry,
    Continuation,
    Decision,
    Initiative,
    OutsideStrategy,
    PhaseExtension,
    PhasePause,
    PhaseRun,
)
from portfolio.models.continuation import every_link, linked, reached
from portfolio.transitions import outcome_now
from susi.danish import sort_key
from susi.dates import danish, last_day, read
from susi.files import CHUNK
from susi.invariants import Breach, Invariant

_SETTLED_BY: dict[str, Outcome] = {
    AgreementEntry.Result.PRIORITISED: Outcome.CONTINUED,
    AgreementEntry.Result.NEXT: Outcome.RECOMMENDED,
    AgreementEntry.Result.STOPPED: Outcome.STOPPED,
}


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


def pauses_lie_in_their_phase() -> Iterator[Breach]:
    """A pause begins in its phase, and after the one before it."""
    pauses = PhasePause.objects.in_force().select_related("run__initiative").order_by("run", "since", "pk")
    before: PhasePause | None = None
    for pause in pauses.iterator(chunk_size=CHUNK):
        about, started = pause.run.initiative.number, read(pause.run, "started_on")
        if started and pause.since < started.date:
            yield Breach(about, f"Pausen fra {danish(pause.since)} ligger før fasen, som begyndte {started}.")
        if before and before.run_id == pause.run_id and (before.until is None or pause.since < before.until):
            yield Breach(about, f"Pausen fra {danish(pause.since)} ligger oven i den før.")
        before = pause


def extensions_go_further() -> Iterator[Breach]:
    """A phase is extended to a later end than was expected."""
    for one in PhaseExtension.objects.select_related("run__initiative").order_by("pk").iterator(chunk_size=CHUNK):
        if last_day(read(one, "end_after")) <= last_day(read(one, "end_before")):  # type: ignore[arg-type]  # never empty
            yield Breach(one.run.initiative.number, f"Forlængelsen {one.words} går ikke længere frem.")


def settlements_are_what_was_decided() -> Iterator[Breach]:
    """What came of an initiative in an agreement's year is what its decision says, of that initiative and agreement."""
    settled = AgreementEntry.objects.exclude(result="").select_related("initiative", "agreement", "decision__agreement")
    for entry in settled.order_by("pk").iterator(chunk_size=CHUNK):
        decision, agreement = entry.decision, entry.decision and entry.decision.agreement
        is_its_own = entry.result == AgreementEntry.Result.NEXT or agreement == entry.agreement
        said = decision and (decision.initiative_id, decision.outcome)
        if said != (entry.initiative_id, _SETTLED_BY.get(entry.result)) or not is_its_own:
            yield Breach(entry.initiative.number, f"Udfaldet i {entry.agreement} er ikke det, der er besluttet.")


def answers_name_what_is_not_met() -> Iterator[Breach]:
    """An answer that a proposal lies outside the strategy says why, and the decision beside it ends the proposal."""
    answers = OutsideStrategy.objects.select_related("decision").annotate(count=Count("conditions")).order_by("pk")
    for answer in answers.iterator(chunk_size=CHUNK):
        if not answer.count:
            yield Breach(answer.title, "Svaret siger ikke, hvilke betingelser der ikke er opfyldt.")
        if answer.decision and answer.decision.outcome != Outcome.STOPPED:
            yield Breach(
                answer.title, "Svaret er, at forslaget ligger uden for strategien, men beslutningen er en anden."
            )


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
    pauses_lie_in_their_phase,
    extensions_go_further,
    settlements_are_what_was_decided,
    answers_name_what_is_not_met,
)
