"""What the form of a decision is made of: its fields, the forms within it, and what is wrong in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from assessments.contents import CriterionContents
from assessments.forms import DeviationForm, answer, text
from phases.gates import Finding
from phases.models import EntryCondition
from phases.terms import Stage
from portfolio.models import Agreement, Initiative
from susi.forms import BoundField, Form

DEVIATION_PREFIX, CONDITION_PREFIX = "fravigelse", "betingelse"


class OwnDeviationForm(DeviationForm):
    """The decision's own fravigelse from a criterion that is neither met nor explained (`row`), or from the model."""

    def __init__(self, data: Any, *, row: CriterionContents | None) -> None:
        super().__init__(data, deviation=None)
        self.prefix = f"{DEVIATION_PREFIX}-{row.criterion.pk if row else 0}"
        self.row = row
        self.criterion = row.criterion if row else None
        self.subject = f"Kriterie {row.code}" if row else "Fasemodellen"

    @property
    def first_missing(self) -> str:
        """The first field that is still to be filled in."""
        return next((name for name in self.fields if not self.cleaned_data.get(name)), "grounds")

    def settles(self, finding: Finding) -> bool:
        """Whether the fravigelse is what `finding` asks for."""
        if self.row is None:
            return finding.code == "screening_left_out"
        return finding.code == "deviation" and self.row.code == finding.criterion


class ConditionForm(Form):
    """Whether `condition` for entering the model is met, judged by the decision itself."""

    met = answer("", [("True", "Opfyldt"), ("False", "Ikke opfyldt")])
    note = text("Bemærkning", rows=2)

    def __init__(self, data: Any, *, condition: EntryCondition) -> None:
        super().__init__(data, prefix=f"{CONDITION_PREFIX}-{condition.no}")
        self.condition = condition
        self.fields["met"].label, self.fields["met"].help_text = condition.heading, condition.text
        self.fields["note"].label = f"Bemærkning til »{condition.heading}«"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right: the sentence, and the address on the page of the field that settles it, if one does."""

    sentence: str
    url: str = ""


class InitiativeChoice(forms.ModelChoiceField):
    """An initiative, told by number, title and where it stands."""

    def label_from_instance(self, initiative: Initiative) -> str:
        stands = [Stage(initiative.phase).label.lower(), initiative.track_label.lower()]
        return f"{initiative} ({', '.join(filter(None, stands))})"


class AgreementChoice(forms.ModelChoiceField):
    """An agreement of any programme, the newest first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Agreement.objects.select_related("programme").order_by("-year", "programme"), **kwargs)


class DependentField(BoundField):
    """A field that other answers make required or void: it is never marked as optional."""

    marked_optional = False


def problems_of(form: Form, stated: Sequence[str]) -> list[Problem]:
    """Return what is wrong in `form`. The `stated` sentences of the rules stand alone, others follow their label."""
    problems = [Problem(str(sentence)) for sentence in form.non_field_errors()]
    for field in form:
        sentences = [str(sentence) for sentence in field.errors]
        if field.is_hidden:
            problems += [Problem(one) for one in sentences]
            continue
        lead_in, url = field.lead_in, f"#{field.first_id}"  # type: ignore[attr-defined]
        problems += [Problem(one if one in stated else f"{lead_in} {one}", url) for one in sentences]
    return problems
