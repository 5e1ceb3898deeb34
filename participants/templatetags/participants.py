"""How the pages show amounts and periods."""

from typing import Any

from django import template

from participants.models import Participation
from susi import dates
from susi.kroner import kroner

register = template.Library()


@register.filter
def amount(value: int | None) -> str:
    """Return `value` as "1.234.567 kr.", "Ikke oplyst" for None."""
    return kroner(value) or "Ikke oplyst"


@register.filter
def known_date(row: Any, name: str) -> str:
    """Return the date in the columns `name` and `<name>_precision` of `row`, "" where unknown."""
    return str(dates.read(row, name) or "")


@register.filter
def region_of(regions: dict[int, str], municipality: int) -> str:
    """Return the name of the region of a municipality, by its primary key: "Region Nordjylland"."""
    return regions.get(municipality, "Region ikke oplyst")


@register.filter
def period_of(row: Participation) -> str:
    """Return when it takes part: "fra 01.03.2026", "marts 2025 til 2026", "ikke oplyst"."""
    start, end = dates.read(row, "started_on"), dates.read(row, "ended_on")
    if start and end:
        return f"{start} til {end}"
    if start:
        return f"fra {start}"
    return f"til {end}" if end else "ikke oplyst"
