"""My work: what I owe, and by when."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.forms import MyWorkForm
from desk.owed import owed_by
from susi.http import UserRequest
from susi.models import StandIn

PER_PAGE = 50


@require_safe
def my_work(request: UserRequest) -> HttpResponse:
    found = owed_by(request.user)
    form = MyWorkForm(request.GET, owed=found.owed)
    chosen = form.chosen(found.owed)
    context: dict[str, Any] = {
        "form": form,
        "owed": found.owed,
        "not_fetched": found.not_fetched,
        "is_filtered": len(chosen) < len(found.owed),
        "page": Paginator(chosen, PER_PAGE).get_page(request.GET.get("page")),
        "stands_in_for": StandIn.objects.in_force().filter(stand_in=request.user).select_related("person"),
        "has_stand_in": StandIn.objects.in_force().filter(person=request.user).select_related("stand_in"),
    }
    return render(request, "desk/my_work.html", context)
