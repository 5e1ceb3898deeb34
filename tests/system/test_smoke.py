"""The processes of production, started as in production: the main job through them, and each of them killed in turn.

PostgreSQL, Redis, gunicorn, worker and beat are the tests' own, on free ports, and gone when they end (`make smoke`).
"""

import hashlib
import os
import signal
import time

import pytest
import requests
from django.urls import reverse
from redis import Redis

from scripts.processes import SERVING
from tests.factories import PASSWORD
from tests.flows.test_main_job_http import begins_an_assessment, concludes, decided, rates_every_criterion
from tests.system.installed import CATCH_UP, Installation, approves, children_of, comes, page_of
from tests.visitor import Visitor

pytestmark = [pytest.mark.system, pytest.mark.slow]

MAIN, HANDED_IN = "2026-900", [f"2026-90{no}" for no in range(1, 5)]
AGREEMENT = "UIP 2025 (Eksempelprogram)"


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
    [approval] = [line for line in installation.lines("web") if line.get("path") == f"{page_of(MAIN)}godkend/"]
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
    comes(lambda: installation.has_document(HANDED_IN[1]), "beat has asked for what could not be asked for")


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
    assert installation.breaches() == "Alt er efterset, og der er ikke fundet brud.\n"
    manager.opens("/initiativer/?q=Hanne")
    told = installation.lines("web")
    assert {line["status"] for line in told if line["logger"] == "susi.requests"} >= {200, 302, 500}
    assert len({line["request_id"] for line in told if line["logger"] == "susi.requests"}) > 40
    whole = "".join(installation.log(name).read_text(encoding="utf-8") for name in SERVING)
    assert not [word for word in ("velbeskrevet", "Skolestart", PASSWORD, "Anna", "Hanne") if word in whole]


def ids_of_jobs(installation: Installation) -> set[str]:
    return {line["request_id"] for line in installation.lines("worker") if line["user_id"]}
