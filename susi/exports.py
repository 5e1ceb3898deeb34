"""Rows for others to read: a table of header → function, written as CSV or JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser

from susi.dates import danish

_FORMULA = ("=", "+", "-", "@")


def csv_cell(value: Any) -> str:
    """Return `value` as a cell that no spreadsheet takes for a formula.

    Text of more than one character that begins like one gets an apostrophe, which our import takes off again
    (`from_csv_cell`). So does text that has one already, or it would lose it there.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if _is_taken_for_a_formula(text) else text


def from_csv_cell(text: str) -> str:
    """Return the text that `csv_cell` made `text` of."""
    return text[1:] if text.startswith("'") and _is_taken_for_a_formula(text[1:]) else text


def _is_taken_for_a_formula(text: str) -> bool:
    return len(text) > 1 and text.lstrip("'").startswith(_FORMULA)


def as_csv(columns: Mapping[str, Callable[[Any], Any]], items: Iterable[Any]) -> str:
    """Return a CSV text with the headers of `columns` and one line per item."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(value(item)) for value in columns.values()] for item in items)
    return text.getvalue()


def as_json(columns: Mapping[str, Callable[[Any], Any]], items: Iterable[Any]) -> str:
    """Return a JSON text: a list with one object per item."""
    rows = [{header: value(item) for header, value in columns.items()} for item in items]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


_SUSPECT = frozenset("'=+-@")
_QUOTE = '"'
_NEEDS_QUOTES = re.compile('[;"\r\n]')
_AT_A_TIME = 100
NOTE = "# "


def danish_csv(
    columns: Mapping[str, Callable[[Any], Any]], items: Iterable[Any], notes: Callable[[], Iterable[str]]
) -> Iterator[str]:
    """Yield, some rows at a time, a CSV text that Danish Excel opens as a table.

    Semicolons, CRLF, a byte order mark first; dates as 02.11.2026, decimals with a comma, text as `csv_cell` does.

    The headers are the first line. After the last row comes an empty line, and then one line for each of `notes`, asked
    for when the rows are written: a single cell that begins with `NOTE`. A person reads them under the table, a program
    takes the table as it is and leaves out lines without a second cell. A file without them is not whole.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow(columns)
    values = list(columns.values())
    for number, item in enumerate(items):
        if number % _AT_A_TIME == 0:
            yield text.getvalue()
            text.seek(text.truncate(0))
        cells = [danish_cell(value(item)) for value in values]
        text.write(_line(cells))
    text.write("\r\n")
    writer.writerows([f"{NOTE}{note}"] for note in notes())
    yield text.getvalue()


def _line(cells: list[str]) -> str:
    """Return `cells` as a line, quoted as the writer of Python does, which looks at every letter of long texts."""
    line = ";".join(cells)
    if line.count(";") == len(cells) - 1 and '"' not in line and "\n" not in line and "\r" not in line:
        return f"{line}\r\n"
    return f"{';'.join(map(_quoted, cells))}\r\n"


def _quoted(cell: str) -> str:
    if not _NEEDS_QUOTES.search(cell):
        return cell
    return f'"{cell.replace(_QUOTE, 2 * _QUOTE)}"'


def danish_cell(value: Any) -> str:
    """Return `value` as it is written in a Danish spreadsheet; text as `csv_cell` does, and None as nothing."""
    if isinstance(value, str):
        return csv_cell(value) if value[:1] in _SUSPECT else value
    if isinstance(value, (float, Decimal)):
        return str(value).replace(".", ",")
    if isinstance(value, date):
        return danish(value)
    return "" if value is None else str(value)


class ExportCommand(BaseCommand):
    """A command that prints rows as CSV or JSON."""

    columns: ClassVar[Mapping[str, Callable[[Any], Any]]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["csv", "json"], default="json", help="json, medmindre andet er valgt")

    def handle(self, *args: Any, **options: Any) -> None:
        write = as_csv if options["format"] == "csv" else as_json
        self.stdout.write(write(self.columns, self.items()), ending="")

    def items(self) -> Iterable[Any]:
        """Return what there is one row of for each."""
        raise NotImplementedError
