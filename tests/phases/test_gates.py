"""The gate rules as truth tables: no database, one row per case."""

from dataclasses import replace

import pytest

from phases.gates import (
    AssessmentFacts,
    CriterionFacts,
    DecisionFacts,
    DeviationFacts,
    EntryFacts,
    GroundsFacts,
    assessment_findings,
    decision_findings,
    departs_from_recommendation,
    needs_weighing,
    readiness,
    screening_is_left_out,
    track_change,
)
from phases.terms import Outcome, Phase, RatingValue, Recommendation, Stage, Track, Verdict, WayOn

WHOLE = DeviationFacts(has_ground=True, reason="Fordi", handling="Sådan", has_owner=True, has_review_date=True)
MET = CriterionFacts("M1.1", RatingValue.MET, "Begrundet")
PARTLY = CriterionFacts("M1.1", RatingValue.PARTLY, "Begrundet")
NOT_MET = CriterionFacts("M1.1", RatingValue.NOT_MET, "Begrundet")

READY = AssessmentFacts(
    stage=Stage.SCREENING,
    to_phase=Phase.MATURATION,
    to_track=Track.ONE,
    phases_run=frozenset({Phase.SCREENING}),
    criteria=[MET],
    verdict=Verdict.YES,
    conclusion="Samlet set",
    recommendation=Recommendation.CONTINUE,
    fast_track=False,
    fast_track_text="Ikke nu",
)


def codes(facts: AssessmentFacts) -> list[str]:
    return [finding.code for finding in assessment_findings(facts)]


def test_a_whole_assessment_has_no_findings():
    assert assessment_findings(READY) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"to_phase": ""}, ["to_phase"]),
        ({"to_track": ""}, ["to_track"]),
        ({"to_track": "", "has_tracks": False}, []),
        ({"verdict": ""}, ["verdict"]),
        ({"conclusion": " \n"}, ["conclusion"]),
        ({"recommendation": ""}, ["recommendation"]),
        ({"fast_track": None}, ["fast_track"]),
        ({"fast_track": True, "fast_track_text": ""}, ["fast_track_text"]),
        ({"verdict": Verdict.NO}, ["verdict_against_recommendation"]),
        ({"verdict": Verdict.NO, "recommendation": Recommendation.STOP}, []),
        ({"verdict": Verdict.PARTLY}, []),
        ({"is_correction": True}, ["change_note"]),
        ({"is_correction": True, "change_note": "Tal rettet"}, []),
        ({"unjudged_deviations": ["fravigelsen fra kriterie M1.1"]}, ["former_deviation"]),
        ({"unjudged_deviations": ["x"], "recommendation": Recommendation.STOP}, ["former_deviation"]),
        ({"unprintable": [("konklusion", "Konklusionen", "☃")]}, ["unprintable"]),
    ],
)
def test_what_the_conclusion_needs(change, expected):
    assert codes(replace(READY, **change)) == expected


@pytest.mark.parametrize(
    ("criterion", "continuing", "stopping"),
    [
        (MET, [], []),
        (replace(MET, rating=""), ["unrated"], ["unrated"]),
        (replace(MET, reasoning=" "), ["reasoning"], ["reasoning"]),
        (PARTLY, ["deviation"], []),
        (NOT_MET, ["deviation"], []),
        (replace(PARTLY, reasoning=""), ["reasoning", "deviation"], ["reasoning"]),
        (replace(PARTLY, deviation=WHOLE), [], []),
        (replace(NOT_MET, deviation=WHOLE), [], []),
        (replace(NOT_MET, deviation=replace(WHOLE, has_ground=False)), ["deviation"], []),
        (replace(NOT_MET, deviation=replace(WHOLE, reason=" ")), ["deviation"], []),
        (replace(NOT_MET, deviation=replace(WHOLE, handling="")), ["deviation"], []),
        (replace(NOT_MET, deviation=replace(WHOLE, has_owner=False)), ["deviation"], []),
        (replace(NOT_MET, deviation=replace(WHOLE, has_review_date=False)), ["deviation"], []),
        (replace(MET, deviation=DeviationFacts()), [], []),
        (replace(MET, presumes=Phase.SCREENING), [], []),
        (replace(MET, presumes=Phase.TRIAL), ["equivalent_knowledge"], ["equivalent_knowledge"]),
        (replace(MET, presumes=Phase.TRIAL, references=1), [], []),
        (replace(PARTLY, presumes=Phase.TRIAL, deviation=WHOLE), [], []),
    ],
)
def test_a_criterion_is_met_or_explained(criterion, continuing, stopping):
    facts = replace(READY, criteria=[criterion])
    assert codes(facts) == continuing
    assert codes(replace(facts, recommendation=Recommendation.STOP, verdict=Verdict.NO)) == stopping


