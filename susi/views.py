"""Logging in, the password, and what a person sees when a page cannot be shown."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.http import require_safe

from susi.forms import LoginForm, PasswordForm
from susi.menu import REGISTERS


class LoginView(views.LoginView):
    """Username and password; afterwards back to the page one came from."""

    authentication_form = LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        del context["site"], context["site_name"]  # Django's, which would hide ours (`susi.context`)
        return context


class PasswordChangeView(SuccessMessageMixin, views.PasswordChangeView):
    """Everyone changes the own password; afterwards one is still logged in here, and logged out elsewhere."""

    form_class = PasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("overview")
    success_message = "Adgangskoden er skiftet. Brug den nye, næste gang du logger ind."


@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    """Show the way to every register across the portfolio."""
    return render(request, "registers.html", {"registers": REGISTERS})


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answer with 429 and say how long to wait after too many wrong passwords."""
    context = {
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
    }
    return render(request, "registration/locked_out.html", context, status=429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page was too old to be sent; the autosave is told in JSON, so that it keeps its text and waits."""
    if request.headers.get("X-Autosave"):
        return JsonResponse({"reason": "csrf"}, status=403)
    return django_csrf_failure(request, reason)
