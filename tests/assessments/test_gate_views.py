"""The gate room: who comes in, what it shows, and how an assessment is begun and aimed."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions import drafting, review
from assessments.models import Assessment
from phases.models import Edition
from phases.terms import Phase, Track
from portfolio.models import Initiative
from susi.errors import Conflict
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import anew, at, m11, rating, sent, text_of
from tests.factories import draft_of, initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def draft(initiative: Initiative) -> Assessment:
    return draft_of(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def page(client: Client, initiative: Initiative) -> Client:
    """The browser of the initiative's lead."""
    client.force_login(initiative.lead)
    return client


class TestWhoComesIn:
    places = ("gate", "entry", "former", "conclusion", "target", "annul")

    @pytest.mark.parametrize("place", places)
    def test_a_reader_never_sees_a_draft(self, client: Client, draft: Assessment, place: str) -> None:
        client.force_login(person(Role.READER))
        assert client.get(at(draft, place)).status_code == 404
        assert client.get(m11(draft)).status_code == 404

    @pytest.mark.parametrize("place", places)
    def test_another_lead_never_sees_it(self, client: Client, draft: Assessment, place: str) -> None:
        client.force_login(person(Role.LEAD))
        assert client.get(at(draft, place)).status_code == 404
        assert client.post(m11(draft), sent(value="met")).status_code == 404
        assert not draft.ratings.exists()

    def test_a_manager_reads_the_draft_but_does_not_write_it(self, client: Client, draft: Assessment) -> None:
        client.force_login(person(Role.MANAGER))
        assert client.get(at(draft, "detail")).status_code == 200
        for address in (at(draft, "gate"), m11(draft), at(draft, "conclusion"), at(draft, "target")):
            assert client.get(address).status_code == 403
        assert client.post(m11(draft), sent(value="met")).status_code == 403
        assert not draft.ratings.exists()

    def test_a_member_writes(self, client: Client, draft: Assessment) -> None:
        member = person(Role.LEAD)
        draft.initiative.members.add(member)
        client.force_login(member)
        assert client.post(m11(draft), sent(value="met")).status_code == 302
        assert rating(draft).saved_by == member

    def test_whoever_is_not_logged_in_is_asked_to(self, client: Client, draft: Assessment) -> None:
        response = client.get(m11(draft))
        assert response.status_code == 302
        assert response.url.startswith(reverse("login"))

    @pytest.mark.parametrize("code", ["A1.1", "M9.9", "konklusion", "betingelser"])
    def test_a_criterion_of_another_gate_is_not_found(self, page: Client, draft: Assessment, code: str) -> None:
        assert page.get(at(draft, "criterion", code)).status_code == 404
        assert page.post(at(draft, "criterion", code), sent(value="met")).status_code == 404

    def test_a_criterion_of_the_other_track_is_not_found(self, page: Client, initiative: Initiative) -> None:
        draft = draft_of(initiative, to_phase=Phase.MATURATION, to_track=Track.TWO)
        assert page.get(at(draft, "criterion", "M2.1")).status_code == 404
        assert "Ordlyd i spor 2" in text_of(page.get(at(draft, "criterion", "M1.2")))


