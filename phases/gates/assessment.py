"""Whether an assessment may be submitted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phases.gates.findings import (
    CriterionFacts,
    DeviationFacts,
    EntryFacts,
    Finding,
    Severity,
    deviation_findings,
    model_deviation_findings,
)
from phases.terms import Phase, RatingValue, Recommendation, Stage, Track, Verdict, WayOn


@dataclass(frozen=True, slots=True)
class AssessmentFacts:
    """Everything the rules ask of an assessment.

    `stage` is where the initiative stands, `from_track` its track there; `phases_run` are the phases run by it or by
    those it continues. `unjudged_deviations` are the names of open deviations nobody has judged yet;
    `unprintable` are (place, where, characters) that the document's fonts lack; the place is a criterion's code or a
    section.
    """

    stage: str
    to_phase: str
    to_track: str
    from_track: str = ""
    has_tracks: bool = True
    phases_run: frozenset[str] = frozenset()
    criteria: Sequence[CriterionFacts] = ()
    entry: Sequence[EntryFacts] = ()
    model_deviation: DeviationFacts | None = None
    unjudged_deviations: Sequence[str] = ()
    verdict: str = ""
    conclusion: str = ""
    recommendation: str = ""
    weighing_way: str = ""
    weighing_text: str = ""
    fast_track: bool | None = None
    fast_track_text: str = ""
    is_correction: bool = False
    change_note: str = ""
    unprintable: Sequence[tuple[str, str, str]] = ()


def assessment_findings(facts: AssessmentFacts) -> list[Finding]:
    """Return what stands between the assessment and its submission, in the order of the page; empty means ready.

    Recommending a stop needs the ratings but no fravigelser, so `explain` findings are left out then.
    """
    findings = [
        *_target_findings(facts),
        *_entry_findings(facts),
        *_model_findings(facts),
        *(finding for criterion in facts.criteria for finding in _criterion_findings(criterion, facts.phases_run)),
        *_former_deviation_findings(facts),
        *_conclusion_findings(facts),
        *_text_findings(facts),
    ]
    if facts.recommendation == Recommendation.STOP:
        return [finding for finding in findings if finding.severity != Severity.EXPLAIN]
    return findings


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many criteria are met, how many explained by a whole fravigelse, and of how many something is missing."""

    met: int
    explained: int
    missing: int

    @property
    def criteria(self) -> int:
        return self.met + self.explained + self.missing


def readiness(criteria: Iterable[CriterionFacts], phases_run: frozenset[str]) -> Readiness:
    """Return how far the criteria of a gate are, by the findings that stop a submission; for one that is to go on."""
    counts = Counter(_state_of(criterion, phases_run) for criterion in criteria)
    return Readiness(counts["met"], counts["explained"], counts["missing"])


def _state_of(criterion: CriterionFacts, phases_run: frozenset[str]) -> str:
    if _criterion_findings(criterion, phases_run):
        return "missing"
    return "explained" if criterion.is_departed_from else "met"


def begins_past_screening(stage: str, to_phase: str) -> bool:
    """Return whether the first phase to run would be a later one than screening."""
    return stage == Stage.PROPOSAL and to_phase != Phase.SCREENING


def screening_is_left_out(stage: str, to_phase: str, phases_run: Iterable[str]) -> bool:
    """Return whether going from `stage` to `to_phase` leaves out screening, which is a departure from the model
    (Drejebogen, Fasemodel: "Som hovedregel bør man dog gennemføre en screeningsfase")."""
    return begins_past_screening(stage, to_phase) and Phase.SCREENING not in set(phases_run)


def needs_weighing(stage: str, from_track: str) -> bool:
    """Return whether the three ways on are to be weighed: after modning in spor 2 (Drejebogen, Formål med
    modningsfasen)."""
    return stage == Stage.MATURATION and from_track == Track.TWO


def _target_findings(facts: AssessmentFacts) -> list[Finding]:
    findings = []
    if not facts.to_phase:
        findings.append(Finding("to_phase", "", "Vælg den fase, der skal overgås til."))
    if facts.has_tracks and not facts.to_track:
        findings.append(Finding("to_track", "", "Vælg spor. Fra SUSI 2.0 følger initiativet spor 1 eller spor 2."))
    return findings


