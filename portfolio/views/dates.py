"""The dates of an initiative's phases, filled in by those who know them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portfolio import dating
from portfolio.access import require_dater
from portfolio.date_forms import DatesForm
from portfolio.models import Initiative
from susi.errors import Conflict, Refused
from susi.http import UserRequest


def initiative_dates(request: UserRequest, number: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative.objects.visible_to(request.user).with_standing(), number=number)
    require_dater(request.user, initiative)
    if request.method != "POST":
        return _page(request, initiative, DatesForm(initiative=initiative))
    form = DatesForm(request.POST, initiative=initiative)
    if not form.is_valid():
        return _page(request, initiative, form, status=422)
    try:
        dating.change_dates(
            initiative=initiative,
            by=request.user,
            version=form.cleaned_data["version"],
            dates=form.dates(),
            source=form.cleaned_data["source"],
        )
    except Conflict:
        return _page(request, initiative, form.after_conflict(), status=409)
    except Refused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return _page(request, initiative, form, status=422)
    messages.success(request, "Datoerne er gemt.")
    return redirect("portfolio:initiative_detail", number)


def _page(request: UserRequest, initiative: Initiative, form: DatesForm, status: int = 200) -> HttpResponse:
    context = {
        "initiative": initiative,
        "form": form,
        "saved": initiative.history.select_related("history_user").first(),
    }
    return render(request, "portfolio/initiative_dates.html", context, status=status)