class TestTheRoom:
    def test_begins_where_something_is_missing(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(value="met", reasoning="Det er beskrevet."))
        assert page.get(at(draft, "gate")).url == at(draft, "criterion", "M1.2")

    def test_shows_wording_theme_and_source_in_full(self, page: Client, draft: Assessment) -> None:
        html = text_of(page.get(m11(draft)))
        assert "Samme i begge spor" in html
        assert "Tema 1. Første tema" in html
        assert "Eksempel" in html

    def test_every_missing_sentence_leads_to_the_field_that_settles_it(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(value="partly", reasoning="Delvist."))
        html = text_of(page.get(at(draft, "conclusion")))
        for address in (
            f"{m11(draft)}#fravigelse",
            f"{at(draft, 'criterion', 'M1.2')}#id_value_0",
            f"{at(draft, 'conclusion')}#id_conclusion",
            f"{at(draft, 'conclusion')}#id_fast_track_0",
        ):
            assert f'href="{address}"' in html
        assert 'id="fravigelse"' in text_of(page.get(m11(draft)))
        for field in ("id_verdict_0", "id_conclusion", "id_recommendation_0", "id_fast_track_0"):
            assert f'id="{field}"' in html

    def test_says_how_each_criterion_is_rated(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(value="not_met"))
        html = text_of(page.get(m11(draft)))
        assert "Ikke opfyldt, mangler noget" in html
        assert "</span>1 af 2</span>" in html

    def test_a_proposal_begins_with_the_conditions_and_the_fravigelse_from_the_model(self, client: Client) -> None:
        proposal = initiative_in(None)
        client.force_login(proposal.lead)
        draft = draft_of(proposal, to_phase=Phase.MATURATION)
        assert client.get(at(draft, "gate")).url == at(draft, "entry")
        html = text_of(client.get(at(draft, "entry")))
        assert "Fravigelse fra fasemodellen" in html
        assert f'href="{at(draft, "entry")}#id_B1-met_0"' in html
        assert 'id="id_B1-met_0"' in html

    def test_a_proposal_has_no_new_knowledge_to_spread(self, client: Client) -> None:
        proposal = initiative_in(None)
        client.force_login(proposal.lead)
        draft = draft_of(proposal, to_phase=Phase.MATURATION)
        assert "fast track" not in text_of(client.get(at(draft, "conclusion"))).lower()
        assert "fast track" not in text_of(client.get(at(draft, "detail"))).lower()

    def test_the_three_ways_are_weighed_after_modning_in_spor_2_only(self, client: Client) -> None:
        for track, weighs in ((Track.ONE, False), (Track.TWO, True)):
            initiative = initiative_in(Phase.MATURATION, track)
            client.force_login(initiative.lead)
            draft = draft_of(initiative, to_phase=Phase.TRIAL, to_track=track)
            assert ("weighing_way" in text_of(client.get(at(draft, "conclusion")))) is weighs

    def test_shows_how_the_criterion_was_judged_last_time(self, page: Client, initiative: Initiative) -> None:
        approved = factories.approved(
            initiative, manager=person(Role.MANAGER), to_phase=Phase.MATURATION, departed=("M1.1",)
        )
        again = draft_of(initiative, to_phase=Phase.MATURATION)
        html = text_of(page.get(m11(again)))
        assert "Sidste vurdering af M1.1" in html
        assert "Begrundelse for M1.1." in html
        assert "Data indsamles i den næste fase." in html
        assert f'href="{at(approved, "detail")}"' in html

    def test_a_submitted_one_can_only_be_read(self, page: Client, initiative: Initiative) -> None:
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        for address in (m11(submitted), at(submitted, "conclusion")):
            assert page.get(address).url == at(submitted, "detail")
        assert "er indsendt og kan ikke ændres" in text_of(page.get(at(submitted, "detail")))

    def test_what_the_manager_wants_changed_is_on_top(self, page: Client, initiative: Initiative) -> None:
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        sha256 = submitted.snapshots.get().sha256
        review.send_back(assessment=submitted, by=person(Role.MANAGER), sha256=sha256, remarks="Uddyb M1.2 med kilder.")
        assert "Uddyb M1.2 med kilder." in text_of(page.get(m11(submitted)))