def test_the_finding_names_the_criterion_and_what_its_fravigelse_lacks():
    lacking = DeviationFacts(has_ground=True, reason="Fordi")
    [finding] = assessment_findings(replace(READY, criteria=[replace(NOT_MET, deviation=lacking)]))
    assert finding.criterion == "M1.1"
    assert finding.sentence == ("Fravigelsen fra kriterie M1.1 mangler håndtering, ansvarlig og dato for opfølgning.")


@pytest.mark.parametrize(
    ("stage", "to_phase", "phases_run", "expected"),
    [
        (Stage.PROPOSAL, Phase.SCREENING, set(), False),
        (Stage.PROPOSAL, Phase.MATURATION, set(), True),
        (Stage.PROPOSAL, Phase.DISSEMINATION, set(), True),
        (Stage.PROPOSAL, Phase.MATURATION, {Phase.SCREENING}, False),
        (Stage.SCREENING, Phase.TRIAL, {Phase.SCREENING}, False),
        (Stage.MATURATION, Phase.TRIAL, {Phase.MATURATION}, False),
    ],
)
def test_when_screening_is_left_out(stage, to_phase, phases_run, expected):
    assert screening_is_left_out(stage, to_phase, phases_run) is expected


@pytest.mark.parametrize(
    ("deviation", "recommendation", "expected"),
    [
        (None, Recommendation.CONTINUE, ["screening_left_out"]),
        (DeviationFacts(), Recommendation.CONTINUE, ["screening_left_out"]),
        (WHOLE, Recommendation.CONTINUE, []),
        (None, Recommendation.STOP, []),
    ],
)
def test_leaving_out_screening_is_explained_like_a_fravigelse(deviation, recommendation, expected):
    facts = replace(
        READY,
        stage=Stage.PROPOSAL,
        phases_run=frozenset(),
        model_deviation=deviation,
        recommendation=recommendation,
        verdict=Verdict.PARTLY,
    )
    assert codes(facts) == expected


@pytest.mark.parametrize(
    ("met", "note", "recommendation", "expected"),
    [
        (None, "", Recommendation.CONTINUE, ["entry_unjudged"]),
        (True, "", Recommendation.CONTINUE, []),
        (False, "", Recommendation.CONTINUE, ["entry_note"]),
        (False, "Alene lokal interesse", Recommendation.CONTINUE, ["entry_not_met"]),
        (False, "Alene lokal interesse", Recommendation.STOP, []),
        (False, "", Recommendation.STOP, ["entry_note"]),
    ],
)
def test_the_conditions_for_entering_the_model_cannot_be_departed_from(met, note, recommendation, expected):
    facts = replace(
        READY, entry=[EntryFacts("B4", "National vidensudvikling", met, note)], recommendation=recommendation
    )
    assert codes(replace(facts, verdict=Verdict.PARTLY)) == expected


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("track", ["", Track.ONE, Track.TWO])
def test_the_weighing_is_asked_for_after_modning_in_spor_2_only(stage, track):
    assert needs_weighing(stage, track) is (stage == Stage.MATURATION and track == Track.TWO)


