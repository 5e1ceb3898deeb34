"""Reading an assessment and acting on it as a whole: each role, each state, and everything done twice."""

from typing import Any

import pytest
from django.test import Client

from assessments.actions import drafting, review
from assessments.models import Assessment
from assessments.templatetags.reading import in_groups
from phases.models import Edition
from phases.terms import Phase
from portfolio.models import Initiative
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import anew, at, text_of
from tests.factories import complete_draft, conclude, draft_of, initiative_in, person
from tests.portfolio.portfolios import decide

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER, first_name="Lene", last_name="Leder")


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def draft(initiative: Initiative) -> Assessment:
    return complete_draft(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def submitted(initiative: Initiative) -> Assessment:
    return factories.submitted(initiative, to_phase=Phase.MATURATION, departed=("M1.2",))


@pytest.fixture
def approved(submitted: Assessment, manager: User) -> Assessment:
    return review.approve(assessment=submitted, by=manager, sha256=sha(submitted))


def sha(assessment: Assessment) -> str:
    return assessment.snapshots.order_by("-no").first().sha256


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def submit_again(assessment: Assessment, **values: Any) -> None:
    """Take it back, write something else, and hand it in again."""
    lead = assessment.initiative.lead
    review.withdraw(assessment=assessment, by=lead)
    conclude(assessment, lead, **values)
    review.submit(assessment=assessment, by=lead)


class TestWhoReads:
    def test_a_reader_reads_what_is_submitted_without_the_managers_buttons(
        self, client: Client, submitted: Assessment
    ) -> None:
        html = text_of(as_(client, person(Role.READER)).get(at(submitted, "detail")))
        assert "Indsatsen er velbeskrevet." in html
        for words in ("Godkend SUSI-vurderingen", "Send tilbage", "Træk tilbage"):
            assert words not in html

    def test_a_reader_never_sees_a_draft(self, client: Client, draft: Assessment) -> None:
        page = as_(client, person(Role.READER))
        for place in ("detail", "pdf", "differences", "annul", "correct"):
            assert page.get(at(draft, place)).status_code == 404
        for place in ("submit", "withdraw", "approve", "send_back"):
            assert page.post(at(draft, place)).status_code == 404

    def test_nor_one_that_was_withdrawn_or_returned(self, client: Client, submitted: Assessment, manager: User) -> None:
        page = as_(client, person(Role.READER))
        review.send_back(assessment=submitted, by=manager, sha256=sha(submitted), remarks="Ret M1.2.")
        assert page.get(at(submitted, "detail")).status_code == 404

    def test_a_reader_is_not_told_what_was_handed_in_before(self, client: Client, submitted: Assessment) -> None:
        submit_again(submitted, conclusion="Skrevet om.")
        page = as_(client, person(Role.READER))
        for place in ("detail", "differences"):
            html = text_of(page.get(at(submitted, place)))
            assert "indsendelse nr. 1" not in html
            assert "velbeskrevet" not in html

    def test_a_reader_of_a_submitted_one_cannot_do_anything_with_it(
        self, client: Client, submitted: Assessment
    ) -> None:
        page = as_(client, person(Role.READER))
        for place in ("submit", "withdraw", "approve"):
            assert page.post(at(submitted, place), {"sha256": sha(submitted)}).status_code == 403
        data = {"sha256": sha(submitted), "remarks": "Nej"}
        assert page.post(at(submitted, "send_back"), data).status_code == 403
        assert page.get(at(submitted, "annul")).status_code == 403
        assert page.get(at(submitted, "correct")).status_code == 403
        assert anew(submitted).state == Assessment.State.SUBMITTED

    def test_what_is_submitted_reads_as_it_was_submitted(
        self, client: Client, submitted: Assessment, manager: User
    ) -> None:
        submitted.initiative.title = "Omdøbt siden"
        submitted.initiative.save()
        html = text_of(as_(client, manager).get(at(submitted, "detail")))
        assert submitted.snapshots.get().data.split('"title":"')[-1].split('"')[0] in html
        assert "Indsatsen er velbeskrevet." in html


class TestTheManagersPage:
    def test_recommendation_first_then_what_is_explained_then_the_rest(
        self, client: Client, submitted: Assessment, manager: User
    ) -> None:
        html = text_of(as_(client, manager).get(at(submitted, "detail")))
        places = [
            html.index(words)
            for words in (
                "Initiativet indstilles til videreførelse",
                "Indsatsen er velbeskrevet.",
                "Datagrundlaget er spinkelt.",
                "Data indsamles i den næste fase.",
                "Begrundelse for M1.1.",
            )
        ]
        assert places == sorted(places)

    def test_buttons_say_their_consequence(self, client: Client, submitted: Assessment, manager: User) -> None:
        html = text_of(as_(client, manager).get(at(submitted, "detail")))
        assert "Godkend SUSI-vurderingen" in html
        assert "Teksten forsegles med dit navn" in html
        assert "Send tilbage med bemærkninger" in html
        assert f'name="sha256" value="{sha(submitted)}"' in html

    def test_says_why_one_cannot_approve_ones_own_text(self, client: Client, initiative: Initiative) -> None:
        both = person(Role.MANAGER, Role.LEAD)
        initiative.members.add(both)
        assessment = complete_draft(initiative, to_phase=Phase.MATURATION)
        conclude(assessment, both)
        review.submit(assessment=assessment, by=initiative.lead)
        page = as_(client, both)
        html = text_of(page.get(at(assessment, "detail")))
        assert "fire øjne" in html
        assert "Godkend SUSI-vurderingen" not in html
        assert page.post(at(assessment, "approve"), {"sha256": sha(assessment)}).status_code == 403

    def test_marks_what_changed_since_the_submission_before(
        self, client: Client, submitted: Assessment, manager: User
    ) -> None:
        submit_again(submitted, conclusion="Indsatsen er godt beskrevet.")
        html = text_of(as_(client, manager).get(at(submitted, "detail")))
        assert "1 tekst er ændret siden indsendelse nr. 1" in html
        assert 'href="#aendring-conclusion"' in html
        assert "<del> velbeskrevet.</del>" in html

    def test_says_so_where_nothing_changed(self, client: Client, submitted: Assessment, manager: User) -> None:
        submit_again(submitted)
        assert "Teksten er den samme som i indsendelse nr. 1" in text_of(
            as_(client, manager).get(at(submitted, "detail"))
        )


class TestSubmit:
    def test_hands_it_in(self, client: Client, draft: Assessment) -> None:
        response = as_(client, draft.initiative.lead).post(at(draft, "submit"), follow=True)
        assert anew(draft).state == Assessment.State.SUBMITTED
        assert "er indsendt til godkendelse" in text_of(response)

    def test_answers_with_the_list_of_what_is_missing(self, client: Client, initiative: Initiative) -> None:
        draft = draft_of(initiative, to_phase=Phase.MATURATION)
        response = as_(client, initiative.lead).post(at(draft, "submit"))
        assert response.status_code == 422
        html = text_of(response)
        assert "SUSI-vurderingen er ikke indsendt. Det mangler:" in html
        assert f'href="{at(draft, "criterion", "M1.1")}#id_value_0"' in html
        assert anew(draft).state == Assessment.State.DRAFT

    def test_twice_is_told(self, client: Client, draft: Assessment) -> None:
        page = as_(client, draft.initiative.lead)
        page.post(at(draft, "submit"))
        response = page.post(at(draft, "submit"))
        assert response.status_code == 409
        assert "kan ikke indsendes: Den er allerede indsendt" in text_of(response)
        assert draft.snapshots.count() == 1

    def test_not_by_a_manager(self, client: Client, draft: Assessment, manager: User) -> None:
        assert as_(client, manager).post(at(draft, "submit")).status_code == 403

    @pytest.mark.parametrize("place", ["submit", "withdraw", "approve", "send_back"])
    def test_nothing_is_done_by_a_get(self, client: Client, submitted: Assessment, manager: User, place: str) -> None:
        assert as_(client, manager).get(at(submitted, place)).status_code == 405


class TestWithdraw:
    def test_makes_it_a_draft_again(self, client: Client, submitted: Assessment) -> None:
        response = as_(client, submitted.initiative.lead).post(at(submitted, "withdraw"), follow=True)
        assert anew(submitted).state == Assessment.State.DRAFT
        assert "er trukket tilbage" in text_of(response)

    def test_twice_is_told(self, client: Client, submitted: Assessment) -> None:
        page = as_(client, submitted.initiative.lead)
        page.post(at(submitted, "withdraw"))
        assert page.post(at(submitted, "withdraw")).status_code == 409

    def test_not_by_a_manager(self, client: Client, submitted: Assessment, manager: User) -> None:
        assert as_(client, manager).post(at(submitted, "withdraw")).status_code == 403


class TestApprove:
    def test_seals_it(self, client: Client, submitted: Assessment, manager: User) -> None:
        response = as_(client, manager).post(at(submitted, "approve"), {"sha256": sha(submitted)}, follow=True)
        sealed = anew(submitted)
        html = text_of(response)
        assert sealed.is_approved
        assert "er godkendt og forseglet. Næste skridt er at registrere beslutningen" in html
        assert in_groups(sealed.sealed_sha256) in html
        assert "Lene Leder" in html
        assert "Registrér beslutning om faseovergang" in html

    def test_twice_is_told(self, client: Client, approved: Assessment, manager: User) -> None:
        response = as_(client, manager).post(at(approved, "approve"), {"sha256": sha(approved)})
        assert response.status_code == 409
        assert "kan ikke godkendes: Den er allerede godkendt" in text_of(response)

    @pytest.mark.parametrize("sha256", ["", "0" * 64])
    def test_not_a_text_one_has_not_read(
        self, client: Client, submitted: Assessment, manager: User, sha256: str
    ) -> None:
        response = as_(client, manager).post(at(submitted, "approve"), {"sha256": sha256})
        assert response.status_code == 409
        assert not anew(submitted).is_approved

    def test_a_text_that_changed_since_it_was_read_is_shown_anew(
        self, client: Client, submitted: Assessment, manager: User
    ) -> None:
        read = sha(submitted)
        submit_again(submitted, conclusion="Skrevet om imens.")
        response = as_(client, manager).post(at(submitted, "approve"), {"sha256": read})
        assert response.status_code == 409
        html = text_of(response)
        assert "Teksten er indsendt på ny" in html
        assert "Skrevet om imens." in html
        assert f'name="sha256" value="{sha(submitted)}"' in html

    @pytest.mark.parametrize("role", [Role.LEAD, Role.READER, Role.ADMINISTRATOR])
    def test_only_by_a_manager(self, client: Client, submitted: Assessment, role: Role) -> None:
        assert as_(client, person(role)).post(at(submitted, "approve"), {"sha256": sha(submitted)}).status_code == 403


class TestSendBack:
    def test_tells_the_writers_what_must_change(self, client: Client, submitted: Assessment, manager: User) -> None:
        data = {"sha256": sha(submitted), "remarks": "Uddyb M1.2."}
        response = as_(client, manager).post(at(submitted, "send_back"), data, follow=True)
        assert "er sendt tilbage" in text_of(response)
        assert anew(submitted).state == Assessment.State.RETURNED
        html = text_of(as_(client, submitted.initiative.lead).get(at(submitted, "detail")))
        assert "Uddyb M1.2." in html

    @pytest.mark.parametrize(
        ("remarks", "sentence"), [("", "Skriv, hvad der skal ændres."), ("Borger 010203-1234", "CPR-nummer")]
    )
    def test_bad_remarks_stay_in_the_field(
        self, client: Client, submitted: Assessment, manager: User, remarks: str, sentence: str
    ) -> None:
        data = {"sha256": sha(submitted), "remarks": remarks}
        response = as_(client, manager).post(at(submitted, "send_back"), data)
        assert response.status_code == 422
        assert sentence in text_of(response)
        assert remarks in text_of(response)
        assert anew(submitted).state == Assessment.State.SUBMITTED

    def test_the_remarks_survive_that_somebody_was_first(
        self, client: Client, approved: Assessment, manager: User
    ) -> None:
        data = {"sha256": sha(approved), "remarks": "Uddyb M1.2."}
        response = as_(client, manager).post(at(approved, "send_back"), data)
        assert response.status_code == 409
        assert "Uddyb M1.2." in text_of(response)


class TestSealed:
    def test_shows_seal_document_and_versions(self, client: Client, approved: Assessment) -> None:
        html = text_of(as_(client, person(Role.READER)).get(at(approved, "detail")))
        assert in_groups(approved.sealed_sha256) in html
        assert f'href="{at(approved, "pdf")}"' in html
        assert "Version 1" in html
        assert "Ret SUSI-vurderingen" not in html

    def test_reads_from_the_seal_alone(self, client: Client, approved: Assessment, manager: User) -> None:
        manager.first_name = "Gift"
        manager.save()
        html = text_of(as_(client, person(Role.READER)).get(at(approved, "detail")))
        assert "Lene Leder" in html
        assert "Gift Leder" not in html

    def test_a_correction_is_a_new_version(self, client: Client, approved: Assessment, manager: User) -> None:
        lead = approved.initiative.lead
        page = as_(client, lead)
        assert "Begge bliver bevaret" in text_of(page.get(at(approved, "correct")))
        response = page.post(at(approved, "correct"))
        correction = Assessment.objects.get(corrects=approved)
        assert response.url == at(correction, "conclusion")
        html = text_of(page.get(at(correction, "conclusion")))
        assert "Hvad er rettet?" in html
        assert "Skift fase eller spor" not in html
        assert page.get(at(correction, "target")).url == at(correction, "detail")
        assert page.post(at(approved, "correct")).status_code == 409
        assert as_(client, person(Role.READER)).get(at(correction, "detail")).status_code == 404

    def test_the_versions_are_compared(self, client: Client, approved: Assessment, manager: User) -> None:
        lead = approved.initiative.lead
        correction = review.correct(assessment=approved, by=lead)
        drafting.save_conclusion(
            assessment=correction, by=lead, version=0, conclusion="Rettet.", change_note="Et ord er rettet."
        )
        review.submit(assessment=correction, by=lead)
        review.approve(assessment=anew(correction), by=manager, sha256=sha(correction))
        page = as_(client, person(Role.READER))
        html = text_of(page.get(at(correction, "differences")))
        assert "siden version 1" in html
        assert "<ins>Rettet.</ins>" in html
        assert "Der er en nyere godkendt version." in text_of(page.get(at(approved, "detail")))
        assert "Der er en nyere godkendt version." not in text_of(page.get(at(correction, "detail")))
        initiative = text_of(page.get(f"/initiativer/{approved.initiative.number}/"))
        assert initiative.count("erstattet af en nyere version") == 1

    def test_a_correction_of_what_is_decided_asks_for_no_decision(
        self, client: Client, approved: Assessment, manager: User
    ) -> None:
        lead = approved.initiative.lead
        decide(approved.initiative, manager, to_phase=Phase.MATURATION, to_track=approved.to_track)
        correction = review.correct(assessment=approved, by=lead)
        page = text_of(as_(client, lead).get(f"/initiativer/{approved.initiative.number}/"))
        assert "Den nye version af SUSI-vurderingen af overgang til modningsfasen" in page
        drafting.save_conclusion(
            assessment=correction, by=lead, version=0, conclusion="Rettet.", change_note="Et ord er rettet."
        )
        review.submit(assessment=correction, by=lead)
        response = as_(client, manager).post(at(correction, "approve"), {"sha256": sha(correction)}, follow=True)
        assert "er godkendt og forseglet. Den nye version gælder nu." in text_of(response)

    def test_only_its_writers_correct_it(self, client: Client, approved: Assessment, manager: User) -> None:
        assert as_(client, manager).post(at(approved, "correct")).status_code == 403


class TestAnnul:
    def test_gives_the_draft_up_with_a_reason(self, client: Client, draft: Assessment) -> None:
        page = as_(client, draft.initiative.lead)
        assert page.get(at(draft, "annul")).status_code == 200
        page.post(at(draft, "annul"), {"reason": "Påbegyndt ved en fejl."})
        assert anew(draft).state == Assessment.State.ANNULLED
        html = text_of(page.get(at(draft, "detail")))
        assert "Påbegyndt ved en fejl." in html

    def test_needs_a_reason(self, client: Client, draft: Assessment) -> None:
        response = as_(client, draft.initiative.lead).post(at(draft, "annul"), {"reason": " "})
        assert response.status_code == 422
        assert "Skriv, hvorfor SUSI-vurderingen annulleres." in text_of(response)

    def test_not_once_approved(self, client: Client, approved: Assessment, manager: User) -> None:
        response = as_(client, manager).post(at(approved, "annul"), {"reason": "Fortrudt"})
        assert response.status_code == 409
        assert "Fortrudt" in text_of(response)
        assert anew(approved).is_approved
