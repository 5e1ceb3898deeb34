"""Logging in, the password, the handbook, and what a person sees when a page cannot be shown."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.messages.views import SuccessMessageMixin
from django.core.mail import get_connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found

from susi.errors import Gone
from susi.forms import ForgottenForm, LoginForm, PasswordForm, ResetForm
from susi.handbook import CHAPTERS, TOPICS, text_in_the_whole, text_of
from susi.http import UserRequest, texts_in
from susi.limits import MAILS
from susi.menu import registers_of

logger = logging.getLogger(__name__)


class LoginView(views.LoginView):
    """Username and password; afterwards back to the page one came from."""

    authentication_form = LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ways = {"is_local": settings.LOCAL_LOG_IN, "is_agency": settings.OIDC_ENABLED, "sends_mail": resets_by_mail()}
        return {**_without_djangos_site(super().get_context_data(**kwargs)), **ways}


class PasswordChangeView(SuccessMessageMixin, views.PasswordChangeView):
    """Everyone changes the own password; afterwards one is still logged in here, and logged out elsewhere."""

    form_class = PasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("overview")
    success_message = "Adgangskoden er skiftet. Brug den nye, næste gang du logger ind."


PROBE_SECONDS = 5
NO_MAIL_NOW = "Der kan ikke sendes mail lige nu. Prøv igen om lidt, eller bed en administrator om en ny adgangskode."


class ForgottenView(views.PasswordResetView):
    """Send whoever has forgotten the password a link by mail, where there is one with that address."""

    form_class = ForgottenForm
    template_name = "registration/forgotten.html"
    email_template_name = "registration/forgotten.txt"
    subject_template_name = "registration/forgotten_subject.txt"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Answer alike whether it is sent or not; no more than a few an hour go to one address. The link leads to where
        this installation says it is, whatever host the request named. Everybody is told where no mail can be sent."""
        if resets_by_mail() and not mail_server_answers():
            form.add_error(None, NO_MAIL_NOW)
            return self.render_to_response(self.get_context_data(form=form), status=503)
        site = urlsplit(settings.SITE_URL)
        if resets_by_mail() and MAILS.takes(form.cleaned_data["email"].casefold()):
            form.save(
                domain_override=site.netloc,
                use_https=site.scheme == "https",
                subject_template_name=self.subject_template_name,
                email_template_name=self.email_template_name,
                token_generator=self.token_generator,
                request=self.request,
            )
        return redirect(self.success_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**_without_djangos_site(super().get_context_data(**kwargs)), "sends_mail": resets_by_mail()}


def resets_by_mail() -> bool:
    """Whether a forgotten password is reset by mail here: where there are passwords, and mail is sent."""
    return settings.LOCAL_LOG_IN and settings.SENDS_MAIL


def mail_server_answers() -> bool:
    """Whether the server that takes our mail can be reached. Anybody may ask, so it is given a few seconds only."""
    connection = get_connection(timeout=PROBE_SECONDS)
    try:
        connection.open()
    except OSError:  # those of SMTP too
        logger.exception("The mail server does not answer")
        return False
    connection.close()
    return True


class ForgottenSentView(views.PasswordResetDoneView):
    template_name = "registration/forgotten_sent.html"


class ResetView(SuccessMessageMixin, views.PasswordResetConfirmView):
    """Choose a new password by the link of the mail. It counts once, for an hour, and logs nobody in."""

    form_class = ResetForm
    template_name = "registration/reset.html"
    success_url = reverse_lazy("login")
    success_message = "Adgangskoden er skiftet. Log ind med den nye."


def _without_djangos_site(context: dict[str, Any]) -> dict[str, Any]:
    """Return it without Django's, which would hide ours (`susi.context`)."""
    return {name: value for name, value in context.items() if name not in ("site", "site_name")}


@require_safe
def registers(request: UserRequest) -> HttpResponse:
    """Show the way to every register across the portfolio."""
    return render(request, "registers.html", {"registers": registers_of(request.user)})


@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """Show what there is help with."""
    return render(request, "handbook/index.html", {"chapters": CHAPTERS})


@require_safe
def handbook_whole(request: HttpRequest) -> HttpResponse:
    """Show every text in order, to be read or printed as a whole."""
    chapters = [(chapter, [(topic, text_in_the_whole(topic)) for topic in chapter.topics]) for chapter in CHAPTERS]
    return render(request, "handbook/whole.html", {"chapters": chapters})


@require_safe
def handbook_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the help with a page."""
    topic = TOPICS.get(slug)
    if topic is None:
        raise Http404
    return render(request, "handbook/topic.html", {"topic": topic, "text": text_of(topic)})


@login_not_required
@require_safe
def was(request: HttpRequest) -> HttpResponse:
    """Lead to the agency's accessibility statement, at the address where people look for it on public sites."""
    if not settings.ACCESSIBILITY_STATEMENT_URL:
        raise Http404
    return redirect(settings.ACCESSIBILITY_STATEMENT_URL)


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answer with 429 and say how long to wait after too many wrong passwords."""
    context = {
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
    }
    return render(request, "registration/locked_out.html", context, status=429)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for a page that is not there, and say so where it was when the person opened it, with what was written for
    it: nothing of that is stored, and the way back may lead here again."""
    written = texts_in(request.POST)
    if written:
        sentence = str(exception) if isinstance(exception, Gone) else ""
        return render(request, "not_saved.html", {"sentence": sentence, "written": written}, status=404)
    template = "gone.html" if isinstance(exception, Gone) else "404.html"
    return page_not_found(request, exception, template)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page was too old to be sent; the autosave is told in JSON, so that it keeps its text and waits."""
    if request.headers.get("X-Autosave"):
        return JsonResponse({"reason": "csrf"}, status=403)
    return django_csrf_failure(request, reason)
