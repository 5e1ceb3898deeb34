"""How often one may ask for what costs much, so that nobody takes the system from the others.

Counted in the cache, which all processes share where `CACHE_URL` names a Redis; else each process counts for itself.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)
HOUR, MINUTE = 3600, 60


@dataclass(frozen=True)
class Limit:
    """At most `settings.RATE_LIMITS[name]` times within `seconds` for one `who`; 0 is no limit."""

    name: str
    seconds: int

    def takes(self, who: str) -> bool:
        """Count one more for `who`, and return whether it is within the limit. Who it was cannot be read there."""
        most = settings.RATE_LIMITS[self.name]
        if not most:
            return True
        key = f"limit:{self.name}:{hashlib.sha256(who.encode()).hexdigest()}"
        try:
            return cache.add(key, 1, self.seconds) or cache.incr(key) <= most
        except ValueError:  # it ran out in between
            return True
        except _no_answer():  # nobody is kept out because the counter is gone
            logger.warning("The limit %s is not counted: the cache does not answer.", self.name)
            return True


def _no_answer() -> type[Exception]:
    """Return what a cache in Redis raises that does not answer; loaded where something is raised."""
    from redis.exceptions import RedisError

    return RedisError


SEARCHES, EXPORTS = Limit("searches", MINUTE), Limit("exports", MINUTE)
MAILS, RESETS = Limit("mails", HOUR), Limit("resets", HOUR)

# What is made for the one who asks: files, and the documents that are typeset
_EXPORTED = frozenset(
    {
        *("bilag1_pdf", "bilag1_xlsx", "changes_pdf"),
        *("portfolio:initiative_export", "portfolio:import_present", "portfolio:import_template"),
        *("registers_deviations_export", "registers_outside_export", "registers_coming_export"),
        *("registers_knowledge_csv", "assessments:pdf", "desk:case_file_fetch", "work:version_file"),
        "registers_access_csv",
    }
)


def limit_of(view: str, method: str | None, *, searches: bool) -> Limit | None:
    """Return the limit of asking for the page `view`, None where it has none."""
    if view in _EXPORTED:
        return EXPORTS
    if view == "password_reset" and method == "POST":
        return RESETS
    return SEARCHES if searches else None


class LimitMiddleware:
    """Answers 429 and says how long to wait, where somebody asks too often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        view = request.resolver_match.view_name if request.resolver_match else ""
        limit = limit_of(view, request.method, searches=bool(request.GET.get("q")))
        if limit is None or limit.takes(_who(request)):
            return None
        page = render(request, "429.html", {"minutes": limit.seconds // MINUTE}, status=429)
        page["Retry-After"] = str(limit.seconds)
        return page


def _who(request: HttpRequest) -> str:
    """Return who is counted: the person, or the machine of somebody who has not logged in."""
    user = request.user
    return f"user {user.pk}" if user.is_authenticated else f"address {request.META.get('REMOTE_ADDR', '')}"
