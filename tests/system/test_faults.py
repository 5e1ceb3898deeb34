"""Faults on purpose, on servers of the tests' own: a clear answer, the work done once, nothing half."""

import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from scripts.processes import Process
from tests.markup import values_of
from tests.system.installed import Installation, approves, children_of, comes, page_of
from tests.system.mailbox import mailbox
from tests.visitor import Visitor

pytestmark = [pytest.mark.system, pytest.mark.slow]

AT_WORK = "2026-909"
IN_THE_MIDDLE, TYPESET, QUEUED, NO_ROOM = "2026-905", "2026-906", "2026-907", "2026-908"
FAILED = ("Der er en fejl i systemet", "intet er gemt halvt")
DELIVERABLE = f"/initiativer/{AT_WORK}/leverancer/1/S-a/"
MEGABYTE = 2**20


@pytest.fixture
def manager(installation: Installation) -> Visitor:
    return installation.visitor("leder")


@pytest.fixture
def lead(installation: Installation) -> Visitor:
    return installation.visitor("ansvarlig")


def test_the_database_is_restarted_in_the_middle_of_an_approval(installation: Installation, manager: Visitor) -> None:
    manager.opens(page_of(IN_THE_MIDDLE))
    approving = threading.Thread(
        target=lambda: manager.presses("Godkend SUSI-vurderingen", expected=500).reads(*FAILED)
    )
    with held_back(installation, IN_THE_MIDDLE):
        approving.start()
        comes(lambda: is_waiting(installation), "the approval has sealed, and waits to write on")
        installation.postgres.kill()
        approving.join(timeout=30)
    assert not approving.is_alive()
    assert manager.status == 500
    installation.postgres.start()
    comes(lambda: installation.ready()[0] == 200, "everything is ready again")
    assert state_of(installation, IN_THE_MIDDLE) == ("submitted", "", None)
    assert installation.happened(IN_THE_MIDDLE, "Godkendt og forseglet") == 0
    approves(manager, IN_THE_MIDDLE)  # still logged in
    comes(lambda: installation.document_of(IN_THE_MIDDLE), "the worker has made the document")
    assert done_once(installation, IN_THE_MIDDLE)


@contextmanager
def held_back(installation: Installation, number: str) -> Iterator[None]:
    """Let whoever approves wait at the last row that is written, when everything else is."""
    sql = (
        "SELECT 1 FROM portfolio_phaserun r JOIN portfolio_initiative i ON i.id = r.initiative_id "
        "WHERE i.number = %s FOR UPDATE OF r"
    )
    holder = psycopg.connect(installation.postgres.url)
    try:
        holder.execute(sql, [number])
        yield
    finally:
        holder.close()


def is_waiting(installation: Installation) -> bool:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE %phaserun%'"
    return installation.ask(sql)[0][0] > 0


def state_of(installation: Installation, number: str) -> tuple:
    sql = (
        "SELECT a.state, a.sealed_sha256, a.approved_at FROM assessments_assessment a "
        "JOIN portfolio_initiative i ON i.id = a.initiative_id WHERE i.number = %s"
    )
    return installation.ask(sql, number)[0]


def done_once(installation: Installation, number: str) -> bool:
    return (installation.happened(number, "Godkendt og forseglet"), installation.printed(number)) == (1, 1)


def test_a_worker_is_killed_while_it_typesets(installation: Installation, manager: Visitor) -> None:
    worker = installation.processes["worker"]
    with asleep(worker):  # else a quick one is done before the page of the approval is back
        approves(manager, TYPESET)
    comes(lambda: is_typesetting(installation), "the worker has begun")
    worker.kill()
    assert installation.document_of(TYPESET) == ""
    worker.start()
    comes(lambda: installation.document_of(TYPESET), "what was broken off is made")
    assert done_once(installation, TYPESET)
    assert manager.client.get(f"{page_of(TYPESET)}pdf/").status_code == 200
    assert installation.breaches() == "Alt er efterset, og der er ikke fundet brud.\n"  # no file is left over


@contextmanager
def asleep(process: Process) -> Iterator[None]:
    """Let it and its children do nothing meanwhile."""
    os.killpg(process.running.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.running.pid, signal.SIGCONT)


def is_typesetting(installation: Installation) -> bool:
    """Whether somebody holds a SUSI-vurdering and asks nothing: it is locked while its document is made."""
    sql = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.mode = 'RowShareLock' "
        "AND l.relation = 'assessments_assessment'::regclass AND a.state = 'idle in transaction'"
    )
    return installation.ask(sql)[0][0] > 0


