"""CSV for Danish spreadsheets, read again by Python's own reader and by DuckDB."""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from susi.dates import PartialDate, Precision
from susi.exports import csv_cell, danish_cell, danish_csv

COLUMNS = {"Nummer": lambda item: item[0], "Titel": lambda item: item[1], "Antal": lambda item: item[2]}
NASTY = 'Æbler; "pærer"\nog grød 😀, 1=1'


def written(items: Iterable[Any], notes: Iterable[str] = ("Antal: 1 initiativ",)) -> str:
    return "".join(danish_csv(COLUMNS, items, lambda: notes))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (0, "0"),
        (-5, "-5"),
        (1.5, "1,5"),
        (Decimal("-1234.50"), "-1234,50"),
        (datetime.date(2026, 11, 2), "02.11.2026"),
        (PartialDate(datetime.date(2026, 11, 2)), "02.11.2026"),
        (PartialDate(datetime.date(2026, 11, 1), Precision.MONTH), "november 2026"),
        (PartialDate(datetime.date(2026, 1, 1), Precision.YEAR), "2026"),
        ("-", "-"),
        ("=1+1", "'=1+1"),
        ("+45 12 34 56 78", "'+45 12 34 56 78"),
        ("Ja", "Ja"),
        (NASTY, NASTY),
    ],
)
def test_a_cell_is_written_the_danish_way(value: Any, cell: str) -> None:
    assert danish_cell(value) == cell


@given(st.text())
def test_text_is_guarded_as_everywhere(text: str) -> None:
    assert danish_cell(text) == csv_cell(text)


def test_excel_sees_a_table_with_danish_signs() -> None:
    text = written([("2026-001", NASTY, 1.5)])
    assert text.encode().startswith(b"\xef\xbb\xbfNummer;Titel;Antal\r\n")
    assert text.replace("\r\n", "").count("\n") == 1, "only the line break of the text itself is bare"


def test_the_table_comes_first_and_the_notes_under_an_empty_line() -> None:
    lines = read(written([("2026-001", NASTY, 1)], ["Filtre: Fase: Modning; Spor: Spor 2", "Antal: 1 initiativ"]))
    assert lines == [
        ["Nummer", "Titel", "Antal"],
        ["2026-001", NASTY, "1"],
        [],
        ["# Filtre: Fase: Modning; Spor: Spor 2"],
        ["# Antal: 1 initiativ"],
    ]


def test_without_rows_there_are_headers_and_notes() -> None:
    assert read(written([])) == [["Nummer", "Titel", "Antal"], [], ["# Antal: 1 initiativ"]]


def test_duckdb_reads_the_table_and_leaves_the_notes_out(tmp_path: Path) -> None:
    items = [("2026-001", NASTY, 1), ("2026-002", "Æ" * 4000, 2), ("2026-003", "", 3)]
    file = tmp_path / "liste.csv"
    file.write_text(written(items), encoding="utf-8", newline="")
    told = duckdb.read_csv(
        str(file), delimiter=";", header=True, quotechar='"', comment="#", null_padding=True, all_varchar=True,
        parallel=False,
    ).filter("Antal is not null")  # fmt: skip
    assert told.columns == list(COLUMNS)
    assert [(number, title or "", int(count)) for number, title, count in told.fetchall()] == items


def test_rows_are_sent_while_they_are_read() -> None:
    taken = 0

    def items() -> Iterator[tuple[str, str, int]]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield f"2026-{number:03d}", "", number

    pieces = danish_csv(COLUMNS, items(), lambda: [f"Antal: {taken}"])
    first = next(pieces)
    assert first.startswith("\ufeffNummer")
    assert taken <= 101
    rest = "".join(pieces)
    assert rest.endswith("# Antal: 1000\r\n")
    assert len(read(first + rest)) == 1003
