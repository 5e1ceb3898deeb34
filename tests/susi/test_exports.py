import json

import pytest

from susi.exports import as_csv, as_json, csv_cell

COLUMNS = {"navn": lambda item: item[0], "tal": lambda item: item[1]}


@pytest.mark.parametrize("text", ["=1+1", "+45 12 34 56 78", "-2", "@SUM(A1)"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(text):
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [("-", "-"), ("", ""), (None, ""), (0, "0"), ("Ja", "Ja"), ("1-2", "1-2")])
def test_anything_else_stays(value, cell):
    assert csv_cell(value) == cell


def test_csv_has_headers_also_without_rows():
    assert as_csv(COLUMNS, []) == "navn,tal\n"
    assert as_csv(COLUMNS, [("æ, ø og å", 1)]) == 'navn,tal\n"æ, ø og å",1\n'


def test_json_keeps_danish_letters_and_numbers():
    text = as_json(COLUMNS, [("æøå", 1)])
    assert "æøå" in text
    assert json.loads(text) == [{"navn": "æøå", "tal": 1}]
