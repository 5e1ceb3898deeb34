"""What a text must be before it is stored: one form of every letter, nothing invisible, no CPR number.

The functions take a string and know nothing of forms, so that imports and the administration can use them too.
"""

import calendar
import re
import unicodedata

from django.core.exceptions import ValidationError

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_TEXT_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACE = r"[^\S\n]*"
_CPR = re.compile(
    r"(?<!\d)(?<!\d[-/.])"  # not the tail of a longer number, nor of a case number such as 2019-010190-1234
    r"(?P<day>\d\d)(?P<month>\d\d)(?P<year>\d\d)"
    rf"{_SPACE}[-\u2010-\u2015\u2212]?{_SPACE}"
    r"\d{4}(?!\d)"
    r"(?![,.]\d)(?!\s*(?:kr|mio|mia)\b)"  # nor an amount
)
_NUMBER = re.compile(r"\d{4,}")
_WORDS_BEFORE = 30


def normalise(text: str) -> str:
    """Return `text` as it is stored: Unicode NFC, line ends as a single newline, no blanks around it."""
    return _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)).strip()


def refuse_control_characters(text: str) -> None:
    """Raise `ValidationError` when `text` holds a character that has no place in a document.

    Tab and newline are let through. Characters that turn the direction of the text are refused with the rest,
    since they can make a text read otherwise than it is stored.
    """
    for position, character in enumerate(text):
        if character not in "\t\n" and _has_no_place(character):
            raise ValidationError(
                "Teksten indeholder et usynligt tegn (U+%(number)s) %(where)s. Slet tegnet, eller skriv stedet igen.",
                code="control_character",
                params={"number": f"{ord(character):04X}", "where": _place(text, position)},
            )


def refuse_cpr(text: str) -> None:
    """Raise `ValidationError` when `text` holds something that looks like a CPR number.

    The message says where it stands and never repeats the number.
    """
    readable = _INVISIBLE.sub("", text)
    for match in _CPR.finditer(readable):
        if _is_birthday(int(match["day"]), int(match["month"]), int(match["year"])):
            raise ValidationError(
                "Teksten indeholder noget, der ligner et CPR-nummer, %(where)s. "
                "CPR-numre må ikke stå i systemet. Slet nummeret.",
                code="cpr",
                params={"where": _place(readable, match.start())},
            )


def clean_text(text: str) -> str:
    """Return `text` normalised. Raises `ValidationError` for control characters and CPR numbers."""
    text = normalise(text)
    refuse_control_characters(text)
    refuse_cpr(text)
    return text


def _has_no_place(character: str) -> bool:
    """Whether it is a control character, half a character, one that turns the text, or never to be a character."""
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in _TEXT_DIRECTION
        or ord(character) & 0xFFFE == 0xFFFE
        or "\ufdd0" <= character <= "\ufdef"
    )


def _is_birthday(day: int, month: int, year: int) -> bool:
    """Whether the six digits are a date in the 1900s or the 2000s."""
    if not 1 <= month <= 12:
        return False
    return any(1 <= day <= calendar.monthrange(century + year, month)[1] for century in (1900, 2000))


def _place(text: str, position: int) -> str:
    """Say in words where `position` is: by the words before it on the same line, without their numbers."""
    line = text.count("\n", 0, position) + 1
    before = "".join(letter for letter in text[:position].rpartition("\n")[2] if letter.isprintable())
    before = _NUMBER.sub("…", before).strip()
    if len(before) > _WORDS_BEFORE:
        before = "…" + before[-_WORDS_BEFORE:].partition(" ")[2]
    if before.strip("… "):
        return f"efter »{before}«"
    return "i begyndelsen" if line == 1 else f"i linje {line}"
