"""What people fill in at their desk."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from desk.actions.stand_ins import STANDS_IN
from desk.models import Exemption, ReminderChoice
from desk.owed import Owed, kinds
from susi.dates import DateField
from susi.forms import Form
from susi.models import StandIn, User


class StandInForm(Form):
    """Who is away, who stands in, and when. Only managers and administrators choose who is away."""

    person = forms.ModelChoiceField(label="Hvem er fraværende?", queryset=User.objects.none(), empty_label="Vælg")
    stand_in = forms.ModelChoiceField(
        label="Hvem er stedfortræder?",
        queryset=User.objects.none(),
        empty_label="Vælg",
        help_text="Stedfortræderen skal have den samme rolle.",
    )
    from_day = DateField(label="Fra og med")
    to_day = DateField(label="Til og med")
    reason = forms.ChoiceField(label="Anledning", choices=StandIn.Reason.choices)

    def __init__(self, *args: Any, user: User, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        working = User.objects.filter(is_active=True, groups__name__in=[role.value for role in STANDS_IN])
        people = working.distinct().order_by("first_name", "last_name", "username")
        self.fields["stand_in"].queryset = people.exclude(pk=user.pk) if not for_others else people  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        if not for_others:
            del self.fields["person"]

    def named(self) -> dict[str, Any]:
        """Return what was chosen, by the names the action takes."""
        return {"person": self.user, **self.cleaned_data}


class MyWorkForm(Form):
    """Which part of one's work to see. The choices are what there is; what is not among them shows everything."""

    kind = forms.ChoiceField(label="Slags", required=False)
    initiative = forms.ChoiceField(label="Initiativ", required=False)

    def __init__(self, *args: Any, owed: list[Owed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = {one.kind for one in owed}
        initiatives = {one.task.number: f"{one.task.number} {one.task.title}" for one in owed}
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", "Alle slags"),
            *((kind, label) for kind, label in kinds().items() if kind in present),
        ]
        self.fields["initiative"].choices = [("", "Alle initiativer"), *sorted(initiatives.items())]  # type: ignore[attr-defined]

    def chosen(self, owed: list[Owed]) -> list[Owed]:
        self.is_valid()
        kind, initiative = self.cleaned_data.get("kind"), self.cleaned_data.get("initiative")
        return [
            one for one in owed if (not kind or one.kind == kind) and (not initiative or one.task.number == initiative)
        ]


class RemindersForm(Form):
    """Whether one wants the weekly mail, and of what. `version` is the one the page showed."""

    weekly = forms.BooleanField(label="Send mig en mail mandag morgen, når der er noget nyt", required=False)
    wanted = forms.MultipleChoiceField(
        label="Hvad vil du have besked om?", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choice: ReminderChoice | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = choice.left_out if choice else []
        self.fields["wanted"].choices = list(kinds().items())  # type: ignore[attr-defined]
        self.initial = {
            "weekly": choice.weekly if choice else True,
            "wanted": [kind for kind in kinds() if kind not in left_out],
            "version": choice.version if choice else 0,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("weekly") and not cleaned.get("wanted") and "wanted" not in self.errors:
            self.add_error(
                "wanted",
                f"Vælg mindst én slags. Vil du ikke have mailen, så fjern krydset ved »{self.fields['weekly'].label}«.",
            )
        return cleaned

    def over(self, stored: ReminderChoice | None) -> Any:
        """Return what was filled in, to be saved over what is `stored` now."""
        again: Any = MultiValueDict(self.data.lists())  # type: ignore[attr-defined]
        again["version"] = str(stored.version if stored else 0)
        return again


class LeavingForm(Form):
    """That one knows what it means."""

    understood = forms.BooleanField(
        label="Jeg har kontrolleret, at det er den rigtige person, og ved, at det ikke kan fortrydes",
        error_messages={"required": "Sæt kryds for at bekræfte."},
    )


class ExemptionForm(Form):
    """Why a document is kept back."""

    ground = forms.ChoiceField(label="Grundlag", choices=[("", "Vælg"), *Exemption.Ground.choices])
    reason = forms.CharField(
        label="Begrundelse",
        widget=forms.Textarea,
        max_length=2000,
        help_text="Begrundelsen er til sagen selv. Den, der får aktindsigt, ser kun dokumentets titel og grundlaget.",
    )
