"""PostgreSQL and Redis of one's own on free ports, in a folder of their own: to try things on, and to kill."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from scripts.processes import Process

HOST = "127.0.0.1"
PATIENCE = 30  # seconds for a server to answer


class NoServer(Exception):
    """A server is not installed, or does not answer. The message is Danish and says what to do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def redis_answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3, retry=None) as server:
            return bool(server.ping())
    except RedisError:
        return False


class OwnPostgres:
    """A PostgreSQL with its data in `folder`. Run by the user postgres where we are root: it refuses to be root."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        found = shutil.which("postgres")
        if not programs and not found:
            raise NoServer("PostgreSQL findes ikke. Installér den: sudo apt-get install postgresql")
        self.programs = programs[-1] if programs else Path(str(found)).parent
        self.folder, self.port = folder, free_port()
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@{HOST}:{self.port}/postgres"

    def start(self) -> OwnPostgres:
        """Start it, on the data it left last time, and wait until it answers."""
        data = self.folder / "data"
        if not data.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.user:
                shutil.chown(self.folder, "postgres")
            # the folder is gone when it is stopped for good, so nothing need reach the disk
            make = ["initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
            self._run(make)
        serve = ["postgres", "-D", str(data), "-p", str(self.port), "-h", HOST, "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                [str(self.programs / serve[0]), *serve[1:]],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.user,
            )
        _wait_until(lambda: postgres_answers(self.url), "PostgreSQL svarer ikke.")
        return self

    def kill(self) -> None:
        """Let it die at once, in the middle of whatever it does; it recovers when it is started again."""
        if self.running:
            self.running.send_signal(signal.SIGQUIT)
            self.running.wait()

    stop = kill

    def _run(self, command: list[str]) -> None:
        subprocess.run(
            [str(self.programs / command[0]), *command[1:]],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            **self.user,
        )


class OwnRedis:
    """A Redis with its data in `folder`, started as in production."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("redis-server") is None:
            raise NoServer("Redis findes ikke. Installér den: sudo apt-get install redis-server")
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        where = ("--port", str(self.port), "--bind", HOST, "--dir", str(folder))
        self.process = Process("redis", dict(os.environ), folder / "log", where)

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> OwnRedis:
        """Start it, on the data it left last time, and wait until it answers."""
        self.process.start()
        _wait_until(lambda: redis_answers(self.url), "Redis svarer ikke.")
        return self

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop()


def _wait_until(answers: Callable[[], bool], sentence: str) -> None:
    until = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > until:
            raise NoServer(sentence)
        time.sleep(0.05)
