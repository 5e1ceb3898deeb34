"""What a decision does to the phases, and how it is undone. The only code that opens or closes a run.

Whether the decision may be made at all is judged before (`phases.gates`, `assessments.actions.decisions`).
"""

from dataclasses import dataclass, field

from phases.terms import Outcome, Phase, SusiStatement
from portfolio.actions import lock_all
from portfolio.models import Agreement, Continuation, Decision, Initiative, PhaseRun
from susi.dates import Precision
from susi.history import save_with_reason
from susi.models import User

# What a run says once a SUSI-vurdering of its phase is approved. That stays, whatever is decided.
_ASSESSED = {SusiStatement.YES, SusiStatement.YES_PARTLY, SusiStatement.YES_NO}


@dataclass(frozen=True, slots=True)
class Effects:
    """What a decision brings about: `ends` end in `target` (or stop, where there is none); `then_phase` is a second
    phase run together with the one opened ("Screening/modning"); `splits_off` takes a selection of the target, which
    goes on itself."""

    target: Initiative | None = None
    ends: list[Initiative] = field(default_factory=list)
    opens: bool = False
    then_phase: str = ""
    then_track: str = ""
    splits_off: Initiative | None = None


def carry_out(decision: Decision, effects: Effects, *, by: User) -> None:
    """Close, open and link what `decision` says. The initiatives are locked by the caller."""
    for initiative in effects.ends:
        run = _close_run(initiative, _runs_of(initiative), decision, by=by)
        if effects.target:
            _link(initiative, effects.target, decision, by=by)
        initiative.end()
        _save(initiative, run, decision, by=by)
    if effects.opens and effects.target:
        _begin_phase(effects.target, decision, effects, by=by)
        _rest_on_agreement(effects.target, decision, by=by)
    if effects.splits_off and effects.target:
        _link(effects.target, effects.splits_off, decision, by=by, is_split=True)
    if not (effects.ends or effects.opens):  # the phase goes on, and says what was decided
        for run in decision.runs.all():
            refresh_outcome(run, by=by, reason=str(decision))


def undo(decision: Decision, *, by: User) -> None:
    """Take back everything `decision` did. `decision.reversed_at` is set; the initiatives are locked by the caller."""
    reason = f"Omgjort: {decision}"
    for continuation in decision.continuations.all():
        continuation.is_annulled = True
        save_with_reason(continuation, by=by, reason=reason)
    opened = list(decision.opened_runs.all())
    planned = list(decision.planned_runs.all())
    closed = list(decision.closed_runs.all())
    for run in opened:
        _unopen(run)
        save_with_reason(run, by=by, reason=reason)
    for run in [run for run in planned if run not in opened]:
        run.state = PhaseRun.State.ANNULLED
        save_with_reason(run, by=by, reason=reason)
    for run in closed:
        _unclose(run)
        save_with_reason(run, by=by, reason=reason)
    for run in decision.runs.all():
        refresh_outcome(run, by=by, reason=reason)
    for initiative in lock_all(touched_by(decision)).values():
        is_its_own = decision.initiative_id == initiative.pk
        agreement = decision.agreement if is_its_own and decision.added_agreement else None
        if agreement:
            initiative.version += 1
            if decision.set_programme and _came_with(agreement, initiative):
                initiative.programme = None
        follow_runs(initiative, by=by, reason=reason)
        if agreement:
            initiative.agreements.remove(agreement)


def _came_with(agreement: Agreement, initiative: Initiative) -> bool:
    """Whether the initiative has its programme for the sake of `agreement` alone: nobody has chosen another since, or
    another agreement of it."""
    others = initiative.agreements.exclude(pk=agreement.pk)
    return initiative.programme_id == agreement.programme_id and not others.exists()


def follow_runs(initiative: Initiative, *, by: User | None, reason: str) -> None:
    """Make the initiative show what its runs say: after they are undone, or came in from a source."""
    stage, current = initiative.standing_by_runs()
    initiative.current_run = current
    if initiative.phase != stage:
        initiative.follow_runs(stage)
    save_with_reason(initiative, by=by, reason=reason)


def touched_by(decision: Decision) -> list[Initiative]:
    """Return every initiative the decision is about, ends, or opens a phase in, in the order of their keys."""
    runs = [
        *decision.runs.all(),
        *decision.opened_runs.all(),
        *decision.planned_runs.all(),
        *decision.closed_runs.all(),
    ]
    pks = {decision.initiative_id, *(run.initiative_id for run in runs)}
    for continuation in decision.continuations.all():
        pks |= {continuation.from_initiative_id, continuation.to_initiative_id}
    return list(Initiative.objects.filter(pk__in=pks).order_by("pk"))


def refresh_outcome(run: PhaseRun, *, by: User, reason: str) -> None:
    """Set the run's outcome to what holds: of the latest decision in force, else of the source, else not ended."""
    _conclude(run, outcome_now(run))
    save_with_reason(run, by=by, reason=reason)


def _conclude(run: PhaseRun, outcome: str) -> None:
    """Let the run say `outcome`, and what follows of its SUSI-vurdering where none is approved."""
    run.outcome = outcome
    if run.susi not in _ASSESSED and not run.stated_susi:
        run.susi = _susi_without_assessment(run)


def outcome_now(run: PhaseRun) -> str:
    """Return the outcome that holds for the run: of the latest decision in force, else as it began."""
    latest = run.decisions.in_force().order_by("-decided_on", "-pk").first()
    return latest.outcome if latest else _first_outcome(run)


