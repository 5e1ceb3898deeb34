"""The people of `make load`, for locust: who they are, what they do, and how they read what they are answered.

Started by `scripts.load`, which says by LOAD_WORLD, LOAD_WRITES and LOAD_THINK what there is to work on, where to note
what was written, and how many seconds people think between two pages.
"""

import json
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import gevent
from locust import FastHttpUser, between, task
from locust.exception import RescheduleTask

from scripts.load.writes import APPROVAL, CONFLICT, DECISION, EDIT, IN_DOUBT, RATING, RETURN, SAVED, STATUS, Write, note
from tests.markup import Page, values_of

WORLD = json.loads(Path(os.environ["LOAD_WORLD"]).read_text(encoding="utf-8"))
WRITES = Path(os.environ["LOAD_WRITES"])
SHORTEST, LONGEST = map(float, os.environ["LOAD_THINK"].split("-"))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WORDS = ["borgerne", "kommunerne", "bostøtte", "unge", "hjemløshed", "netværk", "evaluering", "skole", "børn", "vold"]
PATIENCE = 300.0  # seconds; nobody is judged by time
SAVES_OF_A_TEXT = 3  # by itself, while somebody writes on
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_chance = Random()  # noqa: S311
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_waiting: list[str] = list(WORLD["handed_in"])  # nobody has approved or sent them back, as far as is known here
_returned: list[str] = []
_approved: list[str] = []
_decided: list[str] = []


class Outcome:
    """What has come of something written; in doubt until the answer is there."""

    outcome: str = IN_DOUBT
    version: int | None = None


@contextmanager
def writing(kind: str, key: str, mark: str) -> Iterator[Outcome]:
    """Note what comes of a write, also where whoever writes is stopped in the middle."""
    known = Outcome()
    try:
        yield known
    finally:
        note(WRITES, Write(kind, key, mark, known.outcome, known.version))


def new_mark() -> str:
    """Return a text that is found once: of letters, for ten digits may be taken for a CPR number, and refused."""
    return f"Eksempel {uuid.uuid4().hex.translate(_LETTERS)}"


def form_in(html: str, mark: str) -> dict[str, Any]:
    """Return what a browser would send from the form that holds `mark`. Empty where there is none."""
    found = next((form for form in _FORM.findall(html) if mark in form), "")
    sent: dict[str, Any] = {}
    for name, value in values_of(Page(found).root) if found else ():
        sent.setdefault(name, []).append(value)
    return sent


class Person(FastHttpUser):
    """Somebody with a log-in. The server may be on this machine only."""

    abstract = True
    role = ""
    has_begun = False
    connection_timeout = network_timeout = PATIENCE
    wait_time = between(SHORTEST, LONGEST)

    def on_start(self) -> None:
        if not self.host.startswith("http://127.0.0.1:"):
            raise ValueError("The load is for a server on this machine.")
        self.who = WORLD[self.role][next(self.numbers)]
        form = form_in(self.opens("/log-ind/", "log-in page"), "csrfmiddlewaretoken")
        form |= {"username": self.who["username"], "password": WORLD["password"]}
        status, _ = self.sends("/log-ind/", form, "log-in", right=(302,))
        if status != 302:
            raise ValueError(f"{self.who['username']} is not let in.")
        self.begins()
        self.has_begun = True

    def begins(self) -> None:
        """Do what one has come for, once, before anything else: each kind of write is tried, however short the run."""

    def thinks(self) -> None:
        """Wait as between two pages. When time is up, whoever waits goes home, but not before having begun."""
        if self.has_begun:
            self.wait()
        else:
            gevent.sleep(self.wait_time())

    def opens(self, address: str, name: str) -> str:
        """Return the page; any answer but 200 is an error, and the end of what somebody was about to do."""
        with self.client.get(address, name=name, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code} from {address}")
        if answer.status_code != 200:
            raise RescheduleTask
        return answer.text or ""

    def sends(
        self, address: str, form: dict[str, Any], name: str, *, right: tuple[int, ...], **headers: str
    ) -> tuple[int, str]:
        """Send the form and return status and page. Any answer but the `right` ones is an error."""
        with self.client.post(
            address,
            data=urlencode(form, doseq=True),
            headers={**FORM, **headers},
            name=name,
            catch_response=True,
            allow_redirects=False,
        ) as answer:
            if answer.status_code in right:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} from {address}")
            return answer.status_code, answer.text or ""

    def writes(self, kind: str, key: str, mark: str, address: str, form: dict[str, Any], name: str) -> tuple[int, str]:
        """Send the form of a whole page and note what came of it. Being led on, and a conflict, are right answers."""
        with writing(kind, key, mark) as known:
            status, page = self.sends(address, form, name, right=(302, 409))
            known.outcome = {302: SAVED, 409: CONFLICT}.get(status, IN_DOUBT)
        return status, page

    @task(2)
    def looks_at_the_front_page(self) -> None:
        self.opens("/", "front page")

    @task(2)
    def looks_through_the_list(self) -> None:
        self.opens("/initiativer/", "list")

    @task(1)
    def searches(self) -> None:
        self.opens(f"/initiativer/?{urlencode({'q': _chance.choice(WORDS)})}", "search")


