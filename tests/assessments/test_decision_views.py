"""The page that registers a decision, as each role, with everything that may be wrong about what is sent."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions import review
from assessments.models import Deviation
from phases.models import Edition
from phases.terms import Outcome, Phase, Recommendation, Stage, Track, Verdict
from portfolio.models import Decision, Initiative
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.assessments.deciding import address, anew, assessed, register, sent
from tests.factories import AgreementFactory, initiative_in, person

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


@pytest.fixture
def advised_against(manager: User) -> Initiative:
    """An initiative in screening whose assessment recommends a stop and leaves one criterion unexplained."""
    return assessed(
        manager, departed=("M1.1",), explained=False, verdict=Verdict.NO, recommendation=Recommendation.STOP
    )


class TestWho:
    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_others_than_managers_are_told_why_not(self, client, ready, role):
        client.force_login(person(role))
        for response in (client.get(address(ready)), client.post(address(ready), sent(ready))):
            assert response.status_code == 403
            assert "Kun brugere med rollen Leder kan registrere en beslutning." in response.content.decode()
        assert not Decision.objects.exists()

    def test_a_reader_is_not_told_of_a_proposal(self, client):
        client.force_login(person(Role.READER))
        assert client.get(address(initiative_in(None))).status_code == 404

    def test_nobody_without_logging_in(self, client, ready):
        assert client.get(address(ready)).status_code == 302

    def test_only_get_and_post(self, page, ready):
        assert page.put(address(ready)).status_code == 405


class TestPage:
    def test_shows_what_the_decision_rests_on_and_suggests_its_transition(self, page, ready):
        response = page.get(address(ready))
        text = response.content.decode()
        assert "Initiativet indstilles til videreførelse" in text
        form = response.context["form"]
        assert (form["to_phase"].value(), form["to_track"].value()) == (Phase.MATURATION, Track.ONE)
        assert not Decision.objects.exists()

    def test_shows_the_open_fravigelser_that_follow(self, page, manager):
        initiative = assessed(manager, departed=("M1.2",))
        assert "Data indsamles i den næste fase." in page.get(address(initiative)).content.decode()

    def test_shows_the_assessment_that_is_still_under_way(self, page, ready):
        review.correct(assessment=ready.assessments.get(), by=ready.lead)
        assert "er ikke afsluttet (kladde)" in page.get(address(ready)).content.decode()

    def test_in_udbredelse_it_may_only_be_ended_or_wait(self, page):
        form = page.get(address(initiative_in(Phase.DISSEMINATION))).context["form"]
        assert [label for _, label in form.fields["outcome"].choices] == ["Afsluttes", "Afventer"]
        assert "to_phase" not in form.fields

    def test_of_an_ended_initiative_nothing_more_is_asked(self, page):
        initiative = initiative_in(Phase.MATURATION)
        register(page, initiative, Outcome.STOPPED, reason="Kommunerne trak sig.")
        text = page.get(address(initiative)).content.decode()
        assert "Der kan ikke besluttes mere om det." in text
        assert "Registrér beslutningen" not in text


class TestRegister:
    def test_moves_the_phase_and_says_what_now_holds(self, page, ready):
        response = register(page, ready)
        assert response.redirect_chain == [(reverse("assessments:decision_detail", args=[ready.number, 1]), 302)]
        assert "Beslutningen er registreret. Initiativet er nu i modning, spor 1." in response.content.decode()
        assert anew(ready).phase == Stage.MATURATION
        assert Decision.objects.get().decided_on == datetime.date(2026, 3, 2)

    def test_a_proposal_begins_screening_when_the_conditions_are_met(self, page):
        proposal = initiative_in(None)
        answers = {"betingelse-1-met": "True", "betingelse-2-met": "True", "betingelse-2-note": "Beskrevet."}
        response = register(page, proposal, to_phase=Phase.SCREENING, **answers)
        assert "Initiativet er nu i screening." in response.content.decode()
        assert [row.note for row in Decision.objects.get().entry_judgements.all()] == ["", "Beskrevet."]

    def test_two_phases_together(self, page):
        proposal = initiative_in(None)
        answers = {"betingelse-1-met": "True", "betingelse-2-met": "True", "then_phase": Phase.MATURATION}
        response = register(page, proposal, to_phase=Phase.SCREENING, **answers)
        assert "nu i screening, som gennemføres samlet med modning" in response.content.decode()
        assert anew(proposal).phase_label == "Screening/modning"

    def test_carried_on_by_a_new_one(self, page, ready):
        agreement = AgreementFactory()
        response = register(
            page, ready, continue_in="new", new_title="Eksempel: modning af idéen", agreement=agreement.pk
        )
        new = Initiative.objects.get(title="Eksempel: modning af idéen")
        said = f"{ready.number} er afsluttet og føres videre i {new}, som er i modning, spor 1."
        assert said in response.content.decode()
        assert list(new.agreements.all()) == [agreement]

    @pytest.mark.parametrize("track", [Track.ONE, ""])
    def test_carried_on_by_one_that_runs_already_also_where_no_source_states_its_track(self, page, ready, track):
        running = initiative_in(Phase.MATURATION, track)
        register(page, ready, continue_in="existing", existing=running.pk)
        assert anew(ready).phase == Stage.ENDED
        assert running.continues.get().from_initiative == ready

    def test_together_with_another(self, page, ready, manager):
        other = assessed(manager)
        assert other in page.get(address(ready)).context["form"].fields["merged"].queryset
        response = register(page, ready, merged=[other.pk])
        assert f"{other.number} er afsluttet og føres videre i det." in response.content.decode()
        assert Decision.objects.get().grounds.count() == 2

    def test_the_criteria_of_the_one_merged_with_are_explained_too(self, page, ready, advised_against):
        response = register(page, ready, merged=[advised_against.pk], departure_reason="Politisk ønske.")
        assert response.status_code == 422
        assert [form.row.code for form in response.context["form"].own_deviations] == ["M1.1"]

    def test_recommended_for_a_coming_agreement(self, page, ready):
        agreement = AgreementFactory(year=2027)
        response = register(page, ready, Outcome.RECOMMENDED, agreement=agreement.pk)
        said = f"Initiativet er indstillet til {agreement} og bliver i screening, til der er truffet en ny beslutning."
        assert said in response.content.decode()

    def test_awaiting_another(self, page, ready):
        other = initiative_in(Phase.TRIAL)
        response = register(page, ready, Outcome.AWAITING, awaits=other.pk)
        assert f"Initiativet afventer {other} og bliver i screening" in response.content.decode()

    def test_a_proposal_that_waits_is_still_one(self, page):
        response = register(page, initiative_in(None), Outcome.AWAITING, reason="Budgettet er ikke kendt.")
        assert "er stadig et forslag" in response.content.decode()

    def test_ended_in_udbredelse(self, page):
        initiative = initiative_in(Phase.DISSEMINATION)
        response = register(page, initiative, Outcome.STOPPED, reason="Implementeringsstøtten er afsluttet.")
        assert "Initiativet er afsluttet." in response.content.decode()
        assert anew(initiative).has_ended

    def test_against_the_recommendation_with_own_reason_and_fravigelse(self, page, advised_against, manager):
        own = f"fravigelse-{advised_against.assessments.get().criteria().get(code='M1.1').pk}"
        response = register(
            page,
            advised_against,
            departure_reason="Aftalepartierne ønsker indsatsen modnet.",
            **{
                f"{own}-grounds": ["political"],
                f"{own}-reason": "Aftalepartierne prioriterer målgruppen.",
                f"{own}-handling": "Problemet beskrives i modningens første halvår.",
                f"{own}-owner": manager.pk,
                f"{own}-review_on": "01.09.2027",
            },
        )
        assert response.redirect_chain
        deviation = Deviation.objects.get(decision__isnull=False)
        assert (deviation.state, deviation.political, deviation.owner) == (Deviation.State.OPEN, True, manager)
        assert "Aftalepartierne prioriterer målgruppen." in response.content.decode()

    def test_what_belongs_to_another_outcome_is_passed_over(self, page, ready, manager):
        other = assessed(manager)
        register(
            page,
            ready,
            Outcome.AWAITING,
            reason="Afventer budget.",
            merged=[other.pk],
            to_phase=Phase.MATURATION,
            continue_in="new",
            departure_reason="Ikke relevant",
        )
        decision = Decision.objects.get()
        assert (decision.outcome, decision.to_phase, decision.departure_reason) == (Outcome.AWAITING, "", "")


def said(response: Any) -> list[str]:
    """The sentences above the form."""
    return [problem.sentence for problem in response.context["form"].problems]


class TestRefused:
    def test_an_empty_form(self, page, ready):
        response = page.post(address(ready), {"seen": 0, "seen_ground": 0})
        assert response.status_code == 422
        assert said(response) == [
            "Hvad er besluttet? Vælg, hvad der er besluttet.",
            "Hvem har besluttet det? Vælg, hvem der har besluttet det.",
            "Hvornår er det besluttet? Skriv den dag, beslutningen blev truffet.",
        ]

    def test_everything_missing_is_said_at_once_and_everything_typed_stays(self, page, advised_against):
        response = register(page, advised_against, continue_in="new", reason="Ordene, der skal blive stående.")
        assert response.status_code == 422
        assert said(response) == [
            "Skriv titlen på det nye initiativ.",
            "Beslutningen afviger fra indstillingen. Skriv hvorfor.",
            "Kriterie M1.1 er delvist opfyldt. Forklar det med en fravigelse.",
        ]
        assert all(problem.url.startswith("#id_") for problem in response.context["form"].problems)
        assert "Ordene, der skal blive stående." in response.content.decode()
        assert not Decision.objects.exists()

    def test_what_the_rules_find_is_said_with_what_cannot_be_read(self, page, advised_against):
        values = {"decided_by": "", "decided_on": "i går", "reason": "x" * 4001}
        response = register(page, advised_against, continue_in="new", **values)
        assert response.status_code == 422
        assert [sentence.partition(".")[0] for sentence in said(response)] == [
            "Hvem har besluttet det? Vælg, hvem der har besluttet det",
            "Hvornår er det besluttet? Det kan ikke læses som en dato",
            "Skriv titlen på det nye initiativ",
            "Begrundelse: Teksten er for lang: Den har 4001 tegn, og der er plads til 4000",
            "Beslutningen afviger fra indstillingen",
            "Kriterie M1",
        ]

    @pytest.mark.parametrize("outcome", [Outcome.STOPPED, Outcome.AWAITING])
    def test_a_reason_that_cannot_be_stored_is_not_said_to_be_missing(self, page, ready, outcome):
        response = register(page, ready, outcome, reason="Borgeren 010190-1234 har klaget.", decided_on="")
        assert list(response.context["form"].errors) == ["decided_on", "reason"]
        assert len(said(response)) == 2

    def test_no_rule_is_asked_of_what_another_field_would_answer(self, page, ready):
        response = register(page, ready, to_track="3", continue_in="new")
        assert list(response.context["form"].errors) == ["to_track"]

    def test_a_fravigelse_half_written_is_pointed_at_where_it_is_empty(self, page, advised_against):
        own = f"fravigelse-{advised_against.assessments.get().criteria().get(code='M1.1').pk}"
        values = {f"{own}-grounds": ["practical"], f"{own}-reason": "Tiden er knap."}
        response = register(page, advised_against, departure_reason="Politisk ønske.", **values)
        assert said(response) == ["Fravigelsen fra kriterie M1.1 mangler håndtering, ansvarlig og dato for opfølgning."]
        assert response.context["form"].problems[0].url == f"#id_{own}-handling"
        assert "Tiden er knap." in response.content.decode()

    def test_conditions_not_judged_or_not_met(self, page):
        proposal = initiative_in(None)
        response = register(page, proposal, to_phase=Phase.SCREENING, **{"betingelse-1-met": "False"})
        assert said(response) == [
            "Betingelsen »Betingelse 1« er ikke opfyldt. Initiativet kan ikke indgå i strategien.",
            "Tag stilling til betingelsen »Betingelse 2«.",
        ]
        assert anew(proposal).is_proposal

    def test_without_an_assessment(self, page):
        initiative = initiative_in(Phase.SCREENING)
        assert said(register(page, initiative)) == [
            f"{initiative.number} har ingen godkendt SUSI-vurdering af overgangen til modningsfasen i spor 1."
        ]

    def test_while_an_assessment_is_under_way(self, page, ready):
        review.correct(assessment=ready.assessments.get(), by=ready.lead)
        response = register(page, ready)
        assert response.status_code == 422
        assert "Godkend eller annullér den først." in said(response)[0]

    def test_a_stop_without_a_reason(self, page):
        response = register(page, initiative_in(Phase.TRIAL), Outcome.STOPPED)
        assert response.context["form"].errors["reason"] == ["Skriv, hvorfor initiativet ikke videreføres."]

    def test_waiting_for_nothing(self, page, ready):
        assert "awaits" in register(page, ready, Outcome.AWAITING).context["form"].errors

    def test_a_recommendation_without_an_agreement(self, page, ready):
        assert "agreement" in register(page, ready, Outcome.RECOMMENDED).context["form"].errors

    @pytest.mark.parametrize(
        ("decided_on", "why"),
        [
            ("31.02.2026", "Den dato findes ikke i kalenderen."),
            ("i går", "Det kan ikke læses som en dato."),
            (f"{timezone.localdate() + datetime.timedelta(days=1):%d.%m.%Y}", "ligger i fremtiden"),
            ("01.06.2023", "begyndte den nuværende fase 01.01.2024"),
        ],
    )
    def test_an_impossible_date(self, page, ready, decided_on, why):
        response = register(page, ready, decided_on=decided_on)
        assert response.status_code == 422
        assert why in response.context["form"].errors["decided_on"][0]
        assert decided_on in response.content.decode()

    @pytest.mark.parametrize(
        ("reason", "why"),
        [
            ("Borgeren 010190-1234 har klaget.", "ligner et CPR-nummer"),
            ("x" * 4001, "for lang"),
            ("Lodret\x0btabulator", "usynligt tegn"),
        ],
    )
    def test_a_text_that_must_not_be_stored(self, page, ready, reason, why):
        response = register(page, ready, reason=reason)
        assert response.status_code == 422
        assert why in response.context["form"].errors["reason"][0]
        assert response.context["form"]["reason"].value() == reason
        assert not Decision.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("outcome", "final"),
            ("decided_by", "nobody"),
            ("to_phase", "screening"),
            ("to_phase", "x"),
            ("to_track", "3"),
            ("existing", "999999"),
            ("awaits", "x"),
            ("agreement", "999999"),
            ("continue_in", "elsewhere"),
            ("merged", ["999999"]),
            ("merged", ["x"]),
            ("merged", ["9" * 30]),
            ("seen", "x"),
            ("seen", ""),
            ("seen_ground", "x"),
            ("seen_ground", ""),
        ],
    )
    def test_forged_values(self, page, ready, manager, field, value):
        assessed(manager)
        response = register(page, ready, **{"existing": "", "awaits": "", field: value})
        assert response.status_code == 422
        assert not Decision.objects.exists()
        assert anew(ready).phase == Stage.SCREENING
