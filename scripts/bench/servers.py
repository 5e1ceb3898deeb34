"""What is measured against: databases of the bench's own, and gunicorn with two workers on a free port."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
WORKERS = 2
PRODUCTION = {"susi.wsgi": ["--config", "deploy/gunicorn.py"]}
WARM_UP, TIMES = 10, 21
_AT_A_TIME = 7
_PATIENCE = 30  # seconds for a server to answer


class Databases:
    """Makes databases on the server at `server` (SQLite files where empty) and drops every one of them at the end."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.folder = Path(tempfile.mkdtemp(prefix="susi-bench-"))
        self.made: list[str] = []

    def create(self, name: str, *, like: str = "") -> str:
        """Return the address of a new database, a copy of the one at the address `like` where that is given."""
        name = f"susi_bench_{os.getpid()}_{name}"
        if not self.server:
            path = self.folder / f"{name}.sqlite3"
            if like:
                shutil.copy(like.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        template = f' TEMPLATE "{name_of(like)}"' if like else ""
        self._execute(f'CREATE DATABASE "{name}"{template}')
        self.made.append(name)
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}"))

    def settle(self, url: str) -> None:
        """Do for what has been written what autovacuum does in time, where the server has it on."""
        if self.server:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")

    @contextmanager
    def writer(self) -> Iterator[Callable[[], None]]:
        """Give what writes to the server, so that nothing that is kept until something is written serves any more."""
        if not self.server:
            yield nothing
            return
        with psycopg.connect(self.server, autocommit=True) as connection:
            yield lambda: connection.execute("SELECT pg_current_xact_id()")

    def drop_all(self) -> None:
        for name in self.made:
            self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    def version(self) -> str:
        if not self.server:
            import sqlite3

            return f"SQLite {sqlite3.sqlite_version}"
        with psycopg.connect(self.server) as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}"

    def _execute(self, sql: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql)


def name_of(url: str) -> str:
    """Return the name by which Django knows the database at `url`."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else urlsplit(url).path.lstrip("/")


def environment(url: str) -> dict[str, str]:
    """Return the environment of a production server on the database at `url`, without TLS in front of it."""
    return {
        **os.environ,
        "SUSI_ENVIRONMENT": "production",
        "SECRET_KEY": "only-for-the-bench-" + "x" * 40,
        "ALLOWED_HOSTS": HOST,
        "SUSI_HTTPS": "false",
        "SEARCHES_PER_MINUTE": "0",
        "EXPORTS_PER_MINUTE": "0",
        "SUSI_ALLOW_SQLITE": "true",
        "DEBUG": "false",
        "CELERY_BROKER_URL": "",
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
    }


def run(*command: str, url: str) -> str:
    """Run a Python program of the project on the database at `url` and return what it prints. Raises where it fails."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


@dataclass
class Visitor:
    """Asks one page after the other, over one connection as long as the server keeps it."""

    port: int
    workers: "Workers"
    _connection: HTTPConnection | None = field(default=None, repr=False)

    def get(self, address: str, session: str = "") -> tuple[int, int, float]:
        """Return the status, the bytes of the answer and the milliseconds until the last of them."""
        headers = {"Cookie": f"sessionid={session}"} if session else {}
        start = time.perf_counter()
        try:
            status, size = self._ask(address, headers)
        except (HTTPException, ConnectionError):  # the server has closed the connection meanwhile
            self._connection = None
            status, size = self._ask(address, headers)
        return status, size, (time.perf_counter() - start) * 1000

    def _ask(self, address: str, headers: dict[str, str]) -> tuple[int, int]:
        self._connection = self._connection or HTTPConnection(HOST, self.port, timeout=300)
        self._connection.request("GET", address, headers=headers)
        response = self._connection.getresponse()
        size = 0
        while part := response.read(65536):
            size += len(part)
        if response.will_close:
            self._connection = None
        return response.status, size


def nothing() -> None:
    """What is done before a page is asked for, as a rule."""


