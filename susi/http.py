"""What the pages know of a request."""

from django.http import HttpRequest

from susi.models import User


class UserRequest(HttpRequest):
    """A request of somebody who has logged in: `LoginRequiredMiddleware` lets nobody else through to a page."""

    user: User
