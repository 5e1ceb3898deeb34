"""Whether the system is alive, and whether it is ready for work: what a proxy, an orchestrator and an alarm ask.

No log-in, no sessions, nothing written, and nothing told but the names of what was tried and whether it answers.
"""

import logging
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

PATIENCE = 2  # seconds for a server to answer

_log = logging.getLogger(__name__)


class NotReady(Exception):
    """What was tried does not answer as it should. The message is for the log, never for the caller."""


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process is alive. It asks nothing of anybody, so it fails only where the process does."""
    return JsonResponse({"status": "ok"})


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where everything the system needs answers, else 503, and which of it does not."""
    checks = {name: _tried(name, check) for name, check in CHECKS.items()}
    is_ready = all(result == "ok" for result in checks.values())
    status = "ok" if is_ready else "not ready"
    return JsonResponse({"status": status, "checks": checks}, status=200 if is_ready else 503)


def _tried(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:  # whatever a driver raises, the answer is the same
        _log.warning("%s is not ready", name, exc_info=True)
        return "failed"
    return "ok"


def database() -> None:
    """Raise unless the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    """Raise `NotReady` unless every migration of this code has been applied. Later ones, of newer code, do no harm."""
    missing = known_migrations() - applied_migrations()
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied")


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return every migration this code holds, as (app, name)."""
    return frozenset(MigrationLoader(None).disk_migrations)


def applied_migrations() -> frozenset[tuple[str, str]]:
    """Return every migration the database has been through, as (app, name)."""
    return frozenset(MigrationRecorder(connection).applied_migrations())


def broker() -> None:
    """Raise unless the broker answers, where one is set."""
    if settings.CELERY_BROKER_URL:
        from redis import Redis

        server = Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=None
        )
        with server:
            server.ping()


def storage() -> None:
    """Raise unless documents can be stored: the folder takes files and has room, or the bucket answers."""
    default_storage.refuse_if_unfit()  # type: ignore[attr-defined]


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "storage": storage,
}
