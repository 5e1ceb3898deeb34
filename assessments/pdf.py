"""The SUSI-vurdering as a document. The PDF of a sealed one is made once, from the sealed data alone, and kept."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string

from assessments.models import Assessment
from assessments.record import PDF_TEMPLATE, Record, checksum, record_of
from susi.dates import read_moment
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.pdf_fonts import as_printed

if TYPE_CHECKING:
    from susi.typesetting import Enclosed

DATA_NAME, SCHEMA_NAME = "susi-vurdering.json", "susi-vurdering.schema.json"
SCHEMAS = Path(__file__).resolve().parent / "schemas"


class SealBroken(Refused):
    """The sealed data, or the document made from them, are not what was approved. Nothing is handed out."""


def render(record: Record, *, sealed: str = "") -> bytes:
    """Return the document as a PDF/UA-1 file, made from `record` and nothing else.

    `sealed` is the text that was sealed, which `record` is read from. The document is then made for the archive,
    PDF/A-3a as well, with that text inside, byte for byte, and shows its checksum. Without it the document is a draft:
    watermarked "Udkast", names no approver and shows no checksum.
    """
    from susi.typesetting import typeset

    enclosed = _enclosed(record, sealed) if sealed else ()
    return typeset(*html_and_css(record, sealed=sealed), for_archive=bool(sealed), enclosed=enclosed)


def html_and_css(record: Record, *, sealed: str = "") -> tuple[str, str]:
    """Return what `render` sets: the document as HTML, and its style."""
    template = f"assessments/pdf/{record.get('pdf_template', PDF_TEMPLATE)}"
    context = {
        "record": _printable(record),
        "checksum": checksum(sealed) if sealed else "",
        "draft": not sealed,
        "counts": _counts(record),
    }
    return render_to_string(f"{template}.html", context), render_to_string(f"{template}.css")


def _enclosed(record: Record, sealed: str) -> Iterator["Enclosed"]:
    """Yield what lies in the sealed document: its data, and the description of those where there is one."""
    from susi.typesetting import Enclosed

    approved_at = read_moment(record["approved"]["at"])
    yield Enclosed(
        name=DATA_NAME,
        content=sealed.encode(),
        description=f"De forseglede data ({record['schema']}). Kontrolsum (SHA-256): {checksum(sealed)}",
        relationship="Data",
        made_at=approved_at,
    )
    schema = SCHEMAS / f"{record['schema'].replace('/', '-')}.json"
    if schema.is_file():
        yield Enclosed(
            name=SCHEMA_NAME,
            content=schema.read_bytes(),
            description=f"JSON Schema for {record['schema']}",
            relationship="Supplement",
            made_at=approved_at,
        )


def ensure_pdf(assessment: Assessment) -> Assessment:
    """Return the approved assessment with its PDF, made and stored now unless somebody has done it.

    Raises `Conflict` where it is not approved, `SealBroken` where the sealed data have been changed.
    """
    if assessment.pdf:
        return assessment
    with transaction.atomic():
        assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if not assessment.pdf:
            _store(assessment, _render_sealed(assessment))
    return assessment


def sealed_pdf(assessment: Assessment) -> bytes:
    """Return the document of the approved assessment, byte for byte as it was stored when it was made.

    Raises `Conflict` where it is not approved, `SealBroken` where the sealed data or the stored file have been changed
    or the file is gone.
    """
    assessment = ensure_pdf(assessment)
    try:
        with assessment.pdf.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        raise SealBroken(f"Filen med {assessment} findes ikke, hvor den blev gemt. Kontakt administratoren.") from error
    if hashlib.sha256(content).hexdigest() != assessment.pdf_sha256:
        raise SealBroken(
            f"Filen med {assessment} er ændret, siden den blev gemt, og vises derfor ikke. Kontakt administratoren."
        )
    return content


def draft_pdf(assessment: Assessment) -> bytes:
    """Return the PDF of an assessment as it stands, watermarked "Udkast". Raises `Conflict` for an approved one."""
    if assessment.is_approved:
        raise Conflict("SUSI-vurderingen er godkendt. Hent det forseglede dokument.")
    record = {**record_of(assessment), "letterhead": settings.LETTERHEAD}
    return render(record)


def _render_sealed(assessment: Assessment) -> bytes:
    if not assessment.is_approved:
        raise Conflict("SUSI-vurderingen er ikke godkendt, så der er endnu ikke noget forseglet dokument.")
    if checksum(assessment.sealed_data) != assessment.sealed_sha256:
        raise SealBroken(
            f"De forseglede data i {assessment} passer ikke til kontrolsummen fra godkendelsen. "
            "Dokumentet kan derfor ikke dannes. Kontakt administratoren."
        )
    return render(json.loads(assessment.sealed_data), sealed=assessment.sealed_data)


def _store(assessment: Assessment, pdf: bytes) -> None:
    assessment.pdf_sha256 = hashlib.sha256(pdf).hexdigest()
    assessment.pdf.save(f"{assessment.pdf_sha256}.pdf", ContentFile(pdf), save=False)
    save_with_reason(assessment, by=None, reason="PDF dannet", update_fields=["pdf", "pdf_sha256"])


def _printable(value: Any) -> Any:
    """Return the record with every text in characters that the fonts hold."""
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return as_printed(value) if isinstance(value, str) else value


def _counts(record: Record) -> Counter[str]:
    """Return how many criteria there are in all, and how many are rated what, by the code of the rating."""
    values = [criterion["rating"]["value"] for theme in record["themes"] for criterion in theme["criteria"]]
    return Counter({"all": len(values), "unrated": values.count(""), **Counter(filter(None, values))})
