"""Across the portfolio: who takes part in how much, as a table and as a map."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from participants import denmark, load
from participants.models import regions_on
from participants.organisation_forms import LoadForm
from participants.terms import OrganisationKind
from phases.terms import Phase
from portfolio.models import Programme
from susi.http import UserRequest


@require_safe
def load_table(request: UserRequest) -> HttpResponse:
    form = LoadForm(request.GET, is_table=True)
    chosen = form.chosen()
    kind = chosen["kind"] or OrganisationKind.MUNICIPALITY
    rows = load.loads(request.user, kind=kind, programme=chosen["programme"], phase=chosen["phase"])
    context = {
        **_context(form, rows, chosen),
        "kind": OrganisationKind(kind),
        "rows": load.ordered(rows, chosen["sort"]),
        "is_municipalities": kind == OrganisationKind.MUNICIPALITY,
        "regions": regions_on(timezone.localdate()) if kind == OrganisationKind.MUNICIPALITY else {},
    }
    return render(request, "participants/load.html", context)


@require_safe
def load_map(request: UserRequest) -> HttpResponse:
    form = LoadForm(request.GET)
    chosen = form.chosen()
    rows = load.loads(request.user, programme=chosen["programme"], phase=chosen["phase"])
    return render(request, "participants/map.html", {**_context(form, rows, chosen), "map": denmark.draw(rows)})


def _context(form: LoadForm, rows: list[load.Load], chosen: dict[str, str]) -> dict[str, Any]:
    return {
        "form": form,
        "reach": load.reach(rows),
        "chosen": words(chosen),
        "query": urlencode({name: chosen[name] for name in ("programme", "phase") if chosen[name]}),
        "is_dissemination": chosen["phase"] == Phase.DISSEMINATION,
    }


def words(chosen: dict[str, str]) -> str:
    """Say what is narrowed to: "i UIP voksne, i udbredelse"; "" for nothing."""
    parts = []
    if chosen.get("programme"):
        parts.append(f"i {Programme.objects.get(key=chosen['programme'])}")
    if chosen.get("phase"):
        parts.append(f"i {Phase(chosen['phase']).label.lower()}")
    return ", ".join(parts)
