"""Corrections, judgements and decisions that cross each other: nothing older overrules something newer."""

import datetime

import pytest

from assessments.actions import decisions, drafting, review
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.actions.drafting import SavedByAnother
from assessments.inputs import CriterionInput
from assessments.models import Assessment, Deviation
from phases.terms import DeviationOutcome, Outcome, Phase, RatingValue, Recommendation, SusiStatement, Track, Verdict
from portfolio.models import Decision, Initiative
from susi.errors import Conflict, Refused
from susi.roles import Role
from tests import factories
from tests.factories import conclude, draft_of, initiative_in, person

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


def anew(row):
    return type(row).objects.get(pk=row.pk)


def decide(initiative, by, outcome=Outcome.CONTINUED, seen_ground=None, **values):
    initiative = anew(initiative)
    wanted = DecisionInput(outcome=outcome, decided_by="agency", decided_on=DAY, **values)
    seen = decisions.last_decision_no(initiative)
    return decisions.register_decision(initiative=initiative, by=by, seen=seen, seen_ground=seen_ground, wanted=wanted)


def corrected(assessment, manager, **values):
    lead = assessment.initiative.lead
    correction = review.correct(assessment=anew(assessment), by=lead)
    conclude(correction, lead, change_note="Rettet.", **values)
    review.submit(assessment=correction, by=lead)
    return review.approve(assessment=correction, by=manager, sha256=correction.snapshots.get().sha256)


def judge(initiative, deviation, outcome, manager, to_phase):
    draft = factories.complete_draft(anew(initiative), to_phase=to_phase)
    lead = initiative.lead
    drafting.save_former_deviations(assessment=draft, by=lead, version=0, judged={deviation: (outcome, "Set på")})
    review.submit(assessment=draft, by=lead)
    return review.approve(assessment=draft, by=manager, sha256=draft.snapshots.get().sha256)


def test_after_an_annulled_correction_another_may_be_made(manager):
    approved = factories.approved(initiative_in(Phase.SCREENING), manager=manager, to_phase=Phase.MATURATION)
    lead = approved.initiative.lead
    review.annul(assessment=review.correct(assessment=approved, by=lead), by=lead, reason="Ikke nødvendig.")
    assert review.correct(assessment=anew(approved), by=lead).doc_version == 3


def test_correcting_an_older_assessment_does_not_reopen_what_a_later_one_settled(manager):
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
    deviation = Deviation.objects.get()
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    first = judge(initiative, deviation, DeviationOutcome.CONTINUED, manager, Phase.TRIAL)
    decide(initiative, manager, to_phase=Phase.TRIAL, to_track=Track.ONE)
    judge(initiative, deviation, DeviationOutcome.SETTLED, manager, Phase.DISSEMINATION)
    corrected(first, manager)
    assert anew(deviation).state == Deviation.State.SETTLED


def test_a_judgement_of_a_replaced_fravigelse_counts_for_what_replaced_it(manager):
    initiative = initiative_in(Phase.SCREENING)
    first = factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    old = Deviation.objects.get()
    judging = judge(initiative, old, DeviationOutcome.CONTINUED, manager, Phase.TRIAL)
    corrected(first, manager)
    correction = review.correct(assessment=judging, by=initiative.lead)
    new = old.replaced_by.get()
    drafting.save_former_deviations(
        assessment=correction, by=initiative.lead, version=0, judged={new: (DeviationOutcome.SETTLED, "Afklaret")}
    )
    conclude(correction, initiative.lead, change_note="Vurderingen rettet.")
    review.submit(assessment=correction, by=initiative.lead)
    review.approve(assessment=correction, by=manager, sha256=correction.snapshots.get().sha256)
    assert (anew(old).state, anew(new).state) == (Deviation.State.REPLACED, Deviation.State.SETTLED)


