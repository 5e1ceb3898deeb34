"""Uploads: what they are is read from the content, a lie is refused with what to do, and nothing is left behind."""

import errno
import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.test import RequestFactory

from susi import uploads
from susi.forms import Form
from susi.uploads import Checked, NotStored, OnDisk, UploadField, check, clean_name, megabytes, stored
from tests import files
from tests.files import package, pdf, picture, upload, xlsx

RIGHT = {
    "pdf": (pdf(), "pdf"),
    "docx": (package(), "docx"),
    "xlsx": (xlsx(), "xlsx"),
    "png": (picture("PNG"), "png"),
    "jpeg": (picture("JPEG"), "jpg"),
}


@pytest.mark.parametrize("content_and_kind", RIGHT.values(), ids=RIGHT)
def test_each_kind_is_known_by_its_content_whatever_it_is_called(content_and_kind: tuple[bytes, str]) -> None:
    content, kind = content_and_kind
    checked = check(upload(content, "program.exe"))
    assert (checked.kind, checked.name, checked.size) == (kind, f"program.exe.{kind}", len(content))
    assert checked.sha256 == hashlib.sha256(content).hexdigest()


def bomb() -> bytes:
    return package({"word/media/a.bin": b"0" * (20 * 1024 * 1024)})


def locked_zip() -> bytes:
    """A package whose parts say that they are encrypted."""
    content = bytearray(package())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 1)
    return bytes(content)


def too_many_pixels() -> bytes:
    """A small picture that says it is 60,000 by 60,000."""
    import zlib

    content = bytearray(picture("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


LIES = {
    "a program called .pdf": ("a.pdf", b"MZ\x90\x00" + b"\0" * 200, "Filen er ikke en PDF, Word"),
    "a page called .png": ("a.png", b"<html><script>alert(1)</script></html>", "Filen er ikke en PDF, Word"),
    "a page that calls itself a PDF further down": ("a.pdf", b"<html>" + pdf(), "Filen er ikke en PDF, Word"),
    "a drawing with scripts": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "Filen er ikke en PDF, Word"),
    "a zip file called .docx": ("a.docx", xlsx()[:0] + package(main="text/plain"), "Filen er ikke en PDF, Word"),
    "a presentation": ("a.pptx", package(main="presentationml.presentation.main+xml"), "Filen er ikke en PDF, Word"),
    "a zip bomb": ("a.docx", bomb(), "Filen fylder for meget, når den pakkes ud"),
    "many parts": ("a.docx", package({f"x/{no}": b"" for no in range(600)}), "Filen fylder for meget, når den pakkes"),
    "macros": ("a.docx", package({"word/vbaProject.bin": b"x"}), "Filen indeholder makroer"),
    "macros by type": ("a.docx", package(main="application/vnd.ms-word.document.macroEnabled.main+xml"), "makroer"),
    "a locked package": ("a.docx", locked_zip(), "Filen er låst med adgangskode"),
    "an old or locked Office file": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "ældre Office-format"),
    "half a package": ("a.docx", package()[:-40], "Filen er beskadiget"),
    "a damaged list of parts": ("a.docx", package().replace(b"[Content_Types].xml", b"[Content_Typos].xml"), "ikke en"),
    "half a PDF": ("a.pdf", pdf()[:30], "Filen er beskadiget"),
    "a locked PDF": ("a.pdf", pdf(trailer="/Encrypt 5 0 R "), "Filen er låst med adgangskode"),
    "half a picture": ("a.png", picture("PNG")[:40], "Filen er beskadiget"),
    "no picture behind the first bytes": ("a.jpg", b"\xff\xd8\xff\xe0" + b"x" * 50, "Filen er beskadiget"),
    "a picture of too many pixels": ("a.png", too_many_pixels(), "Filen fylder for meget, når den pakkes ud"),
}


