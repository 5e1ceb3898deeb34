"""Two people at the same moment: exactly one wins, every time, and the other is told.

Real threads on a real database. With the row locks taken out these tests fail on PostgreSQL.
"""

import datetime
import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from assessments.actions import decisions, drafting, review
from assessments.actions.decisions import DecisionInput
from assessments.inputs import CriterionInput
from assessments.models import Assessment, Rating
from assessments.models.assessment import AlreadySealed
from phases.terms import Outcome, Phase, Track
from portfolio.actions import create_initiative
from portfolio.models import Decision, Initiative, PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = range(5)


def at_once(
    *actions: Callable[[], object], answers: tuple[type[Exception], ...] = (Refused, NotAllowed)
) -> list[object]:
    """Run the actions in threads that start together. Return what each returned, or what it raised of `answers`.

    Anything else that is raised is raised here.
    """
    start = threading.Barrier(len(actions))
    results: list[object] = [None] * len(actions)
    failures: list[Exception] = []

    def run(place: int, action: Callable[[], object]) -> None:
        try:
            start.wait(timeout=10)
            results[place] = action()
        except answers as answer:
            results[place] = answer
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, action)) for place, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if failures:
        raise failures[0]
    return results


def one_won(results: list[object]) -> bool:
    return sorted(isinstance(result, Conflict) for result in results) == [False, True] and None not in results


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def managers() -> tuple[User, User]:
    return person(Role.MANAGER), person(Role.MANAGER)


def submitted() -> tuple[Assessment, str]:
    assessment = factories.submitted(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    return assessment, assessment.snapshots.get().sha256


@pytest.mark.parametrize("_", ROUNDS)
def test_two_managers_approve(managers, _):
    assessment, sha256 = submitted()
    results = at_once(*(lambda by=by: review.approve(assessment=assessment, by=by, sha256=sha256) for by in managers))
    assert one_won(results)
    assert assessment.history.filter(history_change_reason="Godkendt og forseglet").count() == 1


def test_it_is_the_row_lock_that_keeps_them_apart(managers, monkeypatch):
    """Without it PostgreSQL lets both through; SQLite's immediate transactions are a lock of their own."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    won = []
    for _ in range(10):
        assessment, sha256 = submitted()
        won.append(
            one_won(
                at_once(
                    *(
                        lambda by=by, of=assessment, read=sha256: review.approve(assessment=of, by=by, sha256=read)
                        for by in managers
                    ),
                    answers=(Refused, DatabaseError, AlreadySealed),
                )
            )
        )
    assert all(won) is (connection.vendor != "postgresql")


@pytest.mark.parametrize("_", ROUNDS)
def test_one_approves_while_the_other_sends_back(managers, _):
    assessment, sha256 = submitted()
    results = at_once(
        lambda: review.approve(assessment=assessment, by=managers[0], sha256=sha256),
        lambda: review.send_back(assessment=assessment, by=managers[1], sha256=sha256, remarks="Uddyb."),
    )
    assert one_won(results)
    found = Assessment.objects.get(pk=assessment.pk)
    assert bool(found.sealed_sha256) is (found.state == Assessment.State.APPROVED)


@pytest.mark.parametrize("_", ROUNDS)
def test_a_manager_approves_while_the_lead_withdraws(managers, _):
    assessment, sha256 = submitted()
    lead = assessment.initiative.lead
    results = at_once(
        lambda: review.approve(assessment=assessment, by=managers[0], sha256=sha256),
        lambda: review.withdraw(assessment=assessment, by=lead),
    )
    assert one_won(results)


@pytest.mark.parametrize("_", ROUNDS)
def test_two_managers_decide(managers, _):
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=managers[0], to_phase=Phase.MATURATION)
    day = datetime.date(2026, 3, 2)
    on = DecisionInput(Outcome.CONTINUED, "agency", day, to_phase=Phase.MATURATION, to_track=Track.ONE)
    stop = DecisionInput(Outcome.STOPPED, "department", day, reason="Ikke prioriteret.")
    results = at_once(
        lambda: decisions.register_decision(initiative=initiative, by=managers[0], seen=0, wanted=on),
        lambda: decisions.register_decision(initiative=initiative, by=managers[1], seen=0, wanted=stop),
    )
    assert one_won(results)
    assert Decision.objects.count() == 1
    assert PhaseRun.objects.filter(initiative=initiative, state="open").count() <= 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_decision_is_reversed_once(managers, _):
    initiative = initiative_in(Phase.SCREENING)
    wanted = DecisionInput(Outcome.STOPPED, "agency", datetime.date(2026, 3, 2), reason="Slut.")
    decision = decisions.register_decision(initiative=initiative, by=managers[0], seen=0, wanted=wanted)
    results = at_once(
        *(lambda by=by: decisions.reverse_decision(decision=decision, by=by, reason="Forkert.") for by in managers)
    )
    assert one_won(results)
    assert decision.history.filter(history_change_reason="Beslutning omgjort").count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_double_click_submits_once(_):
    assessment = factories.complete_draft(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    lead = assessment.initiative.lead
    results = at_once(*[lambda: review.submit(assessment=assessment, by=lead)] * 2)
    assert one_won(results)
    assert assessment.snapshots.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_double_click_starts_one_assessment(_):
    initiative = initiative_in(Phase.SCREENING)
    results = at_once(*[lambda: factories.draft_of(initiative, to_phase=Phase.MATURATION)] * 2)
    assert one_won(results)


@pytest.mark.parametrize("_", ROUNDS)
def test_two_writers_save_the_same_criterion(_):
    draft = factories.draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    member = person(Role.LEAD)
    draft.initiative.members.add(member)
    criterion = draft.criteria().first()
    results = at_once(
        *(
            lambda by=by: drafting.save_criterion(
                assessment=draft, criterion=criterion, by=by, version=0, written=CriterionInput(reasoning=str(by))
            )
            for by in (draft.initiative.lead, member)
        )
    )
    assert one_won(results)
    rating = Rating.objects.get()
    assert (rating.version, rating.reasoning) == (1, str(rating.saved_by))


@pytest.mark.parametrize("_", ROUNDS)
def test_two_new_initiatives_get_two_numbers(_):
    people = person(Role.LEAD), person(Role.LEAD)
    results = at_once(*(lambda by=by: create_initiative(by=by, title="Eksempel") for by in people))
    assert not [result for result in results if isinstance(result, Exception)]
    assert Initiative.objects.values("number").distinct().count() == 2
