"""What happens around every page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Sends whoever is not logged in to the log-in, and back again afterwards.

    What was sent by a form has an address that cannot be opened by itself: there the way back is to the form's page.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.headers.get("Referer", ""))
        way_back = urlunsplit(("", "", page.path, page.query, "")) if page.netloc == request.get_host() else "/"
        return redirect_to_login(way_back, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
