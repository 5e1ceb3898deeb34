"""Workbooks of any length, read again by calamine and, for the types, by openpyxl."""

import datetime
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from susi.dates import PartialDate, Precision
from susi.workbooks import CELL_AT_MOST, SHORTENED, Book

FORMULA, ERROR = "=1+1", "#N/A"
DAY = datetime.date(2026, 11, 2)


def written(*rows: tuple[Any, ...], about: dict[str, str] | None = None, columns: int = 2) -> bytes:
    headers = {f"Felt {place}": (lambda item, place=place: item[place]) for place in range(columns)}
    with Book("Eksempel", headers).write(rows, lambda: about or {}) as file:
        return file.read()


def told(book: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(sheet).to_python()


def cell_of(value: Any) -> Any:
    """The cell that `value` becomes, as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(written((value, "x")))).worksheets[0]["A2"]


@pytest.mark.parametrize(
    "text", [FORMULA, "+1", "-1", "@a", ERROR, "007", "2026-014", 'a & <b> "c"\nd', "Æøå 😀", " x "]
)
def test_text_stays_text(text: str) -> None:
    cell = cell_of(text)
    assert (cell.value, cell.data_type) == (text, "s")
    assert told(written((text, "x")))[1][0] == text


def test_numbers_and_days_are_what_they_are() -> None:
    assert (cell_of(3).value, cell_of(3).data_type) == (3, "n")
    assert cell_of(-1.5).value == -1.5
    for day in (DAY, PartialDate(DAY)):
        assert (cell_of(day).value, cell_of(day).number_format) == (datetime.datetime(2026, 11, 2), "dd.mm.yyyy")  # noqa: DTZ001
    assert told(written((DAY, 3)))[1] == [DAY, 3]


def test_a_day_that_is_not_known_is_text() -> None:
    assert cell_of(PartialDate(DAY, Precision.YEAR)).value == "2026"
    assert cell_of(PartialDate(DAY, Precision.MONTH)).value == "november 2026"


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_an_empty_cell(nothing: Any) -> None:
    assert cell_of(nothing).value is None


def test_what_xml_has_no_sign_for_is_replaced() -> None:
    assert cell_of("a\x00b\x0bc\ufffe\ud800d").value == "a\ufffdb\ufffdc\ufffd\ufffdd"


@pytest.mark.parametrize("letter", ["x", "😀"], ids=["narrow", "wide"])
def test_what_a_cell_cannot_hold_is_shortened_and_says_so(letter: str) -> None:
    text = str(cell_of(letter * 40_000).value)
    assert len(text.encode("utf-16-le")) // 2 in (CELL_AT_MOST, CELL_AT_MOST - 1)
    assert text.endswith(f"{letter}{SHORTENED}")
    whole = letter * (CELL_AT_MOST // len(letter.encode("utf-16-le")) * 2)
    assert cell_of(whole[: CELL_AT_MOST // 2]).value == whole[: CELL_AT_MOST // 2]


def test_headers_stay_in_sight_and_everything_can_be_filtered() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(("a", 1), ("b", 2))))
    sheet = book.worksheets[0]
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref, sheet.dimensions) == (
        "Eksempel", "C2", "A1:B3", "A1:B3",
    )  # fmt: skip
    assert [cell.value for cell in sheet[1]] == ["Felt 0", "Felt 1"]
    assert all(cell.font.bold for cell in sheet[1])


def test_long_text_is_wrapped_and_no_line_is_as_high_as_the_screen() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(("a", "x" * 4000), ("b", "y")))).worksheets[0]
    assert sheet["B2"].alignment.wrap_text
    assert (sheet.row_dimensions[2].height, sheet.row_dimensions[3].height) == (60, None)


def test_the_second_sheet_tells_about_it() -> None:
    book = written(about={"Filtre": FORMULA, "Antal": "0 initiativer"})
    assert told(book, 1) == [["Filtre", FORMULA], ["Antal", "0 initiativer"]]
    assert openpyxl.load_workbook(io.BytesIO(book)).worksheets[1]["B1"].data_type == "s"


def test_without_rows_there_are_headers() -> None:
    assert told(written()) == [["Felt 0", "Felt 1"]]


def test_columns_beyond_the_alphabet_have_their_place() -> None:
    row = tuple(f"felt {place}" for place in range(30))
    assert told(written(row, columns=30))[1] == list(row)


@given(st.lists(st.tuples(st.text(max_size=40).map(lambda text: text.replace("\r", "")), st.integers(-(10**9), 10**9))))
@settings(max_examples=15)
def test_any_text_can_be_opened_again(rows: list[tuple[str, int]]) -> None:
    assert len(told(written(*rows))) == len(rows) + 1
