"""Whether a process of the installation is well: the health check of its container. Ends with 0 or 1.

python scripts/healthy.py web|worker|beat
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 5  # seconds
BEAT_IS_SILENT_FOR = 15 * 60  # seconds; it writes down where it is every three minutes


def web() -> bool:
    """Return whether the web process answers that it is alive. What it needs is asked at /readyz, by the alarm."""
    host, _, port = os.environ.get("WEB_BIND", "127.0.0.1:8000").rpartition(":")
    names = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, int(port), timeout=PATIENCE)  # noqa: S104
    try:
        connection.request("GET", "/healthz", headers={"Host": names[0].strip().lstrip(".")})
        return connection.getresponse().status == 200
    except OSError:
        return False


def worker() -> bool:
    """Return whether a worker on this machine answers over the broker."""
    name = f"celery@{os.uname().nodename}"
    command = ["celery", "-A", "susi", "inspect", "ping", "--destination", name, "--timeout", str(PATIENCE)]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def beat() -> bool:
    """Return whether the clock has written down where it is lately."""
    state = Path(os.environ.get("SUSI_BEAT_STATE", "var/beat"))
    written = [path.stat().st_mtime for path in state.parent.glob(f"{state.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_IS_SILENT_FOR


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]() else 1)
