"""What is noted of access, as administrators ask for it: by person, initiative, SUSI-vurdering, kind and days."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from susi.converters import InitiativeNumber
from susi.danish import sort_key
from susi.dates import COPENHAGEN, DateField, last_moment
from susi.models import AccessEntry, User
from susi.registers import ALL, RegisterForm

_Kind = AccessEntry.Kind
LOG_IN = "log_in"
_KINDS = {
    _Kind.OPENED.value: (_Kind.OPENED.label, [_Kind.OPENED]),
    _Kind.FETCHED.value: (_Kind.FETCHED.label, [_Kind.FETCHED]),
    _Kind.CHECKED.value: (_Kind.CHECKED.label, [_Kind.CHECKED]),
    _Kind.ADMINISTERED.value: (_Kind.ADMINISTERED.label, [_Kind.ADMINISTERED]),
    LOG_IN: ("Log ind og log ud", [_Kind.LOGGED_IN, _Kind.REFUSED, _Kind.LOGGED_OUT]),
}


class AccessFilter(RegisterForm):
    """Which part of it to show."""

    person = forms.ChoiceField(label="Person", required=False)
    initiative = forms.RegexField(
        label="Initiativ",
        regex=rf"^{InitiativeNumber.regex}$",
        required=False,
        error_messages={"invalid": "Skriv initiativets nummer som 2026-014."},
        widget=forms.TextInput(attrs={"placeholder": "2026-014"}),
    )
    no = forms.IntegerField(
        label="SUSI-vurdering nr.", required=False, min_value=1, max_value=9999, widget=forms.TextInput
    )
    kind = forms.ChoiceField(
        label="Hændelse", required=False, choices=[ALL, *((kind, label) for kind, (label, _) in _KINDS.items())]
    )
    since = DateField(label="Fra og med", required=False)
    until = DateField(label="Til og med", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = sorted(User.objects.only("username", "first_name", "last_name"), key=lambda one: sort_key(str(one)))
        self.fields["person"].choices = [ALL, *((str(one.pk), f"{one} ({one.username})") for one in people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("no") and not cleaned.get("initiative") and "initiative" not in self.errors:
            self.add_error("initiative", "Skriv, hvilket initiativ SUSI-vurderingen hører til.")
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "Den sidste dag ligger før den første.")
        return cleaned

    def found(self) -> QuerySet[AccessEntry]:
        """Return what was asked for, the newest first; what cannot be read is not filtered by."""
        asked, found = self.cleaned_data, AccessEntry.objects.select_related("user")
        number, no = asked.get("initiative"), asked.get("no")
        if asked.get("person"):
            found = found.filter(user=asked["person"])
        if number:
            found = found.filter(initiative=number)
        if number and no:
            found = found.filter(path__startswith=reverse("assessments:detail", args=[number, no]))
        if asked.get("kind"):
            found = found.filter(kind__in=_KINDS[asked["kind"]][1])
        if asked.get("since"):
            found = found.filter(at__gt=last_moment(asked["since"] - timedelta(days=1)))
        if asked.get("until"):
            found = found.filter(at__lte=last_moment(asked["until"]))
        return found


COLUMNS: Mapping[str, Callable[[AccessEntry], Any]] = {
    "Dag": lambda one: one.at.astimezone(COPENHAGEN).date(),
    "Klokken": lambda one: f"{timezone.localtime(one.at, COPENHAGEN):%H:%M:%S}",
    "Person": lambda one: str(one.user) if one.user else "Ukendt",
    "Bruger-id": lambda one: one.user_id,
    "Hændelse": lambda one: one.get_kind_display(),
    "Side": lambda one: one.page,
    "Initiativ": lambda one: one.initiative,
    "Adresse": lambda one: one.path,
    "Vist som den dag": lambda one: one.past_day,
    "Filtype": lambda one: one.file_kind,
    "Rækker i filen": lambda one: one.rows,
    "Anmodnings-id": lambda one: one.request_id,
}
