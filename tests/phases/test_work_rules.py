"""The rules of the work in a phase as truth tables: involvement, fast track, the choice of track, the ways on."""

import json
from itertools import product
from pathlib import Path

import pytest

from phases.fast_track import OpenQuestion, is_asked_of, open_fast_track
from phases.gates import may_split
from phases.involvement import DUE, asks_about_users, strategy_is_due, strategy_missing, strategy_parts
from phases.terms import Outcome, Phase, Stage, Track, WayOn
from phases.track_choice import (
    CONSEQUENCES,
    REQUIREMENTS,
    WAY_QUESTIONS,
    ChoiceFacts,
    WeighedWay,
    choice_missing,
    track_is_to_be_chosen,
    weighing_missing,
)

RULEBOOK = json.loads((Path(__file__).parents[2] / "fixtures" / "rulebook.json").read_text(encoding="utf-8"))
WHOLE = ChoiceFacts(
    track=Track.ONE,
    reason="Kan udføres ensartet.",
    is_prepared=True,
    preparation="Prototypen er drøftet.",
    fits={Track.ONE: ["fits", "not"], Track.TWO: ["partly"]},
)
WEIGHED = [WeighedWay(way, "For", "Imod", "Viden") for way in WayOn.values]


class TestInvolvement:
    @pytest.mark.parametrize(("number", "codes"), [("1.0", set()), ("2.0", {"M3.3", "M3.4", "A5.3", "U4.2"})])
    def test_the_criteria_on_the_user_perspective_are_those_that_name_it(self, number, codes) -> None:
        (edition,) = [edition for edition in RULEBOOK["editions"] if edition["number"] == number]
        rows = [row for gate in edition["gates"] for theme in gate["themes"] for row in theme["criteria"]]
        assert {row["code"] for row in rows if asks_about_users(row["track1"])} == codes
        assert not any(asks_about_users(row.get("track2_wording", "")) for row in rows)  # none is worded otherwise

    @pytest.mark.parametrize(
        ("phase", "is_due"),
        [(Phase.SCREENING, True), (Phase.MATURATION, True), (Phase.TRIAL, True), (Phase.DISSEMINATION, False)],
    )
    def test_a_strategy_belongs_to_all_phases_but_the_last(self, phase, is_due) -> None:
        assert strategy_is_due(phase) is is_due is (phase in DUE)

    def test_in_the_trial_it_is_about_design_and_interpretation(self) -> None:
        assert {"design", "interpretation"} <= set(strategy_parts(Phase.TRIAL))
        assert not {"design", "interpretation"} & set(
            strategy_parts(Phase.SCREENING) + strategy_parts(Phase.MATURATION)
        )

    @pytest.mark.parametrize("phase", [Phase.SCREENING, Phase.MATURATION, Phase.TRIAL])
    def test_each_part_is_missed(self, phase) -> None:
        whole = dict.fromkeys(strategy_parts(phase), "Eksempel")
        assert strategy_missing(phase, whole) == []
        for name in whole:
            assert len(strategy_missing(phase, whole | {name: "  "})) == 1
        assert len(strategy_missing(phase, {})) == len(whole)


class TestFastTrack:
    @pytest.mark.parametrize(
        ("has_ended", "answer", "products", "is_open"),
        [
            (False, None, 0, None),
            (False, None, 1, None),
            (False, True, 0, OpenQuestion.NO_PRODUCT),
            (False, True, 1, None),
            (False, False, 0, None),
            (True, None, 0, OpenQuestion.UNANSWERED),
            (True, None, 1, OpenQuestion.UNANSWERED),
            (True, True, 0, OpenQuestion.NO_PRODUCT),
            (True, True, 1, None),
            (True, False, 0, None),
            (True, False, 1, None),
        ],
    )
    def test_what_is_open(self, has_ended, answer, products, is_open) -> None:
        for phase in Phase:
            asked = {"phase": phase, "has_ended": has_ended, "answer": answer, "products": products}
            assert open_fast_track(**asked) is (is_open if phase != Phase.DISSEMINATION else None)
            assert is_asked_of(phase) is (phase != Phase.DISSEMINATION)


