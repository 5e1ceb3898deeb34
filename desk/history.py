"""What the desk tells of an initiative: which documents were kept back from access, and handed out again."""

from collections.abc import Iterator
from typing import Any

from desk.models import Exemption
from portfolio.history import Asked, Event, Kind
from susi.roles import Role


def exemptions(asked: Asked) -> Iterator[Event]:
    """The exemptions, for those who work with the case; never for readers, and so never in what is handed out."""
    if not asked.user.roles & {Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR}:
        return
    span = asked.span
    found = Exemption.objects.filter(span.of("made_at") | span.of("lifted_at"), initiative__in=asked.keys)
    for one in found.select_related("made_by", "lifted_by"):
        about: dict[str, Any] = {"kind": Kind.WORKED, "initiative_id": one.initiative_id}
        if span.holds(one.made_at):
            detail = f"{one.get_ground_display()}\n{one.reason}"
            yield Event(one.made_at, one.made_by, f"Undtaget fra aktindsigt: {one.title}", detail, **about)
        if one.lifted_at and span.holds(one.lifted_at):
            yield Event(one.lifted_at, one.lifted_by, f"Ikke længere undtaget fra aktindsigt: {one.title}", **about)
