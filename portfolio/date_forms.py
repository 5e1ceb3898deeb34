"""The form for the dates of an initiative's phases."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portfolio import dating
from portfolio.forms import over_stored
from portfolio.models import Decision, Initiative, PhaseRun
from susi.dates import PartialDate, PartialDateField
from susi.forms import Form

_SOURCE_LENGTH = 90  # what the history's reason has room for


@dataclass(frozen=True)
class Fixed:
    """A date that a decision set: shown, not to be filled in."""

    label: str
    value: PartialDate | None
    decision: Decision | None


@dataclass(frozen=True)
class Section:
    """One phase of the form."""

    run: PhaseRun
    fixed: list[Fixed]
    fields: list[forms.BoundField]


class DatesForm(Form):
    """Begun, ended and expected, of every phase of the initiative. `version` is the one the writer read."""

    source = forms.CharField(
        label="Hvor ved vi det fra?",
        max_length=_SOURCE_LENGTH,
        help_text="For eksempel bevillingsbrevet, journalnummeret eller et møde. Det står i historikken.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiative = initiative
        self.runs = dating.runs_to_date(initiative)
        self.fields["version"].initial = initiative.version
        self._dates = {
            _field(run, name): (run, name)
            for run in self.runs
            for name in dating.NAMES
            if dating.may_be_filled_in(run, name)
        }
        for field, (run, name) in self._dates.items():
            self.fields[field] = PartialDateField(label=_label(run, name), required=False, help_text="")
            self.initial[field] = dating.dates_of(run)[name]
        self.order_fields([*self._dates, "source"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(field in self.errors for field in self._dates):
            wanted = {run.pk: dating.dates_of(run) | self.dates().get(run.pk, {}) for run in self.runs}
            for (pk, name), sentence in dating.problems(self.runs, wanted):
                field = f"run-{pk}-{name}"
                self.add_error(field if field in self.fields else None, ValidationError(sentence))
        return cleaned

    def dates(self) -> dict[int, dict[str, PartialDate | None]]:
        """Return the dates filled in, by the key of the run and their name."""
        dates: dict[int, dict[str, PartialDate | None]] = {}
        for field, (run, name) in self._dates.items():
            dates.setdefault(run.pk, {})[name] = self.cleaned_data[field]
        return dates

    def sections(self) -> Iterator[Section]:
        for run in self.runs:
            yield Section(
                run=run,
                fixed=list(_fixed(run)),
                fields=[self[field] for field, (one, _) in self._dates.items() if one is run],
            )

    def after_conflict(self) -> "DatesForm":
        """Return the form as typed, to be saved over what is stored now, with what differs in `differences`."""
        stored = Initiative.objects.get(pk=self.initiative.pk)
        form = DatesForm(over_stored(self.data, stored), initiative=stored)
        form.differences = [
            (str(self.fields[field].label), str(self.cleaned_data[field] or ""), str(form.initial[field] or ""))
            for field in self._dates
            if field in form.fields and self.cleaned_data[field] != form.initial[field]
        ]
        return form

    differences: list[tuple[str, str, str]] | None = None


def _field(run: PhaseRun, name: str) -> str:
    return f"run-{run.pk}-{name}"


def _label(run: PhaseRun, name: str) -> str:
    return f"{run.get_phase_display()} {dating.NAMES[name]}"


def _fixed(run: PhaseRun) -> Iterator[Fixed]:
    """Yield what is known of `run` and not filled in here."""
    if run.opened_by:
        yield Fixed("Begyndt", dating.dates_of(run)[dating.STARTED], run.opened_by)
    if run.closed_by:
        yield Fixed("Afsluttet", dating.dates_of(run)[dating.ENDED], run.closed_by)
