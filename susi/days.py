"""Pages as they were on any day: `?dag=31.10.2026` in the address."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from susi.dates import COPENHAGEN, DateField, danish
from susi.forms import DrawnOnce, Form
from susi.past import as_of, first_day, moment_of

DAY = "dag"


def today() -> date:
    """Return the day it is in Copenhagen."""
    return timezone.localdate(timezone=COPENHAGEN)


class PastDayField(DateField):
    """A day the system can tell of: from its first record until today. `known_since` is that first day, if any."""

    def __init__(self, *, known_since: Callable[[], date | None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known_since = known_since

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value > today():
            raise ValidationError("Dagen er ikke kommet endnu. Vælg i dag eller en dag før.", code="future")
        since = self.known_since()
        if since is None:
            raise ValidationError("Der er ikke registreret noget endnu, så der er ingen tidligere dag at vise.")
        if value < since:
            raise ValidationError(
                f"Systemets første oplysning er fra {danish(since)}. Vælg den dag eller en senere.", code="before_first"
            )


def known_since() -> date | None:
    """Return the day of the system's first record of what `PAST_BEGINS_WITH` names; None where there is none."""
    return first_day(apps.get_model(settings.PAST_BEGINS_WITH))


class DayForm(Form):
    """Which day to show a page as of. Empty is today."""

    bound_field_class = DrawnOnce

    dag = PastDayField(label="Vis, som det var den", required=False, known_since=known_since)


def of_any_day(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let `view` be asked as of a past day. Within it every query is of that day, which `request.day` names.

    A day that cannot be shown is answered with 422 and the reason, never with another day.
    """

    @wraps(view)
    def of_the_day(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.day = None  # type: ignore[attr-defined]
        if not request.GET.get(DAY):
            return view(request, *args, **kwargs)
        form = DayForm(request.GET)
        if not form.is_valid():
            return render(request, "day_refused.html", {"form": form, "kept": kept(request)}, status=422)
        day = form.cleaned_data[DAY]
        moment = moment_of(day)
        request.day = day if moment else None  # type: ignore[attr-defined]
        with as_of(moment):
            return view(request, *args, **kwargs)

    return of_the_day


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what else the address says, so that choosing another day keeps the rest of the view."""
    return [(name, value) for name, values in request.GET.lists() if name not in (DAY, "page") for value in values]
