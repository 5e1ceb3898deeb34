"""The first page: what needs me, and what stands where."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from phases.models import Edition
from portfolio.filters import phase_model
from portfolio.outlook import newest_decisions, taking_long, waiting_for_agreement
from susi.dates import danish
from susi.days import of_any_day, today
from susi.http import UserRequest
from susi.models import User
from susi.roles import Role
from susi.unwritten import KeptUntilWritten

_told = KeptUntilWritten(at_most=50)


@require_safe
@of_any_day
def overview(request: UserRequest) -> HttpResponse:
    user = request.user
    depends_on = (user.pk, user.roles, user.acts_for, request.day, today())
    told = user.roles and _told.get(depends_on, lambda: _drawn(user, request.day))
    return render(request, "portfolio/overview.html", {"told": told})


def _drawn(user: User, day: date | None) -> SafeString:
    return render_to_string("portfolio/_overview.html", _what_it_tells(user, day))


def _what_it_tells(user: User, day: date | None) -> dict[str, Any]:
    """Return all that is drawn: nothing of the request but the day reaches what is kept."""
    cells, unknown = phase_model(user.roles, danish(day) if day else "")
    waiting, waiting_count = waiting_for_agreement(user.roles)
    return {
        "user": user,
        "request": {"day": day},
        "cells": cells,
        "unknown": unknown,
        "decisions": newest_decisions(user.roles),
        "waiting": waiting,
        "waiting_count": waiting_count,
        "taking_long": taking_long(user.roles, day or today()),
        "acts": bool(user.roles - {Role.READER}),
        "editions": _editions_in_progress(user),
    }


def _editions_in_progress(user: User) -> list[Edition]:
    if not user.has_role(Role.ADMINISTRATOR):
        return []
    return list(Edition.objects.filter(published_at__isnull=True).order_by("number"))
