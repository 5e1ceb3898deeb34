"""The filters of the initiative list, in any combination, as parameters of the address."""

from collections import Counter
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Sum, Value, When
from django.urls import reverse
from django.utils.http import urlencode

from phases.terms import Phase, Stage, Track
from portfolio.models import Agreement, Initiative, Programme
from portfolio.standing import Standing, present_runs
from susi.danish import fold
from susi.forms import Form
from susi.phase_model import WITH_TRACKS

UNKNOWN = "unknown"
NONE = "none"
NOT_ENDED = "not_ended"
_PHASE_ORDER = Case(
    *(When(current_run__phase=phase, then=Value(place)) for place, phase in enumerate(Phase, start=1)),
    default=Value(0),
)
_SORTS: dict[str, list[Any]] = {
    "title": [],
    "number": ["number"],
    "phase": [_PHASE_ORDER, F("current_run__track").asc(nulls_first=True)],
}


class InitiativeFilter(django_filters.FilterSet):
    """Filters initiatives fetched `with_standing`."""

    q = django_filters.CharFilter(label="Fritekst", method="filter_text", max_length=200)
    programme = django_filters.ModelChoiceFilter(
        label="Program",
        queryset=Programme.objects.all(),
        to_field_name="key",
        empty_label="Alle",
        null_label="Uden program",
        null_value=NONE,
    )
    phase = django_filters.ChoiceFilter(
        label="Fase",
        method="filter_present_runs",
        empty_label="Alle",
        choices=[(Stage.PROPOSAL.value, Stage.PROPOSAL.label), *Phase.choices],
    )
    track = django_filters.ChoiceFilter(
        label="Spor",
        method="filter_present_runs",
        empty_label="Alle",
        choices=[*Track.choices, (UNKNOWN, "Spor ikke oplyst")],
    )
    agreement = django_filters.ModelChoiceFilter(
        label="Aftale",
        field_name="agreements",
        queryset=Agreement.objects.select_related("programme"),
        empty_label="Alle",
        null_label="Uden aftale",
        null_value=NONE,
    )
    status = django_filters.ChoiceFilter(
        label="Status",
        method="filter_status",
        empty_label="Alle",
        choices=[(NOT_ENDED, "Ikke afsluttet"), *Standing.choices],
    )
    sort = django_filters.ChoiceFilter(
        label="Sortér efter",
        method="leave",
        empty_label=None,
        choices=[("title", "Titel"), ("number", "Nummer"), ("phase", "Fase")],
    )

    class Meta:
        model = Initiative
        fields: list[str] = []
        form = Form

    def filter_text(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Keep those whose text holds every word, in whatever order."""
        for word in fold(value).split():
            initiatives = initiatives.filter(search_text__contains=word)
        return initiatives

    def filter_status(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        if value == NOT_ENDED:
            return initiatives.exclude(phase=Stage.ENDED)
        return initiatives.filter(standing=value)

    def filter_present_runs(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Pass on: phase and track are asked of one and the same run, in `filter_queryset`."""
        return initiatives

    leave = filter_present_runs

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        initiatives = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        phase, track = chosen.get("phase"), chosen.get("track")
        if phase == Stage.PROPOSAL:
            initiatives = initiatives.filter(phase=phase)
        if phase in Phase.values or track:
            runs = present_runs().filter(initiative=OuterRef("pk"))
            runs = runs.filter(phase=phase) if phase in Phase.values else runs
            runs = runs.filter(track=track) if track in Track.values else runs
            runs = runs.filter(track="").exclude(phase=Phase.SCREENING) if track == UNKNOWN else runs
            initiatives = initiatives.filter(Exists(runs))
        return initiatives.order_by(*_SORTS[chosen.get("sort") or "title"], "sort_key", "number")

    def chosen(self) -> list[dict[str, str]]:
        """Return what is filtered by, in the order of the form: `label`, `words`, and `without`, the address of the
        same page without it. Asked after the filtering.
        """
        if not self.is_bound:
            return []
        chosen = self.form.cleaned_data
        return [
            {
                "label": str(field.label),
                "words": _words(field.field, value),
                "without": self._address_without(field.name),
            }
            for field in self.form
            if field.name != "sort" and (value := chosen.get(field.name))
        ]

    def _address_without(self, name: str) -> str:
        kept = [(key, value) for key, value in self.data.items() if value and key not in (name, "page")]
        path = self.request.path if self.request else reverse("portfolio:initiative_list")
        return f"{path}?{urlencode(kept)}" if kept else path

    def sorted_by(self) -> str:
        """Return the order in words: "Titel"."""
        sort = self.form.cleaned_data.get("sort") if self.is_bound else ""
        return _words(self.form.fields["sort"], sort or "title")


def _words(field: forms.Field, value: Any) -> str:
    """Return the choice `value` of `field` as a person reads it."""
    if value == NONE:
        return str(field.null_label)  # type: ignore[attr-defined]
    if isinstance(field, forms.ModelChoiceField):
        return str(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices)[value])  # type: ignore[arg-type]
    return f"»{value}«"


def phase_model_cells(initiatives: QuerySet[Initiative]) -> list[dict[str, Any]]:
    """Return how many of `initiatives` are in each phase and track and have not ended, for the phase model.

    A row that counts as several counts as them, as in Bilag 1; one that runs two phases together counts in both.
    `url` finds the same ones in the list.
    """
    going_on = initiatives.exclude(phase=Stage.ENDED).order_by().values("pk")
    counted = (
        present_runs()
        .filter(initiative__in=going_on)
        .order_by()
        .values_list("phase", "track")
        .annotate(count=Sum("initiative__counts_as"))
    )
    counts: Counter[tuple[str, str]] = Counter()
    for phase, track, count in counted:
        counts[phase, track if phase in WITH_TRACKS else ""] += count
    places = [(phase, track) for phase in Phase for track in (["1", "2", ""] if phase in WITH_TRACKS else [""])]
    return [
        {"phase": phase.value, "track": track, "count": counts[phase, track], "url": _list_of(phase, track)}
        for phase, track in places
    ]


def _list_of(phase: Phase, track: str) -> str:
    chosen = {"phase": phase.value, "status": NOT_ENDED}
    if phase in WITH_TRACKS:
        chosen["track"] = track or UNKNOWN
    return f"{reverse('portfolio:initiative_list')}?{urlencode(chosen)}"
