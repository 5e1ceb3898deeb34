"""How gunicorn serves the pages, in a container and alone. What differs between machines comes from the environment."""

import gc
import os
import tempfile
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
preload_app = True  # what the workers have in common is in memory once; new code takes a restart, not a signal
gc.disable()  # until everything is loaded: there is nothing to collect
timeout = 60
graceful_timeout = 30
max_requests, max_requests_jitter = 5000, 500
keepalive = 5
limit_request_line = 8190  # a filter with everything chosen

_memory = Path("/dev/shm")  # noqa: S108
worker_tmp_dir = str(_memory) if _memory.is_dir() and os.access(_memory, os.W_OK) else None
control_socket = str(Path(tempfile.gettempdir(), f"susi-gunicorn-{os.getpid()}.ctl"))

_format = os.environ.get("LOG_FORMAT", "json")
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "susi.logs.JsonLines"},
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _format}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "propagate": True, "handlers": []},
        # silent: its lines hold the words people search for; the system writes its own for each request (`susi.logs`)
        "gunicorn.access": {"level": "CRITICAL", "propagate": False, "handlers": []},
    },
}


def when_ready(server: Any) -> None:
    """Load the pages before the workers are begun, and leave what is loaded out of the collection of garbage, which
    would write to it: what nobody writes to is in memory once."""
    from django.urls import reverse

    reverse("login")
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    gc.enable()
