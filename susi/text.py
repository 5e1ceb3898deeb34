"""What a text must be before it is stored: one form of every letter, no sign that shows nothing, no CPR number.

The functions take a string and know nothing of forms, so that imports and the administration can use them too.
"""

import calendar
import re
import unicodedata

from django.core.exceptions import ValidationError

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_LINE_BREAK = re.compile(r"\s*\n\s*")
_TEXT_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOTHING = re.compile("[\u200b\u2060\ufeff]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LOST = "\ufffd"
_SPACE = r"[^\S\n]*"
_DASH = "[-\u2010-\u2015\u2212]"
_WITHIN_DATE = rf"(?:{_SPACE}(?:[./]|{_DASH}){_SPACE}|[^\S\n]+)"
_BEFORE_SERIAL = rf"{_SPACE}{_DASH}\s*|[./]"
_CPR = re.compile(
    r"(?<!\d)(?<!\d[-/.])"  # not the tail of a longer number, nor of a case number such as 2019-010190-1234
    rf"(?P<day>\d\d)(?P<split>{_WITHIN_DATE})?(?P<month>\d\d)(?(split){_WITHIN_DATE})(?P<year>\d\d)"
    rf"(?(split)(?:{_BEFORE_SERIAL})|(?:{_BEFORE_SERIAL}|{_SPACE}))"  # 01 01 90 12 34 is a telephone number
    r"\d{4}(?!\d)"
    r"(?![,.]\d)(?!\s*(?:kr|mio|mia)\b)"  # nor an amount
)
_REPLACEMENT = 60  # is added to the day where a person has no CPR number of their own
_NUMBER = re.compile(r"\d{4,}")
_WORDS_BEFORE = 30


def normalise(text: str) -> str:
    """Return `text` as it is stored: Unicode NFC, line ends as a single newline, no blanks around it.

    Signs that never show are taken out, and a text with nothing to be seen in it is empty.
    """
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", _NOTHING.sub("", text))).strip()
    return text if any(map(_shows, text)) else ""


def one_line(text: str) -> str:
    """Return `text` normalised, with every line break as a space."""
    return _LINE_BREAK.sub(" ", normalise(text))


def refuse_control_characters(text: str) -> None:
    """Raise `ValidationError` when `text` holds a character that has no place in a document.

    Tab and newline are let through. Characters that turn the direction of the text are refused with the rest,
    since they can make a text read otherwise than it is stored, and so is the one that stands for a lost character.
    """
    for position, character in enumerate(text):
        if character == _LOST:
            raise ValidationError(
                "Et tegn %(where)s gik tabt, før teksten nåede frem. Skriv stedet igen.",
                code="lost_character",
                params={"where": _place(text, position)},
            )
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


def _shows(character: str) -> bool:
    """Whether there is something to be seen of `character`, or it is one to refuse."""
    if unicodedata.category(character) in ("Cf", "Mn", "Zs"):
        return _has_no_place(character)
    return character not in _BLANK_LETTERS and not character.isspace()


def _is_birthday(day: int, month: int, year: int) -> bool:
    """Whether the six digits of a CPR number are a date in the 1900s or the 2000s."""
    day -= _REPLACEMENT if day > _REPLACEMENT else 0
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
