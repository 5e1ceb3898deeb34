"""What the log says: one JSON object per line, with the request and the user it belongs to, and no personal text.

A line holds what the code says and ids, never what people have written: no query strings, no bodies, no arguments of
jobs. Of an error it holds the kind and the places in the code; its message may quote a row and is left out.
"""

import json
import logging
import re
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
WHO: ContextVar[Callable[[], int | None]] = ContextVar("who", default=lambda: None)  # asked when a line is written

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id_from(sent: str) -> str:
    """Return the request id the proxy sent where it is well-formed, else a new one."""
    return sent if _WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object. `extra={"fields": {…}}` adds members of the caller's own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "request_id": REQUEST_ID.get() or None,
            "user_id": WHO.get()(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """Return what the code says; of a failed job (Celery's `data`) without its arguments and its error's text."""
    job = getattr(record, "data", None)
    if isinstance(job, dict) and {"name", "id", "exc"} <= job.keys():
        return f"Task {job['name']}[{job['id']}] {job.get('description', 'retried')}"
    return record.getMessage()


def _error(error: BaseException) -> dict[str, Any]:
    chain, places = [], _places(error.__traceback__)
    cause: BaseException | None = error
    while cause is not None and type(cause).__name__ not in chain:
        chain.append(type(cause).__name__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {"kinds": chain, "places": places}


def _places(found: TracebackType | None) -> list[str]:
    return [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(found)]
