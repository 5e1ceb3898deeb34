"""What needs whom, and what comes next for an initiative."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions import review
from assessments.agenda import agenda_for
from assessments.models import Assessment, Deviation
from assessments.next_step import NextStep, next_step
from assessments.templatetags.assessments import assessments_of, open_deviations
from assessments.views.lookup import find_assessment
from phases.terms import Outcome, Phase, Track
from portfolio.models import Continuation, Initiative
from susi.past import NoPast, as_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide, from_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


def tasks(user) -> dict[str, list[Initiative]]:
    return {
        group.heading: [Initiative.objects.get(number=task.number) for task in group.tasks]
        for group in agenda_for(user)
    }


def step(initiative: Initiative, user) -> NextStep:
    initiative = anew(initiative)
    return next_step(initiative, user, assessments_of(initiative, user))


def ways(found: NextStep) -> list[tuple[str, bool]]:
    return [(way.label, way.is_main) for way in found.ways]


class TestAgenda:
    def test_a_lead_from_start_to_return(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        lead = initiative.lead
        assert tasks(lead) == {"Dine initiativer uden SUSI-vurdering": [initiative]}

        draft = factories.complete_draft(initiative, to_phase=Phase.MATURATION)
        assert tasks(lead) == {"Dine kladder": [initiative]}
        snapshot = review.submit(assessment=draft, by=lead)
        assert tasks(lead) == {}
        review.send_back(assessment=Assessment.objects.get(), by=manager, sha256=snapshot.sha256, remarks="Uddyb M1.1.")
        assert tasks(lead) == {"Sendt tilbage til dig": [initiative]}
        assert agenda_for(lead)[0].tasks[0].remarks == "Uddyb M1.1."

    def test_a_member_has_the_same_tasks_and_a_stranger_none(self) -> None:
        initiative = initiative_in(Phase.TRIAL)
        member = person(Role.LEAD)
        initiative.members.add(member)
        assert tasks(member) == tasks(initiative.lead)
        assert tasks(person(Role.LEAD)) == tasks(person(Role.READER)) == tasks(person(Role.ADMINISTRATOR)) == {}
        member.groups.clear()
        assert tasks(type(member).objects.get(pk=member.pk)) == {}

    @pytest.mark.parametrize("stage", [None, Phase.DISSEMINATION])
    def test_where_no_assessment_is_made_none_is_asked_for(self, stage) -> None:
        assert tasks(initiative_in(stage).lead) == {}

    def test_a_manager_from_approval_to_decision(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        assert tasks(manager) == {"SUSI-vurderinger til godkendelse": [initiative]}
        review.approve(assessment=submitted, by=manager, sha256=submitted.snapshots.get().sha256)
        assert tasks(manager) == {"Godkendte SUSI-vurderinger uden beslutning": [initiative]}
        decide(initiative, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
        assert tasks(manager) == tasks(initiative.lead) == {}  # it waits for the agreement
        decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
        assert tasks(manager) == {}
        assert tasks(initiative.lead) == {"Dine initiativer uden SUSI-vurdering": [initiative]}

    def test_nobody_is_asked_to_approve_an_own_text(self) -> None:
        both = person(Role.MANAGER, Role.LEAD)
        initiative = initiative_in(Phase.SCREENING, lead=both)
        factories.submitted(initiative, to_phase=Phase.MATURATION)
        assert tasks(both) == {}
        assert tasks(person(Role.MANAGER)) == {"SUSI-vurderinger til godkendelse": [initiative]}

    def test_proposals_wait_for_a_manager_until_something_is_decided(self, manager) -> None:
        proposal = initiative_in(None)
        assert tasks(manager) == {"Forslag uden beslutning": [proposal]}
        decide(proposal, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
        assert tasks(manager) == {}

    def test_a_fravigelse_is_followed_up_by_its_owner_when_the_day_has_come(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
        heading = "Fravigelser, du skal følge op på nu"
        assert heading not in tasks(initiative.lead)
        Deviation.objects.update(review_on=datetime.date(2026, 1, 1))
        assert tasks(initiative.lead)[heading] == [initiative]
        assert heading not in tasks(person(Role.LEAD))
        Deviation.objects.update(owner=manager)
        assert tasks(manager)[heading] == [initiative]
        assert heading not in tasks(initiative.lead)


class TestNextStep:
    def test_a_draft_tells_its_writer_what_is_missing_and_where(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        begins = [("Gå til arbejdet i screeningsfasen", True), ("Påbegynd SUSI-vurdering", False)]
        assert ways(step(initiative, initiative.lead)) == begins
        factories.draft_of(initiative, to_phase=Phase.MATURATION)
        found = step(initiative, initiative.lead)
        assert "Vurdér kriterie M1.1." in [finding.sentence for finding in found.findings]
        assert all(finding.url for finding in found.findings)
        assert ways(found) == [("Fortsæt på SUSI-vurderingen", True)]

        found = step(initiative, manager)  # who sees the draft, but does not write it
        assert not any(finding.url for finding in found.findings)
        assert ways(found) == [("Se kladden", True), ("Registrér beslutning om faseovergang", False)]

    def test_a_reader_is_told_nothing_of_a_draft(self) -> None:
        initiative = initiative_in(Phase.SCREENING)
        before = step(initiative, person(Role.READER))
        factories.draft_of(initiative, to_phase=Phase.MATURATION)
        assert step(initiative, person(Role.READER)) == before
        assert before.findings is None
        assert before.ways == []

    def test_a_track_stands_between_commas(self) -> None:
        initiative = initiative_in(Phase.SCREENING)
        factories.draft_of(initiative, to_phase=Phase.MATURATION)
        assert step(initiative, initiative.lead).sentences == [
            "SUSI-vurderingen af overgang til modningsfasen, spor 1, er under udarbejdelse."
        ]

    def test_submitted_returned_approved(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        assert ways(step(initiative, manager))[0] == ("Læs, og tag stilling", True)
        assert ways(step(initiative, person(Role.READER))) == [("Læs SUSI-vurderingen", True)]
        sha256 = submitted.snapshots.get().sha256
        review.send_back(assessment=submitted, by=manager, sha256=sha256, remarks="Uddyb M1.1.")
        assert step(initiative, initiative.lead).remarks == "Uddyb M1.1."
        review.submit(assessment=Assessment.objects.get(), by=initiative.lead)
        review.approve(
            assessment=Assessment.objects.get(), by=manager, sha256=submitted.snapshots.order_by("-no")[0].sha256
        )
        found = step(initiative, manager)
        assert found.sentences[-1] == "Nu mangler beslutningen om faseovergang."
        assert ways(found) == [("Registrér beslutning om faseovergang", True)]
        assert step(initiative, initiative.lead).ways == []

    def test_four_eyes_are_explained(self) -> None:
        both = person(Role.MANAGER, Role.LEAD)
        initiative = initiative_in(Phase.SCREENING, lead=both)
        factories.submitted(initiative, to_phase=Phase.MATURATION)
        found = step(initiative, both)
        assert "En anden leder skal tage stilling (fire øjne)." in found.sentences[-1]
        assert ways(found)[0] == ("Læs SUSI-vurderingen", True)

    def test_it_waits_for_an_agreement(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
        decide(initiative, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
        found = step(initiative, manager)
        assert "Initiativet er indstillet til en kommende aftale." in found.sentences
        assert ways(found) == [("Registrér beslutning om faseovergang", True)]
        stated = step(from_source(Phase.MATURATION, outcome=Outcome.RECOMMENDED), manager)
        assert stated.sentences[0] == "Initiativet er indstillet til en kommende aftale."
        assert "Der er ikke udpeget en initiativansvarlig, som kan påbegynde den." in stated.sentences
        assert ways(stated) == [("Registrér beslutning om faseovergang", False)]

    def test_proposal_udbredelse_and_ended(self, manager) -> None:
        proposal, last = initiative_in(None), initiative_in(Phase.DISSEMINATION)
        assert ways(step(proposal, manager)) == [("Registrér beslutning om at begynde", True)]
        assert ways(step(proposal, proposal.lead)) == [("Påbegynd SUSI-vurdering", False)]
        assert step(last, last.lead).ways == []
        assert ways(step(last, manager)) == [("Registrér, at initiativet er afsluttet", True)]
        decide(last, manager, Outcome.STOPPED, reason="Udbredelsen er slut.")
        assert step(last, manager) == NextStep(["Initiativet er afsluttet."])

    def test_the_way_on_leads_to_pages_that_open(self, client, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        factories.draft_of(initiative, to_phase=Phase.MATURATION)
        for user in (initiative.lead, manager):
            client.force_login(user)
            for way in step(initiative, user).ways:
                assert client.get(way.url, follow=True).status_code == 200, way.label


def test_open_fravigelser_come_along_from_what_is_continued(manager) -> None:
    former, new = initiative_in(Phase.SCREENING), initiative_in(Phase.MATURATION)
    factories.approved(former, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    assert open_deviations(new) == []
    Continuation.objects.create(from_initiative=former, to_initiative=new, source="Eksempel")
    assert [deviation.initiative for deviation in open_deviations(anew(new))] == [former]


def test_annulled_assessments_are_left_to_the_history(client) -> None:
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
    review.annul(assessment=draft, by=initiative.lead, reason="Begyndt for tidligt.")
    assert assessments_of(initiative, initiative.lead) == []
    client.force_login(initiative.lead)
    history = client.get(reverse("portfolio:initiative_history", args=[initiative.number])).content.decode()
    assert "Begyndt for tidligt." in history


def test_drafts_are_never_asked_of_the_past_also_where_their_query_is_kept() -> None:
    """They keep no history: what the query told would be today's text under a past day."""
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
    number, lead = initiative.number, initiative.lead
    assert assessments_of(initiative, lead) == [find_assessment(lead, number, draft.no)] == [draft]
    with as_of(timezone.now()):
        for ask in (lambda: assessments_of(initiative, lead), lambda: find_assessment(lead, number, draft.no)):
            with pytest.raises(NoPast, match="of the present alone"):
                ask()
