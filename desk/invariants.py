"""What always holds of what goes out: case files, exemptions and the weekly mail; see `susi.invariants`."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db.models import Exists, F, OuterRef

from desk.case_file.making import MANIFEST
from desk.models import CaseFile, Exemption, Told
from susi.files import CHUNK, checksum_of
from susi.invariants import Breach, Invariant


def nothing_exempt_is_handed_out() -> Iterator[Breach]:
    """What was put together before a document was exempt is neither fetched nor made any more."""
    later = Exemption.objects.filter(initiative=OuterRef("initiative"), made_at__gt=OuterRef("ordered_at"))
    there = CaseFile.objects.filter(state__in=[CaseFile.State.MAKING, CaseFile.State.READY]).filter(Exists(later))
    for one in there.select_related("initiative").order_by("pk").iterator(chunk_size=CHUNK):
        yield Breach(one.initiative.number, "Sagens akter kan hentes, selv om et dokument er undtaget siden.")


def case_files_are_what_was_made() -> Iterator[Breach]:
    """The zip holds the manifest that was made and the files it lists. That it is there is asked by
    `susi.invariants`; one that cannot be fetched any more has none."""
    for one in CaseFile.objects.select_related("initiative").order_by("pk").iterator(chunk_size=CHUNK):
        if not one.is_ready and one.file:
            yield Breach(one.initiative.number, "Sagens akter kan ikke hentes, men filen er ikke slettet.")
        if one.is_ready and default_storage.exists(str(one.file.name)) and not _is_whole(one):
            yield Breach(one.initiative.number, "Sagens akter er ændret, siden de blev dannet.")


def _is_whole(case_file: CaseFile) -> bool:
    try:
        with case_file.file.open("rb") as file, zipfile.ZipFile(file) as archive:
            manifest = archive.read(MANIFEST)
            if hashlib.sha256(manifest).hexdigest() != case_file.manifest_sha256:
                return False
            names = [name for name in archive.namelist() if name != MANIFEST]
            return manifest.decode().splitlines() == [f"{_sha256(archive, name)}  {name}" for name in names]
    except (zipfile.BadZipFile, zlib.error, KeyError):
        return False


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as entry:
        return checksum_of(entry)


def people_are_told_in_their_own_mail() -> Iterator[Breach]:
    """What a person has been told of was in a mail to that person."""
    elsewhere = Told.objects.exclude(person=F("digest__person")).order_by("pk")
    for person, key in elsewhere.values_list("person", "key").iterator(chunk_size=CHUNK):
        yield Breach(f"Bruger {person}", f"»{key}« står som fortalt i en mail til en anden.")


INVARIANTS: tuple[Invariant, ...] = (
    nothing_exempt_is_handed_out,
    case_files_are_what_was_made,
    people_are_told_in_their_own_mail,
)