def test_redis_is_gone(installation: Installation, manager: Visitor, lead: Visitor) -> None:
    """What counts how often one asks is gone with it, and so is the queue."""
    installation.redis.kill()
    try:
        manager.opens("/initiativer/?q=filer").reads("Eksempel: Akter og filer")
        assert manager.client.get("/initiativer/hent/csv/").status_code == 200
        approves(manager, QUEUED)
        lead.opens(f"/initiativer/{AT_WORK}/akter/").presses("Hent sagens akter").reads("dele er dannet")
        case_file = lead.address
    finally:
        installation.redis.start()
    comes(lambda: installation.has_document(QUEUED), "beat has asked for the document")
    comes(lambda: "Gem filen" in lead.opens(case_file).text, "beat has asked for the case file")
    assert done_once(installation, QUEUED)
    assert installation.ask("SELECT count(*), min(state) FROM desk_casefile") == [(1, "ready")]


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        pytest.param(2 * MEGABYTE, "lageret er fyldt eller i stykker. Intet andet er ændret.", id="when it is stored"),
        pytest.param(5 * MEGABYTE, "Filen nåede ikke frem, og den er ikke gemt.", id="while it arrives"),
    ],
)
def test_the_disk_is_full_for_an_upload(installation: Installation, lead: Visitor, size: int, sentence: str) -> None:
    before = stored(installation)
    with no_room(installation.processes["web"].running.pid, MEGABYTE):
        answer = uploads(lead, size)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert "Min bemærkning" in answer.content.decode()
        lead.opens("/")  # everybody else goes on
    assert stored(installation) == before
    assert installation.ask("SELECT count(*) FROM work_deliverableversion WHERE size = %s", size) == [(0,)]
    assert uploads(lead, size).status_code == 200
    assert installation.ask("SELECT count(*) FROM work_deliverableversion WHERE size = %s", size) == [(1,)]
    assert len(stored(installation)) == len(before) + 1


def uploads(lead: Visitor, size: int):
    lead.opens(f"{DELIVERABLE}ny-version/").writes("Bemærkning", "Min bemærkning")
    form = next(form for form in lead.page.all("form") if form.get("enctype"))
    start, end = b"%PDF-1.7\n", b"\n%%EOF\n"
    content = start + b"%" * (size - len(start) - len(end)) + end
    return lead.client.upload(lead.address, values_of(form), file=("plan.pdf", content))


def stored(installation: Installation) -> set[str]:
    media = installation.folder / "media"
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


@contextmanager
def no_room(pid: int, size: int) -> Iterator[None]:
    """Let the system refuse the processes below `pid` to write further than `size` into any file."""
    pids = [pid, *children_of(pid)]
    before = {one: resource.prlimit(one, resource.RLIMIT_FSIZE) for one in pids}
    for one, (_, hard) in before.items():
        resource.prlimit(one, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for one, limit in before.items():
            resource.prlimit(one, resource.RLIMIT_FSIZE, limit)


def test_the_disk_is_full_for_a_document(installation: Installation, manager: Visitor) -> None:
    before = stored(installation)
    with no_room(installation.processes["worker"].running.pid, 1024):
        approves(manager, NO_ROOM)
        comes(lambda: is_typesetting(installation), "the worker has begun")
        comes(lambda: not is_typesetting(installation), "it has found no room, and given up")
        assert installation.document_of(NO_ROOM) == ""
    assert stored(installation) == before
    comes(lambda: installation.document_of(NO_ROOM), "there is room again, and it is made")
    assert done_once(installation, NO_ROOM)
    assert len(stored(installation)) == len(before) + 1


def test_the_mail_server_is_gone(installation: Installation) -> None:
    port = urlsplit(installation.environment["EMAIL_URL"]).port
    for address in ("anna@eksempel.dk", "ingen@eksempel.dk"):  # nobody is told who has an account
        asks_for_a_link(installation, address, expected=503).reads("Der kan ikke sendes mail lige nu.")
    assert sends_digests(installation, expected=1) == [("failed", 1)]
    with mailbox(port) as mails:
        asks_for_a_link(installation, "anna@eksempel.dk").reads("Se i din indbakke")
        assert [("To: anna@eksempel.dk" in mail, "glemt-adgangskode" in mail) for mail in mails] == [(True, True)]
        assert sends_digests(installation) == [("sent", 2)]
        assert sends_digests(installation) == [("sent", 2)]
        assert len(mails) == 2


def asks_for_a_link(installation: Installation, address: str, expected: int = 200) -> Visitor:
    nobody = installation.nobody().opens("/glemt-adgangskode/").writes("E-mail", address)
    return nobody.presses("Send link", expected=expected)


def sends_digests(installation: Installation, expected: int = 0) -> list[tuple]:
    assert installation.python("manage.py", "send_digests", check=False).returncode == expected
    return installation.ask("SELECT state, attempts FROM desk_digest")
