"""The first page: what needs me, and what stands where."""

from django.http import HttpResponse
from django.shortcuts import render

from phases.models import Edition
from portfolio.filters import phase_model
from portfolio.models import Decision, Initiative
from portfolio.outlook import taking_long, waiting_for_agreement
from susi.dates import danish
from susi.days import of_any_day, today
from susi.http import UserRequest
from susi.roles import Role

NEWEST_DECISIONS = 10


@of_any_day
def overview(request: UserRequest) -> HttpResponse:
    visible = Initiative.objects.visible_to(request.user)
    decisions = Decision.objects.filter(initiative__in=visible.order_by().values("pk"))
    cells, unknown = phase_model(visible, danish(request.day) if request.day else "")
    waiting, waiting_count = waiting_for_agreement(visible)
    return render(
        request,
        "portfolio/overview.html",
        {
            "cells": cells,
            "unknown": unknown,
            "decisions": decisions.select_related("initiative").order_by("-registered_at", "-pk")[:NEWEST_DECISIONS],
            "waiting": waiting,
            "waiting_count": waiting_count,
            "taking_long": taking_long(visible, request.day or today()),
            "acts": bool(request.user.roles - {Role.READER}),
            "editions": _editions_in_progress(request),
        },
    )


def _editions_in_progress(request: UserRequest) -> list[Edition]:
    if not request.user.has_role(Role.ADMINISTRATOR):
        return []
    return list(Edition.objects.filter(published_at__isnull=True).order_by("number"))
