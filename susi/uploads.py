"""Files people upload: what they are is read from the content, never from the name, and none is left without a row.

`UploadField` checks, `stored` keeps a checked file under a random name for as long as what follows succeeds, and the
handlers bound what one request can write to the disk.
"""

import hashlib
import io
import logging
import re
import uuid
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from PIL import Image

from susi.errors import Refused
from susi.packages import UNREADABLE, has_macros, is_locked, unpacks_beyond
from susi.text import one_line, refuse_cpr

logger = logging.getLogger(__name__)

ENDINGS = {
    "pdf": ("pdf",),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
    "png": ("png",),
    "jpg": ("jpg", "jpeg"),
}
ACCEPTED = ",".join(f".{ending}" for endings in ENDINGS.values() for ending in endings)
KINDS_IN_WORDS = "PDF, Word (.docx), Excel (.xlsx) eller billede (PNG eller JPEG)"
_LONGEST_NAME = 150
_MAX_UNPACKED = 500 * 1024 * 1024  # nothing but the list of parts is ever unpacked here
_LIST_OF_PARTS, _LONGEST_LIST = "[Content_Types].xml", 1024 * 1024
_MAIN_PARTS = {
    "docx": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls, and .docx and .xlsx with a password
_ZIP = b"PK\x03\x04"
_PICTURES = {"png": (b"\x89PNG\r\n\x1a\n", "PNG"), "jpg": (b"\xff\xd8\xff", "JPEG")}
_PDF = re.compile(rb"%PDF-[12]\.\d")
_PDF_END, _END_WITHIN = b"%%EOF", 4096
_PDF_ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R")
_AT_A_TIME = 1024 * 1024

_AGAIN = "og vælg den igen."
_UNKNOWN = f"Filen er ikke en {KINDS_IN_WORDS}. Gem den i et af de formater, {_AGAIN}"
_DAMAGED = f"Filen er beskadiget og kan ikke læses. Åbn den, gem den igen, {_AGAIN}"
_LOCKED = f"Filen er låst med adgangskode. Gem den uden adgangskode, {_AGAIN}"
_OLD = (
    "Filen er låst med adgangskode eller gemt i et ældre Office-format (.doc eller .xls). "
    f"Gem den uden adgangskode som .docx eller .xlsx, {_AGAIN}"
)
_MACROS = f"Filen indeholder makroer. Gem den uden makroer som .docx eller .xlsx, {_AGAIN}"
_TOO_MUCH_INSIDE = f"Filen fylder for meget, når den pakkes ud. Gør den mindre, {_AGAIN}"
_NOT_ARRIVED = "Filen nåede ikke frem, og den er ikke gemt. Prøv igen, eller skriv journalnummeret i stedet."


class NotStored(Refused):
    """The storage could not take the file: it is full, or broken. Nothing else is changed."""

    def __init__(self) -> None:
        super().__init__(
            "Filen kunne ikke gemmes, fordi lageret er fyldt eller i stykker. Intet andet er ændret. "
            "Prøv igen senere, eller kontakt administratoren."
        )


@dataclass(frozen=True)
class Checked:
    """A file whose content is one of the kinds. `kind` is a key of `ENDINGS`; `name` can be shown and saved as."""

    file: File
    name: str
    kind: str
    size: int
    sha256: str


class UploadField(forms.FileField):
    """A file of one of the kinds; cleaned it is a `Checked`, or None where it is not required and none was chosen."""

    widget = forms.FileInput(attrs={"accept": ACCEPTED})

    def __init__(self, **kwargs: Any) -> None:
        own = {
            "required": "Vælg en fil.",
            "invalid": "Vælg en fil.",
            "missing": "Vælg en fil.",
            "empty": "Filen er tom. Vælg en anden.",
        }
        kwargs["error_messages"] = {**own, **kwargs.get("error_messages", {})}
        super().__init__(**{"help_text": f"{KINDS_IN_WORDS}, højst {megabytes(settings.UPLOAD_MAX_BYTES)}.", **kwargs})

    def to_python(self, data: Any) -> Any:
        if getattr(data, "did_not_arrive", False):
            raise ValidationError(_NOT_ARRIVED, code="did_not_arrive")
        file = super().to_python(data)
        return None if file is None else check(file)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not None


def megabytes(size: int) -> str:
    """Return `size` in bytes in words: "25 MB", "0,3 MB", "12 kB"."""
    if size < 100 * 1024:
        return f"{max(size // 1024, 1)} kB"
    return f"{size / 1024 / 1024:.1f} MB".replace(".0 MB", " MB").replace(".", ",")


def check(file: Any) -> Checked:
    """Return the file looked through, as large as it may be and of one of the kinds.

    Raises `ValidationError` with what is wrong and what to do about it.
    """
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            f"Filen fylder mere end {megabytes(settings.UPLOAD_MAX_BYTES)}. Gør den mindre, eller skriv "
            "journalnummeret i stedet.",
            code="too_large",
        )
    kind = kind_of(file)
    return Checked(file, clean_name(file.name or "", kind), kind, file.size, _sha256(file))


