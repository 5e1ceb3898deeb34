"""The check for lost updates of `make load` finds what is lost, and only that; and what its report says."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from assessments.actions import decisions, drafting, review
from assessments.inputs import CriterionInput, DecisionInput
from assessments.models import Assessment, Rating
from phases.terms import Outcome, Phase, Track
from portfolio import actions
from portfolio.models import Initiative, StatusNote
from scripts.load.__main__ import IN_A_HURRY, Report, cells
from scripts.load.afterwards import breaches
from scripts.load.writes import (
    APPROVAL,
    CONFLICT,
    DECISION,
    EDIT,
    IN_DOUBT,
    KINDS,
    RATING,
    RETURN,
    SAVED,
    STATUS,
    Write,
    not_saved,
    note,
    noted,
)
from susi.roles import Role
from tests import factories
from tests.factories import draft_of, initiative_in, person

OWN, HANDED_IN, SENT_BACK = "2026-801", "2026-802", "2026-803"


@pytest.fixture
def writes(db) -> list[Write]:
    """Everything people write under load, done here once or twice, and noted as they would."""
    factories.rulebook()
    own = initiative_in(Phase.SCREENING, number=OWN)
    manager = person(Role.MANAGER)
    return [*edited(own), *rated(draft_of(own, to_phase=Phase.MATURATION)), *noted_down(own), *decided(manager)]


def edited(own: Initiative) -> list[Write]:
    for version, mark in enumerate("ab", start=1):
        actions.edit_initiative(initiative=own, by=own.lead, version=version, description=mark)
    return [Write(EDIT, OWN, "a", SAVED), Write(EDIT, OWN, "never", CONFLICT), Write(EDIT, OWN, "b", SAVED)]


def rated(draft: Assessment) -> list[Write]:
    criterion = draft.criteria().get(code="M1.1")
    for version, mark in enumerate("cd"):
        written, lead = CriterionInput(reasoning=mark), draft.initiative.lead
        drafting.save_criterion(assessment=draft, criterion=criterion, by=lead, version=version, written=written)
    return [Write(RATING, f"{OWN}/M1.1", mark, SAVED, no) for no, mark in enumerate("cd", start=1)]


def noted_down(own: Initiative) -> list[Write]:
    actions.write_status(initiative=own, by=own.lead, text="e")
    return [Write(STATUS, OWN, "e", SAVED)]


def decided(manager) -> list[Write]:
    approved = initiative_in(Phase.SCREENING, number=HANDED_IN)
    factories.approved(approved, manager=manager, to_phase=Phase.MATURATION)
    wanted = DecisionInput(
        outcome=Outcome.CONTINUED,
        decided_by="agency",
        decided_on=date(2026, 1, 1),
        to_phase=Phase.MATURATION,
        to_track=Track.ONE,
        reason="f",
    )
    decisions.register_decision(initiative=approved, by=manager, wanted=wanted, seen=0)
    returned = factories.submitted(initiative_in(Phase.SCREENING, number=SENT_BACK), to_phase=Phase.MATURATION)
    review.send_back(assessment=returned, by=manager, sha256=returned.snapshots.get().sha256, remarks="g")
    return [
        Write(APPROVAL, HANDED_IN, manager.username, SAVED),
        Write(DECISION, HANDED_IN, "f", SAVED),
        Write(RETURN, SENT_BACK, "g", SAVED),
    ]


@pytest.mark.once
def test_what_was_done_is_found(writes: list[Write]) -> None:
    assert list(breaches(writes)) == []
    in_doubt = [replace(write, outcome=IN_DOUBT, version=None) for write in writes]
    assert list(breaches(in_doubt)) == []
    neither = [Write(write.kind, write.key, "neither there nor promised", IN_DOUBT) for write in writes]
    assert list(breaches([*writes, *neither])) == []


@pytest.mark.once
def test_what_is_lost_is_named(writes: list[Write]) -> None:
    for write in writes:
        lost = replace(write, mark="nowhere", outcome=SAVED, version=(write.version or 0) + 9)
        assert [one.partition(":")[0] for one in breaches([*writes, lost])] == [f"{write.kind} of {write.key}"]


@pytest.mark.once
def test_what_nobody_was_told_of_is_named(writes: list[Write]) -> None:
    told = [write for write in writes if write.kind != RATING and write.outcome == SAVED]
    for write in told:
        forgotten = [replace(one, mark="x", outcome=IN_DOUBT) if one is write else one for one in writes]
        [breach] = breaches(forgotten)
        assert breach == f"{write.kind} of {write.key}: »{write.mark}« is there once more than anybody was told"


@pytest.mark.once
def test_one_saved_over_another_is_named(writes: list[Write]) -> None:
    same = [replace(write, version=2) if write.kind == RATING else write for write in writes]
    assert any("two saves were told the same version" in breach for breach in breaches(same))
    Rating.objects.update(reasoning="c")
    Initiative.objects.update(description="a")
    StatusNote.objects.update(text="nothing")
    found = list(breaches(writes))
    assert [one for one in found if "what stands is not what was saved last" in one] == [
        f"edit of {OWN}: what stands is not what was saved last",
        f"rating of {OWN}/M1.1: what stands is not what was saved last",
    ]
    assert f"status of {OWN}: »e« was acknowledged and is lost" in found


@pytest.mark.once
def test_a_kind_of_write_that_nobody_got_through_is_named(writes: list[Write]) -> None:
    assert list(not_saved(writes)) == []
    assert {write.kind for write in writes} == set(KINDS)
    for kind in KINDS:
        tried = [replace(write, outcome=IN_DOUBT) if write.kind == kind else write for write in writes]
        assert list(not_saved(tried)) == [f"{kind}: not one was acknowledged"]
    assert len(list(not_saved([]))) == len(KINDS)


def test_writes_are_kept_in_a_file(tmp_path) -> None:
    path, write = tmp_path / "writes", Write(RATING, f"{OWN}/M1.1", "æøå", SAVED, 3)
    assert noted(path) == []
    note(path, write)
    note(path, write)
    assert noted(path) == [write, write]


def test_the_report_tells_of_problems() -> None:
    told = {"Name": "list", "Request Count": "12", "Failure Count": "1", "Median Response Time": "21.4", "95%": "40"}
    row = cells(told)
    assert row == ["list", "12", "21 ms", "40 ms", "1"]
    well = Report(IN_A_HURRY[0], [row], 40, Counter({SAVED: 3, CONFLICT: 1}))
    assert "No error, no lost update." in str(well)
    assert "3 writes acknowledged, 1 told that somebody was first." in str(well)
    assert "1 problems." in str(replace(well, problems=["edit of 2026-801: lost"]))
