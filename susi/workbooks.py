"""Tables as Excel workbooks (XLSX) of any length.

openpyxl makes the workbook; the rows are written straight into its sheet. Its own way of writing takes 30 microseconds
a cell, and the 200.000 cells of a long list are to take seconds at most.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any
from xml.sax.saxutils import escape  # nosec B406
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

from susi.dates import PartialDate, Precision

CELL_AT_MOST = 32_767  # UTF-16 units, Excel's own limit
SHORTENED = " … (afkortet, fordi Excel ikke rummer mere i et felt)"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_DAY_FORMAT = "dd.mm.yyyy"
_TOP = Alignment(vertical="top", wrap_text=True)
_HEADER_FILL = PatternFill("solid", fgColor="FFDCE4EC")
_LONG, _LINES = 120, 4
_LINE_POINTS = 15
_SHEET = "xl/worksheets/sheet1.xml"
_IN_MEMORY = 1_000_000  # bytes


class Book:
    """A workbook with the sheet `title`: a frozen line of headers, one line for each item, a filter over all.

    Text stays text, also where it looks like a formula; numbers are numbers, and a `date`, or a `PartialDate` known to
    the day, is a date. `widths` are characters by header, 14 where none is given.
    """

    def __init__(
        self, title: str, columns: Mapping[str, Callable[[Any], Any]], widths: Mapping[str, int] | None = None
    ) -> None:
        self.columns = columns
        self.workbook = Workbook()
        self.sheet: Worksheet = self.workbook.worksheets[0]
        self.sheet.title = title
        self.sheet.freeze_panes = "C2"
        for place, header in enumerate(columns, start=1):
            cell = self.sheet.cell(1, place, header)
            cell.font, cell.fill, cell.alignment = Font(bold=True), _HEADER_FILL, _TOP
            self.sheet.column_dimensions[get_column_letter(place)].width = (widths or {}).get(header, 14)
        self._plain, self._day = self._style("General"), self._style(_DAY_FORMAT)

    def write(self, items: Iterable[Any], about: Callable[[], Mapping[str, str]]) -> IO[bytes]:
        """Return the workbook as a temporary file, read from its start, that vanishes when it is closed.

        `about` is asked for when the rows are written: what stands in a second sheet, by its label.
        """
        with SpooledTemporaryFile(_IN_MEMORY) as lines:
            count = 0
            for count, item in enumerate(items, start=1):
                lines.write(self._line(count + 1, item).encode())
            lines.seek(0)
            self._tell("Om udtrækket", about())
            return self._filled(lines, count)

    def _style(self, number_format: str) -> int:
        """Return the number of the style for the cells of the table."""
        cell = self.sheet.cell(2, 1)
        cell.alignment, cell.number_format = _TOP, number_format
        number = int(cell.style_id)
        self.sheet.delete_rows(2)
        return number

    @cached_property
    def _letters(self) -> list[str]:
        return [get_column_letter(place) for place in range(1, len(self.columns) + 1)]

    def _line(self, row: int, item: Any) -> str:
        values = [value(item) for value in self.columns.values()]
        cells = [self._cell(f"{letter}{row}", value) for letter, value in zip(self._letters, values, strict=True)]
        is_long = any(isinstance(value, str) and (len(value) > _LONG or "\n" in value) for value in values)
        height = f' ht="{_LINES * _LINE_POINTS}" customHeight="1"' if is_long else ""
        return f'<row r="{row}"{height}>{"".join(cells)}</row>'

    def _cell(self, place: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, PartialDate):
            value = value.date if value.precision == Precision.DAY else str(value)
        if isinstance(value, date):
            return f'<c r="{place}" s="{self._day}"><v>{to_excel(value):.15g}</v></c>'
        if isinstance(value, (int, float, Decimal)):
            return f'<c r="{place}" s="{self._plain}"><v>{value}</v></c>'
        text = f'<t xml:space="preserve">{_xml(str(value))}</t>'
        return f'<c r="{place}" s="{self._plain}" t="inlineStr"><is>{text}</is></c>'

    def _tell(self, title: str, facts: Mapping[str, str]) -> None:
        sheet = self.workbook.create_sheet(title)
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 90
        for row, (label, words) in enumerate(facts.items(), start=1):
            sheet.cell(row, 1, label).font = Font(bold=True)
            cell = sheet.cell(row, 2)
            cell.value, cell.data_type = words, "s"  # a word searched for may look like a formula
            sheet.cell(row, 1).alignment = cell.alignment = _TOP

    def _filled(self, lines: IO[bytes], count: int) -> IO[bytes]:
        """Return the workbook with `lines`, which are `count`, after its headers."""
        area = f"A1:{self._letters[-1]}{count + 1}"
        self.sheet.auto_filter.ref = area
        empty = BytesIO()
        self.workbook.save(empty)
        whole = TemporaryFile()  # noqa: SIM115 - closed by who sends it
        with ZipFile(empty) as parts, ZipFile(whole, "w", ZIP_DEFLATED, compresslevel=3) as filled:
            for name in parts.namelist():
                if name != _SHEET:
                    filled.writestr(name, parts.read(name))
            before, end, after = parts.read(_SHEET).partition(b"</sheetData>")
            before = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{area}"'.encode(), before)
            with filled.open(_SHEET, "w") as sheet:
                sheet.write(before)
                shutil.copyfileobj(lines, sheet)
                sheet.write(end + after)
        whole.seek(0)
        return whole


def _xml(text: str) -> str:
    """Return `text` as a cell holds it: no longer than it can be, with what XML has no sign for replaced."""
    if len(text) > CELL_AT_MOST // 2 and _units(text) > CELL_AT_MOST:
        room = (CELL_AT_MOST - len(SHORTENED)) * 2
        text = text.encode("utf-16-le", "surrogatepass")[:room].decode("utf-16-le", "ignore") + SHORTENED
    return escape(_ESCAPE.sub("_x005F_", _NOT_IN_XML.sub("\ufffd", text)))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
