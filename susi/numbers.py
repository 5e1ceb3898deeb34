"""Whole numbers, as they are written in Danish."""

from typing import Any

from django import forms

_LARGEST = 1_000_000  # more than any number of people, places or rounds that is counted here


def grouped(number: int) -> str:
    """Return `number` as "1.234.567"."""
    return f"{number:,}".replace(",", ".")


class WholeNumberField(forms.IntegerField):
    """How many there are of something, within bounds that are said together."""

    def __init__(self, *, min_value: int = 0, max_value: int = _LARGEST, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)
        bounds = f"Skriv et helt tal fra {grouped(min_value)} til {grouped(max_value)}."
        self.error_messages |= dict.fromkeys(("min_value", "max_value"), bounds)