class Writer(Person):
    """Writes on an initiative of the own, and on one together with others."""

    role = "writers"
    numbers = count()
    fixed_count = len(WORLD["writers"])

    def begins(self) -> None:
        self.changes_the_head_facts()
        self.writes_on_a_criterion()
        self.writes_a_status()

    @property
    def some_number(self) -> str:
        return _chance.choice((self.who["own"], self.who["shared"]))

    @task(3)
    def changes_the_head_facts(self) -> None:
        number = self.some_number
        self.opens(f"/initiativer/{number}/", "initiative")
        address = f"/initiativer/{number}/rediger/"
        form = form_in(self.opens(address, "head facts, page"), "initiative-form")
        self.thinks()
        status, page = self._saves_head_facts(number, address, form)
        if status == 409:  # reads both texts, and decides for the own
            self.thinks()
            self._saves_head_facts(number, address, form_in(page, "initiative-form"))

    def _saves_head_facts(self, number: str, address: str, form: dict[str, Any]) -> tuple[int, str]:
        mark = new_mark()
        return self.writes(EDIT, number, mark, address, {**form, "description": mark}, "head facts, save")

    @task(4)
    def writes_on_a_criterion(self) -> None:
        number, code = self.some_number, _chance.choice(WORLD["codes"][:3])  # few, so that people meet
        address = f"/initiativer/{number}/vurderinger/1/kriterier/{code}/"
        form = form_in(self.opens(address, "gate room"), 'id="section"')
        for _ in range(SAVES_OF_A_TEXT):
            self.thinks()
            version = self._autosaves(address, form, f"{number}/{code}")
            if version is None:
                return  # the box with both texts has come up
            form["version"] = version

    def _autosaves(self, address: str, form: dict[str, Any], key: str) -> int | None:
        mark = new_mark()
        token = form["csrfmiddlewaretoken"][0]
        with writing(RATING, key, mark) as known:
            status, answer = self.sends(
                address,
                {**form, "value": "met", "reasoning": mark},
                "gate room, autosave",
                right=(200, 409),
                **{"X-Autosave": "1", "X-CSRFToken": token},
            )
            known.outcome = {200: SAVED, 409: CONFLICT}.get(status, IN_DOUBT)
            if status == 200:
                known.version = json.loads(answer)["version"]
        return known.version

    @task(1)
    def writes_a_status(self) -> None:
        number, mark = self.some_number, new_mark()
        form = form_in(self.opens(f"/initiativer/{number}/", "initiative"), "/status/")
        self.thinks()
        form |= {"text": mark}
        self.writes(STATUS, number, mark, f"/initiativer/{number}/status/", form, "status, save")

    @task(1)
    def looks_at_what_waits(self) -> None:
        self.opens("/mit-arbejde/", "my work")


class Manager(Person):
    """Reads what is handed in, approves it or sends it back, and registers decisions."""

    role = "managers"
    numbers = count()
    fixed_count = len(WORLD["managers"])

    def begins(self) -> None:
        self.takes_a_stand()
        self.takes_a_stand()
        self.registers_a_decision()

    @task(3)
    def takes_a_stand(self) -> None:
        if not _waiting:
            return
        number = _chance.choice(_waiting)  # two may take up the same
        home = f"/initiativer/{number}/vurderinger/1/"
        page = self.opens(home, "SUSI-vurdering")
        self.thinks()
        if f"{home}godkend/" not in page:
            return  # somebody was first
        if 2 * len(_returned) < len(_approved) + len(_decided):  # one of three
            self._sends_back(number, home, page)
        else:
            self._approves(number, home, page)

    def _approves(self, number: str, home: str, page: str) -> None:
        form = form_in(page, f"{home}godkend/")
        status, _ = self.writes(APPROVAL, number, self.who["username"], f"{home}godkend/", form, "approval")
        if status == 302:
            _waiting.remove(number)
            _approved.append(number)

    def _sends_back(self, number: str, home: str, page: str) -> None:
        mark = new_mark()
        form = {**form_in(page, "send-back"), "remarks": mark}
        status, _ = self.writes(RETURN, number, mark, f"{home}send-tilbage/", form, "sending back")
        if status == 302:
            _waiting.remove(number)
            _returned.append(number)

    @task(2)
    def registers_a_decision(self) -> None:
        if not _approved:
            return
        number, mark = _chance.choice(_approved), new_mark()
        address = f"/initiativer/{number}/beslutninger/ny/"
        form = form_in(self.opens(address, "decision, page"), 'name="seen"')
        if form["seen_ground"] == ["0"]:
            return  # somebody was first, and nothing is left to decide on
        self.thinks()
        decided_on = f"{datetime.now(ZoneInfo('Europe/Copenhagen')):%d.%m.%Y}"
        form |= {"outcome": "continued", "decided_by": "agreement_parties", "decided_on": decided_on}
        form |= {"agreement": WORLD["agreement"], "reason": mark}
        status, _ = self.writes(DECISION, number, mark, address, form, "decision")
        if status == 302:
            _approved.remove(number)
            _decided.append(number)

    @task(1)
    def opens_a_document(self) -> None:
        if _approved or _decided:
            self.opens(f"/initiativer/{_chance.choice(_approved + _decided)}/vurderinger/1/pdf/", "PDF")

    @task(1)
    def asks_what_has_changed(self) -> None:
        self.opens("/aendringer/", "changes")


class Reader(Person):
    """Reads, and takes files along."""

    role = "readers"
    numbers = count()
    fixed_count = len(WORLD["readers"])

    @task(2)
    def reads_an_initiative(self) -> None:
        self.opens(f"/initiativer/{_chance.choice(WORLD['writers'])['own']}/", "initiative")

    @task(1)
    def takes_a_file(self) -> None:
        kind = _chance.choice(("csv", "xlsx"))
        self.opens(f"/initiativer/hent/{kind}/", f"list as {kind.upper()}")

    @task(1)
    def looks_at_bilag_1(self) -> None:
        self.opens("/bilag-1/", "Bilag 1")

    @task(1)
    def looks_at_the_timeline(self) -> None:
        self.opens("/tidslinje/", "timeline")

    @task(1)
    def looks_at_a_register(self) -> None:
        self.opens("/fravigelser/", "register of fravigelser")
