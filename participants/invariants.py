"""What always holds of organisations and of what is registered of those who take part; see `susi.invariants`."""

from collections.abc import Iterator
from itertools import pairwise

from participants.kinds import KINDS
from participants.models import Organisation, RegionPeriod
from participants.terms import OrganisationKind
from susi.danish import fold, sort_key
from susi.dates import danish
from susi.files import CHUNK
from susi.invariants import Breach, Invariant


def entries_do_not_contradict_themselves() -> Iterator[Breach]:
    """What is in force could be saved as it stands, and rests on what is in force."""
    for kind in KINDS.values():
        entries = kind.model.objects.in_force().select_related(f"{kind.model.RUN}__initiative").order_by("pk")
        for entry in entries.iterator(chunk_size=CHUNK):
            for _, sentence in entry.contradictions():
                named = str(entry._meta.verbose_name).capitalize()
                yield Breach(entry.initiative.number, f"{named} »{entry}« kan ikke være, som den står: {sentence}")


def municipalities_lie_in_one_region() -> Iterator[Breach]:
    """A municipality lies in a region, and on any day in one at most."""
    periods = RegionPeriod.objects.select_related("municipality", "region").order_by("municipality", "valid_from")
    for one in periods.iterator(chunk_size=CHUNK):
        kinds = (one.municipality.kind, one.region.kind)
        if kinds != (OrganisationKind.MUNICIPALITY, OrganisationKind.REGION):
            yield Breach(one.municipality.name, f"»{one}« er ikke en kommune i en region.")
    for earlier, later in pairwise(periods.iterator(chunk_size=CHUNK)):
        if earlier.municipality_id != later.municipality_id:
            continue
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            day = danish(later.valid_from)
            yield Breach(later.municipality.name, f"Kommunen ligger i to regioner på én gang fra {day}.")


def names_are_found_as_written() -> Iterator[Breach]:
    """The stored forms of a name, by which an organisation is found and sorted, are those of the name."""
    names = Organisation.objects.order_by("pk").values_list("name", "folded_name", "sort_key")
    for name, folded, key in names.iterator(chunk_size=CHUNK):
        if (folded, key) != (fold(name), sort_key(name)):
            yield Breach(name, "Organisationen findes og sorteres ikke efter sit navn. Gem den igen.")


INVARIANTS: tuple[Invariant, ...] = (
    entries_do_not_contradict_themselves,
    municipalities_lie_in_one_region,
    names_are_found_as_written,
)
