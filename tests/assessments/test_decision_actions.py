"""Registering and reversing decisions: what they do, what they refuse, and that they undo whole."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions import decisions, review
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.models import Deviation
from phases.terms import Outcome, Phase, Stage, SusiStatement, Track
from portfolio.models import Decision, Initiative, PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)
MOST_QUERIES = 25


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def ready(manager):
    """An initiative in screening with an approved assessment for modning."""
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    return anew(initiative)


def anew(initiative):
    return Initiative.objects.get(pk=initiative.pk)


def wanted(outcome=Outcome.CONTINUED, **values):
    values = {"outcome": outcome, "decided_by": Decision.DecidedBy.AGENCY, "decided_on": DAY, **values}
    if outcome == Outcome.CONTINUED:
        values = {"to_phase": Phase.MATURATION, "to_track": Track.ONE} | values
    return DecisionInput(**values)


def decide(initiative, by, outcome=Outcome.CONTINUED, seen=None, **values):
    initiative = anew(initiative)
    seen = decisions.last_decision_no(initiative) if seen is None else seen
    return decisions.register_decision(initiative=initiative, by=by, seen=seen, wanted=wanted(outcome, **values))


class TestContinue:
    def test_closes_one_run_and_opens_the_next_on_the_day_decided(self, ready, manager):
        decision = decide(ready, manager)
        first, second = ready.runs.order_by("sequence")
        assert (first.state, first.closed_by, first.ended_on, first.outcome) == ("ended", decision, DAY, "continued")
        assert (second.state, second.opened_by, second.started_on) == ("open", decision, DAY)
        assert anew(ready).current_run == second

    def test_names_the_assessment_it_rests_on(self, ready, manager):
        assert decide(ready, manager).grounds.get().assessment.initiative == ready

    def test_a_second_click_registers_nothing(self, ready, manager):
        decide(ready, manager, seen=0)
        with pytest.raises(Conflict):
            decide(ready, manager, seen=0, to_phase=Phase.TRIAL)
        assert Decision.objects.count() == 1

    @pytest.mark.parametrize("roles", [(Role.LEAD,), (Role.READER,), (Role.ADMINISTRATOR,), ()])
    def test_only_by_a_manager(self, ready, roles):
        with pytest.raises(NotAllowed):
            decide(ready, person(*roles))
        assert anew(ready).phase == Stage.SCREENING

    def test_without_an_approved_assessment_the_gate_stays_closed(self, manager):
        initiative = initiative_in(Phase.SCREENING)
        with pytest.raises(Refused) as refused:
            decide(initiative, manager)
        assert [finding.code for finding in refused.value.findings] == ["no_assessment"]

    def test_an_assessment_of_an_earlier_phase_is_no_ground_for_the_next(self, ready, manager):
        decide(ready, manager)
        with pytest.raises(Refused):
            decide(ready, manager, to_phase=Phase.TRIAL)

    def test_not_while_another_assessment_is_under_way(self, ready, manager):
        lead = ready.lead
        review.correct(assessment=ready.assessments.get(), by=lead)
        with pytest.raises(Refused) as refused:
            decide(ready, manager)
        assert [finding.code for finding in refused.value.findings] == ["open_assessment"]

    def test_never_back(self, manager):
        with pytest.raises(Refused, match="går ikke tilbage"):
            decide(initiative_in(Phase.TRIAL), manager)

    def test_not_from_udbredelse(self, manager):
        with pytest.raises(Refused):
            decide(initiative_in(Phase.DISSEMINATION), manager, to_phase=Phase.DISSEMINATION)

    def test_on_another_track_than_assessed_is_refused(self, ready, manager):
        with pytest.raises(Refused):
            decide(ready, manager, to_track=Track.TWO)

    def test_changing_track_at_the_transition(self, manager):
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        factories.approved(
            initiative,
            manager=manager,
            to_phase=Phase.TRIAL,
            to_track=Track.ONE,
            weighing_way="trial_1",
            weighing_text="Kerneelementerne er et hele.",
        )
        decide(initiative, manager, to_phase=Phase.TRIAL, to_track=Track.ONE)
        assert (anew(initiative).phase, anew(initiative).track) == (Stage.TRIAL, Track.ONE)

    def test_a_phase_may_be_skipped(self, manager):
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.TRIAL)
        decide(initiative, manager, to_phase=Phase.TRIAL)
        assert anew(initiative).phase == Stage.TRIAL


class TestWhatItAsksAndWrites:
    def test_it_keeps_to_its_number_of_queries(self, ready, manager):
        shown = {"seen": decisions.last_decision_no(ready), "seen_ground": decisions.ground_shown(ready)}
        with CaptureQueriesContext(connection) as queries:
            decisions.register_decision(initiative=ready, by=manager, wanted=wanted(), **shown)
        asked = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= MOST_QUERIES, asked

    def test_one_history_row_tells_of_it_with_its_runs(self, ready, manager):
        decision = decide(ready, manager)
        row = decision.history.get()
        told = (row.history_type, row.history_user, row.history_change_reason)
        assert told == ("+", manager, "Beslutning registreret")
        ended = ready.runs.get(phase=Phase.SCREENING)
        with as_of(row.history_date):
            assert list(Decision.objects.get().runs.values_list("pk", flat=True)) == [ended.pk]
        assert list(decision.runs.all()) == [ended]

    def test_a_merger_is_one_history_row_with_both_runs(self, ready, manager):
        other = initiative_in(Phase.SCREENING)
        factories.approved(other, manager=manager, to_phase=Phase.MATURATION)
        decision = decide(ready, manager, merged=[anew(other)])
        kept = decision.history.get().runs.values_list("phaserun", flat=True)
        assert set(kept) == {ready.current_run_id, other.current_run_id}

    def test_a_decision_of_no_run_is_one_history_row(self, manager):
        decision = decide(initiative_in(None), manager, Outcome.STOPPED, reason="Uden for strategien.")
        assert not decision.history.get().runs.exists()

    @pytest.mark.parametrize(
        ("outcome", "state"), [(Outcome.CONTINUED, "ended"), (Outcome.STOPPED, "ended"), (Outcome.AWAITING, "open")]
    )
    def test_one_history_row_tells_of_the_run_decided_on(self, ready, manager, outcome, state):
        decision = decide(ready, manager, outcome, reason="Besluttet.", departure_reason="Kommunerne trak sig.")
        row = ready.current_run.history.get(history_change_reason=str(decision))
        assert (row.history_type, row.state, row.outcome, row.susi) == ("~", state, outcome, SusiStatement.YES)


class TestDates:
    def test_it_may_lie_in_the_past(self, ready, manager):
        assert decide(ready, manager, decided_on=datetime.date(2024, 5, 1)).registered_at.date() > DAY

    @pytest.mark.parametrize(
        "decided_on", [timezone.localdate() + datetime.timedelta(days=1), datetime.date(2023, 12, 31)]
    )
    def test_not_in_the_future_nor_before_the_phase_began(self, ready, manager, decided_on):
        with pytest.raises(Refused):
            decide(ready, manager, decided_on=decided_on)

    def test_not_before_the_last_decision(self, ready, manager):
        decide(ready, manager, Outcome.AWAITING, reason="Afventer budget")
        with pytest.raises(Refused, match=r"02\.03\.2026"):
            decide(ready, manager, decided_on=datetime.date(2026, 3, 1))


class TestOtherOutcomes:
    def test_stop_in_mid_phase_without_assessment(self, manager):
        initiative = initiative_in(Phase.MATURATION)
        decide(initiative, manager, Outcome.STOPPED, reason="Kommunerne trak sig.")
        assert anew(initiative).phase == Stage.ENDED
        assert anew(initiative).current_run.outcome == Outcome.STOPPED

    def test_a_stop_needs_a_reason(self, manager):
        with pytest.raises(Refused):
            decide(initiative_in(Phase.MATURATION), manager, Outcome.STOPPED)

    def test_a_proposal_may_be_stopped(self, manager):
        proposal = initiative_in(None)
        decision = decide(proposal, manager, Outcome.STOPPED, reason="Uden for strategien.")
        assert anew(proposal).phase == Stage.ENDED
        decisions.reverse_decision(decision=decision, by=manager, reason="Forkert initiativ.")
        assert anew(proposal).phase == Stage.PROPOSAL

    def test_recommending_keeps_the_phase_and_the_assessment_stays_valid_later(self, ready, manager):
        decide(ready, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
        assert anew(ready).phase == Stage.SCREENING
        assert anew(ready).current_run.outcome == Outcome.RECOMMENDED
        decide(ready, manager)
        assert anew(ready).phase == Stage.MATURATION

    def test_awaiting_another_initiative(self, manager):
        initiative, other = initiative_in(Phase.TRIAL), initiative_in(Phase.TRIAL)
        assert decide(initiative, manager, Outcome.AWAITING, awaits=other).awaits == other
        assert anew(initiative).current_run.outcome == Outcome.AWAITING

    def test_nothing_more_is_decided_about_what_has_ended(self, manager):
        initiative = initiative_in(Phase.MATURATION)
        decide(initiative, manager, Outcome.STOPPED, reason="Slut.")
        with pytest.raises(Refused, match="er afsluttet"):
            decide(initiative, manager, Outcome.AWAITING, reason="Alligevel")


class TestCarriedOn:
    def test_by_a_new_one_with_its_own_title_and_agreement(self, ready, manager):
        agreement = AgreementFactory()
        decide(ready, manager, continue_in=ContinueIn.NEW, new_title="Eksempel: modning", agreement=agreement)
        new = Initiative.objects.get(title="Eksempel: modning")
        assert (new.phase, new.lead, list(new.agreements.all())) == (Stage.MATURATION, ready.lead, [agreement])
        assert anew(ready).phase == Stage.ENDED
        assert new.phases_run() == {Phase.SCREENING, Phase.MATURATION}

    def test_its_open_fravigelser_follow(self, manager):
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
        decide(initiative, manager, continue_in=ContinueIn.NEW, new_title="Eksempel: modning")
        new = Initiative.objects.get(title="Eksempel: modning")
        draft = factories.complete_draft(new, to_phase=Phase.TRIAL)
        with pytest.raises(Refused) as refused:
            review.submit(assessment=draft, by=new.lead)
        assert [finding.code for finding in refused.value.findings] == ["former_deviation"]

    def test_by_one_that_runs_already(self, ready, manager):
        running = initiative_in(Phase.MATURATION, Track.ONE)
        decide(ready, manager, continue_in=ContinueIn.EXISTING, existing=running)
        assert anew(ready).phase == Stage.ENDED
        assert running.continues.get().from_initiative == ready
        assert anew(running).runs.count() == 1

    @pytest.mark.parametrize(("stage", "track"), [(Phase.TRIAL, Track.ONE), (Phase.MATURATION, Track.TWO)])
    def test_not_by_one_in_another_phase_or_track(self, ready, manager, stage, track):
        with pytest.raises(Refused, match="ikke i den fase"):
            decide(ready, manager, continue_in=ContinueIn.EXISTING, existing=initiative_in(stage, track))

    @pytest.mark.parametrize(
        "values",
        [{"continue_in": ContinueIn.NEW}, {"continue_in": ContinueIn.EXISTING}],
    )
    def test_the_target_must_be_named(self, ready, manager, values):
        with pytest.raises(Refused):
            decide(ready, manager, **values)

    def test_not_with_or_in_itself(self, ready, manager):
        with pytest.raises(Refused, match="sig selv"):
            decide(ready, manager, merged=[ready], continue_in=ContinueIn.NEW, new_title="X")
        with pytest.raises(Refused, match="sig selv"):
            decide(ready, manager, continue_in=ContinueIn.EXISTING, existing=ready)

    def test_a_merger_rests_on_an_assessment_of_each(self, ready, manager):
        other = initiative_in(Phase.SCREENING)
        with pytest.raises(Refused, match=other.number):
            decide(ready, manager, merged=[other], continue_in=ContinueIn.NEW, new_title="Eksempel: begge")


class TestReverse:
    def test_takes_the_phase_back_and_keeps_both_acts(self, ready, manager):
        decision = decide(ready, manager)
        decisions.reverse_decision(decision=decision, by=manager, reason="Forkert spor.")
        assert anew(ready).phase == Stage.SCREENING
        assert anew(ready).current_run.outcome == Outcome.NOT_ENDED
        assert PhaseRun.objects.get(opened_by=decision).state == PhaseRun.State.ANNULLED
        assert Decision.objects.get().reversal_reason == "Forkert spor."

    def test_the_same_may_then_be_decided_rightly(self, ready, manager):
        decisions.reverse_decision(decision=decide(ready, manager), by=manager, reason="Forkert dato.")
        decide(ready, manager, decided_on=datetime.date(2026, 3, 1))
        assert anew(ready).phase == Stage.MATURATION

    def test_restores_what_the_earlier_decision_said(self, ready, manager):
        decide(ready, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
        decisions.reverse_decision(decision=decide(ready, manager), by=manager, reason="Forhastet.")
        assert anew(ready).current_run.outcome == Outcome.RECOMMENDED

    def test_restores_what_the_source_said(self, manager):
        initiative = initiative_in(Phase.DISSEMINATION)
        decision = decide(initiative, manager, Outcome.STOPPED, reason="Slut.")
        decisions.reverse_decision(decision=decision, by=manager, reason="Ikke slut.")
        run = anew(initiative).current_run
        assert (run.outcome, run.susi, run.state) == (Outcome.FINAL, SusiStatement.FINAL, PhaseRun.State.OPEN)

    def test_annuls_the_decisions_own_fravigelser(self, manager):
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(
            initiative,
            manager=manager,
            to_phase=Phase.MATURATION,
            departed=("M1.1",),
            explained=False,
            recommendation="stop",
            verdict="no",
        )
        criterion = initiative.assessments.get().criteria().get(code="M1.1")
        decision = decide(
            initiative,
            manager,
            departure_reason="Politisk ønske.",
            deviations={criterion: factories.deviation_input(manager)},
        )
        decisions.reverse_decision(decision=decision, by=manager, reason="Fortrudt.")
        assert Deviation.objects.get(decision=decision).state == Deviation.State.ANNULLED

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_only_by_a_manager(self, ready, manager, role):
        decision = decide(ready, manager)
        with pytest.raises(NotAllowed):
            decisions.reverse_decision(decision=decision, by=person(role), reason="Nej")

    def test_needs_a_reason(self, ready, manager):
        with pytest.raises(Refused):
            decisions.reverse_decision(decision=decide(ready, manager), by=manager, reason=" ")

    def test_twice_is_told(self, ready, manager):
        decision = decide(ready, manager)
        decisions.reverse_decision(decision=decision, by=manager, reason="Forkert.")
        with pytest.raises(Conflict):
            decisions.reverse_decision(decision=decision, by=manager, reason="Igen.")

    def test_not_while_a_later_decision_stands(self, ready, manager):
        decision = decide(ready, manager)
        decide(ready, manager, Outcome.STOPPED, reason="Slut.")
        with pytest.raises(Refused, match="senere beslutning"):
            decisions.reverse_decision(decision=decision, by=manager, reason="Forkert.")

    def test_not_while_an_assessment_rests_on_the_phase_it_opened(self, ready, manager):
        decision = decide(ready, manager)
        factories.draft_of(anew(ready), to_phase=Phase.TRIAL)
        with pytest.raises(Refused, match="SUSI-vurdering"):
            decisions.reverse_decision(decision=decision, by=manager, reason="Forkert.")

    def test_puts_a_planned_second_phase_back(self, manager, edition):
        initiative = initiative_in(None)
        entry = dict.fromkeys(edition.entry_conditions.all(), (True, ""))
        decide(
            initiative,
            manager,
            to_phase=Phase.SCREENING,
            to_track="",
            then_phase=Phase.MATURATION,
            then_track=Track.ONE,
            entry=entry,
        )
        factories.approved(anew(initiative), manager=manager, to_phase=Phase.MATURATION)
        decision = decide(initiative, manager)
        decisions.reverse_decision(decision=decision, by=manager, reason="Forhastet.")
        assert [run.state for run in initiative.runs.order_by("sequence")] == ["open", "planned"]
        assert anew(initiative).phase_label == "Screening/modning"
