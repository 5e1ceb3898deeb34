"""The rulebook for others to read: one row per criterion of the published editions."""

from phases.models import Criterion
from phases.terms import Phase, Track

COLUMNS = {
    "edition": lambda criterion: criterion.theme.edition.number,
    "gate": lambda criterion: criterion.theme.get_phase_display(),
    "theme_no": lambda criterion: criterion.theme.no,
    "theme": lambda criterion: criterion.theme.heading,
    "no": lambda criterion: criterion.no,
    "code": lambda criterion: criterion.code,
    "track1": lambda criterion: criterion.wording,
    "track2": lambda criterion: _wording_in_track_two(criterion),
}


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
