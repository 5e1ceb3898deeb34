"""What lies outside the strategy: the answer is kept, found again, and goes with its decision."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.actions import decisions
from assessments.actions.decisions import last_decision_no
from assessments.actions.outside import OutsideInput, annul_answer, find_proposal_outside, keep_answer
from phases.models import Edition
from phases.terms import Outcome, Phase, Stage
from portfolio.models import Decision, Initiative, OutsideStrategy
from portfolio.outside import answers_like, are_alike
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)
TITLE = "Eksempel: Ferielejr for udsatte børn"


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


def answer(**values: Any) -> OutsideInput:
    wanted: dict[str, Any] = {
        "conditions": list(Edition.objects.current().entry_conditions.all()[:1]),
        "reason": "En ferielejr er ikke en afgrænset indsats.",
        "decided_by": "agency",
        "decided_on": DAY,
        "referred_to": "Sommerferiepuljen",
    }
    return OutsideInput(**{**wanted, **values})


def end(initiative: Initiative, by: User, seen: int | None = None, **values: Any) -> OutsideStrategy:
    initiative = anew(initiative)
    seen = last_decision_no(initiative) if seen is None else seen
    return find_proposal_outside(initiative=initiative, by=by, seen=seen, wanted=answer(**values))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (TITLE, "Eksempel: Ferielejr for udsatte børn", True),
        (TITLE, "FERIELEJRE til børn", True),  # another form of the word
        (TITLE, "Ferielejr", True),  # of one word that one is enough
        (TITLE, "Udsatte voksne med misbrug", False),  # one word of several
        (TITLE, "Sommerhøjskole for pensionister", False),
        ("Indsats med projekt", "Indsats med projekt", False),  # no word that tells anything
        ("", TITLE, False),
        ("Misbrugsbehandling af unge i fængsel", "Behandling af misbrug hos unge", True),
        ("Misbrug hos unge i fængsel", "Unge i fængsler med misbrug", True),
    ],
)
def test_titles_are_alike_by_the_words_that_tell(one, other, alike) -> None:
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike


class TestAProposal:
    def test_it_is_ended_by_a_decision_and_the_answer_is_kept_with_it(self, manager) -> None:
        proposal = initiative_in(None, title=TITLE)
        kept = end(proposal, manager)
        assert (anew(proposal).phase, kept.decision.outcome) == (Stage.ENDED, Outcome.STOPPED)
        assert kept.decision.reason.startswith("Uden for strategien. Ikke opfyldt: »Betingelse 1«.")
        assert answers_like("Ferielejr til udsatte") == [kept]

    def test_it_is_found_no_more_when_the_decision_is_reversed(self, manager) -> None:
        proposal = initiative_in(None, title=TITLE)
        kept = end(proposal, manager)
        decisions.reverse_decision(decision=kept.decision, by=manager, reason="Forkert forslag")
        assert (anew(proposal).phase, answers_like(TITLE)) == (Stage.PROPOSAL, [])

    def test_only_a_manager_answers(self) -> None:
        proposal = initiative_in(None)
        for user in (proposal.lead, person(Role.READER), person(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                end(proposal, user)

    def test_a_second_click_decides_nothing_twice(self, manager) -> None:
        proposal = initiative_in(None)
        end(proposal, manager, seen=0)
        with pytest.raises(Conflict):
            end(proposal, manager, seen=0)
        assert (Decision.objects.count(), OutsideStrategy.objects.count()) == (1, 1)

    def test_what_has_begun_is_stopped_by_a_decision_of_its_own(self, manager) -> None:
        with pytest.raises(Refused, match="er begyndt"):
            end(initiative_in(Phase.SCREENING), manager)

    @pytest.mark.parametrize(
        ("missing", "sentence"),
        [
            ({"conditions": []}, "betingelser"),
            ({"reason": " "}, "hvorfor"),
            ({"decided_on": timezone.localdate() + datetime.timedelta(days=1)}, "fremtiden"),
        ],
    )
    def test_an_answer_is_whole_or_not_given(self, missing, sentence, manager) -> None:
        proposal = initiative_in(None)
        with pytest.raises(Refused, match=sentence):
            end(proposal, manager, **missing)
        assert (anew(proposal).phase, Decision.objects.count()) == (Stage.PROPOSAL, 0)


class TestWhatNeverBecameAProposal:
    def test_the_same_answer_is_kept_once(self, manager) -> None:
        wanted = answer(title=TITLE, proposed_by="En kommune")
        keep_answer(by=manager, wanted=wanted)
        with pytest.raises(Conflict, match="allerede"):
            keep_answer(by=manager, wanted=answer(title=TITLE.upper()))
        assert OutsideStrategy.objects.count() == 1

    def test_it_has_a_title_and_a_manager(self, manager) -> None:
        with pytest.raises(Refused, match="hvad forslaget hed"):
            keep_answer(by=manager, wanted=answer())
        with pytest.raises(NotAllowed):
            keep_answer(by=person(Role.LEAD), wanted=answer(title=TITLE))

    def test_a_mistake_is_annulled_and_stays_on_record(self, manager) -> None:
        kept = keep_answer(by=manager, wanted=answer(title=TITLE))
        with pytest.raises(NotAllowed):
            annul_answer(answer=kept, by=person(Role.LEAD), reason="Eksempel")
        with pytest.raises(Refused, match="hvorfor"):
            annul_answer(answer=kept, by=manager, reason="")
        annul_answer(answer=kept, by=manager, reason="Det var et andet forslag.")
        with pytest.raises(Conflict):
            annul_answer(answer=kept, by=manager, reason="Igen")
        assert (OutsideStrategy.objects.count(), answers_like(TITLE)) == (1, [])

    def test_the_answer_of_a_decision_goes_with_the_decision_alone(self, manager) -> None:
        kept = end(initiative_in(None), manager)
        with pytest.raises(Refused, match="Omgør beslutningen"):
            annul_answer(answer=kept, by=manager, reason="Eksempel")
        with pytest.raises(IntegrityError), transaction.atomic():
            OutsideStrategy.objects.filter(pk=kept.pk).update(
                annulled_at=timezone.now(), annulled_by=manager, annulment_reason="Eksempel"
            )


class TestThePages:
    def test_a_new_proposal_like_it_is_met_with_the_answer(self, client, manager) -> None:
        kept = keep_answer(by=manager, wanted=answer(title=TITLE))
        lead = person(Role.LEAD)
        client.force_login(lead)
        address = reverse("portfolio:initiative_create")
        sent = {"title": "Eksempel: Ferielejre for børn", "version": 1}
        response = client.post(address, sent)
        assert response.status_code == 422
        assert "Sommerferiepuljen" in response.content.decode()
        assert not Initiative.objects.filter(lead=lead).exists()
        client.post(address, {**sent, "answer_seen": kept.pk})
        assert Initiative.objects.filter(lead=lead).exists()

    def test_another_proposal_is_created_at_once(self, client, manager) -> None:
        keep_answer(by=manager, wanted=answer(title=TITLE))
        client.force_login(person(Role.LEAD))
        response = client.post(reverse("portfolio:initiative_create"), {"title": "Eksempel: Nabostøtte", "version": 1})
        assert response.status_code == 302

    def test_the_manager_answers_from_the_page(self, client, manager) -> None:
        proposal, condition = initiative_in(None, title=TITLE), Edition.objects.current().entry_conditions.first()
        client.force_login(manager)
        address = reverse("assessments:outside_proposal", args=[proposal.number])
        assert address in client.get(reverse("assessments:decision_create", args=[proposal.number])).content.decode()
        sent = {"conditions": [condition.pk], "reason": "R", "decided_by": "agency", "decided_on": "02.03.2026"}
        assert client.post(address, {**sent, "seen": 0, "conditions": []}).status_code == 422
        assert client.post(address, {**sent, "seen": 0}).url == reverse("registers_outside")
        again = client.post(address, {**sent, "seen": 0, "reason": "Skrevet igen"})
        assert again.status_code == 409
        assert "Skrevet igen" in again.content.decode()

    @pytest.mark.parametrize(
        ("asked", "hits"),
        [("", 1), ("q=ferielejr+sommer", 1), ("q=andet", 0), ("condition=B1", 1), ("year=2026", 1), ("year=2025", 1)],
    )
    def test_everybody_with_a_role_searches_the_register(self, asked, hits, client, manager) -> None:
        keep_answer(by=manager, wanted=answer(title=TITLE))
        client.force_login(person(Role.READER))
        page = client.get(f"{reverse('registers_outside')}?{asked}")
        assert page.context["page"].paginator.count == hits  # 2025 is no choice, and so not filtered by
        assert client.get(reverse("registers_outside_create")).status_code == 403

    def test_nobody_without_a_role_reads_it(self, client, manager) -> None:
        keep_answer(by=manager, wanted=answer(title=TITLE))
        client.force_login(person())
        assert TITLE not in client.get(reverse("registers_outside")).content.decode()
