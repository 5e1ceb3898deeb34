"""Registering the decision on a transition, and reversing a wrong one."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from assessments.actions.drafting import fill_deviation, refuse_owner_who_cannot_act
from assessments.facts import deviation_input_facts, grounds_facts
from assessments.impossible import impossible
from assessments.inputs import ContinueIn, DecisionInput
from assessments.models import Assessment, DecisionGround, Deviation, EntryJudgement
from phases.gates import DecisionFacts, EntryFacts, Finding, decision_findings, unexplained
from phases.models import Criterion, Edition
from phases.terms import Outcome, Phase
from portfolio import transitions
from portfolio.access import require_role
from portfolio.actions import lock_all, new_initiative
from portfolio.models import Decision, Initiative, PhasePause, PhaseRun
from portfolio.models.decision import DecidedSoFar
from susi.dates import danish
from susi.errors import Conflict, Refused
from susi.history import insert_with_relations, save_with_reason
from susi.models import User
from susi.roles import Role


def last_decision_no(initiative: Initiative) -> int:
    """Return the number of the newest decision, 0 for none: what the page saw, so that a second click is noticed."""
    return initiative.decisions.so_far().last_no


def refuse_if_overtaken(initiative: Initiative, seen: int | None, last_no: int) -> None:
    """Raise `Conflict` where a decision came since the page was read (`last_no` is another than the one `seen`, None
    where that cannot be told), or where the initiative has ended."""
    if seen is not None and last_no != seen:
        raise Conflict(
            "Der er registreret en beslutning om initiativet, siden du åbnede siden. Der er ikke registreret to."
        )
    if initiative.has_ended:
        raise Conflict(f"{initiative.number} er afsluttet. Der kan ikke besluttes mere om det.")


def grounds_for(initiatives: Iterable[Initiative]) -> list[Assessment]:
    """Return the newest approved assessments of the initiatives' present phases: what a decision now rests on."""
    grounds = []
    for initiative in initiatives:
        approved = Assessment.objects.latest_approved().filter(initiative=initiative, run=initiative.current_run)
        newest = approved.select_related("initiative", "edition").order_by("-document_no").first()
        if newest:
            grounds.append(newest)
    return grounds


def findings_for_decision(
    initiative: Initiative, wanted: DecisionInput, grounds: Iterable[Assessment]
) -> list[Finding]:
    """Return what stands between the decision and its registration. `grounds` are the assessments it rests on."""
    initiatives = [initiative, *wanted.merged]
    return decision_findings(
        DecisionFacts(
            stage=initiative.phase,
            outcome=wanted.outcome,
            initiatives=[one.number for one in initiatives],
            to_phase=wanted.to_phase,
            to_track=wanted.to_track,
            has_tracks=Edition.objects.current().has_tracks,
            reason=wanted.reason,
            departure_reason=wanted.departure_reason,
            has_agreement=wanted.agreement is not None,
            has_awaited=wanted.awaits is not None,
            grounds=[grounds_facts(assessment) for assessment in grounds],
            own_deviations={
                criterion.code if criterion else "": deviation_input_facts(written)
                for criterion, written in wanted.deviations.items()
            },
            open_assessments=[one.number for one in initiatives if one.assessments.open().exists()],
            entry=_entry_facts(initiative, wanted),
        )
    )


def ground_shown(initiative: Initiative) -> int:
    """Return the key of the assessment a decision now would rest on, 0 for none: what the page saw of it."""
    return _own_ground(initiative, grounds_for([initiative]))


def _own_ground(initiative: Initiative, grounds: Iterable[Assessment]) -> int:
    return next((assessment.pk for assessment in grounds if assessment.initiative_id == initiative.pk), 0)


@transaction.atomic
def register_decision(
    *, initiative: Initiative, by: User, seen: int, wanted: DecisionInput, seen_ground: int | None = None
) -> Decision:
    """Register the decision and carry it out: the only way a phase is entered, left or ended.

    `seen` is `last_decision_no` and `seen_ground` is `ground_shown` as the page showed them (None: not shown).
    Raises `NotAllowed` without the role, `Conflict` where another decision or version came first, `Refused` with
    findings or sentences where it may not or cannot be made.
    """
    require_role(by, Role.MANAGER, "registrere en beslutning")
    locked = lock_all(one for one in [initiative, *wanted.merged, wanted.existing] if one)
    initiative = locked[initiative.pk]
    merged = [locked[one.pk] for one in wanted.merged]
    existing = locked[wanted.existing.pk] if wanted.existing else None
    before = {one.pk: one.decisions.so_far() for one in [initiative, *merged]}
    last_no = before[initiative.pk].last_no
    refuse_if_overtaken(initiative, seen, last_no)
    grounds = grounds_for([initiative, *merged])
    if seen_ground is not None and seen_ground != _own_ground(initiative, grounds):
        raise Conflict("SUSI-vurderingen, beslutningen bygger på, er rettet imens. Læs den nye version først.")
    ended = [one.number for one in merged if one.has_ended]
    if ended:
        raise Refused(*(f"{number} er afsluttet. Der kan ikke besluttes mere om det." for number in ended))
    _refuse_what_does_not_belong([initiative, *merged], wanted)
    findings = _findings(initiative, merged, existing, wanted, grounds, before)
    if findings:
        raise Refused(findings=findings)
    decision = _write(initiative, merged, by, wanted, grounds, no=last_no + 1)
    transitions.carry_out(decision, _effects(decision, merged, existing, by, wanted), by=by)
    return decision


