"""Who has seen what, for administrators: on the page, and as a file, which is noted itself."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from susi.access_register import COLUMNS, AccessFilter
from susi.dates import danish_moment
from susi.days import today
from susi.errors import NotAllowed, Refused
from susi.exports import danish_csv
from susi.http import UserRequest, as_file
from susi.models import User

PER_PAGE = 100


@require_safe
def register(request: UserRequest) -> HttpResponse:
    _require_administrator(request.user)
    form = AccessFilter(request.GET)
    is_valid = form.is_valid()
    context = {
        "form": form,
        "chosen": form.chosen(request.path),
        "without_any": form.without_any(request.path),
        "page": Paginator(form.found(), PER_PAGE).get_page(request.GET.get("page")),
        "days": settings.ACCESS_LOG_DAYS,
    }
    return render(request, "access.html", context, status=200 if is_valid else 422)


@require_safe
def register_csv(request: UserRequest) -> HttpResponseBase:
    """Send all that the page shows with the same address, a few rows in memory at a time."""
    _require_administrator(request.user)
    form = AccessFilter(request.GET)
    try:
        form.require_valid()
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)
    found = form.found()
    count, chosen = found.count(), "; ".join(f"{one['label']}: {one['words']}" for one in form.chosen(request.path))
    notes = [
        f"System: {settings.PRODUCT_NAME}, {settings.LETTERHEAD['name']}",
        f"Udtrukket: {danish_moment(timezone.now())}",
        f"Filtre: {chosen or 'Ingen'}",
        f"Antal: {count}",
    ]
    content = danish_csv(COLUMNS, found.iterator(chunk_size=500), lambda: notes)
    return as_file(content, f"adgang_{today().isoformat()}.csv", rows=count)


def _require_administrator(user: User) -> None:
    if not user.may_administer:
        raise NotAllowed("Kun administratorer kan se, hvem der har åbnet og hentet hvad.")
