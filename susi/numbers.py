"""Whole numbers, as they are written in Danish."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_WHOLE = re.compile(r"-?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:\s\d{3})+)")
_LARGEST = 1_000_000  # more than any number of people, places or rounds that is counted here


def grouped(number: int) -> str:
    """Return `number` as "1.234.567"."""
    return f"{number:,}".replace(",", ".")


class WholeNumberField(forms.IntegerField):
    """How many there are of something, as people write it: "1200", "1.200" or "1 200". Its bounds are said together."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "form-input--short"})
    default_error_messages = {
        "invalid": "Det kan ikke læses som et helt tal. Skriv det uden decimaler, for eksempel 1200 eller 1.200."
    }

    def __init__(self, *, min_value: int = 0, max_value: int = _LARGEST, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)
        bounds = f"Skriv et helt tal fra {grouped(min_value)} til {grouped(max_value)}."
        self.error_messages |= dict.fromkeys(("min_value", "max_value"), bounds)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        if not _WHOLE.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        whole: int | None = super().to_python(re.sub(r"[.\s]", "", text))
        return whole

    def prepare_value(self, value: Any) -> Any:
        return grouped(value) if isinstance(value, int) else value
