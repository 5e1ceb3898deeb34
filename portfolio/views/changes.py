"""What has changed between two days, on the screen and on paper."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portfolio.changes import Period, Section, changes_between, in_a_sentence
from portfolio.models import Programme
from susi.dates import DateField, danish
from susi.days import PastDayField, known_since, today
from susi.errors import Refused
from susi.forms import Form
from susi.http import UserRequest, as_file
from susi.reports import report_pdf

DAYS = 30
SHOWN = 20
PER_PAGE = 50
MOST_ON_PAPER = 400


class PeriodForm(Form):
    """Which two days, and perhaps which programme."""

    fra = DateField(label="Fra udgangen af")
    til = PastDayField(label="Til udgangen af", known_since=known_since)
    programme = forms.ModelChoiceField(
        label="Program",
        queryset=Programme.objects.all(),
        to_field_name="key",
        required=False,
        empty_label="Alle",
    )

    def clean_fra(self) -> date:
        first: date = self.cleaned_data["fra"]
        if first > today():
            raise forms.ValidationError("Dagen er ikke kommet endnu. Vælg i dag eller en dag før.", code="future")
        return first

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        first, last = chosen.get("fra"), chosen.get("til")
        if first and last and last <= first:
            self.add_error(
                "til", "Perioden skal slutte en senere dag, end den begynder. Vil du se én dag, så begynd dagen før."
            )
        return chosen

    def asked_for(self) -> tuple[Period, Programme | None]:
        chosen = self.cleaned_data
        return Period(chosen["fra"], chosen["til"]), chosen["programme"]


@require_GET
def changes(request: UserRequest) -> HttpResponse:
    """Show the period of the address, the last 30 days where it names none."""
    since = known_since()
    if since is None:
        return render(request, "portfolio/changes.html", {"nothing_yet": True})
    form = _form(request)
    try:
        sections = _sections(request, form)
    except Refused as refused:
        return render(request, "portfolio/changes.html", {"form": form, "refused": refused}, status=422)
    context: dict[str, Any] = {"form": form, "since": since}
    if sections is None:
        return render(request, "portfolio/changes.html", context, status=422)
    period, programme = form.asked_for()
    context |= {
        "period": period,
        "programme": programme,
        "before_the_first": period.first < since,
        "sentence": in_a_sentence(sections, period),
        "sections": sections,
        "printable": 0 < _length(sections) <= MOST_ON_PAPER,
        **_shown(request, sections),
    }
    return render(request, "portfolio/changes.html", context)


@require_GET
def changes_pdf(request: UserRequest) -> HttpResponseBase:
    """Return the same as a document, of all sections; 422 where there is too much for one, or the period is wrong."""
    form = _form(request)
    try:
        sections = _sections(request, form)
        if sections is not None:
            _refuse_too_long(sections)
    except Refused as refused:
        return render(request, "portfolio/changes.html", {"form": form, "refused": refused}, status=422)
    if sections is None:
        return render(request, "portfolio/changes.html", {"form": form}, status=422)
    period, programme = form.asked_for()
    since = known_since()
    document = report_pdf(
        "pdf/changes.html",
        {
            "period": period,
            "programme": programme,
            "since": since if since and period.first < since else None,
            "sentence": in_a_sentence(sections, period),
            "sections": [section for section in sections if section.items],
            "user": request.user,
            "today": today(),
        },
    )
    name = f"Aendringer_{period.first:%Y-%m-%d}_{period.last:%Y-%m-%d}.pdf"
    return as_file(document, name, is_saved="hent" in request.GET)


def _form(request: UserRequest) -> PeriodForm:
    """Return the form with what the address says, and the last 30 days for what it does not say."""
    asked = {name: request.GET.get(name, "") for name in ("fra", "til", "programme")}
    usual = {"fra": danish(today() - timedelta(days=DAYS)), "til": danish(today())}
    return PeriodForm({**asked, **{name: day for name, day in usual.items() if not asked[name].strip()}})


def _sections(request: UserRequest, form: PeriodForm) -> list[Section] | None:
    """Return the changes, or None where the form has errors. Raises `Refused` where there are too many."""
    if not form.is_valid():
        return None
    period, programme = form.asked_for()
    return changes_between(period, request.user, programme)


def _shown(request: UserRequest, sections: list[Section]) -> dict[str, Any]:
    """Return the page of the one section that `?afsnit=` names, else the beginning of each that has something."""
    chosen = next((one for one in sections if one.key == request.GET.get("afsnit")), None)
    if chosen:
        page = Paginator(chosen.items, PER_PAGE).get_page(request.GET.get("page"))
        return {"chosen": chosen, "page": page, "shown": [(chosen, page.object_list, 0)]}
    return {
        "shown": [
            (section, section.items[:SHOWN], max(0, len(section.items) - SHOWN))
            for section in sections
            if section.items
        ]
    }


def _length(sections: list[Section]) -> int:
    return sum(len(section.items) for section in sections)


def _refuse_too_long(sections: list[Section]) -> None:
    length = _length(sections)
    if length > MOST_ON_PAPER:
        raise Refused(
            f"Perioden har {length} ændringer. Et dokument kan rumme {MOST_ON_PAPER}. "
            "Vælg en kortere periode eller et program."
        )
