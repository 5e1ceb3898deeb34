"""The first page: what needs me, and what stands where."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from phases.models import Edition
from portfolio.filters import phase_model
from portfolio.outlook import newest_decisions, taking_long, waiting_for_agreement
from susi.dates import danish
from susi.days import of_any_day, today
from susi.http import UserRequest
from susi.roles import Role
from susi.unwritten import KeptUntilWritten

_told = KeptUntilWritten(at_most=50)


@require_safe
@of_any_day
def overview(request: UserRequest) -> HttpResponse:
    user = request.user
    depends_on = (user.pk, user.roles, user.acts_for, request.day, today())
    told = _told.get(depends_on, lambda: render_to_string("portfolio/_overview.html", _what_it_tells(request), request))
    return render(request, "portfolio/overview.html", {"told": told})


def _what_it_tells(request: UserRequest) -> dict[str, Any]:
    roles = request.user.roles
    cells, unknown = phase_model(roles, danish(request.day) if request.day else "")
    waiting, waiting_count = waiting_for_agreement(roles)
    return {
        "cells": cells,
        "unknown": unknown,
        "decisions": newest_decisions(roles),
        "waiting": waiting,
        "waiting_count": waiting_count,
        "taking_long": taking_long(roles, request.day or today()),
        "acts": bool(roles - {Role.READER}),
        "editions": _editions_in_progress(request),
    }


def _editions_in_progress(request: UserRequest) -> list[Edition]:
    if not request.user.has_role(Role.ADMINISTRATOR):
        return []
    return list(Edition.objects.filter(published_at__isnull=True).order_by("number"))
