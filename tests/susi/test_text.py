"""What may be written in a text, as truth tables."""

import re
import unicodedata
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from susi.text import clean_text, normalise, one_line, refuse_control_characters, refuse_cpr

LOOKS_LIKE_CPR = [
    "010190-1234",
    "0101901234",
    "010190 1234",
    "010190  1234",
    "010190 - 1234",
    "010190\u20131234",  # en dash
    "010190\u20141234",  # em dash
    "010190\u20111234",  # non-breaking hyphen
    "010190\u00a01234",  # non-breaking space
    "010190\u00ad1234",  # soft hyphen
    "010190\u200b-1234",  # zero-width space
    "CPR:010190-1234.",
    "(010190-1234)",
    "borgeren010190-1234",
    "290200-1234",  # a leap day in 2000
    "311299-4321",
    "Første linje\nAnden linje 010190-1234",
    "010190-1234,020290-2345",
    "2019-010190-1234 og 010190-1234",
    "01.01.90-1234",
    "01-01-90-1234",
    "01/01/90-1234",
    "01 01 90-1234",
    "01. 01. 90 - 1234",
    "01.01.90.1234",
    "010190.1234",
    "010190/1234",
    "Født 01.01.90-1234, bor i byen",
    "010190-\n1234",
    "010190 - \n 1234",
    "01.01.90-\n1234",
    "610190-1234",  # a replacement number: 60 is added to the day
    "910190-1234",
    "61.01.90-1234",
    "6101901234",
]

IS_NOT_A_CPR = [
    "",
    "12345678",
    "12 34 56 78",
    "+45 12 34 56 78",
    "+4512345678",
    "2023-1234567",
    "sag 2019-010190-1234",
    "sag 21/010190-1234",
    "1.234.567 kr.",
    "1010901234 kr.",
    "0101901234,50",
    "60.000.000-70.000.000 kr.",
    "320190-1234",  # no such day
    "011390-1234",  # no such month
    "300200-1234",
    "000190-1234",
    "1010190-1234",  # one digit too many before
    "010190-12345",  # and after
    "5790001234567890",
    "010190 og 1234",
    "010190\n1234",
    "01.01.1990",
    "02.11.2026",
    "2026-014",
    "ISBN 978-87-94059-01-2",
    "2026-004711",
    "sag 2026-004711-1234",
    "01 01 90 12 34",  # as a telephone number is grouped
    "01 01 90 1234",
    "den 01.01.90 1234 deltagere",
    "01.01.1990-1234",
    "01.01.2022-31.12.2024",
    "01.01.22-31.12.24",
    "2022-01-01 1234",
    "2022-01-01-1234",
    "01.01.90.1234.5",
    "010190.1234 kr.",
    "010190.\n1234 deltagere",
    "010190\n- 1234 deltagere",
    "010190 / 1234",
    "27.36.04-1234",  # a number of the municipalities' subject index: no such month
    "600190-1234",  # no such day, nor with 60 added
    "920190-1234",
    "10.10.10.10",
]


@pytest.mark.parametrize("text", LOOKS_LIKE_CPR)
def test_what_looks_like_a_cpr_number_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        refuse_cpr(text)
    sentence = refusal.value.messages[0]
    assert "ligner et CPR-nummer" in sentence
    assert "1234" not in sentence
    assert "010190" not in sentence


@pytest.mark.parametrize("text", IS_NOT_A_CPR)
def test_other_numbers_are_let_through(text: str) -> None:
    refuse_cpr(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("010190-1234", "i begyndelsen"),
        ("Borgeren har nummer 010190-1234", "efter »Borgeren har nummer«"),
        ("En linje\n010190-1234", "i linje 2"),
        ("En linje\nog Hans 010190-1234", "efter »og Hans«"),
        ("a " * 40 + "010190-1234", "efter »…a a"),
    ],
)
def test_the_refusal_says_where(text: str, place: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(place)):
        refuse_cpr(text)


@given(
    st.dates(),
    st.sampled_from([0, 60]),
    st.integers(0, 9999),
    st.sampled_from([("", ""), ("", "-"), ("", " "), ("", " - "), ("", "\u2013"), ("", "-\n"), (".", "-"), ("-", "-")]),
)
def test_no_birthday_slips_through(day: date, more: int, serial: int, signs: tuple[str, str]) -> None:
    within, between = signs
    number = (
        within.join([f"{day.day + more}".zfill(2), f"{day:%m}", f"{day.year % 100:02d}"]) + f"{between}{serial:04d}"
    )
    with pytest.raises(ValidationError) as refusal:
        refuse_cpr(f"Borgeren {number} er med")
    assert f"{serial:04d}" not in refusal.value.messages[0]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x9f", "\u202e", "\ufffe"])
def test_control_characters_are_refused_by_number(character: str) -> None:
    with pytest.raises(ValidationError, match=rf"U\+{ord(character):04X}.*efter »før«"):
        refuse_control_characters(f"før{character}efter")


def test_a_character_lost_on_the_way_is_refused() -> None:
    with pytest.raises(ValidationError, match="efter »før« gik tabt"):
        refuse_control_characters("før\ufffdefter")


@pytest.mark.parametrize(
    ("written", "line"), [("et\nto", "et to"), ("et \r\n to\n", "et to"), ("et\u2028to", "et to"), ("et  to", "et  to")]
)
def test_a_line_has_no_breaks(written: str, line: str) -> None:
    assert one_line(written) == line


@pytest.mark.parametrize("text", ["æøå ÆØÅ", "linje\nlinje", "a\tb", "é", "–«»…", "👩‍⚕️", "a\u00adb"])
def test_ordinary_characters_are_let_through(text: str) -> None:
    refuse_control_characters(text)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("  to ord \n", "to ord"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("A\u030a", "Å"),
        (" \n\t ", ""),
        ("a\n\nb", "a\n\nb"),
        ("\ufeffet\u200b ord\u2060", "et ord"),
        ("A\u200b\u030a", "Å"),
        ("ord \u200b", "ord"),
        ("bløde\u00adbindestreger", "bløde\u00adbindestreger"),
        ("👩‍⚕️", "👩‍⚕️"),
        *(
            (blank, "")
            for blank in ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u200d\ufe0f", " \u00ad\n\u3164", "\u2800"]
        ),
    ],
)
def test_a_text_is_stored_in_one_form(given_text: str, stored: str) -> None:
    assert normalise(given_text) == stored


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@given(st.text())
def test_what_is_let_through_is_let_through_again(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except ValidationError:
        return
    assert clean_text(cleaned) == cleaned == normalise(text)
