"""The work in the phases as it is handed out: deliverables with their files, and user involvement."""

import re
from typing import Any

from django.utils import timezone

from desk.case_file.document import Document, Ref, Rows, Section
from portfolio.models import Initiative
from susi.dates import danish, read
from work.models import Deliverable, DeliverableVersion, InvolvementEvent, InvolvementStrategy


def deliverables(initiative: Initiative) -> Section:
    columns = ("Fase", "Leverance", "Relevans", "Tilstand", "Ansvarlig", "Frist", "Versioner", "Noter")
    rows = Deliverable.objects.filter(initiative=initiative).exclude(standing=Deliverable.Standing.ANNULLED)
    rows = (
        rows.select_related("run", "type", "responsible").prefetch_related("versions").order_by("run__sequence", "pk")
    )
    return Section("Leverancer", [document for row in rows for document in _deliverable(row)], columns)


def _deliverable(row: Deliverable) -> list[Document]:
    """The deliverable, and each file of it. Of a file that is left out its line tells nothing."""
    versions = sorted((one for one in row.versions.all() if not one.is_annulled), key=lambda one: one.no)

    def lines(left_out: frozenset[Ref]) -> Rows:
        return [_line(row, [one for one in versions if _ref(one) not in left_out])]

    own = Document("deliverable", str(row.pk), f"Leverance: {row.title}", rows=lines)
    return [own, *(_file(row, one) for one in versions if one.file)]


def _line(row: Deliverable, versions: list[DeliverableVersion]) -> list[str]:
    return [
        row.run.get_phase_display(),
        row.title,
        " ".join(filter(None, [row.get_standing_display(), row.standing_reason])),
        row.get_state_display(),
        str(row.responsible or ""),
        danish(row.due) if row.due else "",
        "\n".join(_told(one) for one in versions),
        row.notes,
    ]


def _ref(version: DeliverableVersion) -> Ref:
    return "deliverable_file", str(version.pk)


def _told(version: DeliverableVersion) -> str:
    where = ", ".join(filter(None, [version.file_name, version.case_document, version.link, version.note]))
    return f"{version.no}: {where} ({danish(version.added_at)})"


def _file(row: Deliverable, version: DeliverableVersion) -> Document:
    name = re.sub(r"[^\w.-]+", "_", version.file_name)
    return Document(
        *_ref(version),
        f"Leverance: {row.title}, version {version.no}",
        timezone.localdate(version.added_at),
        makes={"do": "stored", "version": version.pk, "name": f"{row.pk}_v{version.no}_{name}"},
        part_of=("deliverable", str(row.pk)),
    )


def involvement(initiative: Initiative) -> Section:
    """The strategies and the log are one document: they tell of the same."""
    columns = ("Fase", "Hvornår", "Hvad", "Med hvem", "Hvad det ændrede")
    strategies = InvolvementStrategy.objects.filter(run__initiative=initiative).select_related("run")
    lines = [
        [one.run.get_phase_display(), danish(one.saved_at), f"Strategi, {name}", "", text]
        for one in strategies.order_by("run__sequence")
        for name, text in _parts(one)
    ]
    took_place = InvolvementEvent.objects.in_force().filter(run__initiative=initiative).select_related("run")
    lines += [
        [one.run.get_phase_display(), str(read(one, "happened_on") or ""), one.what, one.groups, one.changed]
        for one in took_place.order_by("happened_on", "pk")
    ]
    document = Document("involvement", "all", "Brugerinddragelse", rows=lambda left_out: lines)
    return Section("Brugerinddragelse", [document] if lines else [], columns)


def _parts(strategy: InvolvementStrategy) -> list[tuple[str, str]]:
    label: Any = strategy._meta.get_field
    return [(str(label(name).verbose_name), text) for name, text in strategy.texts.items() if text]
