"""What the people of `make load` have written: each text bears a mark of its own, by which it is found afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

EDIT, RATING, STATUS = "edit", "rating", "status"
APPROVAL, RETURN, DECISION = "approval", "return", "decision"
KINDS = (EDIT, RATING, STATUS, APPROVAL, RETURN, DECISION)
SAVED, CONFLICT, IN_DOUBT = "saved", "conflict", "in doubt"


@dataclass(frozen=True)
class Write:
    """`key` is what was written on: the number of an initiative, for a rating with the code: "2026-014/M1.1".

    `outcome` is what the answer said: saved, a conflict (which saves nothing), or nothing that can be relied on.
    `version` is the one the answer named, where it names one.
    """

    kind: str
    key: str
    mark: str
    outcome: str
    version: int | None = None


def note(path: Path, write: Write) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(write)) + "\n")


def noted(path: Path) -> list[Write]:
    if not path.exists():
        return []
    return [Write(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def of(writes: Iterable[Write], kind: str) -> dict[str, list[Write]]:
    """Return those of the kind by what they were written on."""
    found: dict[str, list[Write]] = {}
    for write in writes:
        if write.kind == kind:
            found.setdefault(write.key, []).append(write)
    return found


def marks(writes: Iterable[Write], outcome: str) -> list[str]:
    return [write.mark for write in writes if write.outcome == outcome]


def not_saved(writes: Iterable[Write]) -> Iterator[str]:
    """Yield a sentence for each kind of which nothing was acknowledged: a run in which nobody writes proves nothing."""
    saved = {write.kind for write in writes if write.outcome == SAVED}
    yield from (f"{kind}: not one was acknowledged" for kind in KINDS if kind not in saved)
