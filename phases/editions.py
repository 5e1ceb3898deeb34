"""Drafting and publishing editions of the rulebook."""

from django.db import transaction
from django.utils import timezone

from phases.models import Criterion, Edition, Theme
from phases.terms import Phase
from susi.errors import Refused


@transaction.atomic
def copy_edition(edition: Edition, *, number: str, name: str) -> Edition:
    """Return a new, unpublished edition with everything `edition` has, numbered `number`."""
    draft = Edition.objects.create(
        number=number,
        name=name,
        valid_from=timezone.localdate(),
        has_tracks=edition.has_tracks,
        source=edition.source,
    )
    parts = [
        *edition.phase_definitions.all(),
        *edition.track_definitions.all(),
        *edition.entry_conditions.all(),
    ]
    for part in parts:
        part.pk, part._state.adding, part.edition = None, True, draft
        part.save()
    for theme in edition.themes.prefetch_related("criteria"):
        criteria = list(theme.criteria.all())
        theme.pk, theme._state.adding, theme.edition = None, True, draft
        theme.save()
        for criterion in criteria:
            criterion.pk, criterion._state.adding, criterion.theme = None, True, theme
            criterion.save()
    return draft


@transaction.atomic
def publish(edition: Edition) -> None:
    """Publish `edition`: from its date it is the current one, and it can no longer be changed.

    Raises `Refused` where it is published already or a phase has no criteria.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.is_published:
        raise Refused(f"{edition} er allerede offentliggjort.")
    missing = _phases_without_criteria(edition)
    if missing:
        raise Refused(*(f"Der er ingen kriterier for at overgå til {phase.definite}." for phase in missing))
    edition.published_at = timezone.now()
    edition.save()


def _phases_without_criteria(edition: Edition) -> list[Phase]:
    phases = set(
        Theme.objects.filter(edition=edition, pk__in=Criterion.objects.values("theme")).values_list("phase", flat=True)
    )
    return [phase for phase in Phase if phase != Phase.SCREENING and phase not in phases]
