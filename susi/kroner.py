"""Amounts in whole kroner, as they are written in Danish."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from susi.numbers import grouped

_WRITE = "Skriv beløbet i kroner som 1.234.567, eller som 1,5 mio. kr."
_WHOLE = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,00|,-)?")
_MILLIONS = re.compile(r"(\d{1,6})(?:,(\d{1,6}))?\s*mio\.?")
_LARGEST = 10**12


def kroner(amount: int | None) -> str:
    """Return `amount` as "1.234.567 kr."; "" for None."""
    return "" if amount is None else f"{grouped(amount)} kr."


def parse_kroner(text: str) -> int:
    """Read "1.234.567", "1234567 kr." or "1,5 mio. kr.". Raises `ValidationError` with what to write instead."""
    bare = re.sub(r"\s*(?:kr\.?|kroner|DKK)$", "", text.strip(), flags=re.IGNORECASE)
    if found := _MILLIONS.fullmatch(bare.lower()):
        amount = int(found[1]) * 10**6 + int((found[2] or "").ljust(6, "0"))
    elif _WHOLE.fullmatch(bare):
        amount = int(bare.partition(",")[0].replace(".", ""))
    else:
        raise ValidationError(f"Det kan ikke læses som et beløb. {_WRITE}", code="invalid")
    if amount > _LARGEST:
        raise ValidationError(f"Beløbet er for stort. {_WRITE}", code="invalid")
    return amount


class KronerField(forms.Field):
    """One text input for an amount. Gives whole kroner, or None when left empty."""

    widget = forms.TextInput(attrs={"inputmode": "text", "class": "form-input--short"})

    def __init__(self, *, min_value: int | None = None, max_value: int | None = None, **kwargs: Any) -> None:
        """Take the bounds a column of the database gives its field, and leave them: what can be read is within."""
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        return value if isinstance(value, int) else parse_kroner(str(value))

    def prepare_value(self, value: Any) -> Any:
        return kroner(value) if isinstance(value, int) else value