@pytest.mark.parametrize(("name", "content", "why"), LIES.values(), ids=LIES)
def test_a_lie_is_refused_with_the_reason(name: str, content: bytes, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        check(upload(content, name))


def test_a_locked_pdf_is_found_also_across_two_pieces(monkeypatch) -> None:
    monkeypatch.setattr(uploads, "_AT_A_TIME", 16)
    with pytest.raises(ValidationError, match="låst"):
        check(upload(pdf(trailer="/Encrypt 5 0 R ")))
    assert check(upload(pdf())).kind == "pdf"


class TestTheField:
    class OneFile(Form):
        file = UploadField(label="Fil")

    class MaybeAFile(Form):
        file = UploadField(label="Fil", required=False)

    @pytest.mark.parametrize(
        ("sent", "why"),
        [({}, "Vælg en fil."), ({"file": upload(b"")}, "Filen er tom. Vælg en anden.")],
    )
    def test_says_what_is_missing(self, sent, why) -> None:
        assert self.OneFile({}, sent).errors["file"] == [why]

    def test_gives_the_checked_file_or_none(self) -> None:
        form = self.OneFile({}, {"file": upload()})
        assert form.is_valid()
        assert isinstance(form.cleaned_data["file"], Checked)
        form = self.MaybeAFile({}, {})
        assert form.is_valid()
        assert form.cleaned_data["file"] is None

    def test_refuses_what_is_too_large(self, settings) -> None:
        settings.UPLOAD_MAX_BYTES = len(pdf())
        assert self.OneFile({}, {"file": upload(pdf())}).is_valid()
        found = self.OneFile({}, {"file": upload(pdf() + b"\n")}).errors["file"]
        assert found == ["Filen fylder mere end 1 kB. Gør den mindre, eller skriv journalnummeret i stedet."]


NAMES = {
    "Rapport v2.pdf": "Rapport v2.pdf",
    "RAPPORT.PDF": "RAPPORT.pdf",
    "../../etc/passwd": "passwd.pdf",
    "C:\\Users\\a\\rapport.pdf": "rapport.pdf",
    "a\r\nSet-Cookie: b.pdf": "aSet-Cookie: b.pdf",
    "fdp.exe\u202e.pdf": "fdp.exe.pdf",
    "...pdf": "fil.pdf",
    "": "fil.pdf",
    "æøå 'citat\".pdf": "æøå 'citat\".pdf",
    "a" * 400 + ".pdf": "a" * 150 + ".pdf",
}


@pytest.mark.parametrize(("name", "clean"), NAMES.items())
def test_the_name_is_fit_to_be_shown_and_saved_as(name: str, clean: str) -> None:
    assert clean_name(name, "pdf") == clean


def test_a_name_holds_no_cpr_number() -> None:
    with pytest.raises(ValidationError, match="CPR"):
        clean_name("Referat 010190-1234.pdf", "pdf")


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 kB"), (2048, "2 kB"), (300 * 1024, "0,3 MB"), (25 * 1024 * 1024, "25 MB"), (1536 * 1024, "1,5 MB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert megabytes(size) == words


def on_disk() -> set[Path]:
    root = Path(settings.MEDIA_ROOT)
    return {path for path in root.rglob("*") if path.is_file()}


class TestStoring:
    def test_keeps_the_file_under_a_random_name(self) -> None:
        with stored(check(upload(name="rapport.pdf")), "proeve") as first, stored(check(upload()), "proeve") as second:
            pass
        assert first != second
        assert "rapport" not in first
        with default_storage.open(first) as file:
            assert file.read() == pdf()

    def test_takes_it_away_where_what_follows_fails(self) -> None:
        before = on_disk()
        with pytest.raises(RuntimeError), stored(check(upload()), "proeve"):
            raise RuntimeError
        assert on_disk() == before

    def test_says_so_where_the_disk_is_full_and_leaves_nothing(self, monkeypatch, caplog) -> None:
        before = on_disk()
        save = default_storage.save

        def full(name, content):
            save(name, content)  # as when the disk fills up while the file is written
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(default_storage, "save", full)
        with pytest.raises(NotStored, match="lageret er fyldt"), stored(check(upload()), "proeve"):
            raise AssertionError("unreachable")
        assert on_disk() == before
        assert "could not be stored" in caplog.text

    def test_no_file_is_nothing_to_store(self) -> None:
        before = on_disk()
        with stored(None, "proeve") as name:
            assert name == ""
        assert on_disk() == before


class Full(OnDisk):
    """The temporary folder has no room."""

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.file.file.write = self._no_room

    def _no_room(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def request_with(content: bytes, handlers: list[FileUploadHandler]) -> HttpRequest:
    request = RequestFactory().post("/", {"text": "Det skrevne", "file": upload(content)})
    request.upload_handlers = handlers
    return request


def test_a_file_without_room_on_the_disk_leaves_the_rest_of_the_form(caplog) -> None:
    request = request_with(pdf(), [Full()])
    form = TestTheField.OneFile(request.POST, request.FILES)
    assert request.POST["text"] == "Det skrevne"
    assert form.errors["file"] == [
        "Filen nåede ikke frem, og den er ikke gemt. Prøv igen, eller skriv journalnummeret i stedet."
    ]
    assert "could not be received" in caplog.text


def test_no_more_of_a_file_is_written_than_tells_that_it_is_too_large(settings) -> None:
    settings.UPLOAD_MAX_BYTES = 100_000
    request = request_with(pdf() + b"0" * 1_000_000, [uploads.UpToTheLimit(), OnDisk()])
    file = request.FILES["file"]
    assert 100_000 < file.size <= 100_000 + 2 * FileUploadHandler.chunk_size
    assert "mere end" in TestTheField.OneFile({}, {"file": file}).errors["file"][0]
    file.close()


def test_the_project_receives_through_both() -> None:
    assert settings.FILE_UPLOAD_HANDLERS[0] == "susi.uploads.UpToTheLimit"
    assert settings.FILE_UPLOAD_HANDLERS[-1] == "susi.uploads.OnDisk"
    assert files.WORD.encode() in uploads._MAIN_PARTS["docx"]
