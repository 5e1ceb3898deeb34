"""Drafting and publishing editions of the rulebook."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from phases.models import Criterion, DeliverableType, Edition
from phases.terms import Phase, Track
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
        *edition.deliverable_types.all(),
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
    criteria = Criterion.objects.filter(theme__edition=edition).select_related("theme")
    conditions = edition.entry_conditions.all()
    gates = {criterion.code: criterion.theme.phase for criterion in criteria}
    codes = Counter([*(criterion.code for criterion in criteria), *(condition.code for condition in conditions)])
    return [
        *missing_parts(
            has_tracks=edition.has_tracks,
            criteria=[(criterion.theme.phase, criterion.track2) for criterion in criteria],
            conditions=len(conditions),
            phases=[definition.phase for definition in edition.phase_definitions.all()],
            tracks=[definition.track for definition in edition.track_definitions.all()],
        ),
        *(f"Koden {code} er brugt {count} gange." for code, count in sorted(codes.items()) if count > 1),
        *_documenting_nothing(edition.deliverable_types.all(), gates),
    ]


def _documenting_nothing(types: Iterable[DeliverableType], gates: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong where a deliverable documents what is no criterion for the next phase.

    `gates` gives the phase each criterion is for; of a phase that has none at all enough is said elsewhere.
    """
    for one in types:
        following = Phase(one.phase).following
        for code in one.documents:
            if gates.get(code) != following and (following is None or following in gates.values()):
                yield f"Leverancen {one.code} dokumenterer {code}, som ikke er et kriterie for den næste fase."


def missing_parts(
    *,
    has_tracks: bool,
    criteria: Collection[tuple[str, str]],
    conditions: int,
    phases: Collection[str],
    tracks: Collection[str],
) -> list[str]:
    """Return what an edition lacks, as Danish sentences.

    `criteria` are (phase entered, what applies in spor 2), `conditions` is how many there are for entering the model,
    `phases` and `tracks` are those described. An edition without tracks is from before Drejebogen: of SUSI 1.0 there
    are criteria alone, so no more is asked of it.
    """
    gates = [phase for phase in Phase if phase != Phase.SCREENING]
    entered = {phase for phase, _ in criteria}
    missing = [f"Der er ingen kriterier for at overgå til {phase.definite}." for phase in gates if phase not in entered]
    if not has_tracks:
        return missing
    in_track_two = {phase for phase, track2 in criteria if track2 != Criterion.TrackTwo.NONE}
    return [
        *missing,
        *(
            f"Der er ingen kriterier i spor 2 for at overgå til {phase.definite}."
            for phase in gates
            if phase in entered - in_track_two
        ),
        *(["Der er ingen betingelser for at indgå i strategien."] if not conditions else []),
        *(f"{phase.definite.capitalize()} er ikke beskrevet." for phase in Phase if phase not in phases),
        *(f"{track.label} er ikke beskrevet." for track in Track if track not in tracks),
    ]
