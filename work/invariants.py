"""What always holds of the work in a phase; see `susi.invariants`."""

from collections.abc import Iterator

from susi.files import CHUNK, sha256_of
from susi.invariants import Breach, Invariant
from work.models import DeliverableVersion


def files_are_what_was_added() -> Iterator[Breach]:
    """The file of a version is byte for byte the one that was added. That it is there is asked by `susi.invariants`."""
    kept = DeliverableVersion.objects.exclude(file="").select_related("deliverable__run__initiative").order_by("pk")
    for version in kept.iterator(chunk_size=CHUNK):
        if sha256_of(version.file.name) not in (version.sha256, ""):
            about = version.deliverable.run.initiative.number
            yield Breach(about, f"Filen {version.file_name} er ændret, siden den blev tilføjet.")


INVARIANTS: tuple[Invariant, ...] = (files_are_what_was_added,)
