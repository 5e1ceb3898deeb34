"""What is loaded before the workers are begun (`deploy/gunicorn.py`)."""

import subprocess
import sys

from scripts.processes import BASE_DIR

PRELOADED = """
import gc, runpy, sys
import susi.wsgi
serving = runpy.run_path("deploy/gunicorn.py")
serving["when_ready"](None)
from django.db import connection
print("portfolio.views" in sys.modules, gc.get_freeze_count() > 0, connection.connection)
serving["post_fork"](None, None)
print(gc.isenabled())
"""


def test_the_pages_are_loaded_and_no_connection_is_open_that_the_workers_would_share() -> None:
    command = [sys.executable, "-c", PRELOADED]
    told = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout.split() == ["True", "True", "None", "True"]
