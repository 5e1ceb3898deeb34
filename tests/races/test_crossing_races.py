"""Two people at the same moment on different rows of one initiative: whoever comes second sees what the first did.

Every action locks the initiative first. Whatever the order, nothing but a refusal is raised, and afterwards the
initiative and its runs say what the decisions in force say.
"""

import datetime
from collections.abc import Callable

import pytest

from assessments.actions import decisions, review
from assessments.actions.decisions import DecisionInput
from assessments.models import Assessment
from phases.terms import Outcome, Phase, Track
from portfolio.models import Decision, Initiative, PhaseRun
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.races.test_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = range(3)
DAY = datetime.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING)


def approved(initiative: Initiative, manager: User) -> Assessment:
    return factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)


def approval(assessment: Assessment, manager: User) -> Callable[[], object]:
    sha256 = assessment.snapshots.latest("no").sha256
    return lambda: review.approve(assessment=assessment, by=manager, sha256=sha256)


def decision(initiative: Initiative, manager: User, outcome: str = Outcome.CONTINUED) -> Callable[[], Decision]:
    """Return the act of deciding, as somebody who has just opened the page."""
    goes_on = {"to_phase": Phase.MATURATION, "to_track": Track.ONE}
    values = goes_on if outcome == Outcome.CONTINUED else {"reason": "Det afventer andre."}
    wanted = DecisionInput(outcome=outcome, decided_by="agency", decided_on=DAY, **values)
    seen = decisions.last_decision_no(initiative)
    return lambda: decisions.register_decision(initiative=initiative, by=manager, seen=seen, wanted=wanted)


def check(initiative: Initiative, results: list[object]) -> list[bool]:
    """Check that everything agrees. Return which of the two acts were done and not refused."""
    assert None not in results
    row = Initiative.objects.get(pk=initiative.pk)
    assert row.standing_by_runs() == (row.phase, row.current_run)
    for run in PhaseRun.objects.filter(initiative=initiative):
        latest = Decision.objects.in_force().filter(runs=run).order_by("pk").last()
        assert run.outcome == (latest.outcome if latest else Outcome.NOT_ENDED)
        newest = Assessment.objects.latest_approved().filter(run=run).first()
        assert newest is None or run.susi == review.SUSI_BY_VERDICT[newest.verdict]
    return [not isinstance(result, Exception) for result in results]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_correction_is_approved_while_the_decision_is_reversed(manager, initiative, _) -> None:
    assessment = approved(initiative, manager)
    decided = decision(initiative, manager)()
    correction = review.correct(assessment=assessment, by=initiative.lead)
    factories.conclude(correction, initiative.lead, change_note="Præciseret.", verdict="partly")
    review.submit(assessment=correction, by=initiative.lead)
    results = at_once(
        approval(correction, manager),
        lambda: decisions.reverse_decision(decision=decided, by=person(Role.MANAGER), reason="Forkert."),
    )
    assert check(initiative, results) == [True, True]
    assert Initiative.objects.get(pk=initiative.pk).phase == Phase.SCREENING
    assert initiative.runs.get(sequence=1).susi == "yes_partly"


@pytest.mark.parametrize("_", ROUNDS)
def test_an_assessment_is_approved_while_it_is_decided_to_wait(manager, initiative, _) -> None:
    submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
    results = at_once(approval(submitted, manager), decision(initiative, person(Role.MANAGER), Outcome.AWAITING))
    assert check(initiative, results) == [True, True]
    run = initiative.runs.get()
    assert (run.outcome, run.susi) == (Outcome.AWAITING, "yes")


@pytest.mark.parametrize("_", ROUNDS)
def test_a_correction_is_begun_while_a_new_assessment_is(manager, initiative, _) -> None:
    assessment = approved(initiative, manager)
    results = at_once(
        lambda: review.correct(assessment=assessment, by=initiative.lead),
        lambda: factories.draft_of(initiative, to_phase=Phase.TRIAL),
    )
    assert sorted(check(initiative, results)) == [False, True]
    assert initiative.assessments.open().count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_correction_is_begun_while_a_decision_is_registered(manager, initiative, _) -> None:
    assessment = approved(initiative, manager)
    results = at_once(lambda: review.correct(assessment=assessment, by=initiative.lead), decision(initiative, manager))
    corrected, decided = check(initiative, results)
    assert corrected
    assert initiative.decisions.exists() is decided


@pytest.mark.parametrize("_", ROUNDS)
def test_an_assessment_is_begun_while_a_decision_is_registered(manager, initiative, _) -> None:
    approved(initiative, manager)
    results = at_once(lambda: factories.draft_of(initiative, to_phase=Phase.TRIAL), decision(initiative, manager))
    begun, decided = check(initiative, results)
    assert begun
    assert initiative.decisions.exists() is decided
    assert initiative.assessments.open().get().run == Initiative.objects.get(pk=initiative.pk).current_run
