"""What people write of the deliverables of a phase."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from phases.models import Criterion
from portfolio.models import PhaseRun
from susi.dates import DateField, danish
from susi.forms import Form
from susi.models import User
from susi.uploads import UploadField
from work.actions.deliverables import PlanInput, VersionInput
from work.deliverables import Item, criteria_documented
from work.models import Deliverable, DeliverableVersion


class PlanForm(Form):
    """The plan of a deliverable. `version` is the one the writer read."""

    state = forms.ChoiceField(label="Tilstand", choices=Deliverable.State.choices, widget=forms.RadioSelect)
    responsible = forms.ModelChoiceField(
        label="Ansvarlig",
        queryset=User.objects.none(),
        required=False,
        empty_label="Ingen valgt",
        help_text="Den initiativansvarlige eller en af initiativets medarbejdere.",
    )
    due = DateField(label="Frist", required=False, help_text="Skriv datoen som 02.11.2026.")
    documents = forms.MultipleChoiceField(
        label="Dokumenterer kriterierne",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Leverancen vises ved de kriterier, du vælger, når overgangen til den næste fase vurderes.",
    )
    notes = forms.CharField(label="Noter", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, run: PhaseRun, item: Item | None = None) -> None:
        row = item.row if item else None
        self.stored: list[str] = item.documents if item else []
        super().__init__(
            data,
            initial={
                "state": row.state if row else Deliverable.State.NOT_BEGUN,
                "responsible": row.responsible if row else None,
                "due": row.due if row else None,
                "documents": self.stored,
                "notes": row.notes if row else "",
                "version": item.edit_version if item else 0,
            },
        )
        self._offer_people(run, row)
        self._offer_criteria(criteria_documented(run), run.track)

    def _offer_people(self, run: PhaseRun, row: Deliverable | None) -> None:
        working = [run.initiative.lead_id, *run.initiative.members.values_list("pk", flat=True)]
        known = [pk for pk in (*working, row.responsible_id if row else None) if pk]
        people = User.objects.filter(pk__in=known)
        self.fields["responsible"].queryset = people.order_by("first_name", "last_name", "pk")  # type: ignore[attr-defined]

    def _offer_criteria(self, criteria: list[Criterion], track: str) -> None:
        if not criteria:  # the last phase leads to no other
            del self.fields["documents"]
            return
        choices = [(one.code, f"{one.code} {one.wording_for(track)}") for one in criteria]
        self.fields["documents"].choices = choices  # type: ignore[attr-defined]

    @property
    def planned(self) -> PlanInput:
        """What was written, for the actions. Criteria of another edition that stand there already are kept."""
        values = {name: self.cleaned_data[name] for name in ("state", "responsible", "due", "notes")}
        return PlanInput(**values, documents=self._documents())

    def _documents(self) -> tuple[str, ...]:
        if "documents" not in self.fields:
            return tuple(self.stored)
        offered = {code for code, _ in self.fields["documents"].choices}  # type: ignore[attr-defined]
        return (*self.cleaned_data["documents"], *(code for code in self.stored if code not in offered))

    def over(self, item: Item) -> "PlanForm":
        """Return the form as typed, to be saved over what is stored now (`item`)."""
        again = MultiValueDict(self.data.lists())  # type: ignore[attr-defined]
        again["version"] = str(item.edit_version)
        return PlanForm(again, run=item.run, item=item)

    def differences_from(self, item: Item) -> list[tuple[str, str, str]]:
        """Return (label, mine, theirs) of what was typed otherwise than it is stored now (`item`)."""
        mine, theirs = _said(self.planned), _said(_stored(item))
        return [(label, text, theirs[label]) for label, text in mine.items() if text != theirs[label]]


def _stored(item: Item) -> PlanInput:
    row = item.row
    if row is None:
        return PlanInput(documents=tuple(item.documents))
    return PlanInput(row.state, row.responsible, row.due, row.notes, tuple(row.documents))


def _said(planned: PlanInput) -> dict[str, str]:
    return {
        "Tilstand": str(Deliverable.State(planned.state).label),
        "Ansvarlig": str(planned.responsible or ""),
        "Frist": danish(planned.due) if planned.due else "",
        "Dokumenterer kriterierne": ", ".join(planned.documents),
        "Noter": planned.notes,
    }


class OwnForm(PlanForm):
    """A deliverable that is not among the typical ones."""

    name = forms.CharField(
        label="Leverance", max_length=200, help_text="Skriv navnet, som det skal stå på listen og i SUSI-vurderingen."
    )
    field_order = ["name"]


class VersionForm(Form):
    """A new version: a file, a document of the case, a link, or several of them."""

    file = UploadField(label="Fil", required=False)
    case_document = forms.CharField(
        label="Journalnummer", required=False, max_length=50, help_text="Dokumentets nummer i journalsystemet."
    )
    link = forms.URLField(label="Link", required=False, max_length=500, assume_scheme="https")
    note = forms.CharField(
        label="Bemærkning", required=False, max_length=500, help_text="For eksempel, hvad der er nyt i versionen."
    )
    is_done = forms.BooleanField(label="Leverancen er færdig med denne version", required=False)

    def clean(self) -> dict[str, Any]:
        given = ("file", "case_document", "link")
        if not any(self.cleaned_data.get(name) for name in given) and not any(name in self.errors for name in given):
            self.add_error("file", "Vælg en fil, eller skriv journalnummer eller link.")
        return self.cleaned_data

    @property
    def added(self) -> VersionInput:
        return VersionInput(**self.cleaned_data)


class ReasonForm(Form):
    """Why something is taken out of use."""

    reason = forms.CharField(
        label="Begrundelse",
        max_length=DeliverableVersion._meta.get_field("annulment_reason").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
