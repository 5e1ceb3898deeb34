"""The forms of what is registered of who takes part in an initiative."""

from copy import copy
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q
from django.utils import timezone

from participants.actions.entries import fill
from participants.models import (
    Application,
    Call,
    DataCollection,
    Entry,
    Organisation,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
    valid_on,
)
from participants.terms import OrganisationKind, ParticipantRole, Progress
from phases.terms import Phase
from portfolio.forms import over_stored
from portfolio.models import Initiative, PhaseRun
from susi.dates import DateField, PartialDate, PartialDateField, danish, read
from susi.forms import Form, ModelForm
from susi.kroner import KronerField
from susi.numbers import WholeNumberField

_RECENTLY = 3  # an organisation that has ended is offered for this many years more


class OrganisationField(forms.ModelChoiceField):
    """The organisations one can choose, those of a kind together. `also` stays on the list though it has ended."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Organisation.objects.all(), **kwargs)

    def offer(self, also: int | None) -> None:
        today = timezone.localdate()
        offered = valid_on(today) | Q(valid_to__year__gte=today.year - _RECENTLY) | Q(valid_from__gt=today) | Q(pk=also)
        self.queryset = Organisation.objects.filter(offered)
        groups: dict[str, list[tuple[Any, str]]] = {kind.label: [] for kind in OrganisationKind}
        for one in self.queryset:
            ended = f" (til {danish(one.valid_to)})" if one.valid_to else ""
            later = f" (fra {danish(one.valid_from)})" if one.valid_from and one.valid_from > today else ""
            name = f"{one.name}{later or ended}"
            groups[one.get_kind_display()].append((one.pk, name))
        none = [("", self.empty_label)] if self.empty_label else []
        self.widget.choices = [*none, *((label, names) for label, names in groups.items() if names)]


class EntryForm(ModelForm):
    """A form on an entry. `version` is the one the writer read; the dates of the entry are filled in as they are known.

    `RUN_PHASE` narrows the phases offered to the one the entry can be about.
    """

    RUN_PHASE: ClassVar[Phase | None] = None
    HELP: ClassVar[dict[str, str]] = {}

    version = forms.IntegerField(widget=forms.HiddenInput)
    order: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any = None, *, instance: Entry, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(data, instance=instance, **kwargs)
        self.initiative = initiative
        for name in instance.DATES:
            label = str(_column(instance, name).verbose_name).capitalize()
            self.fields[name] = PartialDateField(label=label, required=False)
            if known := read(instance, name):
                self.initial[name] = known
        for name, text in self.HELP.items():
            self.fields[name].help_text = text
        for field_name, field in self.fields.items():
            if isinstance(field, OrganisationField):
                field.offer(getattr(instance, f"{field_name}_id"))
        self.fields["version"].initial = instance.version
        self._offer_runs()
        self.order_fields([*self.order, "version"])

    def _offer_runs(self) -> None:
        if "run" not in self.fields:
            return
        runs = PhaseRun.objects.in_force().filter(initiative=self.initiative).order_by("sequence")
        if self.RUN_PHASE:
            runs = runs.filter(phase=self.RUN_PHASE)
        field: Any = self.fields["run"]
        field.queryset, field.empty_label = runs, None
        field.label_from_instance = _run_label
        if not self.instance.run_id and not self.initial.get("run"):
            offered = {run.pk for run in runs}
            current = self.initiative.current_run_id
            self.initial["run"] = current if current in offered else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            candidate = copy(self.instance)
            fill(candidate, self.values())
            for field, sentence in candidate.problems():
                self.add_error(field if field in self.fields else None, sentence)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what was written, by the names the actions take."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}

    def after_conflict(self) -> "EntryForm":
        """Return the form as typed, to be saved over what is stored now, with what differs in `differences`."""
        stored: Any = type(self.instance)._default_manager.get(pk=self.instance.pk)
        form = type(self)(over_stored(self.data, stored), instance=stored, initiative=self.initiative)
        form.differences = [
            (str(self.fields[name].label), _shown(stored, name, mine), theirs)
            for name, mine in self.values().items()
            if _shown(stored, name, mine) != (theirs := _shown(stored, name, _stored(stored, name)))
        ]
        return form

    differences: list[tuple[str, str, str]] | None = None


def _column(entry: Model, name: str) -> Any:
    return entry._meta.get_field(name)


def _run_label(run: PhaseRun) -> str:
    return f"{run.get_phase_display()} ({run.get_state_display().lower()})"


def _stored(entry: Entry, name: str) -> Any:
    return read(entry, name) if name in entry.DATES else getattr(entry, name)


def _shown(entry: Entry, name: str, value: Any) -> str:
    if isinstance(value, PartialDate):
        return str(value)
    choices = dict(_column(entry, name).flatchoices)
    return str(choices.get(value, "" if value is None else value))


class ParticipationForm(EntryForm):
    """Who takes part, as what and when. `LATER` is what is not known when one is registered."""

    organisation = OrganisationField(label="Organisation", empty_label="Vælg organisation")
    order = (
        "organisation", "role", "run", "round", "started_on", "ended_on", "dropped_out_on", "dropout_reason",
        "readiness", "readiness_on", "readiness_conclusion", "readiness_case_number", "plan", "plan_on",
        "plan_case_number",
    )  # fmt: skip
    LATER = order[6:]
    HELP = {
        "ended_on": "Lad feltet stå tomt, så længe deltagelsen fortsætter.",
        "dropped_out_on": "Kun ved frafald. Dag, måned eller år.",
    }

    class Meta:
        model = Participation
        fields = [
            "organisation", "role", "run", "round", "dropout_reason", "readiness", "readiness_conclusion",
            "readiness_case_number", "plan", "plan_case_number",
        ]  # fmt: skip
        widgets = {
            "dropout_reason": forms.Textarea(attrs={"rows": 3}),
            "readiness_conclusion": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["role"].choices = [("", "Vælg rolle"), *ParticipantRole.choices]  # type: ignore[attr-defined]
        for name in ("readiness", "plan"):
            self.fields[name].choices = [("", "Ikke oplyst"), *Progress.choices]  # type: ignore[attr-defined]
        rounds = Round.objects.in_force().filter(run__initiative=self.initiative).order_by("no")
        field: Any = self.fields["round"]
        field.queryset, field.empty_label = rounds, "Ingen runde"
        if not rounds:
            del self.fields["round"]
        if not self.instance.pk:
            for name in self.LATER:
                del self.fields[name]


class CallForm(EntryForm):
    link = forms.URLField(label="Link til udmeldingen", required=False, max_length=500, assume_scheme="https")
    order = ("title", "run", "announced_on", "deadline", "amount", "case_number", "link")

    class Meta:
        model = Call
        fields = ["title", "run", "amount", "case_number", "link"]
        field_classes = {"amount": KronerField}
        help_texts = {"amount": "I hele kroner, for eksempel 12.500.000 eller 12,5 mio. kr."}


class ApplicationForm(EntryForm):
    organisation = OrganisationField(label="Ansøger", empty_label="Vælg ansøger")
    order = ("organisation", "applied_on", "state", "granted", "reason")

    class Meta:
        model = Application
        fields = ["organisation", "state", "granted", "reason"]
        field_classes = {"granted": KronerField}
        help_texts = {
            "granted": "Kun for udvalgte. I hele kroner, for eksempel 850.000.",
            "reason": "Skal skrives, når ansøgeren ikke er udvalgt.",
        }
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}


class RoundForm(EntryForm):
    RUN_PHASE = Phase.DISSEMINATION
    no = WholeNumberField(label="Runde nr.", min_value=1, max_value=99)
    order = ("run", "no", "preparation_from", "change_from", "anchoring_from", "ended_on", "note")

    class Meta:
        model = Round
        fields = ["run", "no", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class RecruitmentPlanForm(EntryForm):
    RUN_PHASE = Phase.TRIAL
    order = ("run", "planned", "basis")

    class Meta:
        model = RecruitmentPlan
        fields = ["run", "planned", "basis"]
        field_classes = {"planned": WholeNumberField}
        help_texts = {
            "planned": "Antallet af borgere, som styrkeberegningen forudsætter.",
            "basis": "For eksempel afprøvningsscenariet, med dato eller journalnummer.",
        }


class RecruitmentCountForm(EntryForm):
    RUN_PHASE = Phase.TRIAL
    organisation = OrganisationField(label="Organisation", required=False, empty_label="Hele fasen")
    counted_on = DateField(label="Optalt", help_text="Dagen, som tallene gælder for.")
    order = ("run", "organisation", "counted_on", "recruited", "completed")

    class Meta:
        model = RecruitmentCount
        fields = ["run", "organisation", "counted_on", "recruited", "completed"]
        field_classes = {"recruited": WholeNumberField, "completed": WholeNumberField}
        help_texts = {
            "recruited": "Antal borgere i alt siden begyndelsen. Skriv kun tal, aldrig navne eller CPR-numre.",
            "completed": "Antal borgere i alt, som har gennemført forløbet.",
        }


class DataCollectionForm(EntryForm):
    responsible = OrganisationField(label="Dataansvarlig", required=False, empty_label="Styrelsen")
    order = ("run", "purpose", "legal_basis", "place", "responsible", "collected_from", "collected_to")

    class Meta:
        model = DataCollection
        fields = ["run", "purpose", "legal_basis", "place", "responsible"]
        widgets = {"purpose": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "purpose": "Hvad bruges oplysningerne til? Skriv aldrig selve oplysningerne her.",
            "legal_basis": "Den bestemmelse, indsamlingen bygger på.",
            "place": "Systemet eller stedet, hvor oplysningerne ligger.",
        }


class AnnulForm(Form):
    """Why an entry is annulled."""

    reason = forms.CharField(
        label="Hvorfor annulleres registreringen?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Begrundelsen står i historikken. Registreringen kan stadig læses.",
    )