def findings_so_far(initiative: Initiative, wanted: DecisionInput) -> list[Finding]:
    """Return the findings that `register_decision` would refuse `wanted` for as things stand; nothing is locked."""
    merged = list(wanted.merged)
    before = {one.pk: one.decisions.so_far() for one in [initiative, *merged]}
    return _findings(initiative, merged, wanted.existing, wanted, grounds_for([initiative, *merged]), before)


def _findings(
    initiative: Initiative,
    merged: list[Initiative],
    existing: Initiative | None,
    wanted: DecisionInput,
    grounds: Iterable[Assessment],
    before: dict[int, DecidedSoFar],
) -> list[Finding]:
    return [
        *impossible(initiative, merged, existing, wanted, before),
        *findings_for_decision(initiative, wanted, grounds),
    ]


def obstacles_to_reversal(decision: Decision) -> list[str]:
    """Return a sentence for each thing that came after the decision and rests on it; empty where it can be reversed."""
    later = Decision.objects.in_force().about(transitions.touched_by(decision)).filter(pk__gt=decision.pk)
    sentences = [
        f"Der er truffet en senere beslutning, {one.initiative.number}-{one.no}. Omgør den først."
        for one in later.select_related("initiative").order_by("pk")
    ]
    opened = PhaseRun.objects.filter(opened_by=decision)
    standing = Assessment.objects.exclude(state=Assessment.State.ANNULLED)
    begun = standing.filter(run__in=opened)
    sentences.extend(
        f"Der er begyndt en SUSI-vurdering i {Phase(assessment.from_stage).definite} ({assessment.document_number}), "
        "som beslutningen åbnede. Annullér den først, eller registrér en ny beslutning i stedet."
        for assessment in begun.select_related("initiative")
    )
    pauses = PhasePause.objects.in_force().filter(run__in=opened).select_related("run")
    sentences.extend(
        f"{Phase(pause.run.phase).definite.capitalize()}, som beslutningen åbnede, er sat på pause fra "
        f"{danish(pause.since)}. Annullér pausen først."
        for pause in pauses.order_by("since")
    )
    split_off = decision.continuations.in_force().filter(is_split=True).values("to_initiative")
    sentences.extend(
        f"Der er begyndt en SUSI-vurdering af det udskilte initiativ ({assessment.document_number}). "
        "Annullér den først, eller registrér en ny beslutning i stedet."
        for assessment in standing.filter(initiative__in=split_off, run=None).select_related("initiative")
    )
    return sentences


@transaction.atomic
def reverse_decision(*, decision: Decision, by: User, reason: str) -> Decision:
    """Reverse a wrong decision: everything it did is taken back, and both acts stay on record.

    Raises `NotAllowed`, `Conflict` where it is reversed already, or `Refused` where something later rests on it.
    """
    require_role(by, Role.MANAGER, "omgøre en beslutning")
    lock_all(transitions.touched_by(decision))
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if decision.is_reversed:
        raise Conflict("Beslutningen er allerede omgjort.")
    if not reason.strip():
        raise Refused("Skriv, hvorfor beslutningen omgøres.")
    obstacles = obstacles_to_reversal(decision)
    if obstacles:
        raise Refused(*obstacles)
    decision.reversed_by, decision.reversed_at, decision.reversal_reason = by, timezone.now(), reason
    save_with_reason(decision, by=by, reason="Beslutning omgjort")
    for deviation in decision.deviations.all():
        deviation.state = Deviation.State.ANNULLED
        save_with_reason(deviation, by=by, reason="Beslutning omgjort")
    transitions.undo(decision, by=by)
    return decision


