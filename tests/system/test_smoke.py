"""The processes of production, started as in production: the main job through them, and each of them killed in turn.

PostgreSQL, Redis, gunicorn, worker and beat are the test's own, on free ports, and gone when it ends (`make smoke`).
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import psycopg
import pytest
import requests
from django.urls import reverse
from redis import Redis

from scripts import prod_local, servers
from scripts.processes import BASE_DIR, SERVING, Process
from tests.factories import PASSWORD
from tests.flows.test_main_job_http import begins_an_assessment, concludes, decided, rates_every_criterion
from tests.visitor import Visitor

pytestmark = [pytest.mark.system, pytest.mark.slow]

PATIENCE = 60  # seconds for what comes of itself
CATCH_UP = 2  # seconds between the rounds of beat
MAIN, HANDED_IN = "2026-900", [f"2026-90{no}" for no in range(1, 5)]
AGREEMENT = "UIP 2025 (Eksempelprogram)"

# People and initiatives: an installation in production has none to begin with.
NEWCOMERS = f"""
import django
django.setup()
from phases.terms import Phase
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person, submitted
AgreementFactory(programme__name="Eksempelprogram")
person(Role.MANAGER, username="leder", first_name="Lene", last_name="Eksempel")
lead = person(Role.LEAD, username="ansvarlig", first_name="Anna", last_name="Eksempel")
initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Skolestart i ro", number="{MAIN}")
for number in {HANDED_IN}:
    handed_in = initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Indsendt", number=number)
    submitted(handed_in, to_phase=Phase.MATURATION)
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
    folder: Path

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
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="susi-smoke-"))
    folder.chmod(0o755)  # PostgreSQL runs as another than root
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
        running = Installation(postgres, redis, environment, processes, folder)
        comes(lambda: requests.get(f"{running.home}/healthz", timeout=5).ok, "the web answers")
        yield running
    finally:
        for one in (*processes.values(), redis, postgres):
            one.stop()
        shutil.rmtree(folder)


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


def the_main_job(installation: Installation, lead: Visitor, manager: Visitor) -> bytes:
    """From the criteria to the decision. Return the document, which the worker made before anybody opened it."""
    begins_an_assessment(lead, reverse("portfolio:initiative_detail", args=[MAIN]), "Modning", "Spor 1")
    rates_every_criterion(lead, "Anna Eksempel", 13)
    concludes(lead, "Indsatsen er velbeskrevet.")
    lead.presses("Indsend til godkendelse").reads("SUSI-vurderingen er indsendt til godkendelse.")
    approves(manager, MAIN)
    comes(lambda: installation.document_of(MAIN), "the worker has made the document")
    [approval] = [line for line in lines(installation, "web") if line.get("view") == "assessments:approve"]
    comes(lambda: approval["request_id"] in ids_of_jobs(installation), "the log tells who asked for the document")
    document = manager.client.get(f"{page_of(MAIN)}pdf/")
    assert (document.status_code, document.content[:5]) == (200, b"%PDF-")
    assert hashlib.sha256(document.content).hexdigest() == installation.document_of(MAIN)
    decided(manager.opens(reverse("assessments:decision_create", args=[MAIN])), "Videreføres")
    manager.chooses("Aftale", AGREEMENT).presses("Registrér beslutningen")
    manager.reads("Beslutningen er registreret. Initiativet er nu i modning, spor 1.")
    return document.content


def a_web_process(installation: Installation, manager: Visitor) -> None:
    master = installation.processes["web"].running.pid
    before = children_of(master)
    os.kill(before[0], signal.SIGKILL)
    comes(lambda: len(set(children_of(master)) - set(before)) == 1, "another web process has taken its place")
    manager.opens("/").reads("Overblik")  # the session is in the database


def the_worker(installation: Installation, manager: Visitor) -> None:
    worker = installation.processes["worker"]
    worker.kill()
    approves(manager, HANDED_IN[0])
    assert installation.document_of(HANDED_IN[0]) == ""
    worker.start()
    comes(lambda: installation.document_of(HANDED_IN[0]), "what waited in the queue is made")


def the_queue(installation: Installation, manager: Visitor) -> None:
    installation.redis.kill()
    approves(manager, HANDED_IN[1])  # nobody waits for a broker that is gone
    assert (installation.ready()[0], installation.ready()[1]["broker"]) == (503, "failed")
    installation.redis.start()
    comes(lambda: installation.document_of(HANDED_IN[1]), "beat has asked for what could not be asked for")


def the_clock(installation: Installation, manager: Visitor) -> None:
    beat, worker = installation.processes["beat"], installation.processes["worker"]
    beat.kill()
    worker.kill()
    approves(manager, HANDED_IN[2])
    with Redis.from_url(installation.redis.url) as queue:
        queue.flushall()  # everything that was asked for is forgotten
    worker.start()
    time.sleep(CATCH_UP)
    assert installation.document_of(HANDED_IN[2]) == ""
    beat.start()
    comes(lambda: installation.document_of(HANDED_IN[2]), "beat has found what is missing")


def the_database(installation: Installation, manager: Visitor) -> None:
    manager.opens(page_of(HANDED_IN[3]))
    installation.postgres.kill()
    manager.presses("Godkend SUSI-vurderingen", expected=500).reads("Der er en fejl i systemet", "intet er gemt halvt")
    assert (installation.ready()[0], installation.ready()[1]["database"]) == (503, "failed")
    assert requests.get(f"{installation.home}/healthz", timeout=5).json() == {"status": "ok"}
    installation.postgres.start()
    comes(lambda: installation.ready()[0] == 200, "everything is ready again")
    approves(manager, HANDED_IN[3])
    comes(lambda: installation.document_of(HANDED_IN[3]), "the worker has made the document")


def nothing_was_lost(installation: Installation, manager: Visitor, document: bytes) -> None:
    assert {number: installation.printed(number) for number in (MAIN, *HANDED_IN)} == dict.fromkeys(
        (MAIN, *HANDED_IN), 1
    )
    assert manager.client.get(f"{page_of(MAIN)}pdf/").content == document
    check = [sys.executable, "manage.py", "check_portfolio"]
    done = subprocess.run(check, cwd=BASE_DIR, env=installation.environment, stdout=subprocess.PIPE, check=False)  # noqa: S603
    assert done.stdout.decode() == "Alt er efterset, og der er ikke fundet brud.\n"
    manager.opens("/initiativer/?q=Hanne")
    told = lines(installation, "web")
    assert {line["status"] for line in told if line["logger"] == "susi.requests"} >= {200, 302, 500}
    assert len({line["request_id"] for line in told if line["logger"] == "susi.requests"}) > 40
    whole = "".join((installation.folder / f"{name}.log").read_text(encoding="utf-8") for name in SERVING)
    assert not [word for word in ("velbeskrevet", "Skolestart", PASSWORD, "Anna", "Hanne") if word in whole]


def approves(manager: Visitor, number: str) -> None:
    manager.opens(page_of(number)).presses("Godkend SUSI-vurderingen")
    manager.reads("SUSI-vurderingen er godkendt og forseglet.")


def page_of(number: str) -> str:
    return reverse("assessments:detail", args=[number, 1])


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603, S607
    return [int(one) for one in found.stdout.split()]


def ids_of_jobs(installation: Installation) -> set[str]:
    return {line["request_id"] for line in lines(installation, "worker") if line["user_id"]}


def lines(installation: Installation, name: str) -> list[dict]:
    """Return the log of a process; every line the code itself writes is an object."""
    text = (installation.folder / f"{name}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
