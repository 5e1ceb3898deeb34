"""Drafting and publishing editions of the rulebook."""

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from phases.models import Criterion, Edition, EntryCondition
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
    parts: list[Any] = [
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

    Raises `Refused` where it is published already or something is missing.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.is_published:
        raise Refused(f"{edition} er allerede offentliggjort.")
    missing = missing_before_publication(edition)
    if missing:
        raise Refused(*missing)
    edition.published_at = timezone.now()
    edition.save()


def missing_before_publication(edition: Edition) -> list[str]:
    """Return what stands between `edition` and its publication, as Danish sentences; empty means ready."""
    criteria = Criterion.objects.filter(theme__edition=edition)
    phases = set(criteria.values_list("theme__phase", flat=True))
    coded: list[Criterion | EntryCondition] = [*criteria, *edition.entry_conditions.all()]
    codes = Counter(part.code for part in coded)
    return [
        *(
            f"Der er ingen kriterier for at overgå til {phase.definite}."
            for phase in Phase
            if phase != Phase.SCREENING and phase not in phases
        ),
        *(f"Koden {code} er brugt {count} gange." for code, count in sorted(codes.items()) if count > 1),
    ]
