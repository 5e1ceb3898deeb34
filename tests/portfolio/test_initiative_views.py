"""One initiative: what its page says to whom, and the forms that change it."""

import pytest
from django.urls import reverse

from phases.terms import Outcome, Phase, SusiStatement, Track
from portfolio import actions
from portfolio.models import Continuation, Initiative, PhaseRun, StatusNote
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, dated, decide, from_source, fully_related

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def lead():
    return person(Role.LEAD)


@pytest.fixture
def initiative(lead) -> Initiative:
    return initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Et sted at bo")


def address(name: str, initiative: Initiative) -> str:
    return reverse(f"portfolio:{name}", args=[initiative.number])


def page(client, user, initiative: Initiative) -> str:
    client.force_login(user)
    response = client.get(address("initiative_detail", initiative))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


class TestDetail:
    def test_shows_where_it_stands_and_everything_there_is(self, client, manager, lead) -> None:
        factories.rulebook()
        initiative = fully_related(manager, lead)
        html = page(client, person(Role.READER), initiative)
        for shown in (
            "Modning",
            "Spor 1",
            "Siden 02.03.2026",
            "Det går efter planen.",
            "UIP 2025",
            "Udsatte voksne",
            "Videreføres i modning, spor 1",
            f"{initiative.number}-1, version 1",
            reverse("assessments:pdf", args=[initiative.number, 1]),
            "Fravigelse fra kriterie M1.2",
            "Data indsamles i den næste fase.",
            "Viderefører",
        ):
            assert shown in html, shown

    def test_what_a_source_says_is_marked_as_such_and_silence_as_silence(self, client, manager) -> None:
        silent = from_source(Phase.SCREENING, Phase.MATURATION, susi=SusiStatement.YES)
        html = page(client, manager, silent)
        assert "Screening/modning" in html
        assert "Status ikke oplyst" in html
        assert "Begyndelsen er ikke oplyst" in html
        assert "<dt>Bragt videre til næste fase?</dt> <dd> Ikke oplyst </dd>" in html
        assert "Ja til begge" in html
        assert "Påbegyndt før systemet. Oplyst i Bilag 1, tabel 1, række 7." in html

        said = from_source(
            Phase.MATURATION,
            state=PhaseRun.State.ENDED,
            outcome=Outcome.AWAITING,
            stated_reason="Det afventer andre.",
            counts_as=3,
            **dated(2022),
        )
        html = page(client, manager, said)
        assert "Initiativet blev afsluttet med udgangen af 2022. Det afventer andre." in html
        assert "Afsluttet, afventer andre initiativer" in html
        assert "Tæller som 3 initiativer" in html

    def test_a_continuation_shows_the_title_as_cited_and_as_it_is(self, client, manager) -> None:
        former = from_source(Phase.SCREENING, state=PhaseRun.State.ENDED, outcome=Outcome.CONTINUED, title="Første")
        new = from_source(Phase.MATURATION, title="Modning af Første")
        link = Continuation.objects.create(
            from_initiative=former, to_initiative=new, source="Bilag 1", cited_title="Modning af den første"
        )
        html = page(client, manager, former)
        assert "Ja (Modning af den første)" in html
        assert address("initiative_detail", new) in html
        assert "»Modning af den første«" in html
        assert address("initiative_detail", former) in page(client, manager, new)
        link.is_annulled = True
        link.save()
        assert address("initiative_detail", new) not in page(client, manager, former)

    def test_a_reader_never_sees_a_draft(self, client, manager, initiative) -> None:
        factories.rulebook()
        factories.complete_draft(
            initiative, to_phase=Phase.MATURATION, conclusion="Hemmelig konklusion", departed=("M1.1",)
        )
        for user in (person(Role.READER), person(Role.ADMINISTRATOR), person(Role.LEAD)):
            html = page(client, user, initiative)
            assert "version 1" not in html
            assert "Kladde" not in html
            assert "kræver en godkendt SUSI-vurdering" in html
            assert "M1.1" not in html
        assert "Kladde" in page(client, initiative.lead, initiative)
        assert "Kladde" in page(client, manager, initiative)

    def test_the_links_follow_the_rights(self, client, manager, initiative) -> None:
        html = page(client, initiative.lead, initiative)
        assert address("initiative_edit", initiative) in html
        assert address("initiative_people", initiative) in html
        assert address("status_write", initiative) in html
        html = page(client, manager, initiative)
        assert address("initiative_people", initiative) in html
        assert address("initiative_edit", initiative) not in html
        html = page(client, person(Role.READER), initiative)
        assert address("initiative_people", initiative) not in html
        assert "<form" not in html.partition("<main")[2]

    def test_a_proposal_is_not_found_by_a_reader(self, client) -> None:
        client.force_login(person(Role.READER))
        proposal = initiative_in(None)
        for name in ("detail", "history", "edit", "people"):
            assert client.get(address(f"initiative_{name}", proposal)).status_code == 404
        assert client.post(address("status_write", proposal), {"text": "Hej"}).status_code == 404
        assert client.get("/initiativer/2099-999/").status_code == 404

    def test_texts_are_shown_as_text(self, client, lead) -> None:
        initiative = initiative_in(None, lead=lead, title="<script>alert(1)</script>", problem="<b>Fed</b>")
        html = page(client, lead, initiative)
        assert "<script>alert" not in html
        assert "<b>Fed" not in html


