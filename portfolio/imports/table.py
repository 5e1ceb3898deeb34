"""What a file holds, whatever kind of file it is: headers and rows of cells, each with its address."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError

from portfolio.columns import STATED
from susi.exports import NOTE
from susi.text import refuse_cpr

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 60
_NUL = "\0"
_CPR_DIGITS = 10
_OUR_REMARKS = tuple(f"{NOTE}{label}: " for label in STATED)


class Unreadable(Exception):
    """The file is refused as a whole. Says why, and what to do, in Danish."""


class Kind(StrEnum):
    TEXT = "t"
    NUMBER = "n"  # as a spreadsheet stores it; `text` is how Python writes it
    DATE = "d"  # a real date; `text` is in ISO form
    BAD = "!"  # `text` is the sentence that says why it is refused


@dataclass(frozen=True)
class Cell:
    """The content of a cell. An empty one is a text of nothing."""

    kind: Kind
    text: str

    @property
    def is_empty(self) -> bool:
        return self.kind == Kind.TEXT and not self.text.strip()


EMPTY = Cell(Kind.TEXT, "")


@dataclass(frozen=True)
class Line:
    """A row of the file: its number there, and its cells by the place of the column (0 is A)."""

    no: int
    cells: dict[int, Cell]


@dataclass(frozen=True)
class Table:
    """`headers` by the place of their column; `remarks` are sentences about what was passed over.

    `first_day` is the day before day 1 of the workbook's count of days, in ISO form; "" where the file has none.
    """

    headers: dict[int, str]
    lines: list[Line]
    remarks: list[str] = field(default_factory=list)
    first_day: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the table as it is stored with the import."""
        lines = [
            [line.no, {place: [cell.kind, cell.text] for place, cell in line.cells.items()}] for line in self.lines
        ]
        return {"headers": self.headers, "lines": lines, "remarks": self.remarks, "first_day": self.first_day}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Table":
        """Return the table that `as_json` gave."""
        lines = [
            Line(no, {int(place): Cell(Kind(kind), text) for place, (kind, text) in cells.items()})
            for no, cells in stored["lines"]
        ]
        headers = {int(place): header for place, header in stored["headers"].items()}
        return cls(headers, lines, stored["remarks"], stored["first_day"])


def address(place: int, no: int) -> str:
    """Return the address of a cell as a spreadsheet writes it: "C7"."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(place + 1)}{no}"


class TableBuilder:
    """Makes a table of rows given one after the other. The first with a content is that of the headers."""

    def __init__(self) -> None:
        self.headers: dict[int, str] = {}
        self.lines: list[Line] = []
        self.remarks: list[str] = []

    def add(self, no: int, cells: dict[int, Cell]) -> None:
        """Take in row `no`. Raises `Unreadable` where the table is too large or its headers cannot be used."""
        if not cells or _is_a_remark_of_ours(cells):
            return
        cells = {place: _storable(cell, address(place, no)) for place, cell in cells.items()}
        if max(cells) >= MAX_COLUMNS:
            raise Unreadable(f"Arket har mere end {MAX_COLUMNS} kolonner. Slet dem, der ikke skal indlæses.")
        if not self.headers:
            if hidden := [address(place, no) for place, cell in cells.items() if cell.kind == Kind.BAD]:
                raise Unreadable(f"Overskriften i {hidden[0]} kan ikke læses. Skriv den igen som tekst.")
            self.headers = {place: " ".join(cell.text.split()) for place, cell in cells.items()}
            return
        if len(self.lines) == MAX_ROWS:
            raise Unreadable("Filen har mere end 5.000 rækker. Del den i flere filer, og indlæs dem hver for sig.")
        self.lines.append(Line(no, cells))

    def table(self, first_day: str = "") -> Table:
        if not self.headers:
            raise Unreadable("Filen er tom. Den første række skal indeholde kolonnernes overskrifter.")
        if not self.lines:
            raise Unreadable("Filen har overskrifter, men ingen rækker under dem.")
        return Table(self.headers, self.lines, self.remarks, first_day)


def _storable(cell: Cell, where: str) -> Cell:
    """Refuse a cell with what must not be stored, not even as refused: the sentence is kept in its place."""
    if _NUL in cell.text:
        return Cell(Kind.BAD, f"{where} indeholder et ulæseligt tegn. Slet indholdet, og skriv det igen.")
    try:
        refuse_cpr(cell.text.zfill(_CPR_DIGITS) if cell.kind == Kind.NUMBER else cell.text)  # 0101… is stored as 101…
    except ValidationError as error:
        return Cell(Kind.BAD, " ".join(error.messages))
    return cell


def _is_a_remark_of_ours(cells: dict[int, Cell]) -> bool:
    """Whether the row is one of those in which our exports state day, filters and number of rows."""
    return list(cells) == [0] and cells[0].text.startswith(_OUR_REMARKS)
