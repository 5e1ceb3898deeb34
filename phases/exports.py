"""The rulebook for others to read: one row per criterion, or per typical deliverable, of the published editions."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from phases.models import Criterion, DeliverableType
from phases.terms import Phase, Track

Columns: TypeAlias = Mapping[str, Callable[[Any], Any]]

COLUMNS: Columns = {
    "edition": lambda criterion: criterion.theme.edition.number,
    "gate": lambda criterion: criterion.theme.get_phase_display(),
    "theme_no": lambda criterion: criterion.theme.no,
    "theme": lambda criterion: criterion.theme.heading,
    "no": lambda criterion: criterion.no,
    "code": lambda criterion: criterion.code,
    "track1": lambda criterion: criterion.wording,
    "track2": lambda criterion: _wording_in_track_two(criterion),
}

DELIVERABLE_COLUMNS: Columns = {
    "edition": lambda one: one.edition.number,
    "phase": lambda one: one.get_phase_display(),
    "letter": lambda one: one.letter,
    "code": lambda one: one.code,
    "name": lambda one: one.name,
    "heading": lambda one: one.heading,
    "track": lambda one: one.track,
    "weighed": lambda one: "ja" if one.is_weighed else "nej",
    "documents": lambda one: " ".join(one.documents),
}


def deliverables() -> list[DeliverableType]:
    """Return the typical deliverables of all published editions, ordered as the criteria are."""
    phases = list(Phase)
    published = DeliverableType.objects.filter(edition__published_at__isnull=False).select_related("edition")
    return sorted(
        published,
        key=lambda one: (one.edition.valid_from, one.edition_id, phases.index(Phase(one.phase)), one.no),
    )


def criteria() -> list[Criterion]:
    """Return the criteria of all published editions: oldest edition first, then in the order of the phases."""
    phases = list(Phase)
    published = Criterion.objects.filter(theme__edition__published_at__isnull=False).select_related("theme__edition")
    return sorted(
        published,
        key=lambda criterion: (
            criterion.theme.edition.valid_from,
            criterion.theme.edition.pk,
            phases.index(Phase(criterion.theme.phase)),
            criterion.theme.no,
            criterion.no,
        ),
    )


def _wording_in_track_two(criterion: Criterion) -> str:
    """Return the wording in spor 2; "" where the criterion does not apply there or the edition has no tracks."""
    applies = criterion.theme.edition.has_tracks and criterion.applies_to(Track.TWO)
    return criterion.wording_for(Track.TWO) if applies else ""
