"""What an initiative's history tells of the length of its phases. An extension is told with the date it changed."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F
from django.urls import reverse

from phases.terms import Phase
from portfolio.history import Asked, Event, Kind
from portfolio.models import LengthReason, PhasePause
from susi.dates import danish


def lengths(asked: Asked) -> Iterable[Event]:
    """Yield the pauses and the special reasons. Two queries."""
    yield from _pauses(asked)
    yield from _reasons(asked)


def _pauses(asked: Asked) -> Iterator[Event]:
    history: Any = PhasePause.history.annotate(
        phase=F("run__phase"), initiative_id=F("run__initiative"), number=F("run__initiative__number")
    )
    for row, _ in asked.changed(asked.rows(history), lambda row: (row.until, row.annulled_at)):
        phase = Phase(row.phase).label
        if row.annulled_at:
            text, why = f"{phase}: pausen fra {danish(row.since)} er annulleret", row.annulment_reason
        elif row.until:
            text, why = f"{phase} er genoptaget {danish(row.until)}", ""
        else:
            text, why = f"{phase} er sat på pause fra {danish(row.since)}", row.reason
        yield _event(row.history_date, row.history_user, text, why, row.initiative_id, row.number, row.run_id)


def _reasons(asked: Asked) -> Iterator[Event]:
    written = LengthReason.objects.filter(asked.span.of("written_at"), run__initiative__in=asked.keys)
    for one in written.select_related("written_by", "run__initiative"):
        text = f"Særlig begrundelse for længden af {Phase(one.run.phase).definite}"
        initiative = one.run.initiative
        yield _event(one.written_at, one.written_by, text, one.text, initiative.pk, initiative.number, one.run_id)


def _event(when: Any, who: Any, text: str, why: str, initiative: int, number: str, run: int) -> Event:
    url = reverse("portfolio:initiative_length", args=[number])
    about = ("length", str(run))
    return Event(when, who, text, why, url, kind=Kind.WORKED, initiative_id=initiative, about=about)
