"""The archive: a ZIP with the tables, the files, and a manifest that names each by its SHA-256.

    database/<app>.<Model>.jsonl   one for each table (`susi.backup.tables`)
    files/<name>                   each stored file a row names
    manifest.json                  format, time, migrations, and every member with its checksum, size and rows

The comment of the ZIP, its last 64 bytes, is the SHA-256 of every byte before it: one damaged bit is noticed.
Written and read in pieces: an archive may be larger than the memory.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from susi.errors import Refused

FORMAT = "susi-backup/1"
MANIFEST = "manifest.json"
TABLE, FILE = "database/{}.jsonl", "files/{}"
BLOCK = 2**16
SEAL_LENGTH = 64


class Damaged(Refused):
    """The archive is not whole, so nothing of it is used."""


@dataclass
class Writer:
    """Writes members into an open ZIP and remembers them for the manifest."""

    archive: zipfile.ZipFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, pieces: Iterable[bytes], **facts: Any) -> int:
        """Write a member from its pieces and return how many there were."""
        total, size, count = hashlib.sha256(), 0, 0
        with self.archive.open(name, "w", force_zip64=True) as member:
            for count, piece in enumerate(pieces, start=1):  # noqa: B007
                member.write(piece)
                total.update(piece)
                size += len(piece)
        self.members[name] = {"sha256": total.hexdigest(), "bytes": size, **facts}
        return count

    def close(self, **facts: Any) -> None:
        """Write the manifest, last of all, and leave room for the seal."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = {"format": FORMAT, "made": made, **facts, "members": self.members}
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self.archive.writestr(MANIFEST, text)
        self.archive.comment = b"0" * SEAL_LENGTH


def seal(path: Path) -> None:
    """Write the checksum of the finished archive into its last bytes."""
    with path.open("r+b") as file:
        total = _checksum_before_seal(file)
        file.write(total.encode())
        file.flush()
        os.fsync(file.fileno())


def _checksum_before_seal(file: IO[bytes]) -> str:
    """Return the SHA-256 of all but the last bytes, and leave `file` there."""
    left, total = file.seek(0, os.SEEK_END) - SEAL_LENGTH, hashlib.sha256()
    file.seek(0)
    while left > 0 and (piece := file.read(min(BLOCK, left))):
        total.update(piece)
        left -= len(piece)
    return total.hexdigest()


class Reader:
    """An archive whose every byte has been verified when it is opened."""

    def __init__(self, path: Path) -> None:
        """Open the archive and verify every checksum. Raises `Damaged` with what is wrong."""
        try:
            with path.open("rb") as file:
                is_whole = _checksum_before_seal(file).encode() == file.read(SEAL_LENGTH + 1)
            self.archive = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise Damaged(f"{path} findes ikke.") from error
        except (OSError, zipfile.BadZipFile) as error:
            raise Damaged(f"{path} er ikke en sikkerhedskopi, eller filen er beskadiget.") from error
        try:
            if not is_whole:
                raise Damaged("Sikkerhedskopien er ændret, afkortet eller beskadiget, siden den blev taget.")
            self.manifest = self._manifest()
            self._verify()
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, OSError) as error:
            self.archive.close()
            raise Damaged("Sikkerhedskopien er beskadiget og kan ikke læses.") from error
        except Damaged:
            self.archive.close()
            raise

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *args: object) -> None:
        self.archive.close()

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.manifest["members"]
        return found

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member."""
        with self.archive.open(name) as member:
            yield from member

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of a member, a piece at a time."""
        with self.archive.open(name) as member:
            while piece := member.read(BLOCK):
                yield piece

    def _manifest(self) -> dict[str, Any]:
        names = self.archive.namelist()
        if len(set(names)) < len(names):
            raise Damaged("Noget står to gange i sikkerhedskopien.")
        manifest: dict[str, Any] = json.loads(self.archive.read(MANIFEST))
        if manifest.get("format") != FORMAT:
            raise Damaged(f"Sikkerhedskopien har formatet {manifest.get('format')}. Denne udgave læser {FORMAT}.")
        return manifest

    def _verify(self) -> None:
        there, expected = set(self.archive.namelist()) - {MANIFEST}, set(self.members)
        for name in sorted(expected - there):
            raise Damaged(f"{name} mangler i sikkerhedskopien.")
        for name in sorted(there - expected):
            raise Damaged(f"{name} hører ikke til i sikkerhedskopien.")
        for name, facts in self.members.items():
            total, size = hashlib.sha256(), 0
            for piece in self.pieces(name):
                total.update(piece)
                size += len(piece)
            if (total.hexdigest(), size) != (facts["sha256"], facts["bytes"]):
                raise Damaged(f"{name} er ændret, siden sikkerhedskopien blev taget.")
