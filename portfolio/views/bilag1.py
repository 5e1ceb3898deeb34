"""Bilag 1: the portfolio as the published overview sets it out, as a page, a workbook and a document."""

import django_filters
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portfolio import bilag1
from portfolio.access import datable_by
from portfolio.bilag1_table import LEGEND, LETTERS, WITHOUT_PROGRAMME, Overview, overview
from portfolio.filters import NONE
from portfolio.models import Initiative, Programme
from susi.days import of_any_day, today
from susi.forms import Form
from susi.http import UserRequest, as_file
from susi.reports import report_pdf

PDF_ROWS = 1000  # a minute of typesetting


class Bilag1Filter(django_filters.FilterSet):
    """Which of the tables to show, by the names the list has for them."""

    programme = django_filters.ModelChoiceFilter(
        label="Program",
        queryset=Programme.objects.all(),
        to_field_name="key",
        empty_label="Alle",
        null_label=WITHOUT_PROGRAMME,
        null_value=NONE,
    )

    class Meta:
        model = Initiative
        fields: list[str] = []
        form = Form


@require_GET
@of_any_day
def page(request: UserRequest) -> HttpResponse:
    return _page(request, *_asked(request))


@require_GET
@of_any_day
def xlsx(request: UserRequest) -> HttpResponseBase:
    chosen, shown = _asked(request)
    if chosen.form.errors:
        return _page(request, chosen, shown, status=422)
    day = request.day or today()
    from portfolio import bilag1_xlsx

    return as_file(bilag1_xlsx.workbook(shown, day=day), f"Bilag-1_{day:%Y-%m-%d}.xlsx", rows=shown.total.rows)


@require_GET
@of_any_day
def pdf(request: UserRequest) -> HttpResponseBase:
    chosen, shown = _asked(request)
    if shown.total.rows > PDF_ROWS:
        room = f"Dokumentet har plads til {PDF_ROWS} rækker."
        chosen.form.add_error(None, f"{room} Vælg et program, eller hent regnearket.")
    if chosen.form.errors:
        return _page(request, chosen, shown, status=422)
    day = request.day or today()
    context = {"overview": shown, "legend": _legend(), "day": day}
    document = report_pdf("pdf/bilag1.html", context, landscape=True, styles="pdf/bilag1.css")
    return as_file(document, f"Bilag-1_{day:%Y-%m-%d}.pdf", rows=shown.total.rows)


def _page(request: UserRequest, chosen: Bilag1Filter, shown: Overview, status: int = 200) -> HttpResponse:
    context = {
        "form": chosen.form,
        "overview": shown,
        "legend": _legend(),
        "datable": set() if request.day else set(datable_by(request.user).values_list("pk", flat=True)),
        "asked": request.GET.urlencode(),
    }
    return render(request, "portfolio/bilag1.html", context, status=status)


def _asked(request: UserRequest) -> tuple[Bilag1Filter, Overview]:
    """Return the filter and what it leaves, of what the user may see, on the day asked for."""
    chosen = Bilag1Filter(request.GET, queryset=bilag1.begun(request.user))
    part = chosen.is_bound and bool(chosen.form.is_valid() and chosen.form.cleaned_data["programme"])
    return chosen, overview(chosen.qs, day=request.day or today(), whole=not part)


def _legend() -> list[tuple[str, str, str, str]]:
    """Return for each mark its name, letter, word and what it means."""
    return [(mark.value, LETTERS[mark], mark.label, LEGEND[mark]) for mark in LEGEND]
