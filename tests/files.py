"""Files to upload: one of each kind, as small as they are real."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(text: str = "Eksempel", *, trailer: str = "") -> bytes:
    return f"%PDF-1.7\n% {text}\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R {trailer}>>\n%%EOF\n".encode()


def package(parts: dict[str, bytes] | None = None, *, main: str = WORD) -> bytes:
    """Return a docx, or another package with the main part of the type `main`."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'.encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {"[Content_Types].xml": types, "word/document.xml": b"<document/>", **(parts or {})}.items():
            archive.writestr(name, part)
    return content.getvalue()


def xlsx() -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def picture(reader: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 3), "white").save(content, reader)
    return content.getvalue()


def upload(content: bytes | None = None, name: str = "rapport.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)