class TestStatus:
    def write(self, client, user, initiative: Initiative, text: str):
        client.force_login(user)
        return client.post(address("status_write", initiative), {"text": text})

    def test_the_lead_writes_one_and_it_stands_on_the_page(self, client, initiative, lead) -> None:
        response = self.write(client, lead, initiative, "  Fire kommuner er med.  ")
        assert response.status_code == 302
        assert "Fire kommuner er med." in page(client, lead, initiative)
        assert StatusNote.objects.get().written_by == lead

    def test_a_second_click_writes_no_second_one_and_keeps_the_text(self, client, initiative, lead) -> None:
        self.write(client, lead, initiative, "Fire kommuner er med.")
        response = self.write(client, lead, initiative, "Fire kommuner er med.")
        assert response.status_code == 409
        assert "allerede gemt" in response.content.decode()
        assert StatusNote.objects.count() == 1

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "Feltet skal udfyldes."),
            ("Om 010203-1234 og hans bolig", "CPR-nummer"),
            ("x" * 1001, "for lang"),
            ("Tekst\x0bmed styretegn", "Teksten"),
        ],
    )
    def test_bad_text_is_refused_and_stays(self, client, initiative, lead, text, sentence) -> None:
        response = self.write(client, lead, initiative, text)
        assert response.status_code == 422
        html = response.content.decode()
        assert sentence in html
        assert text.replace("\x0b", "&#x0B;") in html or text in html
        assert not StatusNote.objects.exists()

    @pytest.mark.parametrize("role", [Role.READER, Role.MANAGER, Role.ADMINISTRATOR, Role.LEAD])
    def test_nobody_else_does(self, client, initiative, role) -> None:
        assert self.write(client, person(role), initiative, "Hej").status_code == 403
        assert not StatusNote.objects.exists()

    def test_opened_as_a_page_it_leads_to_the_initiative(self, client, initiative, lead) -> None:
        client.force_login(lead)
        assert client.get(address("status_write", initiative)).url == address("initiative_detail", initiative)


