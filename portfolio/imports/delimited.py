"""CSV as spreadsheets write it: in one of three encodings, with one of three separators."""

import codecs
import csv
import io
from collections.abc import Iterator

from portfolio import columns
from portfolio.imports.table import Cell, Kind, Table, TableBuilder, Unreadable
from susi.exports import from_csv_cell

_SEPARATORS = (";", ",", "\t")
_BY_MARK = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(content: bytes) -> Table:
    """Return the table of a CSV file. Raises `Unreadable`."""
    text = _decoded(content).removeprefix("\ufeff")
    builder = TableBuilder()
    try:
        separator = _named_separator(text) or _separator(text)
        for no, values in enumerate(_rows(text, separator, strict=True), start=1):
            if no == 1 and _named_separator(text):
                continue
            builder.add(no, {place: _cell(value) for place, value in enumerate(values) if value.strip()})
    except csv.Error as error:
        raise Unreadable(
            "Filen kan ikke læses som CSV: Et anførselstegn er ikke lukket, eller en celle er for lang. "
            "Gem den igen fra regnearket."
        ) from error
    return builder.table()


def _decoded(content: bytes) -> str:
    for mark, encoding in _BY_MARK:
        if content.startswith(mark):
            return _decode(content, encoding)
    if content[1:40:2].count(0) > 10:  # every other byte is nothing: UTF-16 without its mark
        return _decode(content, "utf-16-le")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "Filens tegn kan ikke læses. Gem den igen som »CSV UTF-8« eller som Excel-projektmappe (.xlsx)."
        ) from error


def _named_separator(text: str) -> str:
    """Return what Excel's own first line names ("sep=;"), "" where there is none."""
    first = text.partition("\n")[0].strip(' \r"')
    return first[4:] if first.startswith("sep=") and first[4:] in _SEPARATORS else ""


def _separator(text: str) -> str:
    """Return the separator with which the most of our headers are found in the file's first rows."""
    known = {header.casefold() for header in columns.COLUMNS}

    def found(separator: str) -> int:
        lines = _rows("\n".join(text.splitlines()[:20]), separator, strict=False)
        return max((sum(value.strip().casefold() in known for value in values) for values in lines), default=0)

    return max(_SEPARATORS, key=found)


def _rows(text: str, separator: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)


def _cell(value: str) -> Cell:
    return Cell(Kind.TEXT, from_csv_cell(value.strip()))
