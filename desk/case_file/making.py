"""Making the zip, one step at a time: each document or table, then the zip with its index and its manifest.

The same content gives the same bytes: names and times in the zip are fixed, the tables say no day and nobody who
asked, and the same HTML is typeset to the same PDF. The manifest lists the SHA-256 of every file.
"""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from assessments.models import Assessment
from assessments.pdf import sealed_pdf
from desk.case_file.document import Document, Section
from desk.case_file.documents import Contents
from portfolio.models import Initiative
from susi.dates import danish
from susi.errors import Refused
from susi.exports import danish_csv
from susi.reports import report_pdf
from work.models import DeliverableVersion

MANIFEST = "MANIFEST.sha256"
_STYLES = "pdf/case_file_table.css"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can tell of
_READABLE_BY_ALL = 0o644 << 16
Plan = list[dict[str, Any]]


def plan_of(initiative: Initiative, contents: Contents) -> Plan:
    """Return what is to be made, as plain data: nothing that happens afterwards changes what is handed out."""
    left_out = contents.left_out
    steps: Plan = []
    index: list[list[str]] = []
    for number, section in enumerate(contents.sections, start=1):
        place = f"{number}_{_file_name(section.name)}"
        handed_out = [one for one in section.documents if one.ref not in left_out]
        if section.columns and handed_out:
            steps.append(_table(initiative, section, place, [row for one in handed_out for row in one.rows(left_out)]))
        steps += [{**one.makes, "name": f"{place}/{one.makes['name']}"} for one in handed_out if one.makes]
        index += [_line(contents, section, one, place) for one in section.documents]
    columns = ["Afsnit", "Dokument", "Dato", "Udleveret", "Hvor det står, eller hvorfor det er undtaget"]
    note = f"Kontrolsummen (SHA-256) af hver fil står i {MANIFEST}."
    steps.append(_as_table("0_Indeks", "Indeks over sagens akter", initiative, note, columns, index))
    return steps


def _line(contents: Contents, section: Section, document: Document, place: str) -> list[str]:
    """The line of the index: of what is left out the title and the ground, never the content."""
    ground = contents.ground_of(document)
    made = document.makes or {}
    where = ground or (f"{place}/{made['name']}" if made else f"{place}.pdf og .csv")
    day = danish(document.day) if document.day else ""
    return [section.name, document.title, day, "Nej" if ground else "Ja", where]


def _table(initiative: Initiative, section: Section, place: str, rows: list[list[str]]) -> dict[str, Any]:
    return _as_table(place, section.name, initiative, section.note, list(section.columns), rows)


def _as_table(
    name: str, heading: str, initiative: Initiative, note: str, columns: list[str], rows: list[list[str]]
) -> dict[str, Any]:
    named = {"heading": heading, "lead": f"Initiativ {initiative}", "note": note}
    return {"do": "table", "name": name, **named, "columns": columns, "rows": rows}


def make(step: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Return the files of a step, by name. Raises `Refused` where a document cannot be handed out."""
    return MAKERS[step["do"]](step)


def _make_table(step: dict[str, Any]) -> list[tuple[str, bytes]]:
    by_place = {name: (lambda row, place=place: row[place]) for place, name in enumerate(step["columns"])}
    notes = [step["lead"], *filter(None, [step["note"]])]
    written = "".join(danish_csv(by_place, step["rows"], lambda: notes))
    pdf = report_pdf("pdf/case_file_table.html", {"table": step}, landscape=len(step["columns"]) > 4, styles=_STYLES)
    return [(f"{step['name']}.csv", written.encode()), (f"{step['name']}.pdf", pdf)]


def _make_sealed(step: dict[str, Any]) -> list[tuple[str, bytes]]:
    assessment = Assessment.objects.get(pk=step["assessment"])
    sealed = assessment.sealed_data.encode()
    return [(f"{step['name']}.json", sealed), (f"{step['name']}.pdf", sealed_pdf(assessment))]


def _make_stored(step: dict[str, Any]) -> list[tuple[str, bytes]]:
    """The file of a version of a deliverable, as it was stored. Raises `Refused` where it is gone or changed."""
    version = DeliverableVersion.objects.get(pk=step["version"])
    try:
        with version.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        raise Refused(f"Filen {version.file_name} findes ikke, hvor den blev gemt. Kontakt administratoren.") from error
    if hashlib.sha256(content).hexdigest() != version.sha256:
        raise Refused(f"Filen {version.file_name} er ændret, siden den blev gemt. Kontakt administratoren.")
    return [(step["name"], content)]


MAKERS: dict[str, Callable[[dict[str, Any]], list[tuple[str, bytes]]]] = {
    "table": _make_table,
    "sealed": _make_sealed,
    "stored": _make_stored,
}


def keep(folder: str, step: dict[str, Any], number: int) -> None:
    """Make the step, and keep its files until all are made; what they are is written into `step`."""
    made = []
    for place, (name, content) in enumerate(make(step)):
        part = f"{folder}/{number}-{place}"
        default_storage.delete(part)  # of an attempt that was broken off
        default_storage.save(part, ContentFile(content))
        made.append([name, part, hashlib.sha256(content).hexdigest()])
    step["made"] = made


def zip_of(plan: Plan) -> tuple[File, str]:
    """Return the zip of what the steps have made, to be closed by the caller, and the SHA-256 of its manifest."""
    made = sorted(tuple(one) for step in plan for one in step["made"])
    manifest = "".join(f"{sha256}  {name}\n" for name, _, sha256 in made).encode()
    content = tempfile.TemporaryFile()  # noqa: SIM115
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part, _ in made:
            with default_storage.open(part, "rb") as file, archive.open(_entry(name), "w") as entry:
                _copy(file, entry)
        with archive.open(_entry(MANIFEST), "w") as entry:
            entry.write(manifest)
    content.seek(0)
    return File(content), hashlib.sha256(manifest).hexdigest()


def drop_parts(folder: str, plan: Plan | None) -> None:
    """Take away what was kept on the way, and the folder it was kept in."""
    parts = [part for step in plan or [] for _, part, _ in step.get("made", [])]
    for part in parts:
        default_storage.delete(part)
    if parts:
        default_storage.delete(folder)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE_BY_ALL
    entry.create_system = 3  # the same on every machine
    return entry


def _copy(source: Iterable[bytes], target: IO[bytes]) -> None:
    for chunk in source:
        target.write(chunk)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)
