"""The forms of organisations: one organisation, and what the pages across the portfolio are filtered by."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from participants.actions import organisations
from participants.models import Organisation
from participants.terms import BY_LAW, OrganisationKind
from phases.terms import Phase
from portfolio.forms import over_stored
from portfolio.models import Programme
from susi.dates import DateField
from susi.forms import Form, ModelForm


class OrganisationForm(ModelForm):
    """Name, kind and validity. The kind is chosen once. `version` is the one the writer read."""

    valid_from = DateField(label="Findes fra", required=False, help_text="Tomt, hvis det ikke er oplyst.")
    valid_to = DateField(label="Ophørt", required=False, help_text="Den sidste dag, organisationen findes.")
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Organisation
        fields = ["kind", "name", "code", "valid_from", "valid_to", "successor", "source"]
        help_texts = {
            "name": "Skriv navnet, som organisationen selv skriver det.",
            "code": "For eksempel CVR-nummer eller tilbuddets nummer på Tilbudsportalen.",
            "source": "Hvor oplysningerne er fra.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        successor: Any = self.fields["successor"]
        successor.queryset, successor.empty_label = Organisation.objects.exclude(pk=self.instance.pk), "Ingen"
        if self.instance.pk:
            del self.fields["kind"]
        else:
            kind: Any = self.fields["kind"]
            kind.choices = [
                ("", "Vælg type"),
                *((one.value, one.label) for one in OrganisationKind if one not in BY_LAW),
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        candidate = copy(self.instance)
        for name, value in self.values().items():
            setattr(candidate, name, value)
        for field, sentence in organisations.problems(candidate):
            self.add_error(field, self._with_link(field, sentence, candidate))
        return cleaned

    def _with_link(self, field: str, sentence: str, candidate: Organisation) -> ValidationError:
        there = organisations.same_name(candidate.name, candidate if candidate.pk else None)
        if field != "name" or there is None:
            return ValidationError(sentence)
        self.already = (there.name, reverse("participants:organisation", args=[there.pk]))
        return ValidationError(sentence)

    already: tuple[str, str] | None = None

    def values(self) -> dict[str, Any]:
        """Return what was written, by the names the actions take."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}

    def validate_unique(self) -> None:
        """Leave it to the action, which says what to do."""

    def after_conflict(self) -> "OrganisationForm":
        """Return the form as typed, to be saved over what is stored now, with what differs in `differences`."""
        stored = Organisation.objects.get(pk=self.instance.pk)
        form = OrganisationForm(over_stored(self.data, stored), instance=stored)
        form.differences = [
            (str(self.fields[name].label), str(mine or ""), str(theirs or ""))
            for name, mine in self.values().items()
            if mine != (theirs := getattr(stored, name))
        ]
        return form

    differences: list[tuple[str, str, str]] | None = None


class LoadForm(Form):
    """What the load and the map are narrowed to."""

    kind = forms.ChoiceField(label="Type", required=False)
    programme = forms.ChoiceField(label="Program", required=False)
    phase = forms.ChoiceField(label="Fase", required=False, choices=[("", "Alle"), *Phase.choices])
    sort = forms.ChoiceField(
        label="Sortér efter", required=False, choices=[("", "Navn"), ("now", "Flest nu"), ("ever", "Flest i alt")]
    )

    def __init__(self, *args: Any, is_table: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(one.value, one.label) for one in OrganisationKind]
        programme: Any = self.fields["programme"]
        programme.choices = [("", "Alle"), *Programme.objects.values_list("key", "name")]
        if not is_table:
            del self.fields["kind"], self.fields["sort"]

    def chosen(self) -> dict[str, str]:
        """Return what is chosen and can be, by name; nothing where a choice is gone."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in ("kind", "programme", "phase", "sort")}
