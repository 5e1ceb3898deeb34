"""Planning the deliverables of a phase, and keeping their versions. Each action checks the right, locks and writes.

A deliverable is named by its run and code: a typical one has no row before something is registered of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from portfolio.access import require_writer
from portfolio.actions import lock
from portfolio.models import PhaseRun
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.uploads import Checked, stored
from work.deliverables import Item, Status, item_at
from work.models import Deliverable, DeliverableVersion

FOLDER = "leverancer"
_GONE = "Leverancen findes ikke længere blandt fasens leverancer. Gå tilbage til listen, og vælg den igen."


@dataclass(frozen=True, slots=True)
class PlanInput:
    """What is planned and noted of a deliverable. `documents` are codes of criteria."""

    state: str = Deliverable.State.NOT_BEGUN
    responsible: User | None = None
    due: date | None = None
    notes: str = ""
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionInput:
    """A new version: at least one of file, document of the case, and link. `is_done` finishes the deliverable."""

    file: Checked | None = None
    case_document: str = ""
    link: str = ""
    note: str = ""
    is_done: bool = False


@transaction.atomic
def plan(*, run: PhaseRun, code: str, by: User, version: int, planned: PlanInput) -> Deliverable:
    """Register who makes the deliverable, until when, how far it is and what it documents.

    `version` is the one the writer read (0 for nothing registered yet). Raises `NotAllowed`, `Conflict` where somebody
    saved since, or `Refused` where it is left out or the person does not work on the initiative.
    """
    run = _lock(run, by)
    item = _item(run, code)
    if item.edit_version != version:
        raise Conflict(
            "En anden har gemt leverancen, mens du skrev. Din tekst står her endnu. Sammenlign, og gem igen."
        )
    _refuse_if_out(item)
    row = item.row or _new_row(item)
    _refuse_stranger(run, row, planned.responsible)
    row.state, row.due, row.responsible = planned.state, planned.due, planned.responsible
    row.notes, row.documents = planned.notes, list(planned.documents)
    return _save(row, by, "Planen er rettet" if item.row else "Planlagt")


@transaction.atomic
def add_own(*, run: PhaseRun, by: User, name: str, planned: PlanInput) -> Deliverable:
    """Add a deliverable that is not among the typical ones.

    Raises `NotAllowed`, `Refused`, or `Conflict` where the phase has one of that name (a second click).
    """
    run = _lock(run, by)
    registered = Deliverable.objects.filter(run=run, type=None)
    if registered.filter(name=name, standing=Deliverable.Standing.RELEVANT).exists():
        raise Conflict(f"Fasen har allerede leverancen »{name}«. Der er ikke oprettet en til.")
    row = Deliverable(initiative=run.initiative, run=run, code=f"egen-{registered.count() + 1}", name=name)
    _refuse_stranger(run, row, planned.responsible)
    row.state, row.due, row.responsible = planned.state, planned.due, planned.responsible
    row.notes, row.documents = planned.notes, list(planned.documents)
    return _save(row, by, "Tilføjet")


@transaction.atomic
def take_out(*, run: PhaseRun, code: str, by: User, reason: str) -> Deliverable:
    """Leave a typical deliverable out, or annul one's own. What is registered of it stays.

    Raises `NotAllowed`, or `Conflict` where it is out already.
    """
    run = _lock(run, by)
    item = _item(run, code)
    if item.is_out:
        raise Conflict(f"Leverancen er allerede {item.status.label.lower()}.")
    row = item.row or _new_row(item)
    row.standing = Deliverable.Standing.ANNULLED if item.is_own else Deliverable.Standing.LEFT_OUT
    row.standing_reason = reason
    return _save(row, by, row.get_standing_display())


@transaction.atomic
def take_in(*, run: PhaseRun, code: str, by: User) -> Deliverable:
    """Let a deliverable that is out, or one that is to be weighed, belong to the phase.

    The reason it was out for stays in the history. Raises `NotAllowed`, or `Conflict` where it belongs to it already.
    """
    run = _lock(run, by)
    item = _item(run, code)
    if item.status != Status.UNDECIDED and not item.is_out:
        raise Conflict("Leverancen hører allerede til fasen.")
    row = item.row or _new_row(item)
    row.standing, row.standing_reason = Deliverable.Standing.RELEVANT, ""
    return _save(row, by, "Hører til fasen")


def add_version(*, run: PhaseRun, code: str, by: User, added: VersionInput) -> DeliverableVersion:
    """Keep a new version; earlier ones stay. A deliverable with a version has begun, and `is_done` finishes it.

    Raises `NotAllowed`, `NotStored` where the storage is full, `Refused` where nothing is given or the deliverable is
    left out, or `Conflict` where the newest version is the same (a second click). The file is stored before the
    transaction and taken away again where that fails, so that neither is left without the other.
    """
    require_writer(by, run.initiative)
    with stored(added.file, FOLDER) as path, transaction.atomic():
        return _add_version(_lock(run, by), code, by, added, path)


def _add_version(run: PhaseRun, code: str, by: User, added: VersionInput, path: str) -> DeliverableVersion:
    item = _item(run, code)
    _refuse_if_out(item)
    if not (path or added.case_document or added.link):
        raise Refused("Vælg en fil, eller skriv journalnummer eller link.")
    if item.latest and _is_same(item.latest, added):
        raise Conflict(f"Det samme er allerede gemt som version {item.latest.no}. Der er ikke gemt en til.")
    row = item.row or _new_row(item)
    row.state = Deliverable.State.DONE if added.is_done else row.state
    if row.state == Deliverable.State.NOT_BEGUN:
        row.state = Deliverable.State.IN_PROGRESS
    number = (row.versions.aggregate(last=Max("no"))["last"] or 0) + 1 if row.pk else 1
    file = added.file
    where = ", ".join(filter(None, [file.name if file else "", added.case_document, added.link]))
    _save(row, by, f"Version {number} er tilføjet: {where}{f'. {added.note}' if added.note else ''}")
    version = DeliverableVersion(
        deliverable=row,
        no=number,
        file=path,
        file_name=file.name if file else "",
        size=file.size if file else None,
        sha256=file.sha256 if file else "",
        case_document=added.case_document,
        link=added.link,
        note=added.note,
        added_by=by,
        added_at=timezone.now(),
    )
    save_with_reason(version, by=by, reason="Tilføjet")
    return version


@transaction.atomic
def annul_version(*, version: DeliverableVersion, by: User, reason: str) -> DeliverableVersion:
    """Take a version out of use, as when a wrong file was chosen. It is kept, but no longer handed out.

    Raises `NotAllowed`, or `Conflict` where it is annulled already.
    """
    run = _lock(version.deliverable.run, by)
    version = DeliverableVersion.objects.select_related("deliverable").get(pk=version.pk, deliverable__run=run)
    if version.is_annulled:
        raise Conflict(f"Version {version.no} er allerede annulleret.")
    version.annulled_by, version.annulled_at, version.annulment_reason = by, timezone.now(), reason
    save_with_reason(version, by=by, reason=f"Annulleret: {reason}")
    _save(version.deliverable, by, f"Version {version.no} er annulleret: {reason}")
    return version


def _lock(run: PhaseRun, by: User) -> PhaseRun:
    """Fetch the run anew with its initiative locked, for writing by `by`.

    Raises `NotAllowed`, or `Refused` where the phase has not begun or is annulled.
    """
    initiative = lock(run.initiative)
    require_writer(by, initiative)
    run = PhaseRun.objects.get(pk=run.pk)
    run.initiative = initiative
    if not run.has_begun:
        raise Refused(f"Fasen er {run.get_state_display().lower()}. Der kan ikke registreres leverancer i den.")
    return run


def _item(run: PhaseRun, code: str) -> Item:
    item = item_at(run, code)
    if item is None:
        raise Refused(_GONE)
    return item


def _new_row(item: Item) -> Deliverable:
    return Deliverable(
        initiative=item.run.initiative, run=item.run, type=item.type, code=item.code, documents=item.documents
    )


def _refuse_if_out(item: Item) -> None:
    if item.is_out:
        raise Refused(f"Leverancen er {item.status.label.lower()}. Tag den med igen, før du retter den.")


def _refuse_stranger(run: PhaseRun, row: Deliverable, responsible: User | None) -> None:
    """Raise `Refused` where the one made responsible does not work on the initiative; who is already may stay."""
    if responsible is None or responsible.pk == row.responsible_id:
        return
    people: set[Any] = {run.initiative.lead_id, *run.initiative.members.values_list("pk", flat=True)}
    if responsible.pk not in people:
        raise Refused(f"{responsible} arbejder ikke på initiativet. Vælg den initiativansvarlige eller en medarbejder.")


def _is_same(latest: DeliverableVersion, added: VersionInput) -> bool:
    sha256 = added.file.sha256 if added.file else ""
    return (latest.sha256, latest.case_document, latest.link) == (sha256, added.case_document, added.link)


def _save(row: Deliverable, by: User, reason: str) -> Deliverable:
    row.version += 1
    save_with_reason(row, by=by, reason=reason)
    return row
