"""The forms on user involvement."""

from typing import Any

from django import forms

from phases.involvement import strategy_parts
from portfolio.models import PhaseRun
from susi.dates import PartialDateField
from susi.forms import Form
from work.editing import VersionedForm, refuse_unprintable
from work.models import InvolvementStrategy

_HELP = {
    "whom": "Skriv grupperne, fx unge i målgruppen, pårørende og brugerorganisationer.",
    "how": "Fx interview, workshopper, følgegruppe eller viden fra forskning.",
    "design": "Hvordan kommer brugernes perspektiv med, når evalueringen tilrettelægges?",
    "interpretation": "Hvordan er brugerne med til at fortolke det, evalueringen viser?",
    "reason": "Begrund det konkret: målgruppens forhold, mulige interessekonflikter, og hvor organiserede brugerne er.",
    "premise": "Hvad får brugerne indflydelse på, og hvordan afvejes deres perspektiv mod andre hensyn? "
    "Inddragelsen må ikke være symbolsk.",
    "ethics": "Hvordan får brugerne mulighed for at bidrage med de forudsætninger, de har?",
    "representation": "Skal brugere eller deres repræsentanter sidde i projektorganisationen? Skriv også, hvis ikke.",
}


class StrategyForm(VersionedForm):
    """The strategy of a phase, with the parts that belong to it. It may be saved before it is whole."""

    def __init__(self, data: Any = None, *, run: PhaseRun, stored: InvolvementStrategy | None) -> None:
        super().__init__(data)
        for name in strategy_parts(run.phase):
            field: Any = InvolvementStrategy._meta.get_field(name)
            self.fields[name] = forms.CharField(
                label=str(field.verbose_name).capitalize(),
                help_text=_HELP[name],
                required=False,
                max_length=field.max_length,
                widget=forms.Textarea(attrs={"rows": 4}),
                validators=[refuse_unprintable],
            )
            self.initial[name] = getattr(stored, name, "")
        self.initial["version"] = stored.version if stored else 0


class EventForm(Form):
    """What took place, with whom, and what it changed."""

    happened_on = PartialDateField(
        label="Hvornår?",
        required=True,
        help_text="Skriv en dag (02.11.2026), en måned (11.2026) eller et år (2026).",
        error_messages={"required": "Skriv, hvornår det fandt sted."},
    )
    what = forms.CharField(
        label="Hvad fandt sted?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_unprintable],
        error_messages={"required": "Skriv, hvad der fandt sted."},
    )
    groups = forms.CharField(
        label="Med hvem?",
        max_length=300,
        validators=[refuse_unprintable],
        help_text="Skriv grupper, fx »otte unge fra to kommuner«. Skriv aldrig navne på borgere.",
        error_messages={"required": "Skriv, hvilke grupper der var med."},
    )
    changed = forms.CharField(
        label="Hvad ændrede det?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        validators=[refuse_unprintable],
        help_text="Hvad blev gjort anderledes på grund af det? Skriv også, hvis intet blev ændret.",
    )


class AnnulForm(Form):
    """Why something is annulled."""

    reason = forms.CharField(
        label="Begrundelse",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Teksten bliver stående med begrundelsen.",
        error_messages={"required": "Skriv, hvorfor det annulleres."},
    )
