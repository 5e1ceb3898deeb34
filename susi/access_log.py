"""Who opened and fetched what: noted here alone, when the answer is ready and before it is sent (ADR 21).

Noted are pages about one thing (their address names it), every file that leaves the system, what is saved in the
administration, and who logs in and out. Lists and overviews are not; nor is what an act changes, which has its history.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import Error
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from susi.http import file_kind
from susi.logs import REQUEST_ID
from susi.models import AccessEntry, User

logger = logging.getLogger(__name__)
Kind = AccessEntry.Kind
NOT_NOTED = frozenset({"handbook_topic"})  # pages whose address names one thing that is nobody's concern


def note(request: HttpRequest | None, kind: Kind, user: User | None) -> None:
    """Let what `user` did with `request` be noted as `kind` when it is answered: for what no address tells."""
    if request is not None:
        request.access = (kind, user)  # type: ignore[attr-defined]


def noted(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Note what is opened and fetched. A file that cannot be noted is not handed out; a page is shown all the same."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        found = _what_happened(request, response)
        if found is None or _written(request, response, *found) or found[0] != Kind.FETCHED:
            return response
        answer = render(request, "503_not_noted.html", status=503)
        # What the file holds is closed when the answer has been sent instead: the request is not over before.
        answer._resource_closers += response._resource_closers  # type: ignore[attr-defined]
        return answer

    return middleware


def expire() -> int:
    """Take away what is older than `ACCESS_LOG_DAYS`, and return how much it was."""
    return AccessEntry.objects.expire(timezone.now() - timedelta(days=settings.ACCESS_LOG_DAYS))


def _what_happened(request: HttpRequest, response: HttpResponseBase) -> tuple[Kind, User | None] | None:
    told: tuple[Kind, User | None] | None = getattr(request, "access", None)
    kind = told[0] if told else _kind(request, response)
    if told or kind is None:
        return told
    return (kind, request.user) if request.user.is_authenticated else None


def _kind(request: HttpRequest, response: HttpResponseBase) -> Kind | None:
    """Return what the address and the answer tell, None where nothing is to be noted."""
    match = request.resolver_match
    if match is None or not getattr(match.func, "login_required", True):
        return None
    if request.method == "POST":
        is_saved = match.view_name.startswith("admin:") and response.status_code == 302
        return Kind.ADMINISTERED if is_saved else None
    if request.method != "GET" or response.status_code != 200:
        return None
    if response.has_header("Content-Disposition"):
        return Kind.FETCHED
    return Kind.OPENED if match.kwargs and match.view_name not in NOT_NOTED else None


def _written(request: HttpRequest, response: HttpResponseBase, kind: Kind, user: User | None) -> bool:
    """Write it down, and return whether that could be done."""
    match = request.resolver_match
    of_initiative = match is not None and "<initiative:number>" in match.route
    try:
        AccessEntry.objects.create(
            at=timezone.now(),
            user_id=user.pk if user else None,
            kind=kind,
            view=match.view_name if match else "",
            path=request.path[:300],
            initiative=match.kwargs["number"] if match and of_initiative else getattr(request, "about", ""),
            past_day=getattr(request, "day", None),
            file_kind=file_kind(response) if kind == Kind.FETCHED else "",
            rows=getattr(response, "rows", None),
            request_id=REQUEST_ID.get(),
        )
    except Error:  # of the database, also where it cannot be reached
        logger.exception("Access could not be noted.")
        return False
    return True


@receiver(user_logged_in)
def _in(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    note(request, Kind.LOGGED_IN, user)


@receiver(user_logged_out)
def _out(request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user:
        note(request, Kind.LOGGED_OUT, user)


@receiver(user_login_failed)
def _refused(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The name that was tried is kept only where it is somebody's: people type their passwords there by mistake."""
    tried = str(credentials.get("username") or "")
    note(request, Kind.REFUSED, User.objects.filter(username=tried).first() if tried else None)
