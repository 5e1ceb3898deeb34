"""What is written in the gate room and on the manager's page."""

from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.inputs import DeviationInput, ReferenceInput
from assessments.models import Assessment, Deviation, DeviationJudgement, EntryJudgement
from phases.machine import phases_after
from phases.models import Edition
from phases.terms import DeviationOutcome, Ground, Phase, RatingValue, Recommendation, Stage, Track, Verdict, WayOn
from susi.dates import DateField
from susi.forms import DrawnOnce, Form, FormSet
from susi.models import User
from susi.prepared import Prepared
from susi.roles import Role

_YES_OR_NO = [("True", "Ja"), ("False", "Nej")]
_MET_OR_NOT = [("True", "Opfyldt"), ("False", "Ikke opfyldt"), ("", "Ikke vurderet")]
_CHOSEN = (forms.RadioSelect, forms.CheckboxSelectMultiple)
MOST_REFERENCES = 50


def text(label: str, *, longest: int = 4000, rows: int = 5, **options: Any) -> forms.CharField:
    """Return a field for running text, which may be left empty as long as it is a draft."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=longest, widget=widget, **{"required": False, **options})


def choice(label: str, choices: list[tuple[str, str]], **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False, **options)


def answer(label: str, choices: list[tuple[str, str]], **options: Any) -> forms.TypedChoiceField:
    """Return a choice that gives True, False or None for no answer yet."""
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=lambda value: value == "True",
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
        **options,
    )


class TargetForm(Form):
    """The phase and the track aimed at."""

    to_phase = forms.ChoiceField(label="Fase, der overgås til", widget=forms.RadioSelect)
    to_track = forms.ChoiceField(label="Spor", choices=Track.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, stage: str, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_phase"].choices = [  # type: ignore[attr-defined]
            (phase.value, phase.label) for phase in phases_after(stage) if phase != Phase.SCREENING
        ]
        self.fields["to_phase"].error_messages["required"] = "Vælg den fase, der skal overgås til."
        self.fields["to_track"].error_messages["required"] = "Vælg spor."
        if not edition.has_tracks:
            del self.fields["to_track"]

    @property
    def target(self) -> dict[str, str]:
        """Phase and track as the actions take them."""
        return {"to_phase": self.cleaned_data["to_phase"], "to_track": self.cleaned_data.get("to_track", "")}


class StartForm(TargetForm):
    """What the first assessment of a phase aims at. `seen` is the phase the page was about: the key of the run, 0 of a
    proposal."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DraftForm(Form):
    """A form of the gate room. What is valid is saved; a field that is not keeps what is stored."""

    bound_field_class = DrawnOnce
    subject = ""  # what it is about, where a page has several of its kind

    @property
    def is_whole(self) -> bool:
        """Whether every field was sent; a browser leaves out only choices that are not made."""
        typed = (field for field in self.visible_fields() if not isinstance(field.field.widget, _CHOSEN))
        return all(field.html_name in self.data for field in typed)

    def kept(self) -> dict[str, Any]:
        """Return a value for every field: what was typed, or what is stored where the typed cannot be."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, self.initial.get(name)) for name in self.fields}


class CriterionForm(DraftForm):
    value = choice("Vurdering", [*RatingValue.choices, ("", "Ikke vurderet")])
    reasoning = text(
        "Begrundelse", longest=8000, rows=9, help_text="Skriv, hvad vurderingen bygger på, så en anden kan følge den."
    )


class ReferenceForm(DraftForm):
    title = forms.CharField(label="Titel", max_length=300, required=False)
    link = forms.URLField(label="Link", max_length=500, required=False, assume_scheme="https")
    case_document = forms.CharField(label="Journalnummer", max_length=50, required=False)
    page = forms.CharField(label="Side", max_length=50, required=False)

    def clean(self) -> dict[str, Any]:
        if any(self.cleaned_data.values()) and not self.cleaned_data.get("title") and "title" not in self.errors:
            self.add_error("title", "Skriv titlen på det, der henvises til.")
        return self.cleaned_data

    @property
    def written(self) -> ReferenceInput | None:
        """The reference, or None for an empty row."""
        return ReferenceInput(**self.cleaned_data) if any(self.cleaned_data.values()) else None


class References(FormSet):
    things = "henvisninger"


ReferenceFormSet = forms.formset_factory(
    ReferenceForm, formset=References, extra=1, max_num=MOST_REFERENCES, validate_max=True
)


class DeviationForm(DraftForm):
    """The fravigelse: on what ground, why, how it is handled, by whom, and when to look again."""

    grounds = forms.MultipleChoiceField(
        label="Grundlag", choices=Ground.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = text("Begrundelse for fravigelsen", help_text="Skriv konkret, hvorfor der fraviges.")
    handling = text("Håndtering", help_text="Skriv, hvordan den udfordring, der følger af fravigelsen, håndteres.")
    owner = forms.ModelChoiceField(
        label="Ansvarlig for håndteringen", queryset=User.objects.none(), required=False, empty_label="Vælg en person"
    )
    review_on = DateField(label="Dato for opfølgning", required=False, help_text="Skriv datoen som 02.11.2026.")

    def __init__(self, data: Any = None, *, deviation: Deviation | None, **kwargs: Any) -> None:
        super().__init__(data, prefix="fravigelse", initial=_stored(deviation or Deviation()), **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = _who_can_act()
        owner.choices = [("", owner.empty_label), *((one.pk, str(one)) for one in _those_who_can_act().rows())]

    @property
    def written(self) -> DeviationInput:
        return DeviationInput(**self.kept())


def _stored(deviation: Deviation) -> dict[str, Any]:
    return {
        "grounds": [ground.value for ground in deviation.grounds],
        "reason": deviation.reason,
        "handling": deviation.handling,
        "owner": deviation.owner,
        "review_on": deviation.review_on,
    }


def _who_can_act() -> QuerySet[User]:
    """Return those who can be given a fravigelse to handle: who write or decide."""
    roles = [Role.LEAD.value, Role.MANAGER.value]
    people = User.objects.filter(is_active=True, groups__name__in=roles)
    return people.distinct().order_by("first_name", "last_name", "username")


@cache
def _those_who_can_act() -> Prepared:
    return Prepared(_who_can_act().only("username", "first_name", "last_name"))


class EntryForm(DraftForm):
    """One of the conditions for entering the model."""

    met = answer("Er betingelsen opfyldt?", _MET_OR_NOT)
    note = text("Bemærkning", rows=4, help_text="Skal skrives, hvis betingelsen ikke er opfyldt.")

    def __init__(self, data: Any = None, *, judgement: EntryJudgement, **kwargs: Any) -> None:
        super().__init__(data, initial={"met": judgement.met, "note": judgement.note}, **kwargs)


class FormerDeviationForm(DraftForm):
    """How it went with an earlier fravigelse."""

    outcome = choice("Hvordan er det gået?", [*DeviationOutcome.choices, ("", "Ikke vurderet")])
    text = text("Bemærkning", rows=4)

    def __init__(self, data: Any = None, *, judgement: DeviationJudgement, **kwargs: Any) -> None:
        super().__init__(data, initial={"outcome": judgement.outcome, "text": judgement.text}, **kwargs)


class ConclusionForm(DraftForm):
    change_note = text("Hvad er rettet?", help_text="Skriv, hvad der er ændret i forhold til den godkendte version.")
    verdict = choice("Er indsatsen egnet til den nye fase?", Verdict.choices)
    conclusion = text("Konklusion", longest=8000, rows=9)
    recommendation = choice("Indstilling", Recommendation.choices)
    recommendation_text = text("Uddybning af indstillingen", help_text="Kan udelades.")
    weighing_way = choice(
        "Vej videre efter modning i spor 2",
        WayOn.choices,
        help_text="Efter modning i spor 2 skal de tre veje afvejes mod hinanden.",
    )
    weighing_text = text("Afvejning af de tre veje", rows=7)
    fast_track = answer("Skal den nye viden formidles nu (fast track af viden)?", _YES_OR_NO)
    fast_track_text = text(
        "Begrundelse for svaret om fast track",
        help_text="Ved ja: Skriv, hvem der skal have den nye viden, og hvordan. Ved nej: Skriv hvorfor.",
    )

    def __init__(self, data: Any = None, *, assessment: Assessment, weighs: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not weighs:
            del self.fields["weighing_way"], self.fields["weighing_text"]
        if not assessment.is_correction:
            del self.fields["change_note"]
        if assessment.from_stage == Stage.PROPOSAL:  # which has run no phase to learn from
            del self.fields["fast_track"], self.fields["fast_track_text"]
        self.initial = {name: getattr(assessment, name) for name in self.fields}


class RemarksForm(Form):
    """What must change before the manager can approve."""

    remarks = text(
        "Bemærkninger",
        required=True,
        rows=6,
        help_text="Skriv, hvad der skal ændres. Den initiativansvarlige ser teksten øverst i kladden.",
        error_messages={"required": "Skriv, hvad der skal ændres."},
    )


class AnnulForm(Form):
    reason = text(
        "Begrundelse",
        required=True,
        help_text="Begrundelsen gemmes sammen med kladden.",
        error_messages={"required": "Skriv, hvorfor SUSI-vurderingen annulleres."},
    )
