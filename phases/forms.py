"""The forms in which administrators draft an edition of the rulebook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from phases.models import Edition
from susi import dates
from susi.forms import ModelForm
from susi.numbers import WholeNumberField

_LONGEST = 50


class NumberField(forms.RegexField):
    """The number of an edition, which is also part of its address."""

    def __init__(self) -> None:
        super().__init__(
            r"\A\d+(\.\d+)*\Z",
            label="Nummer",
            max_length=20,
            error_messages={"invalid": "Skriv nummeret som tal med punktum imellem, for eksempel 2.1."},
        )


class CopyForm(ModelForm):
    """What a copy is called."""

    number = NumberField()

    class Meta:
        model = Edition
        fields = ["number", "name"]


class EditionForm(ModelForm):
    number = NumberField()
    valid_from = dates.PartialDateField(label="Gælder fra")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["valid_from"] = dates.read(self.instance, "valid_from")

    def clean_valid_from(self) -> Any:
        valid_from = self.cleaned_data["valid_from"]
        self.instance.valid_from_precision = valid_from.precision
        return valid_from.date


class PhaseForm(ModelForm):
    min_years = WholeNumberField(label="Mindst (år)", required=False, max_value=_LONGEST)
    max_years = WholeNumberField(label="Højst (år)", required=False, max_value=_LONGEST)

    def clean(self) -> dict[str, Any]:
        shortest, longest = self.cleaned_data.get("min_years"), self.cleaned_data.get("max_years")
        if shortest is not None and longest is not None and shortest > longest:
            raise ValidationError("Den korteste længde skal være mindre end den længste.")
        return self.cleaned_data


class SentencesField(forms.CharField):
    """A list of sentences, written one per line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class TrackForm(ModelForm):
    characteristics = SentencesField(label="Kendetegn", required=False, help_text="Skriv én sætning på hver linje.")


class DeliverableForm(ModelForm):
    documents = SentencesField(
        label="Dokumenterer typisk kriterierne",
        required=False,
        help_text="Skriv koderne på kriterier for at overgå til den næste fase, én på hver linje.",
    )
