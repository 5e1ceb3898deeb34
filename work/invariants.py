"""What always holds of the work in a phase; see `susi.invariants`."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, F, Max, Q

from phases.fast_track import is_asked_of
from phases.involvement import strategy_is_due
from phases.terms import Phase, Track, WayOn
from phases.track_choice import Fit, ways_are_to_be_weighed
from susi.files import CHUNK, sha256_of
from susi.invariants import Breach, Invariant
from work.models import (
    Deliverable,
    DeliverableVersion,
    FastTrackAnswer,
    InvolvementStrategy,
    KnowledgeProduct,
    TrackChoice,
    WayWeighing,
)

_ASKED = (
    (InvolvementStrategy, lambda run: strategy_is_due(run.phase)),
    (FastTrackAnswer, lambda run: is_asked_of(run.phase)),
    (KnowledgeProduct, lambda run: is_asked_of(run.phase)),
    (WayWeighing, lambda run: ways_are_to_be_weighed(run.phase, run.track)),
)


def files_are_what_was_added() -> Iterator[Breach]:
    """The file of a version is byte for byte the one that was added. That it is there is asked by `susi.invariants`."""
    kept = DeliverableVersion.objects.exclude(file="").select_related("deliverable__run__initiative").order_by("pk")
    for version in kept.iterator(chunk_size=CHUNK):
        if sha256_of(version.file.name) not in (version.sha256, ""):
            about = version.deliverable.run.initiative.number
            yield Breach(about, f"Filen {version.file_name} er ændret, siden den blev tilføjet.")


def versions_are_all_there() -> Iterator[Breach]:
    """The versions of a deliverable are numbered from 1 without a gap: none is ever deleted."""
    counted = Deliverable.objects.annotate(count=Count("versions"), last=Max("versions__no")).select_related("type")
    for one in counted.filter(count__lt=F("last")).select_related("initiative").order_by("pk").iterator():
        yield Breach(one.initiative.number, f"Leverancen »{one}« har {one.last} versioner, men kun {one.count} er der.")


def deliverables_belong_to_their_phase() -> Iterator[Breach]:
    """A deliverable is of its phase's initiative; a typical one is of that phase, and is found by its type's code."""
    strange = ~Q(initiative=F("run__initiative")) | (
        Q(type__isnull=False) & (~Q(type__phase=F("run__phase")) | ~Q(type__code=F("code")))
    )
    found = Deliverable.objects.filter(strange).select_related("initiative", "type").order_by("pk")
    for one in found.iterator(chunk_size=CHUNK):
        yield Breach(one.initiative.number, f"Leverancen »{one}« hører ikke til den fase, den står i.")


def only_what_is_asked_is_answered() -> Iterator[Breach]:
    """What is written of a phase is what the strategy asks of that phase."""
    for model, is_asked in _ASKED:
        for one in model.objects.select_related("run__initiative").order_by("pk").iterator(chunk_size=CHUNK):
            if not is_asked(one.run):
                what = str(model._meta.verbose_name).capitalize()
                phase = Phase(one.run.phase).definite
                yield Breach(one.run.initiative.number, f"{what} hører ikke til {phase}, hvor »{one}« står.")


def worksheets_can_be_read() -> Iterator[Breach]:
    """The rows of the worksheets are about tracks and ways there are, and a choice is of its own initiative's phase."""
    choices = TrackChoice.objects.select_related("initiative", "run").order_by("pk")
    for choice in choices.iterator(chunk_size=CHUNK):
        if choice.run and choice.run.initiative_id != choice.initiative_id:
            yield Breach(choice.initiative.number, "Arket om sporvalg hører til et andet initiativs fase.")
        if not all(_is_row(row, {"track": Track.values, "fit": ["", *Fit.values]}) for row in choice.fits):
            yield Breach(choice.initiative.number, "Arket om sporvalg kan ikke læses.")
    for weighing in WayWeighing.objects.select_related("run__initiative").order_by("pk").iterator(chunk_size=CHUNK):
        if not all(_is_row(row, {"way": WayOn.values}) for row in weighing.ways):
            yield Breach(weighing.run.initiative.number, "Afvejningen af de tre veje kan ikke læses.")


def _is_row(row: Any, allowed: Mapping[str, list[str]]) -> bool:
    return isinstance(row, dict) and all(row.get(name) in values for name, values in allowed.items())


INVARIANTS: tuple[Invariant, ...] = (
    files_are_what_was_added,
    versions_are_all_there,
    deliverables_belong_to_their_phase,
    only_what_is_asked_is_answered,
    worksheets_can_be_read,
)
