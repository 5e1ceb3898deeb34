"""The list of initiatives."""

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio import exports
from portfolio.selection import Selection, selection
from susi.days import of_any_day
from susi.http import UserRequest
from susi.roles import Role

PER_PAGE = 50


@require_safe
@of_any_day
def initiative_list(request: UserRequest) -> HttpResponse:
    selected = selection(request)
    return render(
        request,
        "portfolio/initiative_list.html",
        {
            "selection": selected,
            "form": selected.form,
            "chosen": selected.chosen,
            "page": _page(selected, request.GET.get("page")),
            "total": selected.total,
            "printed_at_most": exports.PRINTED_AT_MOST,
            "may_create": request.user.has_role(Role.LEAD),
        },
    )


def _page(selected: Selection, number: str | None) -> Page:
    page = Paginator(range(selected.total.rows), PER_PAGE).get_page(number)
    page.object_list = selected.listed(page.object_list)  # type: ignore[arg-type, assignment]
    return page