def clean_name(name: str, kind: str) -> str:
    """Return the name without folders, signs that do not show, or an ending that says something else than `kind`.

    Raises `ValidationError` where a CPR number stands in it.
    """
    name = one_line("".join(letter for letter in re.split(r"[/\\]", name)[-1] if letter.isprintable()))
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in ENDINGS[kind]:
        stem = name
    stem = stem.strip(". ")[:_LONGEST_NAME] or "fil"
    refuse_cpr(stem)
    return f"{stem}.{kind}"


def kind_of(file: IO[bytes]) -> str:
    """Return what the content is, a key of `ENDINGS`. Raises `ValidationError` where it is none of them or damaged."""
    file.seek(0)
    start = file.read(8)
    if start.startswith(_ZIP):
        return _kind_of_package(file)
    if _PDF.match(start):
        _look_over_pdf(file)
        return "pdf"
    for kind, (signature, reader) in _PICTURES.items():
        if start.startswith(signature):
            _look_over_picture(file, reader)
            return kind
    raise ValidationError(_OLD if start.startswith(_OLD_OR_LOCKED) else _UNKNOWN, code="kind")


def _kind_of_package(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            if is_locked(archive):
                raise ValidationError(_LOCKED, code="locked")
            if unpacks_beyond(archive, _MAX_UNPACKED):
                raise ValidationError(_TOO_MUCH_INSIDE, code="bomb")
            if _LIST_OF_PARTS not in archive.namelist():
                raise ValidationError(_UNKNOWN, code="kind")
            with archive.open(_LIST_OF_PARTS) as part:
                parts = part.read(_LONGEST_LIST)
            macros = has_macros(archive) or b"macroenabled" in parts.lower() or b"vbaproject" in parts.lower()
    except (*UNREADABLE, zlib.error) as error:
        raise ValidationError(_DAMAGED, code="damaged") from error
    if macros:
        raise ValidationError(_MACROS, code="macros")
    for kind, main_part in _MAIN_PARTS.items():
        if main_part in parts:
            return kind
    raise ValidationError(_UNKNOWN, code="kind")


def _look_over_pdf(file: IO[bytes]) -> None:
    end = b""
    for piece in _pieces(file):
        if _PDF_ENCRYPTED.search(end + piece):
            raise ValidationError(_LOCKED, code="locked")
        end = (end + piece)[-_END_WITHIN:]
    if _PDF_END not in end:
        raise ValidationError(_DAMAGED, code="damaged")


def _look_over_picture(file: IO[bytes], reader: str) -> None:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=[reader]) as picture:
                picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_TOO_MUCH_INSIDE, code="bomb") from error
    except Exception as error:  # whatever a broken picture makes the reader raise
        raise ValidationError(_DAMAGED, code="damaged") from error


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_AT_A_TIME):
        yield piece


@contextmanager
def stored(checked: Checked | None, folder: str) -> Iterator[str]:
    """Store the file in `folder` under a random name and yield that; "" where there is no file.

    Where the block raises, also at its commit, the file is taken away again: wrap the transaction in it, not the other
    way round. Raises `NotStored` where the storage fails; nothing is left of the file then.
    """
    if checked is None:
        yield ""
        return
    name = f"{folder}/{uuid.uuid4().hex}"
    try:
        checked.file.seek(0)
        name = default_storage.save(name, checked.file)
    except OSError as error:
        logger.exception("An upload could not be stored")
        _take_away(name)
        raise NotStored from error
    try:
        yield name
    except BaseException:
        _take_away(name)
        raise


def _take_away(name: str) -> None:
    with suppress(OSError):
        default_storage.delete(name)


class UpToTheLimit(FileUploadHandler):
    """Lets no more of a file through than what tells that it is too large; the rest is read past."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.UPLOAD_MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None


class OnDisk(TemporaryFileUploadHandler):
    """Django's own, but where the disk is full: the rest of the form arrives, and the field says so (`UploadField`)."""

    failed = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.failed = False
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._fail()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.failed:
            return
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            self._fail()

    def file_complete(self, file_size: int) -> Any:
        if not self.failed:
            try:
                return super().file_complete(file_size)
            except OSError:
                self._fail()
        return DidNotArrive(self.field_name or "", self.file_name or "")

    def _fail(self) -> None:
        logger.exception("An upload could not be received")
        self.failed = True
        with suppress(OSError, AttributeError):
            self.file.close()  # which takes it away


class DidNotArrive(InMemoryUploadedFile):
    """What stands in a form for a file the disk had no room for."""

    did_not_arrive = True

    def __init__(self, field_name: str, name: str) -> None:
        super().__init__(io.BytesIO(), field_name, name, "application/octet-stream", 0, None)