@pytest.mark.parametrize(
    ("way", "to_phase", "to_track", "recommendation", "expected"),
    [
        ("", Phase.TRIAL, Track.TWO, Recommendation.CONTINUE, ["weighing"]),
        (WayOn.TRIAL_TRACK_TWO, Phase.TRIAL, Track.TWO, Recommendation.CONTINUE, []),
        (WayOn.TRIAL_TRACK_ONE, Phase.TRIAL, Track.TWO, Recommendation.CONTINUE, ["weighing_against_track"]),
        (WayOn.TRIAL_TRACK_ONE, Phase.TRIAL, Track.ONE, Recommendation.CONTINUE, []),
        (WayOn.SPREAD, Phase.TRIAL, Track.TWO, Recommendation.CONTINUE, ["weighing_against_track"]),
        (WayOn.SPREAD, Phase.TRIAL, Track.TWO, Recommendation.STOP, []),
        (WayOn.TRIAL_TRACK_TWO, Phase.DISSEMINATION, Track.TWO, Recommendation.CONTINUE, []),
    ],
)
def test_the_weighing_agrees_with_what_is_recommended(way, to_phase, to_track, recommendation, expected):
    facts = replace(
        READY,
        stage=Stage.MATURATION,
        from_track=Track.TWO,
        to_phase=to_phase,
        to_track=to_track,
        weighing_way=way,
        weighing_text="Afvejet",
        recommendation=recommendation,
        verdict=Verdict.PARTLY,
    )
    assert codes(facts) == expected


GROUNDS = GroundsFacts("2026-001", Phase.MATURATION, Track.ONE, Recommendation.CONTINUE, [MET])
CONTINUED = DecisionFacts(
    stage=Stage.SCREENING,
    outcome=Outcome.CONTINUED,
    initiatives=["2026-001"],
    to_phase=Phase.MATURATION,
    to_track=Track.ONE,
    grounds=[GROUNDS],
)


def decision_codes(facts: DecisionFacts) -> list[str]:
    return [finding.code for finding in decision_findings(facts)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"outcome": ""}, ["outcome"]),
        ({"to_phase": ""}, ["to_phase"]),
        ({"to_track": ""}, ["to_track", "no_assessment"]),
        ({"grounds": []}, ["no_assessment"]),
        ({"grounds": [replace(GROUNDS, to_phase=Phase.TRIAL)]}, ["no_assessment"]),
        ({"grounds": [replace(GROUNDS, to_track=Track.TWO)]}, ["no_assessment"]),
        ({"initiatives": ["2026-001", "2026-002"]}, ["no_assessment"]),
        (
            {
                "initiatives": ["2026-001", "2026-002"],
                "grounds": [GROUNDS, replace(GROUNDS, initiative="2026-002")],
            },
            [],
        ),
        ({"open_assessments": ["2026-001"]}, ["open_assessment"]),
        ({"stage": Stage.DISSEMINATION}, ["final"]),
        ({"stage": Stage.PROPOSAL, "to_phase": Phase.SCREENING, "to_track": "", "grounds": []}, []),
        (
            {
                "stage": Stage.PROPOSAL,
                "to_phase": Phase.SCREENING,
                "grounds": [],
                "entry": [EntryFacts("B1", "Konkret problem"), EntryFacts("B2", "Afgrænset", False)],
            },
            ["entry_unjudged", "entry_not_met"],
        ),
    ],
)
def test_going_on_rests_on_an_approved_assessment_of_that_transition(change, expected):
    assert decision_codes(replace(CONTINUED, **change)) == expected


