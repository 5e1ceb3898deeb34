"""The decision page when something came first, what it says before anything is chosen, and what it asks to explain."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions import decisions, drafting, review
from assessments.models import Assessment, Deviation
from phases.models import Edition
from phases.terms import Outcome, Phase, Recommendation, Stage, Track, Verdict
from portfolio.models import Decision, Initiative
from susi.dates import danish
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.assessments.deciding import address, anew, assessed, register, sent
from tests.factories import initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def page(client: Client, manager: User) -> Client:
    """The browser of a manager."""
    client.force_login(manager)
    return client


@pytest.fixture
def ready(manager: User) -> Initiative:
    """An initiative in screening, assessed and recommended for modning in spor 1."""
    return assessed(manager)


class TestSomebodyFirst:
    def test_a_second_click_registers_nothing_and_says_what_now_holds(self, page, ready):
        first = sent(ready, Outcome.AWAITING, reason="Afventer budget.")
        page.post(address(ready), first)
        response = page.post(address(ready), first)
        text = response.content.decode()
        assert response.status_code == 409
        assert "Der er ikke registreret to." in text
        assert f"Beslutning {ready.number}-1: Afventer" in text
        assert response.context["typed"] == [("Begrundelse", "Afventer budget.")]
        assert Decision.objects.count() == 1

    def test_what_was_typed_may_be_registered_knowing_it(self, page, ready):
        stale = sent(ready)
        register(page, ready, Outcome.AWAITING, reason="Afventer budget.")
        response = page.post(address(ready), stale)
        assert response.context["form"]["seen"].value() == "1"
        page.post(address(ready), stale | {"seen": 1})
        assert anew(ready).phase == Stage.MATURATION

    def test_after_an_end_the_text_still_stands_there(self, page, ready):
        stale = sent(ready, reason="Skrevet, mens en anden stoppede det.")
        register(page, ready, Outcome.STOPPED, reason="Slut.", departure_reason="Ingen midler.")
        response = page.post(address(ready), stale)
        assert response.status_code == 409
        assert "Skrevet, mens en anden stoppede det." in response.content.decode()

    def test_three_who_continue_after_it_came_to_udbredelse_are_told_so_with_their_texts(self, page, ready, manager):
        register(page, ready, Outcome.AWAITING, reason="Afventer budget.")
        stale = sent(ready, reason="Tre ledere skrev det samme.")
        factories.approved(anew(ready), manager=manager, to_phase=Phase.DISSEMINATION)
        register(page, ready, to_phase=Phase.DISSEMINATION)
        assert anew(ready).phase == Stage.DISSEMINATION
        for _ in range(3):
            response = page.post(address(ready), stale)
            text = response.content.decode()
            assert response.status_code == 409
            assert "En anden beslutning kom først" in text
            assert "Tre ledere skrev det samme." in text
            assert "Beslutningen er ikke registreret. Ret dette" not in text
        assert Decision.objects.count() == 2

    def test_of_an_ended_initiative_no_form_is_shown_whatever_is_sent(self, page, ready):
        register(page, ready, Outcome.STOPPED, reason="Slut.", departure_reason="Ingen midler.")
        for values in (sent(ready, reason="Skrevet efter afslutningen."), {"seen": "x", "reason": "Uden resten."}):
            response = page.post(address(ready), values)
            text = response.content.decode()
            assert response.status_code == 409
            assert "Der kan ikke besluttes mere om det." in text
            assert values["reason"] in text
            assert "Registrér beslutningen" not in text

    def test_a_new_version_of_what_it_rests_on_is_to_be_read_first(self, page, ready, manager):
        stale = sent(ready, reason="Skrevet om version 1.")
        lead = ready.lead
        correction = review.correct(assessment=ready.assessments.get(), by=lead)
        factories.conclude(correction, lead, change_note="Konklusionen er rettet.")
        snapshot = review.submit(assessment=Assessment.objects.get(pk=correction.pk), by=lead)
        review.approve(assessment=Assessment.objects.get(pk=correction.pk), by=manager, sha256=snapshot.sha256)
        response = page.post(address(ready), stale)
        text = response.content.decode()
        assert response.status_code == 409
        assert "er rettet imens" in text
        assert "En anden beslutning kom først" not in text
        assert "Skrevet om version 1." in text
        assert response.context["form"]["seen_ground"].value() == str(correction.pk)

    def test_the_texts_of_several_fravigelser_say_which_is_which(self, page, manager):
        initiative = assessed(
            manager, departed=("M1.1",), explained=False, verdict=Verdict.NO, recommendation=Recommendation.STOP
        )
        own = f"fravigelse-{initiative.assessments.get().criteria().get(code='M1.1').pk}-handling"
        stale = sent(initiative, **{own: "Hver måned.", "fravigelse-0-handling": "Straks.", "betingelse-1-note": "Nu."})
        register(page, initiative, Outcome.STOPPED, reason="Slut.")
        assert page.post(address(initiative), stale).context["typed"] == [
            ("Kriterie M1.1 – Håndtering", "Hver måned."),
            ("Fasemodellen – Håndtering", "Straks."),
            ("Betingelse 1 – Bemærkning", "Nu."),
        ]


class TestHints:
    def test_it_says_that_going_on_asks_more_and_what_day_it_is(self, page, ready):
        form = page.get(address(ready)).context["form"]
        assert "hvilken fase, hvilket spor, og hvor arbejdet føres videre" in form["outcome"].help_text
        assert f"I dag er det {danish(timezone.localdate())}." in form["decided_on"].help_text
        assert form["decided_on"].value() is None
        assert form["outcome"].value() is None

    def test_of_a_proposal_and_in_udbredelse(self, page):
        assert (
            "om betingelserne er opfyldt" in page.get(address(initiative_in(None))).context["form"]["outcome"].help_text
        )
        form = page.get(address(initiative_in(Phase.DISSEMINATION))).context["form"]
        assert form["outcome"].help_text == ""
        assert "når initiativet afsluttes." in form["reason"].help_text
        assert "Frivillig" not in form["reason"].help_text

    def test_the_reason_is_due_as_the_outcome_says(self, page, ready):
        text = page.get(address(ready)).content.decode()
        assert 'data-is="stopped">Skal skrives, når initiativet ikke videreføres.</span>' in text
        assert 'data-is="continued recommended">Frivillig, når' in text
        assert 'data-is="awaiting">Skal skrives, når der afventes andet end' in text


class TestOwnFravigelser:
    def test_errors_say_which_fravigelse_they_are_about(self, page, manager):
        initiative = assessed(
            manager, departed=("M1.1",), explained=False, verdict=Verdict.NO, recommendation=Recommendation.STOP
        )
        own = f"fravigelse-{initiative.assessments.get().criteria().get(code='M1.1').pk}"
        response = register(page, initiative, departure_reason="Politisk ønske.", **{f"{own}-review_on": "snart"})
        sentences = [problem.sentence for problem in response.context["form"].problems]
        assert sentences[0].startswith("Kriterie M1.1 – Dato for opfølgning: Det kan ikke læses som en dato.")

    def test_leaving_out_screening_against_the_recommendation_is_explained_by_the_decision(self, page, manager):
        proposal = initiative_in(None)
        advice = {"verdict": Verdict.NO, "recommendation": Recommendation.STOP}
        draft = factories.complete_draft(proposal, to_phase=Phase.MATURATION, **advice)
        judged = dict.fromkeys(draft.edition.entry_conditions.all(), (True, ""))
        drafting.save_entry(assessment=draft, by=proposal.lead, version=0, judged=judged, model_deviation=None)
        snapshot = review.submit(assessment=draft, by=proposal.lead)
        review.approve(assessment=draft, by=manager, sha256=snapshot.sha256)
        values = {"to_phase": Phase.MATURATION, "departure_reason": "Aftalepartierne ønsker det."}
        response = register(page, proposal, **values)
        assert response.status_code == 422
        problem = response.context["form"].problems[0]
        assert problem.sentence == "Screeningsfasen springes over. Forklar det med en fravigelse fra fasemodellen."
        assert problem.url.startswith("#id_fravigelse-0-grounds")
        written = {
            "fravigelse-0-grounds": ["political"],
            "fravigelse-0-reason": "Problemet er kendt.",
            "fravigelse-0-handling": "Følges i modningen.",
            "fravigelse-0-owner": manager.pk,
            "fravigelse-0-review_on": danish(timezone.localdate() + datetime.timedelta(days=100)),
        }
        response = register(page, proposal, **values, **written)
        deviation = Deviation.objects.get(decision__isnull=False)
        assert (deviation.criterion, deviation.state) == (None, Deviation.State.OPEN)
        assert "Fravigelse fra fasemodellen" in response.content.decode()
        assert "Screeningsfasen springes over." in response.content.decode()

    def test_the_wording_departed_from_is_that_of_the_track(self, page, manager):
        initiative = assessed(
            manager,
            to_track=Track.TWO,
            departed=("M1.2",),
            explained=False,
            verdict=Verdict.NO,
            recommendation=Recommendation.STOP,
        )
        criterion = initiative.assessments.get().criteria().get(code="M1.2")
        decisions.register_decision(
            initiative=initiative,
            by=manager,
            seen=0,
            wanted=decisions.DecisionInput(
                outcome=Outcome.CONTINUED,
                decided_by=Decision.DecidedBy.AGENCY,
                decided_on=datetime.date(2026, 3, 2),
                to_phase=Phase.MATURATION,
                to_track=Track.TWO,
                departure_reason="Aftalepartierne ønsker det.",
                deviations={criterion: factories.deviation_input(manager)},
            ),
        )
        text = page.get(reverse("assessments:decision_detail", args=[initiative.number, 1])).content.decode()
        assert "Ordlyd i spor 2" in text
        assert "Ordlyd i spor 1" not in text
