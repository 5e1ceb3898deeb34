"""XLSX: looked over as a zip file before anything in it is parsed, then read row by row."""

import io
import logging
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from portfolio.imports.table import MAX_COLUMNS, MAX_ROWS, Cell, Kind, Table, TableBuilder, Unreadable, address
from susi.packages import has_macros, is_locked, unpacks_beyond

logger = logging.getLogger(__name__)

SHEET = "Initiativer"
NOT_DATA = {"Vejledning", "Om udtrækket"}  # our own sheets that hold no rows
MAX_UNPACKED = 50 * 1024 * 1024
_LAST_ROW = 1_048_576
_MAX_ROWS_ANYWHERE = 4 * MAX_ROWS  # of any sheet: openpyxl goes through those it does not read, too
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=[\"']([A-Z0-9:$]+)[\"']")
_BROKEN = "Filen er beskadiget eller ikke en Excel-projektmappe. Åbn den i regnearket, gem den igen, og indlæs den."


def read(content: bytes) -> Table:
    """Return the table of the sheet "Initiativer", or of the first one shown. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _look_over(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Unreadable(_BROKEN) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out (drawings, extensions) is none of ours
            return _read(content)
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken file makes openpyxl and the parser of XML raise
        logger.exception("A workbook could not be read")  # or it is a fault of ours
        raise Unreadable(_BROKEN) from error


def _look_over(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if is_locked(archive):
        raise Unreadable("Filen er låst med adgangskode. Fjern adgangskoden, og indlæs den igen.")
    if "xl/workbook.xml" not in names:
        raise Unreadable("Filen er ikke en Excel-projektmappe. Gem den som .xlsx eller .csv, og indlæs den igen.")
    if has_macros(archive):
        raise Unreadable("Filen indeholder makroer. Gem den som en projektmappe uden makroer (.xlsx).")
    if unpacks_beyond(archive, MAX_UNPACKED):
        raise Unreadable(
            "Filen fylder for meget, når den pakkes ud. Kopiér rækkerne til en ny projektmappe, og indlæs den."
        )
    sheets = [name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    if any(_rows_with_content(archive.read(name)) > _MAX_ROWS_ANYWHERE for name in sheets):
        raise Unreadable(
            "Et ark i filen har mere end 20.000 rækker. Behold kun det, der skal indlæses: højst 5.000 rækker."
        )


def _rows_with_content(sheet: bytes) -> int:
    """Count the rows of a sheet that hold something, without parsing it: the first measure of a file too large."""
    return sum(b"<v>" in row or b"<is>" in row for row in sheet.split(b"</row>"))


def _read(content: bytes) -> Table:
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet, passed_over = _chosen_sheet(book)
        _refuse_merged(content, sheet)
        builder = TableBuilder()
        rows = sheet.iter_rows(min_row=1, max_row=_LAST_ROW, min_col=1, max_col=MAX_COLUMNS + 1)
        for no, row in enumerate(rows, start=1):
            builder.add(no, _cells(no, row))
        if passed_over:
            builder.remarks.append(f"Kun arket »{sheet.title}« er læst, ikke {_listed(passed_over)}.")
        return builder.table(first_day=book.epoch.date().isoformat())
    finally:
        book.close()


def _chosen_sheet(book: Workbook) -> tuple[Any, list[str]]:
    """Return the sheet to read, and the names of others shown that may hold something."""
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.title not in NOT_DATA]
    if not shown:
        raise Unreadable(f"Projektmappen har intet synligt ark at læse. Arket skal hedde »{SHEET}« eller stå først.")
    chosen = next((sheet for sheet in shown if sheet.title.casefold() == SHEET.casefold()), shown[0])
    return chosen, [sheet.title for sheet in shown if sheet is not chosen]


def _refuse_merged(content: bytes, sheet: Any) -> None:
    """A merged cell belongs to several rows or columns, and the file does not say to which."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        ranges = [found.decode() for found in _MERGED.findall(archive.read(sheet._worksheet_path))]
    if ranges:
        raise Unreadable(
            f"Arket har flettede celler: {_listed(ranges[:10])}. Ophæv fletningen, og skriv værdien i hver celle."
        )


def _cells(no: int, row: Iterable[Any]) -> dict[int, Cell]:
    cells = {place: _cell(cell, address(place, no)) for place, cell in enumerate(row) if cell.value is not None}
    return {place: cell for place, cell in cells.items() if not cell.is_empty}


def _cell(cell: Any, where: str) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Cell(Kind.BAD, f"{where} indeholder en formel. Indsæt formlens resultat som værdi i stedet.")
    if cell.data_type == "e":
        return Cell(Kind.BAD, f"{where} indeholder en fejl fra regnearket ({value}).")
    if isinstance(value, bool | time | timedelta):
        return Cell(Kind.BAD, f"{where} indeholder et klokkeslæt eller sandt/falsk. Skriv værdien som tekst.")
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return Cell(Kind.DATE, day.isoformat())
    if isinstance(value, int | float):
        return Cell(Kind.NUMBER, repr(int(value) if value == int(value) else value))
    return Cell(Kind.TEXT, str(value).strip())


def _listed(names: list[str]) -> str:
    return ", ".join(f"»{name}«" for name in names)
