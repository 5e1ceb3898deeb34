"""What has happened to an initiative."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from portfolio.history import history_of
from portfolio.models import Initiative
from susi.http import UserRequest

PER_PAGE = 50


@require_safe
def initiative_history(request: UserRequest, number: str) -> HttpResponse:
    initiatives = Initiative.objects.visible_to(request.user).prefetch_related("members")
    initiative = get_object_or_404(initiatives, number=number)
    page = Paginator(history_of(initiative, request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portfolio/initiative_history.html", {"initiative": initiative, "page": page})
