"""The list of initiatives as a file."""

from collections.abc import Callable

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio.exports import Extract
from portfolio.selection import Selection, selection
from susi.days import of_any_day
from susi.errors import Refused
from susi.http import UserRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@of_any_day
def initiative_export(request: UserRequest, kind: str) -> HttpResponseBase:
    """Send what the list shows with the same address. What the list does not understand is refused, never left out."""
    if kind not in _SENT:
        raise Http404
    selected = selection(request)
    try:
        _require_valid(selected)
        extract = Extract(selected.initiatives, chosen=selected.chosen, sorted_by=selected.sorted_by, day=request.day)
        return _SENT[kind](extract, extract.file_name(kind))
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)


def _require_valid(selected: Selection) -> None:
    if not selected.is_valid:
        errors = [(field.label, error) for field in selected.form for error in field.errors]
        raise Refused("Et valg i adressen kan ikke læses.", *(f"{label}: {error}" for label, error in errors))


def _csv(extract: Extract, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(extract.csv(), content_type="text/csv; charset=utf-8", headers=headers)


def _xlsx(extract: Extract, name: str) -> FileResponse:
    return FileResponse(extract.xlsx(), as_attachment=True, filename=name, content_type=XLSX)


def _pdf(extract: Extract, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(extract.pdf(), content_type="application/pdf", headers=headers)


_SENT: dict[str, Callable[[Extract, str], HttpResponseBase]] = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
