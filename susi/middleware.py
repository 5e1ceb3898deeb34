"""What happens around every page."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from susi.logs import REQUEST_ID, WHO, request_id_from

METHODS = ("GET", "HEAD", "POST")
_FAILURE = b'data-module="error-summary"'  # the mark of `components/failure.html`
_PROBES = ("/healthz", "/readyz")
_requests = logging.getLogger("susi.requests")


def logged(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give the request an id, which every line of the log bears and the answer names, and log how it went.

    The line names the path without its query, which may hold words somebody has searched for.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        is_ours = REQUEST_ID.set(request_id_from(request.headers.get("X-Request-ID", "")))
        nobody = WHO.set(lambda: _known_user(request))
        try:
            response = get_response(request)
            response["X-Request-ID"] = REQUEST_ID.get()
            _log(request, response, time.perf_counter() - begun)
        finally:
            WHO.reset(nobody)
            REQUEST_ID.reset(is_ours)
        return response

    return middleware


def _known_user(request: HttpRequest) -> int | None:
    """Return the id of whoever is logged in, where the page has asked for it: nothing is fetched to be logged."""
    person = getattr(request, "_cached_user", None)
    return getattr(person, "pk", None)


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    is_quiet = request.path in _PROBES or request.path.startswith(settings.STATIC_URL)
    match = request.resolver_match
    fields = {
        "method": request.method,
        "path": request.path,
        "view": match.view_name if match else None,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    level = logging.DEBUG if is_quiet and response.status_code < 400 else logging.INFO
    said = f"{request.method} {request.path} {response.status_code}"
    _requests.log(level, said, extra={"fields": fields})


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Sends whoever is not logged in to the log-in, and back again afterwards.

    What was sent by a form has an address that cannot be opened by itself: there the way back is to the form's page.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        way_back = _own_page_before(request)
        return redirect_to_login(way_back, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


def not_kept(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let no browser show a page after its reader has logged out. A document it may keep, for the reader alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_document = response.get("Content-Type") == "application/pdf"
        patch_cache_control(response, private=True, **({} if is_document else {"no_store": True}))
        return response

    return middleware


def methods(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse what no page is asked by, and say in a page what to do where an address only takes a form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        if response.status_code != 405:
            return response
        page = render(request, "405.html", {"above": urljoin(request.path, "..")}, status=405)
        page["Allow"] = response["Allow"]
        return page

    return middleware


def failures(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let the title of a page that tells of a failure begin with it: the title is the first a screen reader reads."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
        if is_page and _FAILURE in response.content:
            response.content = response.content.replace(b"<title>", b"<title>Fejl: ", 1)
        return response

    return middleware


def _own_page_before(request: HttpRequest) -> str:
    """Return the address of the page the request came from, the overview where it is none of ours."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    return urlunsplit(("", "", page.path, page.query, "")) if page.netloc == request.get_host() else "/"
