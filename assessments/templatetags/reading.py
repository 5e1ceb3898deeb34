"""Marks what has changed in the text a person reads."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("assessments/_change.html", takes_context=True)
def changed(context: dict[str, Any], *place: str) -> dict[str, Any]:
    """Mark the text at `place` (the parts of its key) where it is new or changed; shows nothing otherwise."""
    return {"change": (context.get("changes") or {}).get(".".join(place)), "before_name": context.get("before_name")}


@register.filter
def in_groups(checksum: str) -> str:
    """Return the checksum as it is read aloud and compared: eight characters at a time."""
    return " ".join(checksum[start : start + 8] for start in range(0, len(checksum), 8))
