"""The forms on fast track of knowledge: the answer, the products, and the search across them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from phases.fast_track import PHASES, Channel
from portfolio.models import Programme
from susi.dates import PartialDateField, read
from susi.days import today
from susi.forms import Form
from work.editing import VersionedForm
from work.models import FastTrackAnswer, KnowledgeProduct

_YES_OR_NO = [("True", "Ja"), ("False", "Nej")]
_DATE = "Skriv en dag (02.11.2026), en måned (11.2026) eller et år (2026)."


def _https(link: str) -> None:
    if link and not link.startswith("https://"):
        raise ValidationError("Skriv linket som https://…", code="not_https")


class AnswerForm(VersionedForm):
    """Whether the knowledge of a phase is passed on now, and why."""

    answer = forms.TypedChoiceField(
        label="Skal den nye viden formidles nu (fast track af viden)?",
        choices=_YES_OR_NO,
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": "Svar ja eller nej."},
    )
    reason = forms.CharField(
        label="Begrundelse",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Ved ja: Skriv, hvem der skal have den nye viden. Ved nej: Skriv hvorfor.",
        error_messages={"required": "Begrund svaret."},
    )

    def __init__(self, data: Any = None, *, stored: FastTrackAnswer | None) -> None:
        super().__init__(data)
        self.initial = {"version": stored.version if stored else 0}
        if stored:
            self.initial |= {"answer": stored.answer, "reason": stored.reason}


class ProductForm(VersionedForm):
    """One product that passes knowledge on. A new one has version 0."""

    title = forms.CharField(
        label="Produktets titel", max_length=300, error_messages={"required": "Skriv produktets titel."}
    )
    audience = forms.CharField(
        label="Til hvem?",
        max_length=300,
        help_text="Fx kommuner, leverandører eller fonde, som kan have gavn af den nye viden.",
        error_messages={"required": "Skriv, hvem produktet er til."},
    )
    channel = forms.ChoiceField(
        label="Kanal", choices=Channel.choices, widget=forms.RadioSelect, error_messages={"required": "Vælg en kanal."}
    )
    planned_for = PartialDateField(label="Planlagt til", required=False, help_text=_DATE)
    published_on = PartialDateField(
        label="Formidlet",
        required=False,
        help_text=f"Udfyldes, når produktet er formidlet. {_DATE}",
    )
    link = forms.URLField(
        label="Link", max_length=500, required=False, assume_scheme="https", help_text="Begynder med https://.",
        validators=[_https],
    )  # fmt: skip

    def __init__(self, data: Any = None, *, stored: KnowledgeProduct | None = None) -> None:
        super().__init__(data)
        self.initial = {"version": 0}
        if stored:
            names = ("title", "audience", "channel", "link", "version")
            self.initial = {name: getattr(stored, name) for name in names}
            self.initial |= {name: read(stored, name) for name in ("planned_for", "published_on")}

    def clean_published_on(self) -> Any:
        published = self.cleaned_data["published_on"]
        if published and published.date > today():
            raise ValidationError("Dagen er ikke kommet endnu. Skriv den som planlagt i stedet.")
        return published

    @property
    def values(self) -> dict[str, Any]:
        """What was written, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SearchForm(Form):
    """What to find among the products of the whole portfolio."""

    q = forms.CharField(label="Søg i titel, modtager og initiativ", max_length=200, required=False)
    channel = forms.ChoiceField(label="Kanal", required=False, choices=[("", "Alle"), *Channel.choices])
    phase = forms.ChoiceField(
        label="Viden fra", required=False, choices=[("", "Alle faser"), *((one.value, one.label) for one in PHASES)]
    )
    state = forms.ChoiceField(
        label="Tilstand",
        required=False,
        choices=[("", "Alle"), *(choice for choice in KnowledgeProduct.State.choices if choice[0] != "annulled")],
    )
    programme = forms.ModelChoiceField(
        label="Program", queryset=Programme.objects.all(), required=False, empty_label="Alle"
    )

    @property
    def is_narrowed(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())