def _first_outcome(run: PhaseRun) -> str:
    if run.source:
        return run.stated_outcome or ""
    return Outcome.FINAL if run.phase == Phase.DISSEMINATION else Outcome.NOT_ENDED


def _susi_without_assessment(run: PhaseRun) -> str:
    if run.phase == Phase.DISSEMINATION:
        return SusiStatement.FINAL
    if run.source:
        return ""
    return SusiStatement.NO if run.state == PhaseRun.State.ENDED else SusiStatement.NOT_ENDED


def _begin_phase(initiative: Initiative, decision: Decision, effects: Effects, *, by: User) -> None:
    runs = _runs_of(initiative)
    if not initiative.is_proposal:
        _close_run(initiative, runs, decision, by=by, going_on_to=decision.to_phase)
    run = _run_to_open(initiative, runs, decision)
    run.track = decision.to_track
    run.state = PhaseRun.State.OPEN
    run.opened_by = decision
    run.started_on, run.started_on_precision = decision.decided_on, Precision.DAY
    run.outcome = _first_outcome(run)
    run.susi = _susi_without_assessment(run)
    save_with_reason(run, by=by, reason=str(decision))
    if effects.then_phase:
        _plan(initiative, [*runs, run], decision, effects, by=by)
    initiative.begin(Phase(decision.to_phase))
    _save(initiative, run, decision, by=by)


def _rest_on_agreement(initiative: Initiative, decision: Decision, *, by: User) -> None:
    """Let an initiative that goes on in itself rest on the agreement it goes on under, too.

    One without a programme gets the agreement's. An agreement of another programme is told by the decision alone:
    an initiative's own agreements are all of its programme.
    """
    agreement = decision.agreement
    if agreement is None or initiative.pk != decision.initiative_id:
        return
    if initiative.programme_id not in (None, agreement.programme_id) or agreement in initiative.agreements.all():
        return
    decision.added_agreement = True
    if initiative.programme_id is None:
        decision.set_programme = True
        initiative.programme = agreement.programme
    initiative.version += 1  # who has its form open has not seen the agreement, and would take it away again
    save_with_reason(initiative, by=by, reason=str(decision))
    save_with_reason(decision, by=by, reason="Aftalen er føjet til initiativet")
    initiative.agreements.add(agreement)


def _runs_of(initiative: Initiative) -> list[PhaseRun]:
    return list(initiative.runs.order_by("sequence"))


def _run_to_open(initiative: Initiative, runs: list[PhaseRun], decision: Decision) -> PhaseRun:
    for run in runs:
        if run.state == PhaseRun.State.PLANNED and run.phase == decision.to_phase:
            return run
    return PhaseRun(initiative=initiative, sequence=_next_sequence(runs), phase=decision.to_phase)


def _plan(initiative: Initiative, runs: list[PhaseRun], decision: Decision, effects: Effects, *, by: User) -> None:
    run = PhaseRun(
        initiative=initiative,
        sequence=_next_sequence(runs),
        phase=effects.then_phase,
        track=effects.then_track,
        state=PhaseRun.State.PLANNED,
        planned_by=decision,
    )
    run.outcome = _first_outcome(run)
    run.susi = _susi_without_assessment(run)
    save_with_reason(run, by=by, reason=str(decision))


def _close_run(
    initiative: Initiative, runs: list[PhaseRun], decision: Decision, *, by: User, going_on_to: str = ""
) -> PhaseRun | None:
    """End the open run, and drop the planned ones of its `runs` but for `going_on_to`. Return the run ended, if any.

    No decision may lie before another in force, so `decision` is the latest about the run: its outcome is what holds.
    """
    for run in runs:
        if run.state == PhaseRun.State.PLANNED and run.phase != going_on_to:
            run.state, run.closed_by = PhaseRun.State.ANNULLED, decision
            save_with_reason(run, by=by, reason=str(decision))
    ended = initiative.current_run
    if ended is None:
        return None
    ended.state, ended.closed_by = PhaseRun.State.ENDED, decision
    ended.ended_on, ended.ended_on_precision = decision.decided_on, Precision.DAY
    _conclude(ended, decision.outcome)
    save_with_reason(ended, by=by, reason=str(decision))
    return ended


def _unopen(run: PhaseRun) -> None:
    if run.planned_by_id and run.planned_by_id != run.opened_by_id:
        run.state, run.opened_by = PhaseRun.State.PLANNED, None
        run.started_on, run.started_on_precision = None, ""
    else:
        run.state = PhaseRun.State.ANNULLED


def _unclose(run: PhaseRun) -> None:
    was_planned = run.state == PhaseRun.State.ANNULLED
    run.state = PhaseRun.State.PLANNED if was_planned else PhaseRun.State.OPEN
    run.closed_by = None
    run.ended_on, run.ended_on_precision = None, ""


def _link(initiative: Initiative, target: Initiative, decision: Decision, *, by: User, is_split: bool = False) -> None:
    link = Continuation(from_initiative=initiative, to_initiative=target, decision=decision, is_split=is_split)
    save_with_reason(link, by=by, reason=str(decision))


def _save(initiative: Initiative, run: PhaseRun | None, decision: Decision, *, by: User) -> None:
    initiative.current_run = run
    save_with_reason(initiative, by=by, reason=str(decision))


def _next_sequence(runs: list[PhaseRun]) -> int:
    return max((run.sequence for run in runs), default=0) + 1
