"""`make prod-local`: the processes of production on this machine, over plain HTTP on loopback.

Takes the servers at DATABASE_URL and CELERY_BROKER_URL, else those that answer on the usual ports, else starts its own.
Everything it makes lies in var/prod-local/. Ctrl+C stops it all.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

import psycopg

from scripts import processes
from scripts.processes import BASE_DIR, SERVING, Process
from scripts.servers import HOST, NoServer, OwnPostgres, OwnRedis, postgres_answers, redis_answers

FOLDER = BASE_DIR / "var" / "prod-local"
DATABASE = "susi_prod_local"
USUAL_POSTGRES = f"postgres://postgres@{HOST}:5432/postgres"
USUAL_REDIS = f"redis://{HOST}:6379/7"  # a database of its own, whoever else uses the server


def main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    FOLDER.mkdir(parents=True, exist_ok=True)
    started: list[OwnPostgres | OwnRedis | Process] = []
    try:
        environment = production(
            FOLDER,
            database=_database(started),
            broker=_broker(started),
            port=int(os.environ.get("PORT") or "8000"),
        )
        prepare(environment)
        serving = [Process(name, environment).start() for name in SERVING]
        started.extend(serving)
        _say_where(environment)
        _watch(serving)
    except NoServer as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as problem:
        sys.exit(f"Det lykkedes ikke at køre: {' '.join(map(str, problem.cmd))}\nÅrsagen står ovenfor.")
    except KeyboardInterrupt:
        print("\nStopper …", flush=True)
    finally:
        for one in reversed(started):
            one.stop()


def production(folder: Path, *, database: str, broker: str, port: int) -> dict[str, str]:
    """Return the environment of production on this machine, with what it keeps in `folder`."""
    return {
        **os.environ,
        "SUSI_ENVIRONMENT": "production",
        "SUSI_ENVIRONMENT_LABEL": "Prøve af drift",
        "SECRET_KEY": _secret(folder / "secret"),
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "SUSI_HTTPS": "false",
        "DEBUG": "false",
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "MEDIA_ROOT": str(folder / "media"),
        "SUSI_BEAT_STATE": str(folder / "beat"),
        "WEB_BIND": f"{HOST}:{port}",
    }


def prepare(environment: dict[str, str], code: Path = BASE_DIR) -> None:
    """Collect the static files and bring the tables up to date, as the release in `code` has them. Raises
    `CalledProcessError` where it fails.
    """
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    its_own = {**environment, "PYTHONPATH": str(code)}
    subprocess.run(collect, cwd=code, env=its_own, check=True, stdin=subprocess.DEVNULL)
    processes.run("release", environment, code)


def _secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")


def _database(started: list[OwnPostgres | OwnRedis | Process]) -> str:
    if given := os.environ.get("DATABASE_URL"):
        return given
    server = USUAL_POSTGRES
    if not postgres_answers(server):
        own = OwnPostgres(FOLDER / "postgres").start()
        started.append(own)
        server = own.url
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))


def _broker(started: list[OwnPostgres | OwnRedis | Process]) -> str:
    if given := os.environ.get("CELERY_BROKER_URL"):
        return given
    if redis_answers(USUAL_REDIS):
        return USUAL_REDIS
    own = OwnRedis(FOLDER / "redis").start()
    started.append(own)
    return own.url


def _watch(serving: list[Process]) -> None:
    """Keep them running until interrupted."""
    while True:
        time.sleep(1)
        for process in serving:
            process.start_again_if_it_has_died()


def _say_where(environment: dict[str, str]) -> None:
    database, broker = environment["DATABASE_URL"], environment["CELERY_BROKER_URL"]
    print(f"\nDrift på prøve: http://{environment['WEB_BIND']}", flush=True)
    print(f"Database: {urlsplit(database)._replace(netloc=urlsplit(database).netloc.rpartition('@')[2]).geturl()}")
    print(f"Kø: {urlsplit(broker)._replace(netloc=urlsplit(broker).netloc.rpartition('@')[2]).geturl()}")
    print("Den første administrator laves sådan (i et andet vindue):")
    print(f"  {' '.join(_for_a_shell(environment))} .venv/bin/python manage.py createsuperuser")
    print("\nStop med Ctrl+C.\n", flush=True)


def _for_a_shell(environment: dict[str, str]) -> list[str]:
    key = FOLDER.relative_to(BASE_DIR) / "secret"
    plain = ("SUSI_ENVIRONMENT", "ALLOWED_HOSTS", "DATABASE_URL", "CELERY_BROKER_URL")
    return [*(f"{name}={environment[name]}" for name in plain), f"SECRET_KEY=$(cat {key})"]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
