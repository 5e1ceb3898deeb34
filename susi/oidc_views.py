"""The way to the agency's log-in and back.

What speaks with the agency is loaded where it is asked: that takes a sixth of a second, and not everybody has it.
"""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

_REFUSED = "Du kunne ikke logges ind. Bed din administrator om en rolle i systemet, eller prøv igen."
_NO_ANSWER = "Agenturets log ind svarer ikke, som det skal. Prøv igen om lidt, eller kontakt administratoren."
logger = logging.getLogger(__name__)


@login_not_required
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send to the agency's log-in."""
    if not settings.OIDC_ENABLED:
        raise Http404
    from mozilla_django_oidc.views import OIDCAuthenticationRequestView

    return OIDCAuthenticationRequestView.as_view()(request)


@login_not_required
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take what the agency's log-in sends back with the person, and let the person in or say why not."""
    if not settings.OIDC_ENABLED:
        raise Http404
    import jwt
    import requests
    from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

    try:
        response = OIDCAuthenticationCallbackView.as_view()(request)
    except (requests.RequestException, jwt.PyJWTError, KeyError) as error:  # KeyError: a token without what it must say
        logger.warning("The log-in of the agency failed: %s", type(error).__name__)
        messages.error(request, _NO_ANSWER)
        return redirect("login")
    if not request.user.is_authenticated:
        messages.error(request, _REFUSED)
    return response