def _entry_findings(facts: AssessmentFacts) -> list[Finding]:
    findings = []
    for condition in facts.entry:
        name = f"betingelsen »{condition.heading}«"
        if condition.met is None:
            findings.append(Finding("entry_unjudged", condition.code, f"Vurdér {name}."))
        elif not condition.met and not condition.note.strip():
            findings.append(Finding("entry_note", condition.code, f"Skriv, hvorfor {name} ikke er opfyldt."))
        elif not condition.met and facts.recommendation != Recommendation.STOP:
            findings.append(
                Finding(
                    "entry_not_met",
                    condition.code,
                    f"{name.capitalize()} er ikke opfyldt. Indsatsen hører derfor ikke under strategien og kan ikke "
                    "indstilles til videreførelse.",
                )
            )
    return findings


def _model_findings(facts: AssessmentFacts) -> list[Finding]:
    if not screening_is_left_out(facts.stage, facts.to_phase, facts.phases_run):
        return []
    return model_deviation_findings(facts.model_deviation)


def _criterion_findings(criterion: CriterionFacts, phases_run: frozenset[str]) -> list[Finding]:
    code = criterion.code
    if not criterion.rating:
        return [Finding("unrated", code, f"Vurdér kriterie {code}.")]
    findings = []
    if not criterion.reasoning.strip():
        findings.append(Finding("reasoning", code, f"Begrund vurderingen af kriterie {code}."))
    if (
        criterion.rating == RatingValue.MET
        and _presumes_phase_not_run(criterion, phases_run)
        and not criterion.references
    ):
        phase = Phase(criterion.presumes).definite
        findings.append(
            Finding(
                "equivalent_knowledge",
                code,
                f"Kriterie {code} taler om {phase}, som ikke er gennemført. Angiv kilden til den tilsvarende viden.",
            )
        )
    if criterion.is_departed_from:
        findings.extend(deviation_findings(criterion))
    return findings


def _presumes_phase_not_run(criterion: CriterionFacts, phases_run: frozenset[str]) -> bool:
    return bool(criterion.presumes) and criterion.presumes not in phases_run


def _former_deviation_findings(facts: AssessmentFacts) -> list[Finding]:
    return [
        Finding("former_deviation", "", f"Vurdér, hvordan det er gået med {name}.")
        for name in facts.unjudged_deviations
    ]


def _conclusion_findings(facts: AssessmentFacts) -> list[Finding]:
    findings = []
    if needs_weighing(facts.stage, facts.from_track):
        findings.extend(_weighing_findings(facts))
    if not facts.verdict:
        findings.append(Finding("verdict", "", "Tag stilling til, om indsatsen er egnet til den nye fase."))
    if not facts.conclusion.strip():
        findings.append(Finding("conclusion", "", "Skriv konklusionen."))
    if not facts.recommendation:
        findings.append(Finding("recommendation", "", "Vælg indstilling."))
    if facts.verdict == Verdict.NO and facts.recommendation == Recommendation.CONTINUE:
        findings.append(
            Finding(
                "verdict_against_recommendation",
                "",
                "Indsatsen er vurderet ikke egnet, men indstilles til videreførelse. Ret den ene af de to.",
            )
        )
    if facts.fast_track is None and facts.stage != Stage.PROPOSAL:  # which has run no phase to learn from
        findings.append(Finding("fast_track", "", "Tag stilling til, om den nye viden skal formidles nu (fast track)."))
    elif facts.fast_track is not None and not facts.fast_track_text.strip():
        findings.append(Finding("fast_track_text", "", "Begrund svaret om fast track af viden."))
    if facts.is_correction and not facts.change_note.strip():
        findings.append(Finding("change_note", "", "Skriv, hvad der er rettet i forhold til den godkendte version."))
    return findings


_WAY_OF_TRACK = {Track.ONE: WayOn.TRIAL_TRACK_ONE, Track.TWO: WayOn.TRIAL_TRACK_TWO}


def _weighing_findings(facts: AssessmentFacts) -> list[Finding]:
    if not facts.weighing_way or not facts.weighing_text.strip():
        return [Finding("weighing", "", "Afvej de tre veje videre efter modning i spor 2, og begrund valget.")]
    if facts.recommendation != Recommendation.CONTINUE or facts.to_phase != Phase.TRIAL or not facts.to_track:
        return []
    if facts.weighing_way != _WAY_OF_TRACK[Track(facts.to_track)]:
        sentence = "Afvejningen peger på en anden vej end det spor, der indstilles til. Ret den ene af de to."
        return [Finding("weighing_against_track", "", sentence)]
    return []


def _text_findings(facts: AssessmentFacts) -> list[Finding]:
    return [
        Finding("unprintable", place, f"{where} indeholder tegn, der ikke kan trykkes: {characters}. Erstat dem.")
        for place, where, characters in facts.unprintable
    ]