class TestTrackChoice:
    @pytest.mark.parametrize(("stage", "track"), list(product(Stage, ["", *Track])))
    def test_when_it_is_chosen(self, stage, track) -> None:
        before = stage in (Stage.PROPOSAL, Stage.SCREENING)
        unknown = stage in (Stage.MATURATION, Stage.TRIAL) and track == ""
        assert track_is_to_be_chosen(stage, track) is (before or unknown)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({}, ""),
            ({"fits": {Track.ONE: ["fits", ""], Track.TWO: ["partly"]}}, "Tag stilling til 1 kendetegn ved spor 1."),
            ({"fits": {Track.ONE: ["fits"], Track.TWO: ["", ""]}}, "Tag stilling til 2 kendetegn ved spor 2."),
            ({"is_prepared": None}, "Tag stilling til, om den næste fase er velforberedt."),
            ({"is_prepared": False}, "Den næste fase er ikke velforberedt endnu."),
            ({"preparation": " "}, "Skriv, hvad der gør"),
            ({"track": ""}, "Vælg spor."),
            ({"reason": ""}, "Begrund valget af spor."),
            ({"track": Track.TWO}, "Skriv vidensmålet. Det kræves i spor 2."),
            ({"track": Track.TWO, "knowledge_goal": "Viden om praksis."}, ""),
        ],
    )
    def test_what_it_lacks(self, changes, sentence) -> None:
        missing = choice_missing(ChoiceFacts(**{**vars_of(WHOLE), **changes}))
        assert len(missing) == bool(sentence)
        assert not sentence or missing[0].startswith(sentence)

    def test_an_empty_one_lacks_the_track_and_the_preparation(self) -> None:
        assert choice_missing(ChoiceFacts()) == ["Tag stilling til, om den næste fase er velforberedt.", "Vælg spor."]

    def test_each_track_has_its_requirements_and_consequences_with_their_source(self) -> None:
        for track in Track:
            said = REQUIREMENTS[track] + CONSEQUENCES[track]
            assert all(one.source.startswith("Drejebogen") for one in said)
            assert {"Økonomi", "Måleredskaber"} <= {one.heading for one in CONSEQUENCES[track]}
        assert set(WAY_QUESTIONS) == set(WayOn)


class TestWeighing:
    def test_three_whole_ways_a_choice_and_a_reason_lack_nothing(self) -> None:
        assert weighing_missing(WEIGHED, WayOn.SPREAD, "Hurtig formidling.") == []

    @pytest.mark.parametrize("way", range(3))
    @pytest.mark.parametrize("part", ["pros", "cons", "gain"])
    def test_each_text_is_missed(self, way, part) -> None:
        ways = [*WEIGHED]
        ways[way] = WeighedWay(**{**vars_of(WEIGHED[way]), part: ""})
        label = WayOn(ways[way].way).label
        assert weighing_missing(ways, WayOn.SPREAD, "Begrundet.") == [f"Skriv for, imod og udbytte: {label}."]

    def test_choice_and_reason_are_missed(self) -> None:
        assert weighing_missing(WEIGHED, "", "") == ["Vælg den vej, afvejningen peger på."]
        assert len(weighing_missing(WEIGHED, WayOn.SPREAD, " ")) == 1
        assert len(weighing_missing([], "", "")) == 4


def test_a_selection_is_split_off_only_when_the_whole_goes_on_in_its_own_track() -> None:
    asked = list(product(Stage, ["", *Track], Outcome, ["", *Phase], ["", *Track], [True, False]))
    allowed = {
        one
        for one in asked
        if may_split(
            stage=one[0], from_track=one[1], outcome=one[2], to_phase=one[3], to_track=one[4], stays_itself=one[5]
        )
    }
    assert allowed == {(Stage.MATURATION, Track.TWO, Outcome.CONTINUED, Phase.TRIAL, Track.TWO, True)}


def vars_of(facts) -> dict:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}
