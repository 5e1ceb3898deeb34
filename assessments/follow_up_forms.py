"""The form for following up on a fravigelse."""

from typing import Any

from django import forms

from assessments import forms as fields
from assessments.actions.follow_up import follow_up_problems
from assessments.models import Deviation
from susi.dates import DateField, danish
from susi.days import today
from susi.forms import Form


class FollowUpForm(Form):
    """What has been done, and when to look again. `seen` is how many follow-ups the page showed."""

    text = fields.text(
        "Hvad er der gjort?", required=True, help_text="Teksten kan ikke ændres bagefter. Skriv en ny i stedet."
    )
    review_on = DateField(label="Følges op igen", required=False)
    move_reason = fields.text("Hvorfor flyttes opfølgningen?", longest=1000, rows=2)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deviation: Deviation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deviation = deviation
        self.fields["seen"].initial = len(deviation.follow_ups.all())
        is_due = deviation.review_on is not None and deviation.review_on <= today()
        self.fields["review_on"].help_text = (
            "Datoen er nået. Skriv, hvornår der skal følges op igen."
            if is_due
            else f"Lad feltet stå tomt, hvis det fortsat er {danish(deviation.review_on)}."  # type: ignore[arg-type]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "review_on" not in self.errors and "move_reason" not in self.errors:
            reason = cleaned.get("move_reason") or ""
            for name, sentence in follow_up_problems(self.deviation, today(), cleaned.get("review_on"), reason).items():
                self.add_error(name, sentence)
        return cleaned

    def written(self) -> dict[str, Any]:
        """Return what the action takes."""
        return {name: self.cleaned_data[name] for name in ("text", "review_on", "move_reason", "seen")}

    def after_conflict(self, sentence: str, deviation: Deviation) -> "FollowUpForm":
        """Return the form as typed, to be saved knowing what `deviation` shows now."""
        data = {**self.data.dict(), "seen": str(len(deviation.follow_ups.all()))}  # type: ignore[attr-defined]
        form = FollowUpForm(data, deviation=deviation)
        form.add_error(None, sentence)
        return form
