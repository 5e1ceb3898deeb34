"""Amounts, as they are written and read."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from susi.kroner import KronerField, kroner, parse_kroner

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234.567", 1234567),
        ("1.234.567 kr.", 1234567),
        ("1234567 kr", 1234567),
        ("850.000,00", 850000),
        ("850.000,-", 850000),
        ("0", 0),
        ("12,5 mio. kr.", 12500000),
        ("12 mio", 12000000),
        ("0,000001 mio. kr.", 1),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: int) -> None:
    assert parse_kroner(text) == amount


@pytest.mark.parametrize("text", ["1.23", "1,5", "-5", "12.34.567", "mange", "1 000", "1.000,50", "9" * 20, "1e6"])
def test_what_is_no_amount_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValidationError, match="Skriv beløbet i kroner"):
        parse_kroner(text)


@settings(max_examples=30)
@given(st.integers(0, 10**12))
def test_an_amount_that_was_written_is_read_again(amount: int) -> None:
    assert parse_kroner(kroner(amount)) == amount


def test_a_field_shows_what_it_takes_and_empty_is_unknown() -> None:
    field = KronerField(required=False)
    assert field.clean("") is None
    assert field.prepare_value(field.clean("2,5 mio.")) == "2.500.000 kr."
    assert field.prepare_value("mange") == "mange"
    assert kroner(None) == ""
