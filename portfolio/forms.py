"""What people write about an initiative."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from portfolio.models import Agreement, Initiative, StatusNote, foreign_agreements
from susi.forms import Form, ModelForm, ModelMultipleChoiceField
from susi.models import User
from susi.roles import Role


class StatusForm(ModelForm):
    """A new dated status."""

    class Meta:
        model = StatusNote
        fields = ["text"]
        labels = {"text": "Ny status"}
        help_texts = {"text": "Skriv kort, hvordan det går lige nu. Den tidligere status bliver stående i historikken."}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}


class InitiativeForm(ModelForm):
    """The head facts of an initiative. `version` is the one the writer read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Initiative
        fields = [
            "title",
            "problem",
            "description",
            "target_groups",
            "programme",
            "agreements",
            "funding",
            "case_number",
        ]
        help_texts = {
            "title": "Skriv titlen, som den skal stå i lister, i SUSI-vurderingen og i Bilag 1.",
            "problem": "Hvilket konkret socialt problem skal initiativet være med til at løse?",
            "description": "Hvad går den sociale indsats ud på, og hvem udfører den?",
            "target_groups": "Vælg en eller flere.",
            "programme": "Lad feltet stå tomt, hvis initiativet ikke hører til et program.",
            "agreements": "De aftaler, der finansierer initiativet. Vælg dem under det samme program.",
            "funding": "For eksempel SSA-reserven, en pulje eller en fond.",
            "case_number": "Nummeret på sagen i journalsystemet.",
        }
        widgets = {
            "problem": forms.Textarea(attrs={"rows": 5}),
            "description": forms.Textarea(attrs={"rows": 5}),
            "target_groups": forms.CheckboxSelectMultiple,
            "agreements": forms.CheckboxSelectMultiple,
        }
        field_classes = {"target_groups": ModelMultipleChoiceField, "agreements": ModelMultipleChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreements"].queryset = Agreement.objects.select_related("programme")  # type: ignore[attr-defined]
        self.fields["programme"].empty_label = "Intet program"  # type: ignore[attr-defined]
        self.fields["version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        programme, agreements = cleaned.get("programme"), cleaned.get("agreements") or []
        foreign = [str(agreement) for agreement in foreign_agreements(programme, agreements)]
        if foreign and not self.errors:
            self.add_error("agreements", f"Vælg det program, som aftalen hører til: {', '.join(foreign)}.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what was written, by the names the action takes."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or []}

    def after_conflict(self) -> "InitiativeForm":
        """Return the form as typed, to be saved over what is stored now, with what differs in `differences`."""
        stored = Initiative.objects.get(pk=self.instance.pk)
        form = type(self)(over_stored(self.data, stored), instance=self.instance)
        form.differences = [
            (str(self.fields[name].label), _shown(mine), theirs)
            for name, mine in self.values().items()
            if _shown(mine) != (theirs := _shown(_stored(stored, name)))
        ]
        return form

    differences: list[tuple[str, str, str]] | None = None


class EditForm(InitiativeForm):
    """The head facts of an initiative that is there, and why they are changed."""

    reason = forms.CharField(
        label="Hvorfor rettes oplysningerne?",
        required=False,
        max_length=300,
        help_text="Begrundelsen står i historikken og under Ændringer, ved siden af det, du retter.",
    )


def over_stored(data: Any, stored: Any) -> MultiValueDict:
    """Return what was typed with the version that is stored now, so that it can be saved over it."""
    again = MultiValueDict(data.lists())
    again["version"] = str(stored.version)
    return again


def _stored(initiative: Initiative, name: str) -> Any:
    value = getattr(initiative, name)
    return value.all() if hasattr(value, "all") else value


def _shown(value: Any) -> str:
    if hasattr(value, "all"):
        return ", ".join(str(one) for one in value)
    return str(value or "")


class PeopleForm(Form):
    """Who is responsible, and who writes along. `version` is the one the page showed."""

    lead = forms.ModelChoiceField(
        label="Initiativansvarlig",
        queryset=User.objects.none(),
        required=False,
        empty_label="Ingen udpeget",
        help_text="Den ansvarlige skriver på initiativet og indsender SUSI-vurderinger.",
    )
    members = ModelMultipleChoiceField(
        label="Medarbejdere",
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Medarbejderne kan skrive det samme som den ansvarlige.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative, may_change_lead: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiative, self.may_change_lead = initiative, may_change_lead
        self.initial = {"lead": initiative.lead, "members": initiative.members.all(), "version": initiative.version}
        writers = User.objects.filter(is_active=True, groups__name=Role.LEAD.value)
        present = User.objects.filter(pk__in=[initiative.lead_id, *initiative.members.values_list("pk", flat=True)])
        people = (writers | present).distinct().order_by("first_name", "last_name", "username")
        self.fields["lead"].queryset = self.fields["members"].queryset = people  # type: ignore[attr-defined]
        if not may_change_lead:
            del self.fields["lead"]

    def people(self) -> dict[str, Any]:
        """Return who was chosen, by the names the action takes; the lead as it is where it may not be changed."""
        return {"lead": self.initiative.lead, **self.cleaned_data}

    def after_conflict(self, sentence: str) -> "PeopleForm":
        """Return the form as filled in, to be saved over what is stored now, saying what that is."""
        stored = Initiative.objects.select_related("lead").get(pk=self.initiative.pk)
        data = over_stored(self.data, stored)
        form = PeopleForm(data, initiative=stored, may_change_lead=self.may_change_lead)
        members = ", ".join(str(member) for member in stored.members.all()) or "ingen"
        form.add_error(
            None, f"{sentence} Gemt nu: initiativansvarlig {stored.lead or 'ingen'}, medarbejdere {members}."
        )
        return form
