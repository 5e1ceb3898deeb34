"""An installation as a person meets it, over HTTP, and as an operator does: the database, the probes, the logs."""

import subprocess
import time
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urljoin

import psycopg
import requests
from django.urls import reverse

from scripts.trial import Trial
from tests.factories import PASSWORD
from tests.visitor import Visitor

PATIENCE = 60  # seconds for what comes of itself
ASKED_AGAIN = 0.03  # seconds; what is looked for may be over in a quarter of one
CATCH_UP = 2  # seconds between the rounds of beat


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

    def upload(self, address: str, values: list[tuple[str, str]], **files: tuple[str, bytes]) -> SimpleNamespace:
        sent = self.session.post(urljoin(self.home, address), values, files=files, timeout=60)
        return self._answer(sent)

    def _answer(self, answer: requests.Response) -> SimpleNamespace:
        was_led = [(answer.url.removeprefix(self.home), 302)] if answer.history else []
        return SimpleNamespace(
            status_code=answer.status_code, content=answer.content, redirect_chain=was_led, headers=answer.headers
        )


class Installation(Trial):
    """Everything that runs, and what the database says."""

    def ask(self, sql: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.postgres.url) as connection:
            return connection.execute(sql, values or None).fetchall()

    def ready(self) -> tuple[int, dict[str, str]]:
        answer = requests.get(f"{self.home}/readyz", timeout=20)
        return answer.status_code, answer.json().get("checks", {})

    def nobody(self) -> Visitor:
        """Somebody who has not logged in."""
        visitor = Visitor()
        visitor.client = OverHttp(self.home)
        return visitor

    def visitor(self, username: str) -> Visitor:
        visitor = self.nobody()
        visitor.opens("/log-ind/").writes("Brugernavn", username).writes("Adgangskode", PASSWORD)
        return visitor.presses("Log ind")

    def document_of(self, number: str) -> str:
        """Return the checksum of the initiative's PDF, "" where there is none."""
        sql = (
            "SELECT a.pdf_sha256 FROM assessments_assessment a JOIN portfolio_initiative i ON i.id = a.initiative_id "
            "WHERE i.number = %s"
        )
        return self.ask(sql, number)[0][0]

    def happened(self, number: str, reason: str) -> int:
        """Return how many times it happened to the initiative's SUSI-vurdering, by its history."""
        sql = (
            "SELECT count(*) FROM assessments_historicalassessment h JOIN portfolio_initiative i "
            "ON i.id = h.initiative_id WHERE i.number = %s AND h.history_change_reason = %s"
        )
        return self.ask(sql, number, reason)[0][0]

    def printed(self, number: str) -> int:
        """Return how many times the initiative's PDF was made."""
        return self.happened(number, "PDF dannet")

    def has_document(self, number: str) -> bool:
        """Whether the initiative's PDF is there. The processes are kept running meanwhile: a worker that is about to
        say that a job is done when Redis goes gives up (`Unrecoverable error` in its log), and is started again.
        """
        for process in self.processes.values():
            process.start_again_if_it_has_died()
        return bool(self.document_of(number))

    def breaches(self) -> str:
        """Return what `check_portfolio` says."""
        return self.python("manage.py", "check_portfolio", check=False).stdout


def comes(happens: Callable[[], object], what: str) -> None:
    """Wait until it happens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if happens():
                return
        except (OSError, psycopg.Error):
            pass
        time.sleep(ASKED_AGAIN)
    raise AssertionError(f"in {PATIENCE} seconds it has not come to pass that {what}")


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603, S607
    return [int(one) for one in found.stdout.split()]


def page_of(number: str) -> str:
    return reverse("assessments:detail", args=[number, 1])


def approves(manager: Visitor, number: str) -> None:
    manager.opens(page_of(number)).presses("Godkend SUSI-vurderingen")
    manager.reads("SUSI-vurderingen er godkendt og forseglet.")
