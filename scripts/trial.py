"""A whole installation to try things on: every process as in production, on free ports, with a database, a queue and a
folder of its own, all gone afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts import prod_local
from scripts.processes import BASE_DIR, SERVING, Process
from scripts.servers import NoServer, OwnPostgres, OwnRedis, free_port

PATIENCE = 60  # seconds for the web to answer


@dataclass
class Trial:
    """What runs. `postgres` and `redis` are None where the installation is on SQLite, without a queue."""

    folder: Path
    environment: dict[str, str]
    postgres: OwnPostgres | None
    redis: OwnRedis | None
    code: Path = BASE_DIR
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def home(self) -> str:
        return f"http://{self.environment['WEB_BIND']}"

    def python(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Python in the installation and return how it went, with what it printed."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.code,
            env={**self.environment, "PYTHONPATH": str(self.code)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=check,
        )

    def serve(self) -> None:
        """Start the processes, and wait until the web answers."""
        for process in self.processes.values():
            process.start()
        until = time.monotonic() + PATIENCE
        while not _answers(f"{self.home}/healthz"):
            if time.monotonic() > until or self.processes["web"].has_died:
                raise NoServer(
                    f"Systemet svarer ikke. Årsagen står i {self.log('web')}:\n{self.log('web').read_text()}"
                )
            time.sleep(0.1)

    def go_on_with(self, code: Path) -> None:
        """Stop the processes, and start those of the release in `code`, whose tables are made already."""
        for process in self.processes.values():
            process.stop()
            process.code = code
        self.code = code
        self.serve()

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def lines(self, name: str) -> list[dict]:
        """Return the log of a process; every line the code itself writes is an object."""
        text = self.log(name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@contextmanager
def trial(*, on_sqlite: bool = False, code: Path = BASE_DIR, **settings: str) -> Iterator[Trial]:
    """Yield an installation of the release in `code` with its tables and portfolio, for the caller to `serve`."""
    folder = Path(tempfile.mkdtemp(prefix="susi-trial-"))
    folder.chmod(0o755)  # PostgreSQL runs as another than root
    postgres = None if on_sqlite else OwnPostgres(folder / "postgres")
    redis = None if on_sqlite else OwnRedis(folder / "redis")
    servers = [one for one in (postgres, redis) if one]
    where = {
        "database": postgres.url if postgres else f"sqlite:///{folder / 'susi.sqlite3'}",
        "broker": redis.url if redis else "",
    }
    environment = {
        **prod_local.production(folder, port=free_port(), **where),
        "SUSI_ALLOW_SQLITE": str(on_sqlite).lower(),
        "CACHE_URL": f"{redis.url[:-1]}1?socket_connect_timeout=1&socket_timeout=1" if redis else "locmemcache://",
        "DJANGO_SETTINGS_MODULE": "susi.settings",
        **settings,
    }
    one = Trial(folder, environment, postgres, redis, code)
    names = ("web",) if on_sqlite else SERVING
    one.processes = {name: Process(name, environment, one.log(name), code=code) for name in names}
    try:
        for server in servers:
            server.start()
        prod_local.prepare(environment, code)
        yield one
    finally:
        for running in (*one.processes.values(), *reversed(servers)):
            running.stop()
        shutil.rmtree(folder)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
