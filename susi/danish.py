"""Danish order and search as stored text, the same on every database, and values in words."""

import unicodedata
from typing import Any

_ALPHABET = " 0123456789abcdefghijklmnopqrstuvwxyzæøå"
_WEIGHTS = {letter: f"{weight:02d}" for weight, letter in enumerate(_ALPHABET, start=1)}
_OWN_LETTERS = {"ä": "æ", "ö": "ø", "ü": "y"}
_KEY_LETTERS = 100


def fold(text: str) -> str:
    """Return `text` for searching: without case, with single spaces, æ, ø and å kept as letters."""
    return " ".join(fold_letters(text).split())


def fold_letters(text: str) -> str:
    """Return `text` without case. A word stands in it where it stands in the text folded."""
    return unicodedata.normalize("NFC", text).casefold()


def search_words(text: str) -> str:
    """Return the words of `text` for searching, folded, each once: a search asks whether a word holds another, and a
    long text says most of its words several times."""
    return " ".join(dict.fromkeys(fold(text).split()))


def sort_key(text: str) -> str:
    """Return a key of digits whose order, under any database collation, is the Danish order of `text`.

    æ, ø and å come after z, and "aa" counts as å. Punctuation is passed over. The first 100 letters decide.
    """
    letters = []
    for letter in fold(text).replace("aa", "å"):
        letter = _OWN_LETTERS.get(letter, letter)
        if letter not in _WEIGHTS:
            letter = unicodedata.normalize("NFKD", letter)[0]
        if letter in _WEIGHTS:
            letters.append(_WEIGHTS[letter])
    return "".join(letters[:_KEY_LETTERS])


def said(value: Any) -> str:
    """Return the value of a field as it is told in a sentence: "ja", "nej", "Leder, Læser"; "" for none."""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)
