"""The gates in numbers, and what is behind each of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from assessments.departures import departed_from
from assessments.phase_times import figure, phase_times
from assessments.statistics import (
    UNKNOWN,
    Chosen,
    Fact,
    Row,
    What,
    approved_documents,
    by_phase,
    by_programme,
    by_track,
    by_year,
    facts,
    sent_back,
    stated,
    stated_kinds,
    tally,
)
from phases.terms import Phase, Stage, Track
from portfolio.models import Initiative, Programme
from susi.days import DAY, of_any_day, today
from susi.forms import Form
from susi.http import UserRequest
from susi.past import moment_of
from susi.roles import Role

PER_PAGE = 50
_BY: dict[str, tuple[str, Callable[[Fact], tuple[str, str]]]] = {
    "phase": ("Fase", by_phase),
    "track": ("Spor", by_track),
    "programme": ("Program", by_programme),
    "year": ("År", by_year),
}
_ALL = ("", "Alle")
_STATED = {what: f"{caption}: {label}" for caption, kinds in stated_kinds().items() for what, label in kinds.items()}


class Cell(NamedTuple):
    """A number, and the address of the list behind it."""

    heading: str
    number: int
    url: str


class StatisticsForm(Form):
    """What to count of, and what to list."""

    programme = forms.ChoiceField(label="Program", required=False)
    phase = forms.ChoiceField(
        label="Fase, der afsluttes",
        required=False,
        choices=[_ALL, (Stage.PROPOSAL.value, "Før første fase"), *Phase.choices],
    )
    track = forms.ChoiceField(
        label="Spor", required=False, choices=[_ALL, *Track.choices, (UNKNOWN, "Uden spor eller ikke oplyst")]
    )
    year = forms.ChoiceField(label="År", required=False)
    vis = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, years: list[int], kinds: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = [(programme.key, programme.name) for programme in Programme.objects.all()]
        self.fields["programme"].choices = [_ALL, *programmes, (UNKNOWN, "Uden program")]  # type: ignore[attr-defined]
        self.fields["vis"].choices = [_ALL, *kinds.items(), *_STATED.items()]  # type: ignore[attr-defined]
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            _ALL,
            *((str(year), str(year)) for year in years),
            (UNKNOWN, "År ikke oplyst"),
        ]


@of_any_day
@require_GET
def statistics(request: UserRequest) -> HttpResponse:
    initiatives = Initiative.objects.visible_to(request.user)
    sees_returned = request.user.has_role(Role.MANAGER)
    documents = approved_documents(initiatives)
    done = facts(initiatives, documents)
    done += sent_back(initiatives, moment_of(request.day)) if sees_returned else []
    told = stated(initiatives)
    kinds = {what.value: what.label for what in What if sees_returned or what != What.RETURNED}
    years = sorted({fact.year for fact in [*done, *told] if fact.year}, reverse=True)
    form = StatisticsForm(request.GET, years=years, kinds=kinds)
    if not form.is_valid():
        return render(request, "assessments/statistics.html", {"form": form}, status=422)
    chosen = Chosen(**{name: form.cleaned_data[name] for name in _BY})
    done, told = ([fact for fact in all_of if chosen.holds(fact)] for all_of in (done, told))
    times = phase_times(initiatives, chosen, request.day or today())
    return render(
        request,
        "assessments/statistics.html",
        {
            "form": form,
            "is_limited": any(chosen.__dict__.values()),
            "sees_returned": sees_returned,
            "is_empty": not (done or told or any(time.stays for time in times)),
            "totals": _cells(request, Row("I alt", "", dict(_counts(done))), "", kinds),
            "tables": _tables(request, done, _BY, kinds),
            "stated": [
                (caption, _tables(request, told, {"phase": _BY["phase"]}, of_kind)[0][1:])
                for caption, of_kind in stated_kinds().items()
            ],
            "times": times,
            "figure": figure(times),
            "departed_from": departed_from(initiatives, documents, chosen),
            **_behind(request, form.cleaned_data["vis"], [*done, *told]),
        },
    )


def _counts(found: list[Fact]) -> dict[str, int]:
    return next(iter(tally(found, lambda fact: ("", "I alt"))), Row("", "", {})).counts


def _tables(
    request: UserRequest, found: list[Fact], by: dict[str, Any], kinds: dict[str, str]
) -> list[tuple[str, list[str], list[tuple[str, list[Cell]]]]]:
    """Return a table for each of `by`: its heading, those of its columns, and its lines."""
    counted = [fact for fact in found if fact.what in kinds]
    return [
        (
            heading,
            list(kinds.values()),
            [(row.label, _cells(request, row, name, kinds)) for row in tally(counted, group)],
        )
        for name, (heading, group) in by.items()
    ]


def _cells(request: UserRequest, row: Row, name: str, kinds: dict[str, str]) -> list[Cell]:
    kept = {key: request.GET[key] for key in (*_BY, DAY) if request.GET.get(key)}
    if name:
        kept[name] = row.value
    address = reverse("statistics")
    return [
        Cell(heading, row.counts.get(what, 0), f"{address}?{urlencode({**kept, 'vis': what})}#bag-tallet")
        for what, heading in kinds.items()
    ]


def _behind(request: UserRequest, what: str, found: list[Fact]) -> dict[str, Any]:
    """Return the things behind a number, in pages; nothing where none is asked for."""
    if not what:
        return {}
    behind = sorted((fact for fact in found if fact.what == what), key=lambda fact: (fact.initiative.number, fact.text))
    labels = {**dict(What.choices), **_STATED}
    page = Paginator(behind, PER_PAGE).get_page(request.GET.get("page"))
    heading = "Godkendte SUSI-vurderinger med fravigelse" if what == What.DEPARTED else labels[what]
    return {"behind": heading, "page": page}
