"""Submit, withdraw, send back, approve, correct, annul: each when it goes well, in the wrong state, by the wrong
person, and done twice."""

import json

import pytest

from assessments.actions import drafting, review
from assessments.models import Assessment, Deviation
from phases.terms import Phase, Recommendation, SusiStatement, Verdict
from portfolio.models import Initiative
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import complete_draft, conclude, initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def initiative():
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def draft(initiative):
    return complete_draft(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def submitted(initiative):
    return factories.submitted(initiative, to_phase=Phase.MATURATION, departed=("M1.2",))


@pytest.fixture
def approved(submitted, manager):
    return review.approve(assessment=submitted, by=manager, sha256=sha(submitted))


def sha(assessment: Assessment) -> str:
    return assessment.snapshots.order_by("-no").first().sha256


def anew(assessment: Assessment) -> Assessment:
    return Assessment.objects.get(pk=assessment.pk)


class TestSubmit:
    def test_keeps_a_numbered_snapshot(self, draft):
        snapshot = review.submit(assessment=draft, by=draft.initiative.lead)
        assert snapshot.no == 1
        assert anew(draft).state == Assessment.State.SUBMITTED
        assert json.loads(snapshot.data)["conclusion"] == "Indsatsen er velbeskrevet."
        assert json.loads(snapshot.data)["submitted"]["by"]["name"] == str(draft.initiative.lead)

    def test_refuses_with_every_finding(self, initiative):
        draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
        with pytest.raises(Refused) as refused:
            review.submit(assessment=draft, by=initiative.lead)
        codes = [finding.code for finding in refused.value.findings]
        assert codes == ["unrated"] * 3 + ["verdict", "conclusion", "recommendation", "fast_track"]
        assert not draft.snapshots.exists()

    def test_twice_is_told_and_writes_once(self, draft):
        review.submit(assessment=draft, by=draft.initiative.lead)
        with pytest.raises(Conflict):
            review.submit(assessment=draft, by=draft.initiative.lead)
        assert draft.snapshots.count() == 1

    @pytest.mark.parametrize("roles", [(Role.LEAD,), (Role.MANAGER,), (Role.READER,), (Role.ADMINISTRATOR,), ()])
    def test_only_by_its_writers(self, draft, roles):
        with pytest.raises(NotAllowed):
            review.submit(assessment=draft, by=person(*roles))

    def test_a_member_may(self, draft):
        member = person(Role.LEAD)
        draft.initiative.members.add(member)
        assert review.submit(assessment=draft, by=member).submitted_by == member

    def test_refuses_characters_the_fonts_lack(self, initiative):
        draft = complete_draft(initiative, to_phase=Phase.MATURATION, conclusion="Set i \u0e01 sammenhæng")
        with pytest.raises(Refused) as refused:
            review.submit(assessment=draft, by=initiative.lead)
        assert [finding.code for finding in refused.value.findings] == ["unprintable"]
        assert "Konklusionen" in refused.value.sentences[0]


class TestWithdraw:
    def test_makes_it_a_draft_again(self, submitted):
        review.withdraw(assessment=submitted, by=submitted.initiative.lead)
        assert anew(submitted).state == Assessment.State.DRAFT

    def test_not_a_draft(self, draft):
        with pytest.raises(Conflict):
            review.withdraw(assessment=draft, by=draft.initiative.lead)

    def test_not_by_a_manager(self, submitted, manager):
        with pytest.raises(NotAllowed):
            review.withdraw(assessment=submitted, by=manager)

    def test_not_after_approval(self, approved):
        with pytest.raises(Conflict):
            review.withdraw(assessment=approved, by=approved.initiative.lead)

    def test_submitting_again_makes_the_next_snapshot(self, submitted):
        review.withdraw(assessment=submitted, by=submitted.initiative.lead)
        assert review.submit(assessment=submitted, by=submitted.initiative.lead).no == 2


class TestSendBack:
    def test_says_what_must_change(self, submitted, manager):
        review.send_back(assessment=submitted, by=manager, sha256=sha(submitted), remarks="Uddyb M1.2.")
        found = anew(submitted)
        assert (found.state, found.return_remarks, found.returned_by) == ("returned", "Uddyb M1.2.", manager)

    def test_needs_remarks(self, submitted, manager):
        with pytest.raises(Refused):
            review.send_back(assessment=submitted, by=manager, sha256=sha(submitted), remarks=" ")
        assert anew(submitted).state == Assessment.State.SUBMITTED

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_only_by_a_manager(self, submitted, role):
        with pytest.raises(NotAllowed):
            review.send_back(assessment=submitted, by=person(role), sha256=sha(submitted), remarks="Nej")

    def test_twice_is_told(self, submitted, manager):
        review.send_back(assessment=submitted, by=manager, sha256=sha(submitted), remarks="Uddyb.")
        with pytest.raises(Conflict):
            review.send_back(assessment=submitted, by=manager, sha256=sha(submitted), remarks="Uddyb mere.")
        assert anew(submitted).return_remarks == "Uddyb."


class TestApprove:
    def test_seals_what_was_submitted(self, submitted, manager):
        read = json.loads(submitted.snapshots.get().data)
        review.approve(assessment=submitted, by=manager, sha256=sha(submitted))
        found = anew(submitted)
        sealed = json.loads(found.sealed_data)
        assert {name: sealed[name] for name in read if name != "approved"} == {
            name: value for name, value in read.items() if name != "approved"
        }
        assert sealed["approved"]["by"]["name"] == str(manager)
        assert found.sealed_sha256 == review.record.checksum(found.sealed_data)

    def test_puts_fravigelser_in_force_and_states_the_verdict(self, approved):
        assert Deviation.objects.get(criterion__code="M1.2").state == Deviation.State.OPEN
        assert anew(approved).run.susi == SusiStatement.YES

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_only_by_a_manager(self, submitted, role):
        with pytest.raises(NotAllowed):
            review.approve(assessment=submitted, by=person(role), sha256=sha(submitted))

    def test_four_eyes(self, initiative):
        initiative.lead.groups.add(*person(Role.MANAGER).groups.all())
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        with pytest.raises(NotAllowed, match="fire øjne"):
            review.approve(
                assessment=submitted, by=type(initiative.lead).objects.get(pk=initiative.lead.pk), sha256=sha(submitted)
            )

    def test_whoever_wrote_one_text_may_not(self, draft, manager):
        helper = person(Role.LEAD, Role.MANAGER)
        draft.initiative.members.add(helper)
        conclude(draft, helper)
        review.submit(assessment=draft, by=draft.initiative.lead)
        with pytest.raises(NotAllowed):
            review.approve(assessment=draft, by=helper, sha256=sha(draft))

    def test_twice_is_told(self, approved, manager):
        with pytest.raises(Conflict):
            review.approve(assessment=approved, by=manager, sha256=sha(approved))

    def test_not_a_draft(self, draft, manager):
        with pytest.raises(Conflict):
            review.approve(assessment=draft, by=manager, sha256="")

    def test_not_a_text_that_changed_since_it_was_read(self, submitted, manager):
        read = sha(submitted)
        lead = submitted.initiative.lead
        review.withdraw(assessment=submitted, by=lead)
        conclude(submitted, lead, conclusion="En anden konklusion.")
        review.submit(assessment=submitted, by=lead)
        with pytest.raises(Conflict, match="indsendt på ny"):
            review.approve(assessment=submitted, by=manager, sha256=read)

    def test_a_recommended_stop_leaves_no_fravigelse_in_force(self, initiative, manager):
        factories.approved(
            initiative,
            manager=manager,
            to_phase=Phase.MATURATION,
            departed=("M1.1",),
            recommendation=Recommendation.STOP,
            verdict=Verdict.NO,
        )
        assert Deviation.objects.get().state == Deviation.State.ANNULLED
        assert Initiative.objects.get().current_run.susi == SusiStatement.YES_NO

    def test_a_sealed_record_cannot_be_changed_by_the_drafting_actions(self, approved):
        with pytest.raises(Conflict):
            conclude(approved, approved.initiative.lead, conclusion="Ændret bagefter")
        assert "Ændret bagefter" not in anew(approved).sealed_data


class TestCorrect:
    def test_is_a_new_version_with_everything_copied(self, approved):
        correction = review.correct(assessment=approved, by=approved.initiative.lead)
        assert (correction.doc_version, correction.document_number) == (2, approved.document_number)
        assert correction.ratings.count() == approved.ratings.count()
        assert correction.deviations.get().replaces == approved.deviations.get()

    def test_names_what_changed(self, approved):
        correction = review.correct(assessment=approved, by=approved.initiative.lead)
        with pytest.raises(Refused) as refused:
            review.submit(assessment=correction, by=approved.initiative.lead)
        assert [finding.code for finding in refused.value.findings] == ["change_note"]

    def test_replaces_the_fravigelse_and_both_versions_stay(self, approved, manager):
        lead = approved.initiative.lead
        correction = review.correct(assessment=approved, by=lead)
        conclude(correction, lead, change_note="Tabel 2 rettet.")
        review.submit(assessment=correction, by=lead)
        review.approve(assessment=correction, by=manager, sha256=sha(correction))
        assert anew(approved).state == anew(correction).state == Assessment.State.APPROVED
        assert list(Assessment.objects.latest_approved()) == [correction]
        assert [deviation.state for deviation in Deviation.objects.order_by("pk")] == ["replaced", "open"]

    def test_not_of_a_corrected_version(self, approved, manager):
        lead = approved.initiative.lead
        correction = review.correct(assessment=approved, by=lead)
        conclude(correction, lead, change_note="Tabel 2 rettet.")
        review.submit(assessment=correction, by=lead)
        review.approve(assessment=correction, by=manager, sha256=sha(correction))
        with pytest.raises(Conflict):
            review.correct(assessment=approved, by=lead)

    def test_twice_is_told(self, approved):
        review.correct(assessment=approved, by=approved.initiative.lead)
        with pytest.raises(Conflict):
            review.correct(assessment=approved, by=approved.initiative.lead)

    def test_not_by_a_manager(self, approved, manager):
        with pytest.raises(NotAllowed):
            review.correct(assessment=approved, by=manager)

    def test_not_a_draft(self, draft):
        with pytest.raises(Conflict):
            review.correct(assessment=draft, by=draft.initiative.lead)

    def test_never_changes_the_transition(self, approved):
        correction = review.correct(assessment=approved, by=approved.initiative.lead)
        with pytest.raises(Refused):
            drafting.change_target(
                assessment=correction, by=approved.initiative.lead, to_phase=Phase.TRIAL, to_track="1"
            )


class TestAnnul:
    @pytest.mark.parametrize("by_manager", [True, False])
    def test_gives_a_draft_up_with_a_reason(self, draft, manager, by_manager):
        by = manager if by_manager else draft.initiative.lead
        review.annul(assessment=draft, by=by, reason="Forkert fase valgt.")
        assert anew(draft).annulment_reason == "Forkert fase valgt."

    def test_needs_a_reason(self, draft):
        with pytest.raises(Refused):
            review.annul(assessment=draft, by=draft.initiative.lead, reason="")

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_not_by_others(self, draft, role):
        with pytest.raises(NotAllowed):
            review.annul(assessment=draft, by=person(role), reason="Forkert")

    def test_never_what_is_approved(self, approved, manager):
        with pytest.raises(Conflict):
            review.annul(assessment=approved, by=manager, reason="Forkert")

    def test_twice_is_told(self, draft):
        review.annul(assessment=draft, by=draft.initiative.lead, reason="Forkert")
        with pytest.raises(Conflict):
            review.annul(assessment=draft, by=draft.initiative.lead, reason="Igen")
