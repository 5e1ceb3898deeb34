"""What the case file is made of: documents, in sections."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

Ref = tuple[str, str]  # kind and key of a document
Rows = list[list[str]]


@dataclass(frozen=True)
class Document:
    """One thing that is handed out or left out as a whole.

    `rows` are its lines in the table of its section, where it has any, without what tells of the documents left out.
    `makes` is what else the making of the file needs to put it in (`desk.case_file.making.MAKERS`). What is `part_of`
    another is left out with that.
    """

    kind: str
    key: str
    title: str
    day: date | None = None
    rows: Callable[[frozenset[Ref]], Rows] = lambda left_out: []
    makes: dict[str, Any] | None = None
    part_of: Ref | None = None

    @property
    def ref(self) -> Ref:
        return self.kind, self.key


@dataclass(frozen=True)
class Section:
    """The documents of one kind; `columns` are those of their table, none where each is a file of its own."""

    name: str
    documents: list[Document]
    columns: tuple[str, ...] = ()
    note: str = ""
