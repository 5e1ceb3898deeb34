"""Kontrollér et dokument: what is answered about a file or a checksum, and to whom."""

import hashlib
import io
from functools import cached_property
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfWriter

from assessments import verification
from assessments.actions import drafting, review
from assessments.models import Assessment
from assessments.pdf import DATA_NAME, draft_pdf, sealed_pdf
from assessments.templatetags.reading import in_groups
from assessments.verification import Answer, Verdict, of_checksum, of_file, verdict_on
from assessments.verification_forms import MAX_BYTES, ChecksumForm
from phases.terms import Phase
from susi import foreign_pdf
from susi.foreign_pdf import Says
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import anew, at, text_of
from tests.factories import person
from tests.test_pages import shortcomings

ADDRESS = "/kontrol/"
SUM = "0123456789abcdef" * 4


class Documents:
    """What the tests ask about: an approved assessment, the file of it, and what people make of that file."""

    def __init__(self) -> None:
        factories.rulebook()
        self.manager = person(Role.MANAGER, first_name="Mette", last_name="Lund")
        self.reader = person(Role.READER)
        self.initiative = factories.initiative_in(Phase.SCREENING, title="Eksempel: Støtte i egen bolig")
        self.lead = self.initiative.lead
        self.approved = factories.approved(self.initiative, manager=self.manager, to_phase=Phase.MATURATION)

    @cached_property
    def file(self) -> bytes:
        return sealed_pdf(self.approved)

    def correct(self) -> Assessment:
        """Return the next version of it, approved."""
        correction = review.correct(assessment=self.approved, by=self.lead)
        factories.conclude(correction, self.lead, change_note="Konklusionen er præciseret.")
        snapshot = review.submit(assessment=correction, by=self.lead)
        return review.approve(assessment=correction, by=self.manager, sha256=snapshot.sha256)

    def hide(self) -> None:
        """Let it be the assessment of a proposal, which readers do not see."""
        proposal = factories.initiative_in(None, lead=self.lead)
        draft = factories.complete_draft(proposal, to_phase=Phase.MATURATION)
        drafting.save_entry(
            assessment=draft,
            by=self.lead,
            version=0,
            judged=dict.fromkeys(draft.edition.entry_conditions.all(), (True, "")),
            model_deviation=factories.deviation_input(self.lead),
        )
        snapshot = review.submit(assessment=draft, by=self.lead)
        self.approved = review.approve(assessment=draft, by=self.manager, sha256=snapshot.sha256)


@pytest.fixture
def documents(db: None) -> Documents:
    return Documents()