@pytest.mark.parametrize(
    ("recommendation", "criterion", "own", "reason", "expected"),
    [
        (Recommendation.STOP, MET, {}, "", ["departure_reason"]),
        (Recommendation.STOP, MET, {}, "Politisk ønske", []),
        (Recommendation.STOP, NOT_MET, {}, "Politisk ønske", ["deviation"]),
        (Recommendation.STOP, NOT_MET, {"M1.1": WHOLE}, "Politisk ønske", []),
        (Recommendation.STOP, NOT_MET, {"M1.1": replace(WHOLE, handling="")}, "Politisk ønske", ["deviation"]),
        (Recommendation.CONTINUE, replace(NOT_MET, deviation=WHOLE), {}, "", []),
    ],
)
def test_a_decision_against_the_recommendation_has_its_own_reason_and_fravigelser(
    recommendation, criterion, own, reason, expected
):
    grounds = replace(GROUNDS, recommendation=recommendation, criteria=[criterion])
    facts = replace(CONTINUED, grounds=[grounds], own_deviations=own, departure_reason=reason)
    assert decision_codes(facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (DecisionFacts(Stage.SCREENING, Outcome.STOPPED), ["reason"]),
        (DecisionFacts(Stage.SCREENING, Outcome.STOPPED, reason="Ikke efterspurgt"), []),
        (DecisionFacts(Stage.DISSEMINATION, Outcome.STOPPED, reason="Afsluttet efter planen"), []),
        (DecisionFacts(Stage.PROPOSAL, Outcome.STOPPED, reason="Uden for strategien"), []),
        (DecisionFacts(Stage.TRIAL, Outcome.AWAITING), ["awaited"]),
        (DecisionFacts(Stage.TRIAL, Outcome.AWAITING, has_agreement=True), []),
        (DecisionFacts(Stage.TRIAL, Outcome.AWAITING, has_awaited=True), []),
        (DecisionFacts(Stage.TRIAL, Outcome.RECOMMENDED), ["agreement", "no_assessment"]),
        (DecisionFacts(Stage.TRIAL, Outcome.RECOMMENDED, has_agreement=True, grounds=[GROUNDS]), []),
        (DecisionFacts(Stage.PROPOSAL, Outcome.RECOMMENDED, has_agreement=True), []),
        (DecisionFacts(Stage.DISSEMINATION, Outcome.RECOMMENDED, has_agreement=True), ["final"]),
    ],
)
def test_stopping_and_waiting(facts, expected):
    assert decision_codes(facts) == expected


@pytest.mark.parametrize(
    ("outcome", "recommendation", "expected"),
    [
        (Outcome.CONTINUED, Recommendation.CONTINUE, False),
        (Outcome.CONTINUED, Recommendation.STOP, True),
        (Outcome.RECOMMENDED, Recommendation.STOP, True),
        (Outcome.STOPPED, Recommendation.CONTINUE, True),
        (Outcome.STOPPED, Recommendation.STOP, False),
        (Outcome.AWAITING, Recommendation.CONTINUE, False),
        (Outcome.AWAITING, Recommendation.STOP, False),
    ],
)
def test_when_a_decision_departs_from_the_recommendation(outcome, recommendation, expected):
    assert departs_from_recommendation(outcome, [replace(GROUNDS, recommendation=recommendation)]) is expected


def test_changing_track_keeps_the_same_wording_clears_another_and_drops_the_rest():
    change = track_change(
        {"M1.1": "Ens", "M1.2": "Spor 1", "M2.1": "Kun spor 1"}, {"M1.1": "Ens", "M1.2": "Spor 2", "M3.1": "Ny"}
    )
    assert change.carried_over == ["M1.1"]
    assert change.judged_anew == ["M1.2", "M3.1"]
    assert change.fallen_away == ["M2.1"]


@pytest.mark.parametrize(
    ("criterion", "run", "counts"),
    [
        (CriterionFacts("M1.1"), (), (0, 0, 1)),
        (MET, (), (1, 0, 0)),
        (replace(MET, reasoning=" "), (), (0, 0, 1)),
        (replace(MET, presumes=Phase.SCREENING), (), (0, 0, 1)),
        (replace(MET, presumes=Phase.SCREENING, references=1), (), (1, 0, 0)),
        (replace(MET, presumes=Phase.SCREENING), (Phase.SCREENING,), (1, 0, 0)),
        (PARTLY, (), (0, 0, 1)),
        (replace(PARTLY, deviation=WHOLE), (), (0, 1, 0)),
        (replace(NOT_MET, deviation=WHOLE), (), (0, 1, 0)),
        (replace(NOT_MET, deviation=replace(WHOLE, handling="")), (), (0, 0, 1)),
        (replace(NOT_MET, deviation=replace(WHOLE, review_date_has_passed=True)), (), (0, 0, 1)),
    ],
)
def test_a_criterion_is_met_or_explained_or_lacks_something(criterion, run, counts):
    ready = readiness([criterion], frozenset(run))
    assert (ready.met, ready.explained, ready.missing) == counts
    assert ready.criteria == 1