class Page(NamedTuple):
    """What is asked for, and as whom; `first` is done each time before, and not measured."""

    visitor: Visitor
    address: str
    session: str = ""
    first: Callable[[], None] = nothing

    def get(self) -> tuple[int, int, float]:
        """Return the status, the bytes of the answer and the milliseconds until the last of them."""
        self.first()
        return self.visitor.get(self.address, self.session)


def medians(*pages: Page, times: int = TIMES, warm_up: int = WARM_UP) -> list[float | None]:
    """Return the median milliseconds of `times` answers of each page after `warm_up`; None where it is not there.

    The pages are asked a few times each in turn, so that they have the slow minutes of the machine in common; the
    first answer after another page is left out.
    """
    there = [all(page.get()[0] == 200 for _ in range(warm_up)) for page in pages]
    took: list[list[float]] = [[] for _ in pages]
    for _ in range(times // _AT_A_TIME or 1):
        for page, each in zip(pages, took, strict=True):
            page.get()
            each += [page.get()[2] for _ in range(min(times, _AT_A_TIME))]
    return [statistics.median(each) if is_there else None for each, is_there in zip(took, there, strict=True)]


@dataclass
class Workers:
    """The processes that answer, and the one that began them."""

    pid: int

    def peak(self) -> int:
        """Return the most memory any of them has held, in kB."""
        return max(_read(f"/proc/{pid}/status", "VmHWM") for pid in self._pids())

    def share(self) -> int:
        """Return what all of them hold of the memory, in kB, and what began them: what they share is counted once."""
        return sum(_read(f"/proc/{pid}/smaps_rollup", "Pss") for pid in [self.pid, *self._pids()])

    def _pids(self) -> list[str]:
        found = subprocess.run(["pgrep", "-P", str(self.pid)], stdout=subprocess.PIPE, text=True, check=False)
        return found.stdout.split()


def _read(file: str, name: str) -> int:
    """Return the number that `file` of /proc says of `name`."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


@dataclass(frozen=True)
class Started:
    """How long a server took to its first answer, and what its workers then hold, in MB."""

    milliseconds: float
    memory: float


def started(application: str, url: str, folder: Path = ROOT, *, page: str = "/") -> Started:
    """Start `application` three times and return the median, and the memory after some answers."""
    took, memory = [], 0.0
    for _ in range(3):
        start = time.perf_counter()
        with serving(application, url, folder) as visitor:
            took.append((time.perf_counter() - start) * 1000)
            for _ in range(WORKERS * 10):
                visitor.get(page)
            memory = visitor.workers.share() / 1024
    return Started(statistics.median(took), memory)


def empty_project(folder: Path) -> Path:
    """Make the project Django begins with, and return where it lies."""
    place = folder / "empty"
    place.mkdir()
    subprocess.run([sys.executable, "-m", "django", "startproject", "empty", str(place)], check=True)
    return place


@contextmanager
def serving(application: str, url: str, folder: Path = ROOT) -> Iterator[Visitor]:
    """Serve `application`, which lies in `folder`, on the database at `url` while within, as in production."""
    port = _free_port()
    socket_path = Path(tempfile.gettempdir(), f"susi-bench-{port}.ctl")
    command = [sys.executable, "-m", "gunicorn", application, *PRODUCTION.get(application, []),
               "--workers", str(WORKERS), "--bind", f"{HOST}:{port}", "--timeout", "300",
               "--control-socket", str(socket_path)]  # fmt: skip
    its_environment = environment(url) | {"PYTHONPATH": str(folder)}
    with tempfile.TemporaryFile("w+") as log:  # a line for each request
        server = subprocess.Popen(command, cwd=folder, env=its_environment, stderr=log)
        visitor = Visitor(port, Workers(server.pid))
        try:
            if not _answers(visitor, server):
                log.seek(0)
                raise RuntimeError(f"gunicorn does not answer:\n{log.read()[-2000:]}")
            yield visitor
        finally:
            server.terminate()
            server.wait()
            socket_path.unlink(missing_ok=True)


def _answers(visitor: Visitor, server: subprocess.Popen) -> bool:
    """Wait until the server answers, and return whether it does."""
    until = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < until:
        try:
            visitor.get("/")
        except OSError:
            time.sleep(0.01)
        else:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
