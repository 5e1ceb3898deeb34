"""What the pages know of a request."""

from datetime import date

from django.http import HttpRequest

from susi.models import User


class UserRequest(HttpRequest):
    """A request of somebody who has logged in: `LoginRequiredMiddleware` lets nobody else through to a page.

    `day` is the past day a page is asked for as of (`susi.days.of_any_day`); None is the present.
    """

    user: User
    day: date | None = None