def _write(
    initiative: Initiative,
    merged: list[Initiative],
    by: User,
    wanted: DecisionInput,
    grounds: Iterable[Assessment],
    *,
    no: int,
) -> Decision:
    decision = Decision(
        initiative=initiative,
        no=no,
        outcome=wanted.outcome,
        decided_by=wanted.decided_by,
        decided_on=wanted.decided_on,
        agreement=wanted.agreement,
        to_phase=wanted.to_phase if wanted.outcome == Outcome.CONTINUED else "",
        to_track=_track_to_enter(wanted),
        awaits=wanted.awaits if wanted.outcome == Outcome.AWAITING else None,
        reason=wanted.reason,
        departure_reason=wanted.departure_reason,
        registered_by=by,
        registered_at=timezone.now(),
    )
    runs = [one.current_run for one in [initiative, *merged] if one.current_run]
    insert_with_relations(decision, by=by, reason="Beslutning registreret", runs=runs)
    for assessment in grounds:
        DecisionGround.objects.create(decision=decision, assessment=assessment)
    for criterion, written in wanted.deviations.items():
        deviation = Deviation(decision=decision, initiative=initiative, criterion=criterion, state=Deviation.State.OPEN)
        fill_deviation(deviation, written)
        save_with_reason(deviation, by=by, reason=str(decision))
    if _entry_facts(initiative, wanted):
        for condition, (met, note) in wanted.entry.items():
            EntryJudgement.objects.create(decision=decision, condition=condition, met=met, note=note)
    return decision


def unexplained_by_grounds(initiatives: Iterable[Initiative]) -> list[Criterion | None]:
    """Return what a decision to go on must explain itself: criteria neither met nor explained in the assessments it
    rests on, and None (the model) where they leave out screening without a fravigelse."""
    found: dict[Criterion | None, None] = {}
    for assessment in grounds_for(initiatives):
        facts = grounds_facts(assessment)
        if facts.leaves_out_screening and facts.model_deviation is None:
            found[None] = None
        codes = {criterion.code for criterion in unexplained(facts.criteria)}
        found |= dict.fromkeys(criterion for criterion in assessment.criteria() if criterion.code in codes)
    return list(found)


def _refuse_what_does_not_belong(initiatives: list[Initiative], wanted: DecisionInput) -> None:
    if wanted.deviations and set(wanted.deviations) - set(unexplained_by_grounds(initiatives)):
        raise Refused("Beslutningen kan kun fravige kriterier, som SUSI-vurderingen lader stå uden forklaring.")
    if wanted.entry and set(wanted.entry) - set(Edition.objects.current().entry_conditions.all()):
        raise Refused("Betingelsen hører ikke til det regelsæt, der gælder.")
    for written in wanted.deviations.values():
        refuse_owner_who_cannot_act(written)


def _track_to_enter(wanted: DecisionInput) -> str:
    if wanted.outcome != Outcome.CONTINUED or wanted.to_phase == Phase.SCREENING:
        return ""
    return wanted.to_track


def _effects(
    decision: Decision, merged: list[Initiative], existing: Initiative | None, by: User, wanted: DecisionInput
) -> transitions.Effects:
    initiative = decision.initiative
    if wanted.outcome == Outcome.STOPPED:
        return transitions.Effects(ends=[initiative])
    if wanted.outcome != Outcome.CONTINUED:
        return transitions.Effects()
    if wanted.continue_in == ContinueIn.EXISTING:
        return transitions.Effects(target=existing, ends=[initiative, *merged])
    if wanted.continue_in == ContinueIn.NEW:
        target = _carry_on(initiative, by, wanted)
        return transitions.Effects(target=target, ends=[initiative, *merged], opens=True)
    return transitions.Effects(
        target=initiative,
        ends=merged,
        opens=True,
        then_phase=wanted.then_phase,
        then_track=wanted.then_track,
        splits_off=_split_off(initiative, by, wanted) if wanted.split_title.strip() else None,
    )


def _split_off(initiative: Initiative, by: User, wanted: DecisionInput) -> Initiative:
    """Return a proposal for the selection: the criteria of spor 1 are judged in a SUSI-vurdering of its own."""
    return _successor(initiative, by, wanted, wanted.split_title, f"Udskilt fra {initiative.number}")


def _carry_on(initiative: Initiative, by: User, wanted: DecisionInput) -> Initiative:
    return _successor(initiative, by, wanted, wanted.new_title, f"Viderefører {initiative.number}")


def _successor(initiative: Initiative, by: User, wanted: DecisionInput, title: str, reason: str) -> Initiative:
    programme = wanted.agreement.programme if wanted.agreement else initiative.programme
    target = new_initiative(
        by=by,
        reason=reason,
        lead=initiative.lead,
        title=title,
        programme=programme,
        funding=initiative.funding,
        problem=initiative.problem,
        description=initiative.description,
        agreements=[wanted.agreement] if wanted.agreement else [],
        target_groups=initiative.target_groups.all(),
    )
    target.members.set(initiative.members.all())
    return target


def _entry_facts(initiative: Initiative, wanted: DecisionInput) -> list[EntryFacts]:
    """The conditions for entering the model: judged by the decision where no assessment precedes it."""
    if not initiative.is_proposal or wanted.to_phase != Phase.SCREENING:
        return []
    judged = {condition.pk: answer for condition, answer in wanted.entry.items()}
    return [
        EntryFacts(condition.code, condition.heading, *judged.get(condition.pk, (None, "")))
        for condition in Edition.objects.current().entry_conditions.all()
    ]
