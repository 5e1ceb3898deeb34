"""Whole numbers, as they are written and read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from susi.forms import Form
from susi.numbers import WholeNumberField, grouped

pytestmark = pytest.mark.once


class Counted(Form):
    """A number within the bounds most have, and one within its own."""

    people = WholeNumberField(label="Borgere", required=False)
    no = WholeNumberField(label="Runde nr.", required=False, min_value=1, max_value=99)


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (999, "999"), (1200, "1.200"), (1234567, "1.234.567")])
def test_a_number_is_written_in_groups(number: int, text: str) -> None:
    assert grouped(number) == text


@pytest.mark.parametrize(
    ("field", "text", "bounds"),
    [
        ("people", "99999999999", "0 til 1.000.000"),
        ("people", "1000001", "0 til 1.000.000"),
        ("people", "-1", "0 til 1.000.000"),
        ("no", "100", "1 til 99"),
        ("no", "0", "1 til 99"),
    ],
)
def test_a_number_that_cannot_be_is_answered_with_the_bounds(field: str, text: str, bounds: str) -> None:
    assert Counted({field: text}).errors == {field: [f"Skriv et helt tal fra {bounds}."]}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("1200", 1200), ("1.200", 1200), ("1 200", 1200), ("1\u00a0200", 1200), (" 12.000 ", 12000),
        ("1.000.000", 1000000), ("007", 7),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, number: int) -> None:
    form = Counted({"people": text})
    assert form.is_valid()
    assert form.cleaned_data["people"] == number


@pytest.mark.parametrize(
    "text",
    ["1,5", "1.2", "12.00", "1.20", "1.2000", "1200.000", "12.34.567", "1.200 000", "0.120", "1.200,00", "1e3", "x"],
)
def test_only_groups_of_three_digits_are_one_number(text: str) -> None:
    said = "Det kan ikke læses som et helt tal. Skriv det uden decimaler, for eksempel 1200 eller 1.200."
    assert Counted({"people": text}).errors == {"people": [said]}


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_number_that_is_shown_is_read_again(number: int) -> None:
    shown = Counted(initial={"people": number})["people"].value()
    form = Counted({"people": shown}, initial={"people": number})
    assert form.is_valid()
    assert (form.cleaned_data["people"], form.changed_data) == (number, [])


def test_what_cannot_be_read_stays_in_the_field() -> None:
    html = Counted({"people": "1,5"})["people"].as_field_group()
    assert 'value="1,5"' in html
    assert 'type="text"' in html, "a field of numbers sends nothing where a browser cannot read what stands in it"


def test_the_bounds_themselves_and_nothing_are_let_through() -> None:
    for people, no in (("0", "1"), ("1000000", "99"), ("", "")):
        assert Counted({"people": people, "no": no}).is_valid()