class TestCreate:
    URL = "/initiativer/nyt/"

    def test_a_lead_creates_a_proposal(self, client, lead) -> None:
        agreement = AgreementFactory()
        client.force_login(lead)
        assert client.get(self.URL).status_code == 200
        written = {
            "version": "1",
            "title": "Eksempel: Vejen hjem",
            "problem": "Mange unge står uden bolig.\r\nOg uden netværk.",
            "programme": agreement.programme.pk,
            "agreements": [agreement.pk],
        }
        response = client.post(self.URL, written)
        initiative = Initiative.objects.get()
        assert response.url == address("initiative_detail", initiative)
        assert (initiative.lead, initiative.phase, initiative.problem) == (
            lead,
            "proposal",
            "Mange unge står uden bolig.\nOg uden netværk.",
        )
        assert list(initiative.agreements.all()) == [agreement]
        assert initiative.number in client.get(response.url).content.decode()

    def test_a_second_click_creates_no_second_one(self, client, lead) -> None:
        client.force_login(lead)
        for status in (302, 409):
            response = client.post(self.URL, {"version": "1", "title": "Eksempel: Vejen hjem"})
            assert response.status_code == status
        assert Initiative.objects.get().number in response.content.decode()
        assert 'value="Eksempel: Vejen hjem"' in response.content.decode()

    @pytest.mark.parametrize(
        ("written", "sentence"),
        [
            ({}, "Feltet skal udfyldes."),
            ({"title": "x" * 301}, "for lang"),
            ({"title": "Ok", "problem": "Født 010203-1234"}, "CPR-nummer"),
            ({"title": "Ok", "agreements": ["999"]}, "på listen"),
        ],
    )
    def test_bad_input_is_refused_and_stays(self, client, lead, written, sentence) -> None:
        client.force_login(lead)
        response = client.post(self.URL, {"version": "1", "description": "Det her skal blive stående", **written})
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert "Det her skal blive stående" in response.content.decode()
        assert not Initiative.objects.exists()

    def test_an_agreement_belongs_to_its_programme(self, client, lead) -> None:
        client.force_login(lead)
        agreement = AgreementFactory()
        response = client.post(self.URL, {"version": "1", "title": "Ok", "agreements": [agreement.pk]})
        assert response.status_code == 422
        assert f"Vælg det program, som aftalen hører til: {agreement}." in response.content.decode()

    @pytest.mark.parametrize("role", [Role.READER, Role.MANAGER, Role.ADMINISTRATOR])
    def test_others_do_not(self, client, role) -> None:
        client.force_login(person(role))
        assert client.get(self.URL).status_code == 403
        assert client.post(self.URL, {"version": "1", "title": "Ok"}).status_code == 403
        assert not Initiative.objects.exists()

    def test_phase_number_and_lead_cannot_be_forged(self, client, lead) -> None:
        client.force_login(lead)
        forged = {"phase": "trial", "number": "1999-001", "lead": person(Role.LEAD).pk, "counts_as": "9"}
        client.post(self.URL, {"version": "1", "title": "Ok", **forged})
        initiative = Initiative.objects.get()
        assert (initiative.phase, initiative.lead, initiative.counts_as) == ("proposal", lead, 1)
        assert initiative.number != "1999-001"


