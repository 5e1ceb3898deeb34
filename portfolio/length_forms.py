"""The forms for what is done about the length of a phase. `version` is the initiative's, as the page showed it."""

from typing import Any

from django import forms

from portfolio.models import Initiative
from susi.dates import DateField, PartialDateField
from susi.forms import Form


def _reason(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4}))


class LengthForm(Form):
    """What every act on the length has; the fields but `version` are what its action takes."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = initiative.version

    def after_conflict(self, initiative: Initiative, sentence: str) -> "LengthForm":
        """Return the form as typed, to be saved over what is stored now."""
        data = {**self.data.dict(), "version": str(initiative.version)}  # type: ignore[attr-defined]
        form = type(self)(data, initiative=initiative)
        form.add_error(None, sentence)
        return form


class ExtensionForm(LengthForm):
    expected_end = PartialDateField(label="Ny forventet afslutning")
    reason = _reason("Hvorfor forlænges fasen?")


class PauseForm(LengthForm):
    since = DateField(
        label="Pause fra", help_text="Den første dag uden arbejde. Tid på pause tæller ikke med i fasens længde."
    )
    reason = _reason("Hvorfor er fasen på pause?")


class ResumeForm(LengthForm):
    until = DateField(label="Genoptaget", help_text="Den første dag, der arbejdes igen.")


class ReasonForm(LengthForm):
    text = _reason(
        "Særlig begrundelse",
        "Hvorfor varer fasen længere end typisk? Du bliver kun spurgt én gang, og svaret vises her.",
    )


class AnnulPauseForm(LengthForm):
    reason = _reason("Hvorfor annulleres pausen?", "Pausen bliver stående som annulleret.")
