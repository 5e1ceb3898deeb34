"""What an initiative's history tells of the follow-ups on its fravigelser and of its place in an agreement's year."""

from collections.abc import Iterable, Iterator

from django.urls import reverse

from assessments.models import DeviationFollowUp
from portfolio.history import Asked, Event, Kind
from portfolio.models import AgreementEntry
from susi.dates import danish
from susi.kroner import kroner


def follow_ups(asked: Asked) -> Iterable[Event]:
    """Yield what was done about fravigelser. One query."""
    written = DeviationFollowUp.objects.filter(asked.span.of("written_at"), deviation__initiative__in=asked.keys)
    for note in written.select_related("written_by", "deviation__criterion"):
        moved = f"\nFølges op igen {danish(note.review_on)}: {note.move_reason}" if note.review_on else ""
        yield Event(
            note.written_at,
            note.written_by,
            f"Fulgt op på fravigelsen fra {note.deviation.subject}",
            f"{note.text}{moved}",
            reverse("registers_deviation", args=[note.deviation_id]),
            kind=Kind.DEPARTED,
            initiative_id=note.deviation.initiative_id,
            about=("follow_up", str(note.pk)),
        )


def amounts(asked: Asked) -> Iterator[Event]:
    """Yield the amounts sought and prioritised, as they were written. One query."""
    history = AgreementEntry.history.select_related("agreement__programme", "decision__initiative")
    for row, before in asked.changed(asked.rows(history), lambda row: (row.sought, row.note, row.prioritised)):
        yield Event(
            row.history_date,
            row.history_user,
            f"Beløb under {row.agreement}",
            "\n".join([*_changes(before, row), *([row.note] if row.note else [])]),
            reverse("registers_coming_agreement", args=[row.agreement_id]),
            kind=Kind.WORKED,
            initiative_id=row.initiative_id,
            about=("decision", f"{row.decision.initiative.number}-{row.decision.no}") if row.decision else None,
        )


def _changes(before: AgreementEntry | None, after: AgreementEntry) -> Iterator[str]:
    for name, label in (("sought", "Søgt beløb"), ("prioritised", "Prioriteret beløb")):
        was, became = getattr(before, name, None), getattr(after, name)
        if was != became:
            former = f" (før {kroner(was)})" if was is not None else ""
            yield f"{label}: {kroner(became) or 'ikke oplyst'}{former}"
