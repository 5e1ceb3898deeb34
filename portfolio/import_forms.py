"""What the pages of the imports ask: a file, and a reason."""

from typing import Any

from django import forms

from portfolio.models import PortfolioImport
from susi.forms import Form


class UploadForm(Form):
    """A file to go through. Nothing is written to the portfolio by it."""

    file = forms.FileField(
        label="Fil",
        help_text="Excel-projektmappe (.xlsx) eller CSV (.csv), højst 5 MB og 5.000 rækker.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "Vælg en fil.",
            "invalid": "Vælg en fil.",
            "missing": "Vælg en fil.",
            "empty": "Filen er tom.",
            "max_length": "Filens navn er for langt. Giv den et kortere navn.",
        },
        max_length=200,
    )


class ConfirmForm(Form):
    """Why the rows are taken in. `seen` names the plan the page showed."""

    reason = forms.CharField(
        label="Begrundelse",
        max_length=300,
        help_text="Hvorfor indlæses filen? Begrundelsen står i historikken for hvert initiativ.",
    )
    same_titles = forms.BooleanField(label="Initiativerne med samme titel er forskellige og skal indlæses")
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_same_titles: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_same_titles:
            del self.fields["same_titles"]


class TakeBackForm(Form):
    """Why an import is taken back."""

    reason = forms.CharField(
        label="Hvorfor tages indlæsningen tilbage?",
        max_length=PortfolioImport._meta.get_field("taken_back_reason").max_length,
        help_text="Begrundelsen står i historikken for hvert initiativ.",
    )
