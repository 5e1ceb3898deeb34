"""The list of initiatives as a file."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio.exports import Extract
from portfolio.selection import Selection, selection
from susi.days import of_any_day
from susi.errors import Refused
from susi.http import UserRequest, as_file

_CSV, _PDF = "csv", "pdf"
_WRITTEN: dict[str, Callable[[Extract], Any]] = {_CSV: Extract.csv, "xlsx": Extract.xlsx, _PDF: Extract.pdf}


@require_safe
@of_any_day
def initiative_export(request: UserRequest, kind: str) -> HttpResponseBase:
    """Send what the list shows with the same address. What the list does not understand is refused, never left out."""
    if kind not in _WRITTEN:
        raise Http404
    selected = selection(request)
    try:
        _require_valid(selected)
        extract = Extract(selected.initiatives, chosen=selected.chosen, sorted_by=selected.sorted_by, day=request.day)
        content = _WRITTEN[kind](extract)
        rows = None if kind == _CSV else extract.count  # a CSV file is counted while it is sent
        return as_file(content, extract.file_name(kind), is_saved=kind != _PDF, rows=rows)
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)


def _require_valid(selected: Selection) -> None:
    if not selected.is_valid:
        errors = [(field.label, error) for field in selected.form for error in field.errors]
        raise Refused("Et valg i adressen kan ikke læses.", *(f"{label}: {error}" for label, error in errors))
