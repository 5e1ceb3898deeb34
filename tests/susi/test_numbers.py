"""Whole numbers, as they are written and read."""

import pytest

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


def test_the_bounds_themselves_and_nothing_are_let_through() -> None:
    for people, no in (("0", "1"), ("1000000", "99"), ("", "")):
        assert Counted({"people": people, "no": no}).is_valid()