def test_a_corrected_older_document_is_not_the_newest_ground(manager):
    initiative = initiative_in(Phase.SCREENING)
    first = factories.approved(
        initiative, manager=manager, to_phase=Phase.MATURATION, to_track=Track.TWO, verdict=Verdict.PARTLY
    )
    decide(initiative, manager, Outcome.AWAITING, reason="Afventer budget.")
    second = factories.approved(anew(initiative), manager=manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    corrected(first, manager)
    assert decisions.grounds_for([anew(initiative)]) == [second]
    assert anew(initiative).current_run.susi == SusiStatement.YES


def test_a_decision_rests_on_the_version_the_manager_saw(manager):
    initiative = initiative_in(Phase.SCREENING)
    approved = factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    shown = decisions.ground_shown(anew(initiative))
    assert shown == approved.pk
    corrected(approved, manager)
    with pytest.raises(Conflict, match="rettet imens"):
        decide(initiative, manager, seen_ground=shown, to_phase=Phase.MATURATION, to_track=Track.ONE)
    assert not Decision.objects.exists()


def test_the_phase_another_was_carried_into_is_not_reversed_away(manager):
    target, other = initiative_in(Phase.SCREENING), initiative_in(Phase.SCREENING)
    for initiative in (target, other):
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    opened = decide(target, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    into = {"continue_in": ContinueIn.EXISTING, "existing": anew(target)}
    decide(other, manager, to_phase=Phase.MATURATION, to_track=Track.ONE, **into)
    with pytest.raises(Refused, match="senere beslutning"):
        decisions.reverse_decision(decision=opened, by=manager, reason="Forkert.")


class TestAgainstARecommendedStop:
    """Going on against it explains what the assessment left unexplained; what cannot be departed from stays shut."""

    def stop(self, manager, edition, *, met):
        proposal = initiative_in(None)
        draft = draft_of(proposal, to_phase=Phase.MATURATION)
        factories.rate_all(draft, proposal.lead)
        judged = dict.fromkeys(edition.entry_conditions.all(), (met, "" if met else "Alene lokal interesse."))
        drafting.save_entry(assessment=draft, by=proposal.lead, version=0, judged=judged)
        conclude(draft, proposal.lead, verdict=Verdict.NO, recommendation=Recommendation.STOP)
        review.submit(assessment=draft, by=proposal.lead)
        review.approve(assessment=draft, by=manager, sha256=draft.snapshots.get().sha256)
        return proposal

    def go_on(self, proposal, manager, **values):
        return decide(
            proposal,
            manager,
            to_phase=Phase.MATURATION,
            to_track=Track.ONE,
            departure_reason="Politisk ønske.",
            **values,
        )

    def test_leaving_out_screening_needs_the_decisions_own_fravigelse(self, manager, edition):
        proposal = self.stop(manager, edition, met=True)
        with pytest.raises(Refused) as refused:
            self.go_on(proposal, manager)
        assert [finding.code for finding in refused.value.findings] == ["screening_left_out"]
        self.go_on(proposal, manager, deviations={None: factories.deviation_input(manager)})
        assert Deviation.objects.get(decision__isnull=False).subject == "fasemodellen"
        assert anew(proposal).phase == Phase.MATURATION

    def test_a_condition_for_entering_that_is_not_met_keeps_it_out(self, manager, edition):
        proposal = self.stop(manager, edition, met=False)
        with pytest.raises(Refused) as refused:
            self.go_on(proposal, manager, deviations={None: factories.deviation_input(manager)})
        assert {finding.code for finding in refused.value.findings} == {"entry_not_met"}


def test_a_decision_departs_only_from_what_stands_unexplained(manager):
    initiative = initiative_in(Phase.SCREENING)
    assessment = factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    met = assessment.criteria().first()
    with pytest.raises(Refused, match="uden forklaring"):
        decide(
            initiative,
            manager,
            to_phase=Phase.MATURATION,
            to_track=Track.ONE,
            deviations={met: factories.deviation_input(manager)},
        )


@pytest.mark.parametrize("role", [Role.READER, Role.ADMINISTRATOR])
def test_a_fravigelse_is_owned_by_somebody_who_can_act(role):
    draft = draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    written = CriterionInput(deviation=factories.deviation_input(person(role)))
    with pytest.raises(Refused, match="ansvarlig"):
        drafting.save_criterion(
            assessment=draft, criterion=draft.criteria().first(), by=draft.initiative.lead, version=0, written=written
        )


def test_a_fravigelse_is_followed_up_in_time_to_come():
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.complete_draft(initiative, to_phase=Phase.MATURATION)
    passed = factories.deviation_input(initiative.lead, review_on=datetime.date(2020, 1, 1))
    drafting.save_criterion(
        assessment=draft,
        criterion=draft.criteria().get(code="M1.1"),
        by=initiative.lead,
        version=1,
        written=CriterionInput(value=RatingValue.PARTLY, reasoning="Delvist", deviation=passed),
    )
    with pytest.raises(Refused, match="ligger fremme i tiden"):
        review.submit(assessment=draft, by=initiative.lead)


def test_the_old_wording_is_not_saved_over_the_new_after_a_change_of_track():
    draft = draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    lead = draft.initiative.lead
    criterion = draft.criteria().get(code="M1.2")
    drafting.change_target(assessment=draft, by=lead, to_phase=Phase.MATURATION, to_track=Track.TWO)
    with pytest.raises(SavedByAnother):
        drafting.save_criterion(
            assessment=draft, criterion=criterion, by=lead, version=0, written=CriterionInput(value=RatingValue.MET)
        )


def test_a_condition_judged_by_mistake_can_be_left_unjudged_again(edition):
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.complete_draft(initiative, to_phase=Phase.MATURATION)
    condition = edition.entry_conditions.first()
    for version, met in enumerate((True, None)):
        drafting.save_entry(assessment=draft, by=initiative.lead, version=version, judged={condition: (met, "")})
    assert review.submit(assessment=draft, by=initiative.lead).no == 1
    assert Assessment.objects.get().state == Assessment.State.SUBMITTED
    assert Initiative.objects.get().phase == Phase.SCREENING
