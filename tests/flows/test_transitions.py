"""The way from criteria to the next phase, told as the people in it would tell it."""

import datetime

import pytest

from assessments.actions import decisions, review
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.models import Assessment, Deviation
from phases.models import EntryCondition
from phases.terms import Outcome, Phase, Recommendation, Stage, Track, Verdict
from portfolio import lengthening
from portfolio.models import Decision, Initiative
from susi.errors import Refused
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 2)


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


def decide(initiative: Initiative, by: User, outcome: str = Outcome.CONTINUED, **values) -> Decision:
    wanted = DecisionInput(
        **{"outcome": outcome, "decided_by": Decision.DecidedBy.AGENCY, "decided_on": TODAY, **values}
    )
    initiative = Initiative.objects.get(pk=initiative.pk)
    return decisions.register_decision(
        initiative=initiative, by=by, seen=decisions.last_decision_no(initiative), wanted=wanted
    )


def stands(initiative: Initiative) -> tuple[str, str]:
    found = Initiative.objects.get(pk=initiative.pk)
    return found.phase, found.track


def all_entry_conditions_met(edition) -> dict[EntryCondition, tuple[bool | None, str]]:
    return dict.fromkeys(edition.entry_conditions.all(), (True, ""))


def test_from_proposal_through_all_four_phases_to_the_end(manager, edition):
    initiative = initiative_in(None)

    decide(initiative, manager, to_phase=Phase.SCREENING, entry=all_entry_conditions_met(edition))
    assert stands(initiative) == (Stage.SCREENING, "")

    for phase in (Phase.MATURATION, Phase.TRIAL, Phase.DISSEMINATION):
        factories.approved(Initiative.objects.get(pk=initiative.pk), manager=manager, to_phase=phase)
        decide(initiative, manager, to_phase=phase, to_track=Track.ONE)
        assert stands(initiative) == (phase.value, Track.ONE)

    decide(initiative, manager, Outcome.STOPPED, reason="Implementeringsstøtten er afsluttet.")
    assert stands(initiative)[0] == Stage.ENDED
    assert [run.state for run in initiative.runs.all()] == ["ended"] * 4


def test_a_fravigelse_opens_the_gate_and_comes_back_at_the_next_one(manager):
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    assert Deviation.objects.get().state == Deviation.State.OPEN
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)

    draft = factories.complete_draft(Initiative.objects.get(pk=initiative.pk), to_phase=Phase.TRIAL)
    with pytest.raises(Refused) as refused:
        review.submit(assessment=draft, by=initiative.lead)
    assert refused.value.sentences == ("Vurdér, hvordan det er gået med fravigelsen fra kriterie M1.2.",)


def test_the_decision_may_depart_from_a_recommendation_to_stop_with_own_fravigelser(manager):
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(
        initiative,
        manager=manager,
        to_phase=Phase.MATURATION,
        departed=("M1.1",),
        explained=False,
        verdict=Verdict.NO,
        recommendation=Recommendation.STOP,
    )
    with pytest.raises(Refused) as refused:
        decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    assert [finding.code for finding in refused.value.findings] == ["deviation", "departure_reason"]

    criterion = Assessment.objects.get().criteria().get(code="M1.1")
    decide(
        initiative,
        manager,
        to_phase=Phase.MATURATION,
        to_track=Track.ONE,
        departure_reason="Aftalepartierne ønsker indsatsen modnet.",
        deviations={criterion: factories.deviation_input(manager)},
    )
    assert stands(initiative) == (Stage.MATURATION, Track.ONE)
    assert Deviation.objects.filter(state=Deviation.State.OPEN, decision__isnull=False).count() == 1


def test_two_merge_into_a_new_one_and_the_reversal_takes_it_all_back(manager):
    first, second = initiative_in(Phase.SCREENING), initiative_in(Phase.SCREENING)
    for initiative in (first, second):
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    decision = decide(
        first,
        manager,
        to_phase=Phase.MATURATION,
        to_track=Track.ONE,
        merged=[second],
        continue_in=ContinueIn.NEW,
        new_title="Eksempel: modning af begge",
        agreement=AgreementFactory(),
    )
    new = Initiative.objects.get(title="Eksempel: modning af begge")
    assert stands(new) == (Stage.MATURATION, Track.ONE)
    assert stands(first)[0] == stands(second)[0] == Stage.ENDED
    assert decision.grounds.count() == 2
    assert {link.from_initiative for link in new.continues.all()} == {first, second}

    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert aftale.")
    assert stands(first)[0] == stands(second)[0] == Stage.SCREENING
    assert stands(new)[0] == Stage.PROPOSAL
    assert not new.continues.in_force().exists()


def test_a_decision_is_not_reversed_while_the_phase_it_opened_is_on_pause(manager):
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    decision = decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    lead = initiative.lead

    def do(act, **told):
        now = Initiative.objects.get(pk=initiative.pk)
        return act(initiative=now, by=lead, version=now.version, reason="Eksempel", **told)

    pause = do(lengthening.pause, since=decision.decided_on)
    with pytest.raises(Refused, match="Modningsfasen, som beslutningen åbnede, er sat på pause fra"):
        decisions.reverse_decision(decision=decision, by=manager, reason="Forkert dato.")
    do(lengthening.annul_pause, pause=pause)
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert dato.")
    assert stands(initiative)[0] == Stage.SCREENING


def test_screening_and_modning_in_one_initiative(manager, edition):
    initiative = initiative_in(None)
    decide(
        initiative,
        manager,
        to_phase=Phase.SCREENING,
        then_phase=Phase.MATURATION,
        then_track=Track.TWO,
        entry=all_entry_conditions_met(edition),
    )
    found = Initiative.objects.get(pk=initiative.pk)
    assert (found.phase, found.phase_label) == (Stage.SCREENING, "Screening/modning")

    factories.approved(found, manager=manager, to_phase=Phase.MATURATION, to_track=Track.TWO)
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.TWO)
    assert stands(initiative) == (Stage.MATURATION, Track.TWO)
    assert initiative.runs.count() == 2


def test_a_proposal_may_start_in_modning_when_leaving_out_screening_is_explained(manager, edition):
    initiative = initiative_in(None)
    draft = factories.complete_draft(initiative, to_phase=Phase.MATURATION)
    with pytest.raises(Refused) as refused:
        review.submit(assessment=draft, by=initiative.lead)
    assert {finding.code for finding in refused.value.findings} == {"entry_unjudged", "screening_left_out"}