class TestEdit:
    def save(self, client, user, initiative: Initiative, **written):
        client.force_login(user)
        return client.post(address("initiative_edit", initiative), {"version": initiative.version, **written})

    def test_lead_and_members_edit(self, client, initiative, lead) -> None:
        member = person(Role.LEAD)
        initiative.members.add(member)
        client.force_login(lead)
        assert initiative.title in client.get(address("initiative_edit", initiative)).content.decode()
        assert self.save(client, lead, initiative, title="Ny titel").status_code == 302
        assert self.save(client, member, anew(initiative), title="Nyeste titel").status_code == 302
        assert anew(initiative).title == "Nyeste titel"
        assert anew(initiative).phase == "screening"

    def test_why_is_told_where_the_change_is(self, client, initiative, lead) -> None:
        self.save(client, lead, initiative, title="Ny titel", reason="Aftalt med ministeriet")
        self.save(client, lead, anew(initiative), title="Nyere titel")
        reasons = initiative.history.order_by("-history_id").values_list("history_change_reason", flat=True)
        assert [*reasons[:2]] == ["Stamoplysninger rettet", "Stamoplysninger rettet: Aftalt med ministeriet"]
        told = client.get(address("initiative_history", initiative)).content.decode()
        assert "Aftalt med ministeriet" in told
        read = anew(initiative)
        self.save(client, lead, read, title="Nyeste titel")
        conflict = self.save(client, lead, read, title="Min titel", reason="Min grund")
        assert (conflict.status_code, 'value="Min grund"' in conflict.content.decode()) == (409, True)

    def test_two_at_once_keep_both_texts_on_the_screen(self, client, initiative, lead) -> None:
        member = person(Role.LEAD, first_name="Maja", last_name="Eksempel")
        initiative.members.add(member)
        read = anew(initiative)
        self.save(client, member, read, title="Majas titel", problem="Majas problem")
        response = self.save(client, lead, read, title="Min titel", problem="Majas problem")
        assert response.status_code == 409
        html = response.content.decode()
        assert "Maja Eksempel har gemt, mens du skrev" in html
        assert "Majas titel" in html
        assert 'value="Min titel"' in html
        assert "Det sociale problem</h3>" not in html  # only what differs
        assert anew(initiative).title == "Majas titel"

        again = {"version": anew(initiative).version, "title": "Vores titel"}
        assert f'name="version" value="{again["version"]}"' in html
        assert self.save(client, lead, initiative, **again).status_code == 302
        assert anew(initiative).title == "Vores titel"

    def test_a_second_click_says_that_it_is_saved(self, client, initiative, lead) -> None:
        read = anew(initiative)
        self.save(client, lead, read, title="Ny titel")
        response = self.save(client, lead, read, title="Ny titel")
        assert response.status_code == 409
        assert "er gemt, som du har skrevet dem" in response.content.decode()

    @pytest.mark.parametrize(("title", "sentence"), [("", "Feltet skal udfyldes."), ("Om 010203-1234", "CPR-nummer")])
    def test_bad_input_is_refused_and_stays(self, client, initiative, lead, title, sentence) -> None:
        response = self.save(client, lead, initiative, title=title, funding="SSA-reserven")
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert "SSA-reserven" in response.content.decode()
        assert anew(initiative).title == initiative.title

    def test_a_missing_or_forged_version_saves_nothing(self, client, initiative, lead) -> None:
        assert self.save(client, lead, initiative, title="Ny", version="").status_code == 422
        assert self.save(client, lead, initiative, title="Ny", version="99").status_code == 409
        assert anew(initiative).title == initiative.title

    @pytest.mark.parametrize("role", [Role.READER, Role.MANAGER, Role.ADMINISTRATOR, Role.LEAD])
    def test_others_do_not(self, client, initiative, role) -> None:
        assert self.save(client, person(role), initiative, title="Ny").status_code == 403
        assert client.get(address("initiative_edit", initiative)).status_code == 403
        assert anew(initiative).title == initiative.title


def test_a_proposal_by_another_person_may_have_the_same_title() -> None:
    for _ in range(2):
        actions.create_initiative(by=person(Role.LEAD), title="Eksempel: Vejen hjem")
    assert Initiative.objects.count() == 2


def test_the_outcome_decided_here_stands_with_its_decision(client, manager, initiative) -> None:
    factories.rulebook()
    decide(initiative, manager, Outcome.STOPPED, reason="Problemet løses af en ny lov.")
    html = page(client, manager, anew(initiative))
    assert "Initiativet er afsluttet." in html
    assert "Afsluttet, ikke videreført" in html
    assert "Problemet løses af en ny lov." in html
    assert reverse("assessments:decision_detail", args=[initiative.number, 1]) in html
    assert reverse("assessments:decision_create", args=[initiative.number]) not in html
    assert Track.ONE.label not in html


def test_a_decision_on_several_stands_on_the_page_of_each(client, manager, initiative) -> None:
    factories.rulebook()
    merged = initiative_in(Phase.SCREENING)
    for one in (initiative, merged):
        factories.approved(one, manager=manager, to_phase=Phase.MATURATION)
    values = {"to_phase": Phase.MATURATION, "to_track": Track.ONE, "continue_in": "new", "new_title": "Eksempel: begge"}
    decision = decide(initiative, manager, merged=[merged], **values)
    for one in (initiative, merged, Initiative.objects.get(title="Eksempel: begge")):
        html = page(client, manager, one)
        assert "Der er ikke registreret beslutninger" not in html
        assert reverse("assessments:decision_detail", args=[initiative.number, decision.no]) in html
