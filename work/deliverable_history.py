"""What happened to the deliverables, told to an initiative's history."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from portfolio.history import Asked, Change, Event, Kind
from susi.dates import danish
from work.models import Deliverable, DeliverableVersion

_VERSION = re.compile(r"Version (\d+) er tilføjet")  # the reason `add_version` saves with
_STATES = dict(Deliverable.State.choices)
_STANDINGS = dict(Deliverable.Standing.choices)


def deliverables(asked: Asked) -> Iterator[Event]:
    """Yield every save of a deliverable with what it changed; a version added or annulled is one. Two queries."""
    rows = asked.rows(Deliverable.history.select_related("type", "responsible", "run", "initiative"))
    files = _files(asked)
    for row, before in asked.changed(rows, lambda row: row.version):
        added = _VERSION.match(row.history_change_reason or "")
        file = files.get((row.id, int(added[1]))) if added else None
        yield Event(
            row.history_date,
            row.history_user,
            f"Leverancen {_title(row)}: {_lowered(row.history_change_reason or 'Ændret')}",
            row.standing_reason,
            _url(row),
            changes=_changes(before, row),
            kind=Kind.WORKED,
            initiative_id=row.initiative_id,
            about=("deliverable_file", str(file)) if file else ("deliverable", str(row.id)),
        )


def _files(asked: Asked) -> dict[tuple[int, int], int]:
    """Return the versions with a file that is handed out, by deliverable and number: each is a document of its own."""
    versions = DeliverableVersion.objects.filter(deliverable__initiative__in=asked.keys, annulled_at__isnull=True)
    told = versions.exclude(file="").order_by().values_list("deliverable", "no", "pk")
    return {(deliverable, no): pk for deliverable, no, pk in told}


def _facts(row: Any) -> dict[str, tuple[str, Any]]:
    """Return what a reader follows of a deliverable: words and value by name."""
    return {
        "Relevans": (_STANDINGS[row.standing], row.standing),
        "Tilstand": (_STATES[row.state], row.state),
        "Ansvarlig": (str(row.responsible or ""), row.responsible_id),
        "Frist": (danish(row.due) if row.due else "", row.due),
        "Dokumenterer kriterierne": (", ".join(row.documents), tuple(row.documents)),
        "Noter": (row.notes, row.notes),
    }


def _changes(before: Any, row: Any) -> tuple[Change, ...]:
    if before is None:
        return ()
    was, became = _facts(before), _facts(row)
    return tuple(
        Change(name, was[name][0], became[name][0], was[name][1], became[name][1])
        for name in became
        if was[name][1] != became[name][1]
    )


def _title(row: Any) -> str:
    return row.type.heading if row.type else row.name


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _url(row: Any) -> str:
    return reverse("work:deliverable", args=[row.initiative.number, row.run.sequence, row.code])