class TestStart:
    def address(self, initiative: Initiative) -> str:
        return reverse("assessments:start", args=[initiative.number])

    def test_suggests_the_next_phase_and_the_present_track(self, client: Client) -> None:
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        client.force_login(initiative.lead)
        form = client.get(self.address(initiative)).context["form"]
        assert (form["to_phase"].value(), form["to_track"].value()) == (Phase.TRIAL, Track.TWO)

    def test_begins_and_leads_into_the_room(self, page: Client, initiative: Initiative) -> None:
        response = page.post(self.address(initiative), {"to_phase": "maturation", "to_track": "2"})
        draft = initiative.assessments.get()
        assert response.url == at(draft, "gate")
        assert (draft.to_phase, draft.to_track) == ("maturation", "2")

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [({}, "Vælg den fase"), ({"to_phase": "maturation"}, "Vælg spor"), ({"to_phase": "screening"}, "Vælg")],
    )
    def test_a_missing_or_impossible_choice(
        self, page: Client, initiative: Initiative, values: dict[str, str], sentence: str
    ) -> None:
        response = page.post(self.address(initiative), values)
        assert response.status_code == 422
        assert sentence in text_of(response)
        assert not initiative.assessments.exists()

    def test_not_where_the_phase_is_another_by_now(self, page: Client, initiative: Initiative) -> None:
        address = reverse("assessments:start", args=[initiative.number])
        seen = initiative.current_run_id
        assert f'name="seen" value="{seen}"' in page.get(address).content.decode()
        response = page.post(address, {"to_phase": "maturation", "to_track": "1", "seen": str(seen + 1)}, follow=True)
        assert "Initiativet er i en anden fase, end da du åbnede siden." in response.content.decode()
        assert not Assessment.objects.exists()
        with pytest.raises(Conflict, match="en anden fase"):
            drafting.start_assessment(
                initiative=initiative, by=initiative.lead, to_phase="maturation", to_track="1", seen=0
            )

    def test_twice_begins_one(self, page: Client, draft: Assessment) -> None:
        address = self.address(draft.initiative)
        assert "allerede en SUSI-vurdering i gang" in text_of(page.get(address))
        assert page.post(address, {"to_phase": "maturation", "to_track": "1"}).status_code == 409
        assert draft.initiative.assessments.count() == 1

    @pytest.mark.parametrize("roles", [(Role.MANAGER,), (Role.LEAD,), (Role.READER,), (Role.ADMINISTRATOR,)])
    def test_only_by_its_writers(self, client: Client, initiative: Initiative, roles: tuple[Role, ...]) -> None:
        client.force_login(person(*roles))
        assert client.get(self.address(initiative)).status_code == 403
        assert client.post(self.address(initiative), {"to_phase": "maturation", "to_track": "1"}).status_code == 403

    def test_udbredelse_is_the_last_phase(self, client: Client) -> None:
        initiative = initiative_in(Phase.DISSEMINATION)
        client.force_login(initiative.lead)
        assert "Udbredelse er den sidste fase" in text_of(client.get(self.address(initiative)))


class TestChangingTheTarget:
    def test_shows_first_what_becomes_of_the_ratings(self, page: Client, draft: Assessment) -> None:
        factories.rate_all(draft, draft.initiative.lead)
        response = page.get(at(draft, "target"), {"to_phase": "maturation", "to_track": "2"})
        groups = {group["heading"]: [row["code"] for row in group["rows"]] for group in response.context["preview"]}
        assert groups == {"Følger med": ["M1.1"], "Skal vurderes på ny": ["M1.2"], "Falder bort": ["M2.1"]}
        draft = anew(draft)
        assert draft.to_track == Track.ONE

    def test_then_changes_it(self, page: Client, draft: Assessment) -> None:
        factories.rate_all(draft, draft.initiative.lead)
        response = page.post(at(draft, "target"), {"to_phase": "maturation", "to_track": "2"})
        assert response.url == at(draft, "gate")
        draft = anew(draft)
        assert draft.to_track == Track.TWO
        assert rating(draft, "M1.2").value == ""

    def test_an_impossible_target(self, page: Client, draft: Assessment) -> None:
        assert page.post(at(draft, "target"), {"to_phase": "screening", "to_track": "1"}).status_code == 422
        assert page.get(at(draft, "target"), {"to_phase": "x"}).status_code == 422

    def test_a_submitted_one_keeps_its_target(self, page: Client, initiative: Initiative) -> None:
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        response = page.post(at(submitted, "target"), {"to_phase": "maturation", "to_track": "2"})
        assert response.url == at(submitted, "detail")
        submitted = anew(submitted)
        assert submitted.to_track == Track.ONE
