"""Whether a decision on a transition may be registered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phases.gates.findings import (
    CriterionFacts,
    DeviationFacts,
    EntryFacts,
    Finding,
    deviation_findings,
    model_deviation_findings,
)
from phases.terms import Outcome, Phase, Recommendation, Stage, Track


@dataclass(frozen=True, slots=True)
class GroundsFacts:
    """An approved assessment a decision may rest on.

    `leaves_out_screening` says whether it departs from the model, `model_deviation` is the fravigelse in force for it.
    """

    initiative: str
    to_phase: str
    to_track: str
    recommendation: str
    criteria: Sequence[CriterionFacts] = ()
    entry: Sequence[EntryFacts] = ()
    leaves_out_screening: bool = False
    model_deviation: DeviationFacts | None = None


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """Everything the rules ask of a decision on a transition.

    `initiatives` are the numbers of those it decides on (several when they merge); `grounds` the approved assessments
    it rests on; `own_deviations` the decision's own fravigelser by criterion code ("" for the model itself);
    `open_assessments` the initiatives with an assessment under way.
    """

    stage: str
    outcome: str
    initiatives: Sequence[str] = ()
    to_phase: str = ""
    to_track: str = ""
    has_tracks: bool = True
    reason: str = ""
    departure_reason: str = ""
    has_agreement: bool = False
    has_awaited: bool = False
    grounds: Sequence[GroundsFacts] = ()
    own_deviations: dict[str, DeviationFacts] | None = None
    open_assessments: Sequence[str] = ()
    entry: Sequence[EntryFacts] = ()


def decision_findings(facts: DecisionFacts) -> list[Finding]:
    """Return what stands between the decision and its registration; empty means it may be registered.

    Assessing and deciding are two things: the decision may depart from the recommendation, with its own reason, and
    with own fravigelser where the criteria are not met or explained (Drejebogen, følg-eller-forklar).
    """
    match facts.outcome:
        case Outcome.CONTINUED:
            return [*_open_assessment_findings(facts), *_continuation_findings(facts)]
        case Outcome.RECOMMENDED:
            return [*_open_assessment_findings(facts), *_recommendation_findings(facts)]
        case Outcome.AWAITING:
            return _awaiting_findings(facts)
        case Outcome.STOPPED:
            return [*_open_assessment_findings(facts), *_stop_findings(facts)]
        case _:
            return [Finding("outcome", "", "Vælg, hvad der er besluttet.")]


def departs_from_recommendation(outcome: str, grounds: Iterable[GroundsFacts]) -> bool:
    """Return whether deciding `outcome` departs from what any of the assessments recommends."""
    against = {
        Outcome.CONTINUED: Recommendation.STOP,
        Outcome.RECOMMENDED: Recommendation.STOP,
        Outcome.STOPPED: Recommendation.CONTINUE,
    }.get(Outcome(outcome))
    return against is not None and any(assessment.recommendation == against for assessment in grounds)


def _open_assessment_findings(facts: DecisionFacts) -> list[Finding]:
    return [
        Finding(
            "open_assessment",
            "",
            f"{number} har en SUSI-vurdering, der ikke er afsluttet. Godkend eller annullér den først.",
        )
        for number in facts.open_assessments
    ]


def _continuation_findings(facts: DecisionFacts) -> list[Finding]:
    findings = []
    if facts.stage == Stage.DISSEMINATION:
        return [Finding("final", "", "Udbredelse er den sidste fase. Initiativet kan afsluttes, men ikke videreføres.")]
    if not facts.to_phase:
        return [Finding("to_phase", "", "Vælg den fase, der overgås til.")]
    if facts.has_tracks and not facts.to_track and facts.to_phase != Phase.SCREENING:
        findings.append(Finding("to_track", "", "Vælg det spor, der overgås til."))
    findings.extend(_entry_decision_findings(facts))
    if facts.to_phase != Phase.SCREENING:  # which has no criteria and so no assessment before it
        findings.extend(_grounds_findings(facts))
    return [*findings, *_departure_findings(facts)]


def _entry_decision_findings(facts: DecisionFacts) -> list[Finding]:
    findings = []
    for condition in facts.entry:
        if condition.met is None:
            findings.append(
                Finding("entry_unjudged", condition.code, f"Tag stilling til betingelsen »{condition.heading}«.")
            )
        elif not condition.met:
            findings.append(_not_met(condition))
    return findings


def _not_met(condition: EntryFacts) -> Finding:
    sentence = f"Betingelsen »{condition.heading}« er ikke opfyldt. Initiativet kan ikke indgå i strategien."
    return Finding("entry_not_met", condition.code, sentence)


def _grounds_findings(facts: DecisionFacts) -> list[Finding]:
    findings = []
    own = facts.own_deviations or {}
    for number in facts.initiatives:
        fitting = [
            assessment
            for assessment in facts.grounds
            if assessment.initiative == number
            and assessment.to_phase == facts.to_phase
            and assessment.to_track == facts.to_track
        ]
        if not fitting:
            where = Phase(facts.to_phase).definite
            track = f" i {Track(facts.to_track).label.lower()}" if facts.to_track else ""
            sentence = f"{number} har ingen godkendt SUSI-vurdering af overgangen til {where}{track}."
            findings.append(Finding("no_assessment", "", sentence))
    for assessment in facts.grounds:
        findings.extend(_not_met(condition) for condition in assessment.entry if condition.met is False)
        if assessment.leaves_out_screening:
            findings.extend(model_deviation_findings(assessment.model_deviation or own.get("")))
        for criterion in unexplained(assessment.criteria):
            explained = _with_deviation(criterion, criterion.deviation or own.get(criterion.code))
            findings.extend(deviation_findings(explained))
    return findings


def unexplained(criteria: Iterable[CriterionFacts]) -> list[CriterionFacts]:
    """Return the criteria that are neither met nor fully explained by a fravigelse."""
    return [criterion for criterion in criteria if criterion.is_departed_from and deviation_findings(criterion)]


def _with_deviation(criterion: CriterionFacts, deviation: DeviationFacts | None) -> CriterionFacts:
    return CriterionFacts(criterion.code, criterion.rating, criterion.reasoning, deviation=deviation)


def _departure_findings(facts: DecisionFacts) -> list[Finding]:
    if departs_from_recommendation(facts.outcome, facts.grounds) and not facts.departure_reason.strip():
        return [Finding("departure_reason", "", "Beslutningen afviger fra indstillingen. Skriv hvorfor.")]
    return []


def _recommendation_findings(facts: DecisionFacts) -> list[Finding]:
    findings = []
    if facts.stage == Stage.DISSEMINATION:
        return [Finding("final", "", "Udbredelse er den sidste fase. Initiativet kan afsluttes, men ikke videreføres.")]
    if not facts.has_agreement:
        findings.append(Finding("agreement", "", "Vælg den kommende aftale, der indstilles til."))
    if facts.stage != Stage.PROPOSAL and not facts.grounds:
        findings.append(Finding("no_assessment", "", "Der er ingen godkendt SUSI-vurdering at indstille på."))
    return [*findings, *_departure_findings(facts)]


def _awaiting_findings(facts: DecisionFacts) -> list[Finding]:
    if facts.has_agreement or facts.has_awaited or facts.reason.strip():
        return []
    return [Finding("awaited", "", "Angiv, hvad der afventes: en aftale, et initiativ eller en begrundelse.")]


def _stop_findings(facts: DecisionFacts) -> list[Finding]:
    if facts.reason.strip():
        return []
    return [Finding("reason", "", "Skriv, hvorfor initiativet ikke videreføres.")]
