"""The forms of an answer that a proposal lies outside the strategy."""

from typing import Any

from django import forms

from assessments import forms as fields
from assessments.actions.decisions import last_decision_no
from assessments.actions.outside import OutsideInput, outside_problems
from phases.models import Edition, EntryCondition
from portfolio.models import Decision, Initiative
from susi.dates import DateField, danish
from susi.days import today
from susi.forms import Form, ModelMultipleChoiceField
from susi.registers import ALL, RegisterForm

_REASON_LENGTH = 3000  # leaves room for the conditions in the decision's own reason


class AnswerForm(Form):
    """The answer to a proposal in the system. `seen` is its newest decision, as the page showed it."""

    conditions = ModelMultipleChoiceField(
        label="Hvilke betingelser er ikke opfyldt?",
        queryset=EntryCondition.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Vælg den eller de betingelser, der ikke er opfyldt."},
    )
    reason = fields.text("Begrundelse", longest=_REASON_LENGTH, required=True)
    referred_to = forms.CharField(
        label="Henvist til",
        max_length=300,
        required=False,
        help_text="Hvor forslaget i stedet hører hjemme, fx en pulje, et andet kontor eller en anden myndighed.",
    )
    decided_by = forms.ChoiceField(
        label="Hvem har besluttet det?",
        choices=Decision.DecidedBy.choices,
        widget=forms.RadioSelect,
        initial=Decision.DecidedBy.AGENCY,
    )
    decided_on = DateField(label="Hvornår er det besluttet?")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiative = initiative
        self.fields["conditions"].queryset = Edition.objects.current().entry_conditions.all()  # type: ignore[attr-defined]
        self.fields["decided_on"].help_text = f"I dag er det {danish(today())}. Datoen må gerne ligge tilbage i tiden."
        if initiative is None:
            del self.fields["seen"]
        else:
            self.fields["seen"].initial = last_decision_no(initiative)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            problems = outside_problems(
                conditions=len(cleaned["conditions"]),
                reason=cleaned["reason"],
                decided_on=cleaned["decided_on"],
                day=today(),
            )
            for name, sentence in problems.items():
                self.add_error(name, sentence)
        return cleaned

    def wanted(self) -> OutsideInput:
        """Return the answer as the action takes it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return OutsideInput(**{**values, "conditions": list(values["conditions"])})

    def after_conflict(self, sentence: str) -> "AnswerForm":
        """Return the form as typed, to be sent knowing what stands now."""
        data = self.data.copy()  # type: ignore[attr-defined]
        if self.initiative:
            data["seen"] = str(last_decision_no(self.initiative))
        form = type(self)(data, initiative=self.initiative)
        form.add_error(None, sentence)
        return form


class UnknownProposalForm(AnswerForm):
    """The answer to what never became a proposal in the system."""

    title = forms.CharField(label="Hvad hed forslaget?", max_length=300)
    description = fields.text("Hvad gik det ud på?")
    proposed_by = forms.CharField(label="Hvem foreslog det?", max_length=200, required=False)

    field_order = ["title", "description", "proposed_by"]


class AnnulAnswerForm(Form):
    reason = fields.text("Hvorfor annulleres svaret?", required=True)


class OutsideFilter(RegisterForm):
    """The filters of the register."""

    q = forms.CharField(
        label="Fritekst",
        required=False,
        max_length=200,
        help_text="Søger i forslagets titel, beskrivelse, begrundelse og henvisning. Alle ord skal være der.",
    )
    condition = forms.ChoiceField(label="Betingelse, der ikke er opfyldt", required=False)
    year = forms.ChoiceField(label="År", required=False)

    def __init__(self, *args: Any, years: list[int], conditions: list[EntryCondition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["condition"].choices = [ALL, *((one.code, one.heading) for one in conditions)]  # type: ignore[attr-defined]
        self.fields["year"].choices = [ALL, *((str(year), str(year)) for year in years)]  # type: ignore[attr-defined]
