"""The worksheets: choosing the track, and weighing the three ways on."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from phases.terms import Track, WayOn
from phases.track_choice import Fit
from work.editing import VersionedForm, refuse_unprintable
from work.models import TrackChoice, WayWeighing
from work.track_choice import ShownWay, TrackSheet

_LONGEST = 4000
_OF_A_WAY = {"pros": "For", "cons": "Imod", "gain": "Ressourcer og viden, der opnås"}


def _text(label: str, *, rows: int = 4, longest: int = _LONGEST, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    options = {"required": False, "widget": widget, "validators": [refuse_unprintable], **options}
    return forms.CharField(label=label, max_length=longest, **options)


class TrackChoiceForm(VersionedForm):
    """The worksheet of the choice of track. It may be saved before it is whole."""

    knowledge_goal = _text(
        "Vidensmål for den næste fase",
        help_text="Hvilken viden skal den næste fase give, og er det realistisk at opnå den? Kræves i spor 2.",
    )
    is_prepared = forms.TypedChoiceField(
        label="Er den næste fase velforberedt?",
        choices=[("True", "Ja"), ("False", "Nej"), ("", "Ikke vurderet")],
        coerce=lambda value: value == "True",
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
    )
    preparation = _text(
        "Hvad viser det?",
        help_text="Fx vidensgrundlag, prototype, aktører der har været med, og klare mål for vidensudviklingen.",
    )
    track = forms.ChoiceField(
        label="Valgt spor",
        choices=[*Track.choices, ("", "Ikke valgt endnu")],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = _text("Begrundelse for valget", rows=6)

    def __init__(self, data: Any = None, *, sheets: Sequence[TrackSheet], stored: TrackChoice | None) -> None:
        super().__init__(data)
        self.sheets = sheets
        self.initial = {"version": stored.version if stored else 0}
        if stored:
            self.initial |= {name: getattr(stored, name) for name in self.base_fields if name != "version"}
        own = self.fields
        self.fields = {}  # the characteristics come first on the page, and so in the list of errors
        for sheet in sheets:
            self._ask_of(sheet)
        self.fields |= own

    def _ask_of(self, sheet: TrackSheet) -> None:
        for one in sheet.characteristics:
            name = f"{sheet.track}-{one.no}"
            self.fields[f"fit-{name}"] = forms.ChoiceField(
                label=one.wording,
                choices=[*Fit.choices, ("", "Ikke vurderet")],
                widget=forms.RadioSelect,
                required=False,
                initial=one.fit,
            )
            label = f"Bemærkning til kendetegn {one.no} ved {sheet.track.label.lower()}"
            self.fields[f"note-{name}"] = _text(label, rows=2, longest=1000, initial=one.note)

    @property
    def asked(self) -> Iterator[tuple[TrackSheet, list[tuple[BoundField, BoundField]]]]:
        """Yield each track with the two fields of each of its characteristics."""
        for sheet in self.sheets:
            names = [f"{sheet.track}-{one.no}" for one in sheet.characteristics]
            yield sheet, [(self[f"fit-{name}"], self[f"note-{name}"]) for name in names]

    def written(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in self.base_fields}
        return values | {"fits": list(self._fits())}

    def _fits(self) -> Iterator[dict[str, str]]:
        for sheet in self.sheets:
            for one in sheet.characteristics:
                fit, note = (self.cleaned_data[f"{kind}-{sheet.track}-{one.no}"] for kind in ("fit", "note"))
                yield {"track": str(sheet.track), "wording": one.wording, "fit": fit, "note": note}


class WeighingForm(VersionedForm):
    """The three ways on, side by side, and which of them the weighing points to."""

    way = forms.ChoiceField(
        label="Afvejningen peger på",
        choices=[*WayOn.choices, ("", "Ikke afgjort endnu")],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = _text(
        "Begrundelse",
        rows=6,
        help_text="Hvorfor er det den bedste brug af ressourcerne? Teksten følger med ind i SUSI-vurderingen.",
    )

    def __init__(self, data: Any = None, *, ways: Sequence[ShownWay], stored: WayWeighing | None) -> None:
        super().__init__(data)
        self.ways = ways
        self.initial = {"version": stored.version if stored else 0}
        if stored:
            self.initial |= {"way": stored.way, "reason": stored.reason}
        own = self.fields
        self.fields = {}
        for one in ways:
            for name, label in _OF_A_WAY.items():
                text = getattr(one.written, name)
                self.fields[f"{name}-{one.way.value}"] = _text(label, longest=2000, initial=text)
        self.fields |= own

    def name_of(self, field: BoundField) -> str:
        """Return the field's label with the way it is about: three are labelled alike."""
        _, _, way = field.name.partition("-")
        return f"{WayOn(way).label} – {field.label}" if way else super().name_of(field)

    @property
    def asked(self) -> Iterator[tuple[ShownWay, list[BoundField]]]:
        """Yield each way with its fields."""
        for one in self.ways:
            yield one, [self[f"{name}-{one.way.value}"] for name in _OF_A_WAY]

    def written(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in self.base_fields}
        ways = [
            {"way": one.way.value, **{name: self.cleaned_data[f"{name}-{one.way.value}"] for name in _OF_A_WAY}}
            for one in self.ways
        ]
        return values | {"ways": ways}
