"""Whether a gate opens: the rules of the transition as pure functions over plain values.

The findings are the only judge. The page shows them, the action enforces them, the PDF prints them; nothing else
decides whether an assessment may be submitted or a decision registered. Nothing here touches the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from phases.terms import Outcome, Phase, RatingValue, Recommendation, Stage, Track, Verdict, WayOn


class Severity(StrEnum):
    BLOCKS = "blocks"  # has to be put right
    EXPLAIN = "explain"  # can be explained by a fravigelse (følg-eller-forklar)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing: `code` names the rule, `criterion` the criterion's code or "", `sentence` is Danish."""

    code: str
    criterion: str
    sentence: str
    severity: Severity = Severity.BLOCKS


@dataclass(frozen=True, slots=True)
class DeviationFacts:
    """A fravigelse as written so far."""

    has_ground: bool = False
    reason: str = ""
    handling: str = ""
    has_owner: bool = False
    has_review_date: bool = False

    def missing(self) -> list[str]:
        """Return what is still to be written, as Danish noun phrases. Reason, handling and ground are Drejebogen's
        demands ("følg-eller-forklar", Fasemodel); owner and date are the system's."""
        parts = [
            (self.has_ground, "grundlag"),
            (self.reason.strip(), "begrundelse"),
            (self.handling.strip(), "håndtering"),
            (self.has_owner, "ansvarlig"),
            (self.has_review_date, "dato for opfølgning"),
        ]
        return [name for present, name in parts if not present]


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """A criterion with what has been judged of it."""

    code: str
    rating: str = ""
    reasoning: str = ""
    references: int = 0
    presumes: str = ""
    deviation: DeviationFacts | None = None

    @property
    def is_departed_from(self) -> bool:
        return self.rating in (RatingValue.PARTLY, RatingValue.NOT_MET)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One of the conditions for entering the model. `met` is None while nobody has judged it."""

    code: str
    heading: str
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentFacts:
    """Everything the rules ask of an assessment.

    `stage` is where the initiative stands, `from_track` its track there; `phases_run` are the phases run by it or by
    those it continues. `unjudged_deviations` are the names of open deviations nobody has judged yet;
    `unprintable` are pairs of (where, characters) the document's fonts lack.
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
    unprintable: Sequence[tuple[str, str]] = ()


def assessment_findings(facts: AssessmentFacts) -> list[Finding]:
    """Return what stands between the assessment and its submission, in the order of the page; empty means ready.

    Recommending a stop needs the ratings but no fravigelser, so `explain` findings are left out then.
    """
    findings = [
        *_target_findings(facts),
        *_entry_findings(facts),
        *_model_findings(facts),
        *(finding for criterion in facts.criteria for finding in _criterion_findings(criterion, facts)),
        *_former_deviation_findings(facts),
        *_conclusion_findings(facts),
        *_text_findings(facts),
    ]
    if facts.recommendation == Recommendation.STOP:
        return [finding for finding in findings if finding.severity != Severity.EXPLAIN]
    return findings


def screening_is_left_out(stage: str, to_phase: str, phases_run: Iterable[str]) -> bool:
    """Return whether going from `stage` to `to_phase` leaves out screening, which is a departure from the model
    (Drejebogen, Fasemodel: "Som hovedregel bør man dog gennemføre en screeningsfase")."""
    return stage == Stage.PROPOSAL and to_phase != Phase.SCREENING and Phase.SCREENING not in set(phases_run)


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
        name = f"betingelsen ”{condition.heading}”"
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
    if facts.model_deviation is None:
        sentence = "Screeningsfasen springes over. Forklar det med en fravigelse fra fasemodellen."
        return [Finding("screening_left_out", "", sentence, Severity.EXPLAIN)]
    missing = facts.model_deviation.missing()
    if not missing:
        return []
    sentence = f"Fravigelsen fra fasemodellen mangler {_listed(missing)}."
    return [Finding("screening_left_out", "", sentence, Severity.EXPLAIN)]


