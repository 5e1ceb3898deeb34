"""The forms of an agreement's year: what is sought, and what came of the negotiation."""

from collections.abc import Iterable
from typing import Any

from django import forms

from assessments import forms as fields
from assessments.actions.settling import RowInput, SettlementInput
from assessments.coming import Line, Result
from assessments.decision_parts import AgreementChoice
from portfolio.models import Agreement, AgreementEntry, Decision
from susi.dates import DateField, danish
from susi.days import today
from susi.forms import Form
from susi.kroner import KronerField, kroner


class AmountForm(Form):
    """What is sought for an initiative. `version` is that of its entry as the page showed it, 0 for none."""

    sought = KronerField(
        label="Søgt beløb", required=False, help_text="I kroner, for eksempel 12.500.000 eller 12,5 mio. kr."
    )
    note = fields.text("Bemærkning til forhandlingen", longest=2000, rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, entry: AgreementEntry | None, data: Any = None) -> "AmountForm":
        stored = {"sought": entry.sought, "note": entry.note, "version": entry.version} if entry else {"version": 0}
        return cls(data, initial=stored)

    def after_conflict(self, entry: AgreementEntry | None, sentence: str) -> "AmountForm":
        """Return the form as typed, to be saved over what is stored now, saying what that is."""
        data = {**self.data.dict(), "version": str(entry.version if entry else 0)}  # type: ignore[attr-defined]
        form = AmountForm(data)
        stored = kroner(entry.sought if entry else None) or "intet beløb"
        note = f", med bemærkningen »{entry.note}«" if entry and entry.note else ""
        form.add_error(None, f"{sentence} Gemt nu: {stored}{note}.")
        return form


class CommonForm(Form):
    """What is the same for every row of the settlement."""

    decided_by = forms.ChoiceField(
        label="Hvem har besluttet det?",
        choices=Decision.DecidedBy.choices,
        widget=forms.RadioSelect,
        initial=Decision.DecidedBy.AGREEMENT_PARTIES,
    )
    decided_on = DateField(label="Hvornår er aftalen indgået?")
    next_agreement = AgreementChoice(
        label="Senere aftale",
        required=False,
        empty_label="Ingen",
        help_text="Den aftale, som det, der faldt ud, i stedet indstilles til. Kun nødvendig, hvis noget gør det.",
    )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        later = Agreement.objects.filter(year__gt=agreement.year).select_related("programme")
        self.fields["next_agreement"].queryset = later.order_by("year", "programme")  # type: ignore[attr-defined]
        self.fields["decided_on"].help_text = f"I dag er det {danish(today())}. Datoen må gerne ligge tilbage i tiden."


class RowForm(Form):
    """What came of one initiative."""

    result = forms.ChoiceField(
        label="Udfald", required=False, choices=[("", "Afgøres ikke nu"), *AgreementEntry.Result.choices]
    )
    prioritised = KronerField(label="Prioriteret beløb", required=False)
    reason = fields.text("Begrundelse", rows=2, help_text="Skal skrives, hvis initiativet ikke videreføres.")
    entry_met = forms.BooleanField(
        label="Alle betingelser for at indgå i strategien er opfyldt",
        required=False,
        help_text="Skal bekræftes, hvis forslaget er prioriteret.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    seen_ground = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, line: Line) -> None:
        super().__init__(data, prefix=_prefix(line))
        self.line = line
        self.subject = line.initiative.number
        self.initial.update(seen=line.seen, seen_ground=line.seen_ground)
        if not line.enters_model:
            del self.fields["entry_met"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("result") == Result.STOPPED and "reason" not in self.errors and not cleaned["reason"].strip():
            self.add_error("reason", "Skriv, hvorfor initiativet ikke videreføres.")
        has_amount = "result" not in self.errors and cleaned.get("prioritised") is not None
        if has_amount and cleaned["result"] != Result.PRIORITISED:
            self.add_error("prioritised", "Beløbet kan kun skrives, hvor initiativet er prioriteret.")
        return cleaned

    def row(self) -> RowInput:
        return RowInput(initiative=self.line.initiative, **self.cleaned_data)


def _prefix(line: Line) -> str:
    return f"row-{line.initiative.pk}"


class SettlementForm:
    """The whole settlement of an agreement: what is common, and a row for each of `lines` that wait."""

    def __init__(self, agreement: Agreement, lines: Iterable[Line], data: Any = None) -> None:
        self.agreement, self.lines = agreement, list(lines)
        self.common = CommonForm(data, agreement=agreement)
        # A row that was not on the page as it was sent has appeared since; it is not settled by it.
        sent = [line for line in self.lines if data is None or f"{_prefix(line)}-seen" in data]
        self.rows = [RowForm(data, line=line) for line in sent]
        self.data = data

    def is_valid(self) -> bool:
        return all([self.common.is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def was_overtaken(self) -> bool:
        """Whether it says something of an initiative that does not wait any more."""
        known = {f"{_prefix(line)}-result" for line in self.lines}
        named = (
            name for name, value in self.data.items() if name.startswith("row-") and name.endswith("-result") and value
        )
        return any(name not in known for name in named)

    def wanted(self) -> SettlementInput:
        chosen = [row.row() for row in self.rows if row.cleaned_data["result"]]
        return SettlementInput(rows=chosen, **self.common.cleaned_data)

    def after_conflict(self, lines: Iterable[Line]) -> "SettlementForm":
        """Return the form as typed, to be sent knowing what `lines` now show."""
        data = self.data.copy()
        lines = list(lines)
        for name in [name for name in data if name.startswith("row-") and name.endswith("-result")]:
            if name.removesuffix("-result") not in map(_prefix, lines):
                del data[name]
        for line in lines:
            data[f"{_prefix(line)}-seen"] = str(line.seen)
            data[f"{_prefix(line)}-seen_ground"] = str(line.seen_ground)
        form = SettlementForm(self.agreement, lines, data)
        form.is_valid()
        return form

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong as (id of the field, sentence), the common part first."""
        found = []
        for form in (self.common, *self.rows):
            found += [("", str(error)) for error in form.non_field_errors()]
            for one in form:
                found += [(one.first_id, f"{one.lead_in} {error}") for error in one.errors]  # type: ignore[attr-defined]
        return found
