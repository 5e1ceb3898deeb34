"""What a PDF from outside says of itself, read by a process of its own with little time and memory.

Whoever made the file may have made it to break its reader: to fill the memory, never to end, or worse. So it is opened
by a program that knows no settings and no database, may write no file, and is ended when it takes too long. This file
is that program too (`main`), which is why it imports nothing of ours.
"""

import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
SECONDS_OF_WORK, SECONDS_OF_WAITING = 5, 10
MEMORY = 512 * MEGABYTE
LAST_PAGES = 3  # a checksum is printed at the end
_LONGEST_TITLE, _MOST_TOLD = 500, 50
_CHECKSUM = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_LOCKED = "locked"


class Unreadable(Exception):
    """The file is broken, or takes more to read than a document of ours ever would."""


class Locked(Unreadable):
    """The file is encrypted."""


@dataclass(frozen=True)
class Says:
    """`title` in its properties; SHA-256 of the files inside by the name asked for; checksums that are printed."""

    title: str
    enclosed: tuple[str, ...]
    printed: tuple[str, ...]


def read(content: bytes, *, enclosed: str) -> Says:
    """Return what the PDF says of itself, and of the files of the name `enclosed` inside it.

    Raises `Locked`, `Unreadable`.
    """
    command = [sys.executable, "-I", __file__, enclosed]  # neither this folder nor the environment is looked in
    try:
        done = subprocess.run(  # noqa: S603 our own program, and nothing of the file is in the command
            command, input=content, capture_output=True, timeout=SECONDS_OF_WAITING, env={}, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unreadable from error
    found = json.loads(done.stdout)
    if found == _LOCKED:
        raise Locked
    return Says(found["title"], tuple(found["enclosed"]), tuple(found["printed"]))


def main(name: str) -> None:
    """Read a PDF from standard input and write what it says of itself as JSON. Ends with an error where it cannot."""
    import pypdf  # noqa: F401 while it may still keep what it compiles

    _keep_within_limits()
    json.dump(_examined(sys.stdin.buffer.read(), name), sys.stdout)


def _keep_within_limits() -> None:
    import resource  # of Unix alone, as is the process that needs it

    for kind, limit in [
        (resource.RLIMIT_CPU, SECONDS_OF_WORK),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(kind, (limit, limit))


def _examined(content: bytes, name: str) -> str | dict[str, str | list[str]]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        return _LOCKED
    properties = reader.metadata
    inside = reader.attachments.get(name, [])
    texts = [str(properties.subject or "") if properties else ""]
    texts += ["".join(sheet.extract_text().split()) for sheet in reader.pages[-LAST_PAGES:]]
    return {
        "title": str(properties.title or "")[:_LONGEST_TITLE] if properties else "",
        "enclosed": [hashlib.sha256(one).hexdigest() for one in inside[:_MOST_TOLD]],
        "printed": list(dict.fromkeys(found for text in texts for found in _CHECKSUM.findall(text)))[:_MOST_TOLD],
    }


if __name__ == "__main__":
    main(sys.argv[1])
