"""The fonts of the printed document, and which characters they hold.

A character without a glyph would be an empty box on paper and break PDF/UA, so it is found before the text is sealed.
"""

import unicodedata
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

FOLDER = "vendor/dkfds/fonts/IBMPlexSans/complete/woff2"
FONTS = ("IBMPlexSans-Regular.woff2", "IBMPlexSans-Italic.woff2", "IBMPlexSans-SemiBold.woff2")

_LAYOUT = frozenset("\n\t")
_NAMED_AT_MOST = 10
# What word processors and browsers put into a text and the fonts lack, with what is printed in its place.
_PRINTED_AS = str.maketrans(
    dict.fromkeys("\u2010\u2011", "-")
    | dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000", " ")
    | dict.fromkeys("\u2007\u202f", "\u00a0")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff", "")
    | dict.fromkeys("\uf0a7\uf0b7", "•")  # a list's bullets, in the private codes of Word's symbol font
)


def unprintable_characters(text: str) -> str:
    """Return the distinct characters of `text` that the document cannot show, with spaces between, or "".

    At most ten are named, invisible ones by their number ("U+000B"). Line breaks and tabs are layout and let through.
    """
    lacking = _lacking(as_composed(text))
    named = " ".join(_named(character) for character in lacking[:_NAMED_AT_MOST])
    return f"{named} …" if len(lacking) > _NAMED_AT_MOST else named


def as_printed(text: str) -> str:
    """Return `text` with every character printable: what the fonts lack stands as its number ("[U+1F600]").

    A sealed text has none of those, since submission refuses them. A draft is printed as it stands.
    """
    text = as_composed(text)
    return text.translate({ord(character): f"[{_number(character)}]" for character in _lacking(text)})


def as_composed(text: str) -> str:
    """Return `text` in the characters the document is set in: special spaces, hyphens and bullets as ordinary ones."""
    return unicodedata.normalize("NFC", text.translate(_PRINTED_AS))


def font_file(name: str) -> Path:
    """Return where the font file `name` lies. Raises `FileNotFoundError` where the assets have not been built."""
    found = finders.find(f"{FOLDER}/{name}")
    path = Path(found) if found else Path(settings.STATIC_ROOT) / FOLDER / name
    if not path.is_file():
        raise FileNotFoundError(f"Skrifttypen {name} mangler. Kør `make setup`.")
    return path


def _lacking(text: str) -> list[str]:
    return [character for character in dict.fromkeys(text) if character not in _printable()]


def _named(character: str) -> str:
    visible = character.isprintable() and not unicodedata.category(character).startswith(("M", "Z"))
    return character if visible else _number(character)


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


@cache
def _printable() -> frozenset[str]:
    """The characters all fonts of the document hold."""
    from fontTools.ttLib import TTFont  # a tenth of a second that only those who write or print should pay

    held = []
    for name in FONTS:
        with TTFont(font_file(name), lazy=True) as font:
            held.append({chr(code) for code in font.getBestCmap()})
    letters = frozenset.intersection(*map(frozenset, held))
    return frozenset(letter for letter in letters if unicodedata.category(letter) != "Cc") | _LAYOUT
