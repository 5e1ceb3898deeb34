"""The processes of an installation: the one place that says how each is started, alone or by `docker-compose.yml`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

COMMANDS = {
    # once, before the others: tables, and rulebook and portfolio in a new database
    "release": "python manage.py prepare_database",
    "web": "gunicorn susi.wsgi --config deploy/gunicorn.py",
    "worker": "celery --quiet -A susi worker --concurrency 2 --without-gossip --without-mingle",
    # one only; two would ask for every job twice, which does no harm
    "beat": "celery --quiet -A susi beat --pidfile=",
    # what waits in the queue outlives a restart
    "redis": "redis-server --appendonly yes",
}
SERVING = ("web", "worker", "beat")


@dataclass
class Process:
    """One of the processes, which can be started again after it has died."""

    name: str
    environment: dict[str, str]
    log: Path | None = None
    arguments: tuple[str, ...] = ()
    code: Path = BASE_DIR  # where the code lies that it runs
    running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> Process:
        """Start it in a group of its own, with its output to `log` where that is given."""
        out = self.log.open("ab") if self.log else None
        command = [*command_of(self.name), *self.arguments]
        self.running = subprocess.Popen(
            command,
            cwd=self.code,
            env={**self.environment, "PYTHONPATH": str(self.code)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            start_new_session=True,
        )
        if out:
            out.close()
        return self

    @property
    def has_died(self) -> bool:
        return self.running is None or self.running.poll() is not None

    def start_again_if_it_has_died(self) -> None:
        """Do what Docker and systemd do in production."""
        if self.has_died:
            print(f"{self.name} er stoppet og startes igen.", flush=True)
            self.start()

    def kill(self) -> None:
        """Kill it and all its children at once, as a machine that loses its power."""
        self._end(signal.SIGKILL)

    def stop(self, patience: float = 20) -> None:
        """Ask it to finish what it is doing, and kill it where it does not."""
        if self.running is None:
            return
        self.running.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(patience)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, how)
        self.running.wait()


def command_of(name: str) -> list[str]:
    """Return the command with its program where this Python has its own."""
    program, *arguments = shlex.split(COMMANDS[name])
    own = Path(sys.executable).with_name(program)
    return [str(own) if own.exists() else program, *arguments]


def run(name: str, environment: dict[str, str], code: Path = BASE_DIR) -> None:
    """Run what ends by itself, of the code in `code`. Raises `CalledProcessError` where it fails."""
    its_own = {**environment, "PYTHONPATH": str(code)}
    subprocess.run(command_of(name), cwd=code, env=its_own, check=True, stdin=subprocess.DEVNULL)
