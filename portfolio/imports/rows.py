"""A row of a plan: what one row of the file would do."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

CREATED, CHANGED, REFUSED = "created", "changed", "refused"


@dataclass
class PlannedRow:
    """`kind` is "" where nothing would be done. `values` and `before` are by the names of the fields, as JSON."""

    no: int
    kind: str = ""
    number: str = ""
    title: str = ""
    version: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    cells: list[list[str]] = field(default_factory=list)  # address, header, old, new
    refusals: list[list[str]] = field(default_factory=list)  # address, header, sentence
    same_title: list[str] = field(default_factory=list)  # the number or row of another of that title

    def refuse(self, where: str, header: str, error: ValidationError | str) -> None:
        sentences = [error] if isinstance(error, str) else error.messages
        self.refusals += [[where, header, sentence] for sentence in sentences]