def saved_again(document: bytes, **enclosed: bytes) -> bytes:
    """Return the document as another program saves it, with the files `enclosed` put in."""
    writer = PdfWriter(clone_from=io.BytesIO(document))
    for content in enclosed.values():
        writer.add_attachment(DATA_NAME, content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank(**properties: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({f"/{name.title()}": value for name, value in properties.items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("title", "enclosed", "holds", "names", "expected"),
    [
        ("", (), False, False, Verdict.UNKNOWN),
        ("", ("a",), False, False, Verdict.UNKNOWN),
        ("", ("a",), True, False, Verdict.RESAVED),
        ("", ("a",), True, True, Verdict.RESAVED),
        ("", ("a", "a"), True, True, Verdict.RESAVED),
        ("", ("a", "b"), True, True, Verdict.CHANGED),
        ("", ("a",), False, True, Verdict.CHANGED),
        ("", (), False, True, Verdict.CHANGED),
        ("SUSI-vurdering 1: Titel (udkast)", (), False, False, Verdict.DRAFT),
        ("SUSI-vurdering 1: Titel (udkast)", (), False, True, Verdict.CHANGED),
        ("SUSI-vurdering 1: Titel", (), False, False, Verdict.UNKNOWN),
        ("Titel (udkast)", (), False, False, Verdict.UNKNOWN),
    ],
)
def test_verdict(title: str, enclosed: tuple[str, ...], holds: bool, names: bool, expected: Verdict) -> None:
    assert verdict_on(Says(title, enclosed, ()), holds=holds, names=names) == expected


class TestFile:
    def test_the_stored_one_is_genuine_and_not_opened(
        self, documents: Documents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(foreign_pdf, "read", lambda *args, **kwargs: pytest.fail("It is opened."))
        assert of_file(documents.file, by=documents.reader) == Answer(Verdict.GENUINE, documents.approved)

    def test_an_older_version_is_genuine_and_leads_to_the_newest(self, documents: Documents) -> None:
        newer = documents.correct()
        answer = of_file(documents.file, by=documents.reader)
        assert answer == Answer(Verdict.GENUINE, documents.approved, has_newer=True, newer=newer)
        assert not of_file(sealed_pdf(newer), by=documents.reader).has_newer

    def test_a_correction_that_is_not_approved_is_not_told_of(self, documents: Documents) -> None:
        review.correct(assessment=documents.approved, by=documents.lead)
        assert not of_file(documents.file, by=documents.reader).has_newer

    def test_one_saved_again_holds_what_was_sealed(self, documents: Documents) -> None:
        answer = of_file(saved_again(documents.file), by=documents.reader)
        assert answer == Answer(Verdict.RESAVED, documents.approved)

    def test_one_with_other_data_put_in_is_changed(self, documents: Documents) -> None:
        answer = of_file(saved_again(documents.file, more=b"{}"), by=documents.reader)
        assert answer == Answer(Verdict.CHANGED, documents.approved)

    def test_one_that_only_shows_our_checksum_is_changed(self, documents: Documents) -> None:
        forged = blank(subject=f"Kontrolsum: {documents.approved.sealed_sha256}")
        assert of_file(forged, by=documents.reader) == Answer(Verdict.CHANGED, documents.approved)

    def test_a_draft_is_told(self, documents: Documents) -> None:
        draft = review.correct(assessment=documents.approved, by=documents.lead)
        assert of_file(draft_pdf(draft), by=documents.reader) == Answer(Verdict.DRAFT)

    def test_others_are_unknown_locked_or_unreadable(self, documents: Documents) -> None:
        locked = PdfWriter(clone_from=io.BytesIO(documents.file))
        locked.encrypt("hemmelig", algorithm="RC4-128")
        out = io.BytesIO()
        locked.write(out)
        assert of_file(blank(title="Noget andet"), by=documents.reader) == Answer(Verdict.UNKNOWN)
        assert of_file(out.getvalue(), by=documents.reader) == Answer(Verdict.LOCKED)
        assert of_file(b"%PDF-1.7 i stykker", by=documents.reader) == Answer(Verdict.UNREADABLE)

    def test_what_one_may_not_see_is_told_to_be_genuine_and_no_more(self, documents: Documents) -> None:
        documents.hide()
        assert of_file(documents.file, by=documents.reader) == Answer(Verdict.GENUINE, is_hidden=True)
        assert of_file(documents.file, by=documents.lead).assessment == documents.approved
        newer = documents.correct()
        assert of_file(documents.file, by=documents.reader) == Answer(Verdict.GENUINE, is_hidden=True, has_newer=True)
        assert of_file(documents.file, by=documents.manager).newer == newer


class TestChecksum:
    def test_that_of_the_data_and_that_of_the_file_are_known(self, documents: Documents) -> None:
        for checksum in (documents.approved.sealed_sha256, hashlib.sha256(documents.file).hexdigest()):
            assert of_checksum(checksum, by=documents.reader) == Answer(Verdict.CHECKSUM, documents.approved)

    def test_so_is_the_beginning_that_the_foot_of_each_page_shows(self, documents: Documents) -> None:
        beginning = documents.approved.sealed_sha256[:12]
        assert of_checksum(beginning, by=documents.reader).assessment == documents.approved

    def test_another_is_not(self, documents: Documents) -> None:
        assert of_checksum(SUM, by=documents.reader) == Answer(Verdict.UNKNOWN)

    def test_that_of_a_submission_is_not(self, documents: Documents) -> None:
        submission = documents.approved.snapshots.get(no=1)
        assert of_checksum(submission.sha256, by=documents.manager) == Answer(Verdict.UNKNOWN)

    def test_that_of_what_one_may_not_see_says_no_more(self, documents: Documents) -> None:
        documents.hide()
        answer = of_checksum(documents.approved.sealed_sha256, by=documents.reader)
        assert answer == Answer(Verdict.CHECKSUM, is_hidden=True)

    @pytest.mark.parametrize(
        "written", [SUM, SUM.upper(), in_groups(SUM), f" {SUM[:32]}\n{SUM[32:]}", f"{SUM[:12]}…", "0101991234567890"]
    )
    def test_is_taken_as_it_is_printed(self, written: str) -> None:
        form = ChecksumForm({"kontrolsum": written})
        assert form.is_valid(), form.errors
        assert SUM.startswith(form.cleaned_data["kontrolsum"]) or written.isdecimal()

    @pytest.mark.parametrize("written", ["", "  ", SUM[:11], SUM + "0", "g" * 64, "%" * 12, "_" * 64, "\0" * 12])
    def test_is_refused_where_it_is_none(self, written: str) -> None:
        assert not ChecksumForm({"kontrolsum": written}).is_valid()


class TestPage:
    """The answers as they are read."""

    def post(self, user: User, content: bytes, name: str = "fil.pdf") -> Any:
        client = Client()
        client.force_login(user)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = client.post(ADDRESS, {"file": SimpleUploadedFile(name, content)})
        written = [sql["sql"] for sql in asked if sql["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        noted = 'INSERT INTO "susi_accessentry"'  # that somebody has checked a document, where a file was read
        assert [sql for sql in written if not sql.startswith(noted)] == []
        assert len(written) == (response.status_code == 200)
        assert list(shortcomings_of(response)) == []
        return response

    def get(self, user: User, checksum: str) -> Any:
        client = Client()
        client.force_login(user)
        response = client.get(ADDRESS, {"kontrolsum": checksum})
        assert list(shortcomings_of(response)) == []
        return response

    def test_genuine(self, documents: Documents) -> None:
        page = self.post(documents.reader, documents.file)
        approved = documents.approved
        for expected in (
            "Filen fil.pdf",
            "Dokumentet er ægte",
            f"SUSI-vurdering {approved.document_number}, version 1",
            "Eksempel: Støtte i egen bolig",
            "Screening til modning",
            "af Mette Lund",
            in_groups(approved.sealed_sha256),
        ):
            assert expected in text_of(page)
        assert at(approved, "pdf") in page.content.decode()

    def test_genuine_and_not_the_newest(self, documents: Documents) -> None:
        newer = documents.correct()
        page = self.post(documents.reader, documents.file)
        assert "Dokumentet er ægte, men det er ikke det nyeste" in text_of(page)
        assert "Se version 2, godkendt" in text_of(page)
        assert at(newer, "detail") in page.content.decode()
        assert "men dokumentet er ikke det nyeste" in text_of(
            self.get(documents.reader, anew(newer.corrects).pdf_sha256)
        )

    def test_what_is_not_as_it_was_made_is_not_praised(self, documents: Documents) -> None:
        draft = review.correct(assessment=documents.approved, by=documents.lead)
        for content, heading in (
            (saved_again(documents.file), "Indholdet er forseglet her, men filen er gemt om"),
            (saved_again(documents.file, more=b"{}"), "Filen er ikke det dokument, der blev forseglet"),
            (draft_pdf(draft), "Filen er et udkast"),
            (blank(title="<b>Andet</b>"), "Dokumentet er ikke forseglet her"),
            (b"%PDF-1.7 i stykker", "Filen kan ikke læses"),
        ):
            page = text_of(self.post(documents.reader, content))
            assert heading in page
            assert "Dokumentet er ægte" not in page

    def test_what_one_may_not_see(self, documents: Documents) -> None:
        documents.hide()
        page = self.post(documents.reader, documents.file)
        assert "Dokumentet er ægte" in text_of(page)
        assert "et initiativ, du ikke har adgang til" in text_of(page)
        assert documents.approved.initiative.number not in page.content.decode()

    def test_a_checksum(self, documents: Documents) -> None:
        page = self.get(documents.reader, in_groups(documents.approved.sealed_sha256))
        assert "Kontrolsummen er ægte" in text_of(page)
        assert "Åbn det forseglede dokument (PDF)" in text_of(page)
        assert "Kontrolsummen hører ikke til noget dokument her" in text_of(self.get(documents.reader, SUM))

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Filen er tom."),
            (b"PK\x03\x04", "Filen er ikke en PDF."),
            (b"%PDF-" + b"0" * MAX_BYTES, "Filen fylder mere end 10 MB"),
        ],
    )
    def test_what_is_no_such_file_is_refused(self, documents: Documents, content: bytes, sentence: str) -> None:
        page = self.post(documents.reader, content)
        assert page.status_code == 422
        assert sentence in text_of(page)

    def test_nothing_chosen_or_written_is_refused(self, documents: Documents) -> None:
        client = Client()
        client.force_login(documents.reader)
        assert "Vælg en fil." in text_of(client.post(ADDRESS))
        refused = self.get(documents.reader, "")
        assert refused.status_code == 422
        assert "Skriv kontrolsummen, eller vælg filen i stedet." in text_of(refused)

    def test_twice_answers_the_same(self, documents: Documents) -> None:
        first, second = (self.post(documents.reader, documents.file).context["answer"] for _ in range(2))
        assert first == second

    def test_only_those_who_are_logged_in_ask(self, documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verification, "of_file", lambda *args, **kwargs: pytest.fail("A stranger is answered."))
        response = Client().post(ADDRESS, {"file": SimpleUploadedFile("fil.pdf", documents.file)})
        assert response.status_code == 302

    def test_the_assessment_leads_here(self, documents: Documents) -> None:
        client = Client()
        client.force_login(documents.reader)
        page = client.get(at(documents.approved, "detail"))
        assert f'href="{ADDRESS}"' in page.content.decode()
        assert in_groups(documents.approved.sealed_sha256) in text_of(page)


def shortcomings_of(response: Any) -> list[str]:
    response.body = response.content.decode()
    return list(shortcomings(response))
