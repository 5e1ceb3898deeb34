"""The list of initiatives."""

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render

from portfolio.selection import selection
from susi.days import of_any_day
from susi.http import UserRequest
from susi.roles import Role

PER_PAGE = 50


@of_any_day
def initiative_list(request: UserRequest) -> HttpResponse:
    selected = selection(request)
    page = Paginator(selected.initiatives, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portfolio/initiative_list.html",
        {
            "form": selected.form,
            "chosen": selected.chosen,
            "page": page,
            "counts_as": selected.initiatives.order_by().aggregate(sum=Sum("counts_as"))["sum"] or 0,
            "may_create": request.user.has_role(Role.LEAD),
        },
    )
