"""The pages of the deliverables: who sees what, what is typed stays, and files are handed out for saving alone."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from phases.models import DeliverableType
from phases.terms import Phase, Track
from portfolio.models import PhaseRun
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.files import package, pdf, upload
from work.actions import deliverables as actions
from work.actions.deliverables import PlanInput, VersionInput
from work.models import Deliverable, DeliverableVersion

pytestmark = pytest.mark.django_db
SENT = {"state": "in_progress", "responsible": "", "due": "", "notes": "Mine noter", "version": "0"}


@pytest.fixture
def run() -> PhaseRun:
    factories.rulebook()
    return initiative_in(Phase.MATURATION, Track.ONE).current_run


@pytest.fixture
def writer(run: PhaseRun, client: Client) -> Client:
    client.force_login(run.initiative.lead)
    return client


def at(run: PhaseRun, view: str, *more: Any) -> str:
    return reverse(f"work:{view}", args=[run.initiative.number, run.sequence, *more])


def body(response: Any) -> str:
    return response.content.decode()


def with_file(run: PhaseRun, client: Client, **values: Any) -> DeliverableVersion:
    """Send a version through the page."""
    response = client.post(at(run, "version_add", "M-a"), {"file": upload(), "note": "Første", **values})
    assert response.status_code == 302, body(response)
    return DeliverableVersion.objects.latest("pk")


class TestReading:
    def test_a_reader_sees_and_changes_nothing(self, run: PhaseRun, writer: Client) -> None:
        with_file(run, writer)
        reader = Client()
        reader.force_login(person(Role.READER))
        page = body(reader.get(at(run, "deliverable", "M-a")))
        assert "rapport.pdf" in page
        assert "Ret planen" not in page
        for view in ("deliverable_edit", "deliverable_take_out", "deliverable_take_in", "version_add"):
            assert reader.post(at(run, view, "M-a"), SENT).status_code == 403, view
        assert reader.post(at(run, "deliverable_add"), {**SENT, "name": "Film"}).status_code == 403
        assert reader.post(at(run, "version_annul", "M-a", 1), {"reason": "Fordi"}).status_code == 403
        assert Deliverable.objects.get().version == 1

    def test_nobody_reads_of_an_initiative_they_cannot_see(self, run: PhaseRun, writer: Client) -> None:
        with_file(run, writer)
        nobody = Client()
        nobody.force_login(person())
        for address in (at(run, "deliverables_of"), at(run, "deliverable", "M-a"), at(run, "version_file", "M-a", 1)):
            assert nobody.get(address).status_code == 404

    def test_a_proposal_has_none_and_is_hidden_from_readers(self, run: PhaseRun, writer: Client) -> None:
        proposal = initiative_in(None, lead=run.initiative.lead)
        address = reverse("work:deliverables", args=[proposal.number])
        assert "har ikke begyndt en fase" in body(writer.get(address))
        reader = Client()
        reader.force_login(person(Role.READER))
        assert reader.get(address).status_code == 404

    def test_what_is_not_there_is_not_found(self, run: PhaseRun, writer: Client) -> None:
        other = initiative_in(Phase.SCREENING).current_run
        for address in (
            at(run, "deliverable", "M-proeve"),  # of the other track
            at(run, "deliverable", "S-a"),  # of another phase
            reverse("work:deliverables_of", args=[run.initiative.number, 2]),
            reverse("work:deliverable", args=[other.initiative.number, 1, "egen-1"]),
            at(run, "version_file", "M-a", 1),
        ):
            assert writer.get(address).status_code == 404, address

    def test_the_page_of_the_phase_tells_how_far_they_are(self, run: PhaseRun, writer: Client) -> None:
        actions.plan(run=run, code="M-a", by=run.initiative.lead, version=0, planned=PlanInput(due=run.started_on))
        page = body(writer.get(reverse("work:phase", args=[run.initiative.number])))
        assert "0 af 2 leverancer er færdige. 1 er forsinket." in page
        assert "Leverance a skulle være færdig 01.01.2024." in page

    def test_what_is_made_here_leads_to_where_it_is_made(self, run: PhaseRun, writer: Client) -> None:
        DeliverableType.objects.filter(code="M-b").update(code="M-i")
        start = reverse("assessments:start", args=[run.initiative.number])
        assert start in body(writer.get(at(run, "deliverable", "M-i")))
        assert start not in body(writer.get(at(run, "deliverable", "M-a")))

    def test_earlier_phases_are_one_click_away(self, run: PhaseRun, writer: Client) -> None:
        PhaseRun.objects.create(
            initiative=run.initiative, sequence=0, phase=Phase.SCREENING, state=PhaseRun.State.ENDED, source="Eksempel"
        )
        page = body(writer.get(reverse("work:deliverables", args=[run.initiative.number])))
        earlier = reverse("work:deliverables_of", args=[run.initiative.number, 0])
        assert earlier in page
        assert "Ikke oplyst" in body(writer.get(earlier))


class TestPlanning:
    def test_is_saved_and_shown(self, run: PhaseRun, writer: Client) -> None:
        lead = run.initiative.lead
        sent = {**SENT, "responsible": lead.pk, "due": "04.01.2027", "documents": ["A1.2"]}
        response = writer.post(at(run, "deliverable_edit", "M-a"), sent, follow=True)
        assert "er gemt" in body(response)
        assert "04.01.2027" in body(response)
        row = Deliverable.objects.get()
        assert (row.responsible, row.documents, row.notes) == (lead, ["A1.2"], "Mine noter")

    def test_both_texts_stay_where_two_write(self, run: PhaseRun, writer: Client) -> None:
        member = person(Role.LEAD, last_name="Kollega")
        run.initiative.members.add(member)
        theirs = PlanInput(notes="Deres noter", documents=("A1.1",))
        actions.plan(run=run, code="M-a", by=member, version=0, planned=theirs)
        response = writer.post(at(run, "deliverable_edit", "M-a"), SENT)
        assert response.status_code == 409
        page = body(response)
        assert all(text in page for text in ("Mine noter", "Deres noter", "Kollega har gemt, mens du skrev"))
        assert Deliverable.objects.get().notes == "Deres noter"
        again = {**SENT, "version": response.context["form"]["version"].value()}
        assert writer.post(at(run, "deliverable_edit", "M-a"), again).status_code == 302
        assert Deliverable.objects.get().notes == "Mine noter"

    def test_the_same_twice_is_no_conflict(self, run: PhaseRun, writer: Client) -> None:
        for _ in range(2):
            assert writer.post(at(run, "deliverable_edit", "M-a"), SENT).status_code == 302
        assert Deliverable.objects.get().version == 1

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"due": "snart"}, "Skriv datoen"),
            ({"state": "x"}, "Vælg en af mulighederne"),
            ({"documents": ["M1.1"]}, "Vælg en af mulighederne"),  # of another gate
            ({"notes": "010190-1234"}, "CPR"),
        ],
    )
    def test_what_is_wrong_is_said_beside_what_was_typed(self, run: PhaseRun, writer: Client, change, why) -> None:
        response = writer.post(at(run, "deliverable_edit", "M-a"), {**SENT, **change})
        assert response.status_code == 422
        assert why in body(response)
        assert not Deliverable.objects.exists()

    def test_criteria_of_another_edition_are_kept(self, run: PhaseRun, writer: Client) -> None:
        planned = PlanInput(documents=("A9.9", "A1.1"))
        actions.plan(run=run, code="M-a", by=run.initiative.lead, version=0, planned=planned)
        writer.post(at(run, "deliverable_edit", "M-a"), {**SENT, "version": 1, "documents": ["A1.2"]})
        assert Deliverable.objects.get().documents == ["A1.2", "A9.9"]

    def test_one_s_own_is_added_once(self, run: PhaseRun, writer: Client) -> None:
        sent = {**SENT, "name": "Film om metoden"}
        assert writer.post(at(run, "deliverable_add"), sent).status_code == 302
        response = writer.post(at(run, "deliverable_add"), sent)
        assert response.status_code == 409
        assert "Der er ikke oprettet en til." in body(response)
        assert Deliverable.objects.count() == 1

    def test_out_and_in_again(self, run: PhaseRun, writer: Client) -> None:
        address = at(run, "deliverable_take_out", "M-a")
        assert writer.post(address, {"reason": ""}).status_code == 422
        response = writer.post(address, {"reason": "Ikke relevant her"}, follow=True)
        assert "Ikke relevant her" in body(response)
        assert writer.post(address, {"reason": "Igen"}).status_code == 409
        assert writer.get(at(run, "deliverable_take_in", "M-a")).status_code == 405
        for expected in ("hører nu til fasen", "hører allerede til fasen"):
            response = writer.post(at(run, "deliverable_take_in", "M-a"), follow=True)
            assert expected in body(response)


class TestFiles:
    def test_are_handed_out_for_saving_alone(self, run: PhaseRun, writer: Client) -> None:
        with_file(run, writer, file=upload(name='../../Æ "rapport".PDF'))
        response = writer.get(at(run, "version_file", "M-a", 1))
        assert b"".join(response.streaming_content) == pdf()
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%86%20%22rapport%22.pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]

    def test_word_is_told_by_its_content(self, run: PhaseRun, writer: Client) -> None:
        content = package()
        with_file(run, writer, file=upload(content, "plan.pdf"))
        response = writer.get(at(run, "version_file", "M-a", 1))
        assert b"".join(response.streaming_content) == content
        assert response["Content-Disposition"] == 'attachment; filename="plan.pdf.docx"'
        assert "wordprocessingml" in response["Content-Type"]

    @pytest.mark.parametrize(
        ("sent", "why"),
        [
            ({"file": upload(b"MZ\x90\x00", "rapport.pdf")}, "Filen er ikke en PDF, Word"),
            ({"file": upload(name="010190-1234.pdf")}, "CPR"),
            ({}, "Vælg en fil, eller skriv journalnummer eller link."),
            ({"link": "javascript:alert(1)"}, "Skriv linket som https://"),
        ],
    )
    def test_what_cannot_be_taken_is_refused_beside_what_was_typed(self, run, writer, sent, why) -> None:
        response = writer.post(at(run, "version_add", "M-a"), {"note": "Min bemærkning", **sent})
        assert response.status_code == 422
        assert why in body(response)
        assert "Min bemærkning" in body(response)
        assert not Deliverable.objects.exists()

    def test_a_right_file_beside_something_wrong_is_to_be_chosen_again(self, run: PhaseRun, writer: Client) -> None:
        response = writer.post(at(run, "version_add", "M-a"), {"file": upload(), "link": "x y"})
        assert response.status_code == 422
        assert "Vælg filen igen" in body(response)

    def test_a_full_disk_loses_nothing_that_was_typed(self, run: PhaseRun, writer: Client, monkeypatch) -> None:
        def full(name: str, content: Any) -> str:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(default_storage, "save", full)
        response = writer.post(
            at(run, "version_add", "M-a"), {"file": upload(), "note": "Min bemærkning", "case_document": "26-1"}
        )
        assert response.status_code == 422
        page = body(response)
        assert all(text in page for text in ("lageret er fyldt", "Min bemærkning", "26-1"))
        assert not Deliverable.objects.exists()

    def test_an_annulled_one_is_no_longer_handed_out(self, run: PhaseRun, writer: Client) -> None:
        with_file(run, writer)
        response = writer.post(at(run, "version_annul", "M-a", 1), {"reason": "Forkert fil"}, follow=True)
        assert "Forkert fil" in body(response)
        assert at(run, "version_file", "M-a", 1) not in body(response)
        assert writer.get(at(run, "version_file", "M-a", 1)).status_code == 404
        assert writer.post(at(run, "version_annul", "M-a", 1), {"reason": "Igen"}).status_code == 409

    def test_one_that_is_gone_is_said_to_be(self, run: PhaseRun, writer: Client) -> None:
        version = with_file(run, writer)
        default_storage.delete(version.file.name)
        response = writer.get(at(run, "version_file", "M-a", 1), follow=True)
        assert "er ikke, hvor den blev gemt" in body(response)

    def test_a_version_elsewhere_has_no_file(self, run: PhaseRun, writer: Client) -> None:
        lead: User = run.initiative.lead
        actions.add_version(run=run, code="M-a", by=lead, added=VersionInput(link="https://eksempel.dk/"))
        assert writer.get(at(run, "version_file", "M-a", 1)).status_code == 404
        assert 'href="https://eksempel.dk/"' in body(writer.get(at(run, "deliverable", "M-a")))
