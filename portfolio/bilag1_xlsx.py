"""Bilag 1 as a workbook: a sheet per programme that prints on A4, and one with the sums and the sources."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from portfolio.bilag1_table import (
    AGREEMENT,
    CARRIED_FORWARD,
    INITIATIVE,
    LEGEND,
    LETTERS,
    PHASE,
    SUSI,
    TITLE,
    Overview,
    Table,
)
from portfolio.survey import NAME
from portfolio.years import Mark
from susi.dates import danish

SUMS = "Sum og kilder"
HEAD = 4  # the row of the column heads in a table's sheet
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_SHEET_NAME_LENGTH = 31
_LINE = Side(style="thin", color="808080")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BOLD = Font(bold=True)
_FILLS = {
    Mark.RUNS: PatternFill("solid", fgColor="0B4A73"),
    Mark.EXPECTED: PatternFill("lightUp", fgColor="0B4A73", bgColor="FFFFFF"),
    Mark.UNKNOWN: PatternFill("solid", fgColor="EDEDED"),
}
_LETTER_FONTS = {Mark.RUNS: Font(bold=True, color="FFFFFF"), Mark.EXPECTED: Font(bold=True)}
_TEXT = Alignment(wrap_text=True, vertical="top")
_CENTRE = Alignment(horizontal="center", vertical="center")


def workbook(overview: Overview, *, day: date) -> bytes:
    """Return `overview`, which is as of `day`, as the bytes of an XLSX file."""
    book = Workbook()
    del book[book.sheetnames[0]]
    taken: set[str] = {SUMS.casefold()}
    for table in overview.tables:
        _fill_in(book.create_sheet(_sheet_name(table.name, taken)), table, day)
    _sum_up(book.create_sheet(SUMS), overview, day)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill_in(sheet: Worksheet, table: Table, day: date) -> None:
    _write(sheet, 1, [f"Tabel {table.no}: {table.name}"], font=Font(bold=True, size=14))
    _write(sheet, 2, [f"{TITLE}. Som registreret den {danish(day)}. {_legend()}"])
    years = [head for _, head in table.heads]
    _write(sheet, HEAD, [INITIATIVE, PHASE, AGREEMENT, *years, CARRIED_FORWARD, SUSI], font=_BOLD, frame=True)
    for at, row in enumerate(table.rows, start=HEAD + 1):
        text = row.text
        letters = [letter for _, letter in row.letters]
        values = [text["title"], text["phase"], text["agreement"], *letters, text["carried_forward"], text["susi"]]
        _write(sheet, at, values, frame=True)
        for column, mark in enumerate(row.marks, start=4):
            cell = sheet.cell(at, column)
            cell.alignment = _CENTRE
            cell.font = _LETTER_FONTS.get(mark, Font())
            if mark in _FILLS:
                cell.fill = _FILLS[mark]
    _set_widths(sheet, [44, 13, 13, *[4.5] * len(years), 44, 36])
    sheet.freeze_panes = f"B{HEAD + 1}"
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    _set_up_print(sheet)


def _sum_up(sheet: Worksheet, overview: Overview, day: date) -> None:
    """Write the sums, the survey's figures beside ours, and what it says besides, each with its source."""
    _write(sheet, 1, [SUMS], font=Font(bold=True, size=14))
    _write(sheet, 2, [f"{TITLE}. Som registreret den {danish(day)}."])
    _write(
        sheet,
        HEAD,
        ["", "Rækker", "Initiativer", *overview.phases, "Afsluttet", "Ikke afsluttet", "Ikke oplyst"],
        font=_BOLD,
        frame=True,
    )
    at = HEAD + 1
    for one, by_phase in overview.sums:
        _write(
            sheet,
            at,
            [one.name, one.rows, one.counted, *by_phase, one.ended, one.not_ended, one.not_stated],
            frame=True,
        )
        at += 1
    if overview.figures:
        at = _compare(sheet, overview, at + 1)
    for quotation in overview.quotations:
        at += 1
        _write(sheet, at, [f"{NAME} siger: {quotation.says} (Kilde: {quotation.source}.)"])
    for document in overview.documents:
        at += 1
        _write(sheet, at, [document])
    _set_widths(sheet, [34, *[12] * (5 + len(overview.phases))])
    sheet.freeze_panes = f"B{HEAD + 1}"
    _set_up_print(sheet)


def _compare(sheet: Worksheet, overview: Overview, at: int) -> int:
    """Write the survey's figures beside ours from row `at` on; return the row after them."""
    _write(sheet, at, ["Rækkerne fra bilag 1", "Talt her", f"{NAME} siger", "Passer", "Kilde"], font=_BOLD, frame=True)
    for figure in overview.figures:
        at += 1
        agrees = "Ja" if figure.agrees else "Nej"
        _write(sheet, at, [figure.name, figure.counted, figure.said, agrees, figure.source], frame=True)
    return at + 1


def _write(
    sheet: Worksheet,
    at: int,
    values: Sequence[Any],
    *,
    font: Font | None = None,
    frame: bool = False,
) -> None:
    """Write `values` into row `at`, text as text whatever it begins with; wrapped where it stands in a frame."""
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(at, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        if font:
            cell.font = font
        if frame:
            cell.border = _BORDER
            cell.alignment = _TEXT


def _legend() -> str:
    said = "»-«: ikke afsluttet. Et tomt felt i de to sidste kolonner: ikke oplyst."
    return " ".join(f"{LETTERS[mark] or 'Tom'}: {mark.label.lower()}." for mark in LEGEND) + f" {said}"


def _set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _set_up_print(sheet: Worksheet) -> None:
    """Let the sheet print on A4 landscape, as wide as one page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.left.text = TITLE  # type: ignore[union-attr]
    sheet.oddFooter.right.text = "Side &P af &N"  # type: ignore[union-attr]


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return `name` as Excel allows it, with a number where another sheet has it."""
    plain = _NO_SHEET_NAME.sub(" ", name).strip(" '")[:_SHEET_NAME_LENGTH] or "Program"
    found, number = plain, 2
    while found.casefold() in taken:
        found = f"{plain[: _SHEET_NAME_LENGTH - 4]} {number}"
        number += 1
    taken.add(found.casefold())
    return found