def _criterion_findings(criterion: CriterionFacts, facts: AssessmentFacts) -> list[Finding]:
    code = criterion.code
    if not criterion.rating:
        return [Finding("unrated", code, f"Vurdér kriterium {code}.")]
    findings = []
    if not criterion.reasoning.strip():
        findings.append(Finding("reasoning", code, f"Begrund vurderingen af kriterium {code}."))
    if criterion.rating == RatingValue.MET and _presumes_phase_not_run(criterion, facts) and not criterion.references:
        phase = Phase(criterion.presumes).definite
        findings.append(
            Finding(
                "equivalent_knowledge",
                code,
                f"Kriterium {code} taler om {phase}, som ikke er gennemført. Angiv kilden til den tilsvarende viden.",
            )
        )
    if criterion.is_departed_from:
        findings.extend(deviation_findings(criterion))
    return findings


def _presumes_phase_not_run(criterion: CriterionFacts, facts: AssessmentFacts) -> bool:
    return bool(criterion.presumes) and criterion.presumes not in facts.phases_run


def deviation_findings(criterion: CriterionFacts) -> list[Finding]:
    """Return what the fravigelse of a criterion that is not fully met still needs (følg-eller-forklar)."""
    label = RatingValue(criterion.rating).label.lower()
    if criterion.deviation is None:
        sentence = f"Kriterium {criterion.code} er {label}. Forklar det med en fravigelse."
        return [Finding("deviation", criterion.code, sentence, Severity.EXPLAIN)]
    missing = criterion.deviation.missing()
    if not missing:
        return []
    sentence = f"Fravigelsen fra kriterium {criterion.code} mangler {_listed(missing)}."
    return [Finding("deviation", criterion.code, sentence, Severity.EXPLAIN)]


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
    if facts.fast_track is None:
        findings.append(Finding("fast_track", "", "Tag stilling til, om den nye viden skal formidles nu (fast track)."))
    elif not facts.fast_track_text.strip():
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
        Finding("unprintable", "", f"{where} indeholder tegn, der ikke kan trykkes: {characters}. Erstat dem.")
        for where, characters in facts.unprintable
    ]


@dataclass(frozen=True, slots=True)
class GroundsFacts:
    """An approved assessment a decision may rest on."""

    initiative: str
    to_phase: str
    to_track: str
    recommendation: str
    criteria: Sequence[CriterionFacts] = ()


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """Everything the rules ask of a decision on a transition.

    `initiatives` are the numbers of those it decides on (several when they merge); `grounds` the approved assessments
    it rests on; `own_deviations` the decision's own fravigelser by criterion code; `open_assessments` the initiatives
    with an assessment under way.
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


def needs_assessment(stage: str, to_phase: str) -> bool:
    """Return whether entering `to_phase` rests on an assessment: always, but for screening, which has no criteria."""
    return to_phase != Phase.SCREENING


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
    if needs_assessment(facts.stage, facts.to_phase):
        findings.extend(_grounds_findings(facts))
    return [*findings, *_departure_findings(facts)]


def _entry_decision_findings(facts: DecisionFacts) -> list[Finding]:
    findings = []
    for condition in facts.entry:
        if condition.met is None:
            findings.append(
                Finding("entry_unjudged", condition.code, f"Tag stilling til betingelsen ”{condition.heading}”.")
            )
        elif not condition.met:
            sentence = f"Betingelsen ”{condition.heading}” er ikke opfyldt. Initiativet kan ikke indgå i strategien."
            findings.append(Finding("entry_not_met", condition.code, sentence))
    return findings


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


@dataclass(frozen=True, slots=True)
class TrackChange:
    """What becomes of the ratings when the track is changed: codes of the criteria."""

    carried_over: Sequence[str]
    judged_anew: Sequence[str]
    fallen_away: Sequence[str]


def track_change(before: dict[str, str], after: dict[str, str]) -> TrackChange:
    """Compare the wordings by code before and after a change of track.

    The same wording is the same criterion and its rating carries over; own wording is judged anew; the rest falls away.
    """
    return TrackChange(
        carried_over=[code for code, wording in after.items() if before.get(code) == wording],
        judged_anew=[code for code, wording in after.items() if before.get(code) != wording],
        fallen_away=[code for code in before if code not in after],
    )


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} og {words[-1]}"
