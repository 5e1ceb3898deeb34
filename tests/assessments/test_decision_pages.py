"""Reading a decision, and reversing a wrong one."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions import decisions
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.consequences import consequences_of, consequences_of_reversal
from phases.models import Edition
from phases.terms import Outcome, Phase, Recommendation, Stage, Track, Verdict
from portfolio.models import Decision, Initiative
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def ready(manager: User) -> Initiative:
    return assessed(manager)


def assessed(manager: User, **values: Any) -> Initiative:
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, **values)
    return anew(initiative)


def anew(initiative: Initiative) -> Initiative:
    return Initiative.objects.get(pk=initiative.pk)


def decide(initiative: Initiative, by: User, outcome: str = Outcome.CONTINUED, **values: Any) -> Decision:
    wanted = {"outcome": outcome, "decided_by": Decision.DecidedBy.DEPARTMENT, "decided_on": DAY}
    if outcome == Outcome.CONTINUED:
        wanted |= {"to_phase": Phase.MATURATION, "to_track": Track.ONE}
    return decisions.register_decision(
        initiative=anew(initiative),
        by=by,
        seen=decisions.last_decision_no(initiative),
        wanted=DecisionInput(**(wanted | values)),
    )


def detail(decision: Decision) -> str:
    return reverse("assessments:decision_detail", args=[decision.initiative.number, decision.no])


def reversal(decision: Decision) -> str:
    return reverse("assessments:decision_reverse", args=[decision.initiative.number, decision.no])


def seen_by(client: Client, user: User, address: str) -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


class TestRead:
    @pytest.mark.parametrize("role", list(Role))
    def test_everybody_reads_what_was_decided_when_by_whom_and_on_what(self, client, ready, manager, role):
        agreement = AgreementFactory()
        decision = decide(ready, manager, agreement=agreement, reason="Kommunerne er klar.")
        text = seen_by(client, person(role), detail(decision))
        for word in (
            "Videreføres i modning, spor 1",
            "02.03.2026",
            "Departementet",
            str(agreement),
            "Kommunerne er klar.",
            str(manager),
            str(ready.assessments.get()),
            "Screening blev afsluttet.",
            "Modning, spor 1, begyndte.",
        ):
            assert word in text
        assert ("Omgør beslutningen" in text) == (role == Role.MANAGER)

    @pytest.mark.parametrize(("day", "is_told"), [("2026-03-01", True), ("2026-03-02", False)])
    def test_a_date_before_the_approval_is_told(self, client, manager, day, is_told):
        with clock_at(datetime.datetime(2026, 3, 2, 0, 30, tzinfo=COPENHAGEN)):
            decision = decide(assessed(manager), manager, decided_on=datetime.date.fromisoformat(day))
        text = seen_by(client, person(Role.READER), detail(decision))
        assert ("Beslutningen er dateret før godkendelsen af SUSI-vurderingen." in text) == is_told

    def test_own_fravigelser_and_the_reason_to_depart(self, client, manager):
        initiative = assessed(
            manager, departed=("M1.1",), explained=False, verdict=Verdict.NO, recommendation=Recommendation.STOP
        )
        criterion = initiative.assessments.get().criteria().get(code="M1.1")
        decision = decide(
            initiative,
            manager,
            departure_reason="Aftalepartierne ønsker det.",
            deviations={criterion: factories.deviation_input(manager)},
        )
        text = seen_by(client, person(Role.READER), detail(decision))
        assert "Aftalepartierne ønsker det." in text
        assert "Fravigelse fra kriterie M1.1" in text
        assert "Datagrundlaget er spinkelt." in text

    def test_the_conditions_it_judged(self, client, manager, edition):
        proposal = initiative_in(None)
        entry = dict.fromkeys(edition.entry_conditions.all(), (True, "Set i fem kommuner."))
        decision = decide(proposal, manager, to_phase=Phase.SCREENING, to_track="", entry=entry)
        assert "Set i fem kommuner." in seen_by(client, person(Role.READER), detail(decision))

    def test_a_reader_learns_nothing_of_a_draft_or_a_proposal(self, client, ready, manager):
        proposal = initiative_in(None, title="Eksempel: hemmeligt forslag")
        decision = decide(ready, manager, Outcome.AWAITING, awaits=proposal)
        draft = factories.draft_of(ready, to_phase=Phase.MATURATION)
        factories.conclude(draft, ready.lead, conclusion="Hemmelig kladde")
        text = seen_by(client, person(Role.READER), detail(decision))
        assert "hemmeligt forslag" not in text
        assert "Hemmelig kladde" not in text
        assert "hemmeligt forslag" in seen_by(client, manager, detail(decision))

    def test_a_decision_about_a_proposal_is_not_for_readers(self, client, manager):
        decision = decide(initiative_in(None), manager, Outcome.AWAITING, reason="Afventer budget.")
        client.force_login(person(Role.READER))
        assert client.get(detail(decision)).status_code == 404

    def test_of_a_decision_that_is_not_there(self, client, ready, manager):
        client.force_login(manager)
        assert client.get(reverse("assessments:decision_detail", args=[ready.number, 7])).status_code == 404
        assert client.get(reverse("assessments:decision_detail", args=["2099-001", 1])).status_code == 404

    def test_of_a_decision_that_changed_no_phase(self, client, ready, manager):
        decision = decide(ready, manager, Outcome.AWAITING, reason="Afventer budget.")
        assert "ændrede ikke initiativets fase" in seen_by(client, manager, detail(decision))


class TestReverse:
    def test_says_what_happens_and_takes_it_back(self, client, ready, manager):
        decision = decide(ready, manager, continue_in=ContinueIn.NEW, new_title="Eksempel: modning")
        new = Initiative.objects.get(title="Eksempel: modning")
        text = seen_by(client, manager, reversal(decision))
        for word in ("Modning, spor 1, annulleres.", "Screening er i gang igen.", "Bliver et forslag igen."):
            assert word in text
        response = client.post(reversal(decision), {"reason": "Forkert spor."}, follow=True)
        assert response.redirect_chain == [(detail(decision), 302)]
        text = response.content.decode()
        assert "Beslutningen er omgjort" in text
        assert "Forkert spor." in text
        assert (anew(ready).phase, anew(new).phase) == (Stage.SCREENING, Stage.PROPOSAL)
        assert consequences_of(Decision.objects.get()) == []

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_only_by_a_manager(self, client, ready, manager, role):
        decision = decide(ready, manager)
        client.force_login(person(role))
        assert client.get(reversal(decision)).status_code == 403
        assert client.post(reversal(decision), {"reason": "Nej"}).status_code == 403
        assert anew(ready).phase == Stage.MATURATION

    @pytest.mark.parametrize("reason", ["", "   ", "Borgeren 010190-1234"])
    def test_needs_a_reason_fit_to_be_stored(self, client, ready, manager, reason):
        decision = decide(ready, manager)
        client.force_login(manager)
        response = client.post(reversal(decision), {"reason": reason})
        assert response.status_code == 422
        assert response.context["form"].errors["reason"]
        assert anew(ready).phase == Stage.MATURATION

    def test_twice_is_told_and_keeps_the_text(self, client, ready, manager):
        decision = decide(ready, manager)
        client.force_login(manager)
        client.post(reversal(decision), {"reason": "Forkert spor."})
        response = client.post(reversal(decision), {"reason": "Også jeg så det."})
        assert response.status_code == 409
        assert "Beslutningen er allerede omgjort." in response.content.decode()
        assert "Også jeg så det." in response.content.decode()
        assert client.get(reversal(decision)).status_code == 302

    def test_not_while_something_rests_on_it(self, client, ready, manager):
        decision = decide(ready, manager)
        factories.draft_of(anew(ready), to_phase=Phase.TRIAL)
        text = seen_by(client, manager, reversal(decision))
        assert "Beslutningen kan ikke omgøres nu" in text
        assert "Annullér den først" in text
        assert "<textarea" not in text
        response = client.post(reversal(decision), {"reason": "Forkert spor."})
        assert response.status_code == 422
        assert "Forkert spor." in response.content.decode()

    def test_consequences_of_reversing_each_kind(self, manager, edition):
        waiting = initiative_in(Phase.TRIAL)
        stopped_proposal = initiative_in(None)
        together = initiative_in(None)
        said = {
            name: [consequence.sentence for consequence in consequences_of_reversal(Decision.objects.get(pk=made.pk))]
            for name, made in {
                "awaiting": decide(waiting, manager, Outcome.AWAITING, reason="Afventer budget."),
                "proposal": decide(stopped_proposal, manager, Outcome.STOPPED, reason="Uden for strategien."),
                "together": decide(
                    together,
                    manager,
                    to_phase=Phase.SCREENING,
                    to_track="",
                    then_phase=Phase.MATURATION,
                    entry=dict.fromkeys(edition.entry_conditions.all(), (True, "")),
                ),
            }.items()
        }
        assert said == {
            "awaiting": ["Det, der gjaldt før beslutningen, gælder igen."],
            "proposal": ["Bliver et forslag igen."],
            "together": ["Screening annulleres.", "Modning, som er planlagt, annulleres.", "Bliver et forslag igen."],
        }


def test_the_page_asks_as_often_of_one_merged_as_of_many(client, manager):
    client.force_login(manager)
    groups = [[assessed(manager, departed=("M1.2",)) for _ in range(count)] for count in (2, 7)]
    asked = []
    for first, *merged in groups:
        decision = decide(first, manager, merged=merged, continue_in=ContinueIn.NEW, new_title="Eksempel: samlet")
        with CaptureQueriesContext(connection) as captured:
            client.get(detail(decision))
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_the_form_asks_as_often_of_three_others_as_of_thirty(client, manager):
    client.force_login(manager)
    initiative = assessed(manager, departed=("M1.2",))
    asked = []
    for more in (3, 27):
        AgreementFactory.create_batch(more)
        for _ in range(more // 3):
            assessed(manager)
            initiative_in(Phase.MATURATION)
            initiative_in(Phase.TRIAL)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("assessments:decision_create", args=[initiative.number]))
        asked.append(len(captured))
    assert asked[0] == asked[1] < 40


def test_the_agreement_stands_with_the_decision_on_the_page_of_the_initiative(client, ready, manager):
    agreement = AgreementFactory(year=2031)
    decide(ready, manager, agreement=agreement)
    text = seen_by(client, person(Role.READER), reverse("portfolio:initiative_detail", args=[ready.number]))
    assert f'<td data-title="Aftale">{agreement.short_name}</td>' in text
