"""Which characters the document can show."""

import pytest

from susi.pdf_fonts import as_printed, unprintable_characters


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("Æblegrød, „citat“ – 100 €\n\tog ½", ""),
        ("tynd\u202fluft, blød\u00adhed, binde\u2011streg, nul\u200bbredde, \uf0b7 punkt", ""),
        ("e\u0301 sat sammen", ""),
        ("lodret\x0btabulator", "U+000B"),
        ("🙂 og 漢 og 🙂", "🙂 漢"),
        ("\x00\x1e", "U+0000 U+001E"),
        ("b\u0334", "U+0334"),
        ("漢字仮名交文日本語使用例", "漢 字 仮 名 交 文 日 本 語 使 …"),
    ],
)
def test_characters_the_fonts_lack_are_named(written: str, named: str) -> None:
    assert unprintable_characters(written) == named


def test_what_the_fonts_hold_is_printed_as_it_stands() -> None:
    assert as_printed("Æblegrød, »citat« – 100 €") == "Æblegrød, »citat« – 100 €"


def test_what_the_fonts_lack_is_printed_as_its_number() -> None:
    assert as_printed("a\x0bb 🙂") == "a[U+000B]b [U+1F642]"


def test_other_spaces_and_hyphens_are_printed_as_the_ordinary_ones() -> None:
    assert as_printed("12\u202f000\u2009kr., spor\u20111, nul\u200bbredde") == "12\u00a0000 kr., spor-1, nulbredde"
