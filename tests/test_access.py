"""Every address × person × method against `access.csv`, whose answers are written by hand from the rules of the domain.

A row says who gets an answer to GET and to an empty POST; everybody else is refused. "-" is a method the address does
not take. Those in `unseen` are not told that the thing exists: 404, where others get 403. Whoever is not logged in is
led to the log-in. A new address without a row makes the test fail.
"""

import csv
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from susi import typesetting
from susi.models import User
from susi.roles import Role
from tests.factories import person
from tests.pages import arguments, view_names
from tests.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.slow,
    pytest.mark.xdist_group("who gets in"),  # one world for all
]

# lead of it, member of it, lead of another, manager, reader, administrator, several (lead of another and manager),
# none (logged in without a role), stranger (not logged in)
LOGGED_IN = ("lead", "member", "other", "manager", "reader", "administrator", "several", "none")
WRITERS, MANAGERS, OFFICE = {"lead", "member"}, {"manager", "several"}, {"manager", "several", "administrator"}
LEADS = WRITERS | {"other", "several"}
GROUPS = {
    "": set(),
    "no one": set(),
    "-": set(),
    "anybody": {*LOGGED_IN, "stranger"},
    "logged in": set(LOGGED_IN),
    "readers": {*LOGGED_IN} - {"none"},
    "workers": {*LOGGED_IN} - {"none", "reader"},
    "writers": WRITERS,
    "managers": MANAGERS,
    "office": OFFICE,
    "administrators": {"administrator"},
    "leads": LEADS,
    "leads and managers": LEADS | MANAGERS,
    "writers and managers": WRITERS | MANAGERS,
    "writers and office": WRITERS | OFFICE,
    # who does not see that it is there
    "nobody": {"none"},
    "of proposal": {"none", "reader"},
    "of draft": {"none", "reader", "other", "administrator"},
    "everybody": set(LOGGED_IN),
    "not administrators": {*LOGGED_IN} - {"administrator"},
}
IN, FORBIDDEN, UNSEEN, NOT_TAKEN, LOG_IN = "in", "403", "404", "405", "log-in"


class Row(NamedTuple):
    view: str
    place: str
    get: str
    post: str
    unseen: str

    def expected(self, who: str, method: str) -> str:
        """Return the answer the table promises."""
        granted = self.get if method == "get" else self.post
        if who == "stranger":
            if self.view not in WITHOUT_LOG_IN:
                return LOG_IN
            return NOT_TAKEN if granted == "-" else IN if who in GROUPS[granted] else UNSEEN
        if granted == "-":
            closed = self.view.startswith("admin:") and who not in GROUPS["administrators"]  # to every method
            return FORBIDDEN if closed else NOT_TAKEN
        if who in GROUPS[granted]:
            return IN
        return UNSEEN if who in GROUPS[self.unseen] else FORBIDDEN


WITHOUT_LOG_IN = {
    *("healthz", "readyz", "login", "password_reset", "password_reset_done", "password_reset_confirm"),
    *("oidc_authentication_init", "oidc_authentication_callback", "was"),  # not there before they are set up
}
TABLE = [Row(*cells) for cells in csv.reader(Path(__file__).with_name("access.csv").read_text().splitlines()[1:])]


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Let documents be what they are typeset from, and log none of the many refusals."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(typesetting, "typeset", lambda html, css, **kwargs: html.encode())
        logging.disable(logging.ERROR)
        yield
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def test_every_address_has_a_row() -> None:
    assert {row.view for row in TABLE} == view_names()


def test_nobody_gets_more_or_less_than_the_table_says(world: World) -> None:
    clients, where = everyone(world), places(world)
    wrong = []
    for row in TABLE:
        address = reverse(row.view, args=where[row.place])
        for who, client in clients.items():
            for method in ("get", "post"):
                found = answer(client, method, address)
                if found != row.expected(who, method):
                    wrong.append(f"{method} {row.view} {row.place}: {who} {found}, not {row.expected(who, method)}")
    assert not wrong, "\n".join(wrong)


def test_what_belongs_to_one_initiative_is_not_found_under_another(world: World) -> None:
    """Whoever writes on both tries the number of a proposal, which has no runs, assessments or decisions."""
    client, where = logged_in(world.lead), places(world)
    found = {}
    for row in TABLE:
        args = where[row.place]
        if not is_below(args) or args[0] == world.proposal.number:
            continue
        address = reverse(row.view, args=(world.proposal.number, *args[1:]))
        answers = {answer(client, method, address) for method in ("get", "post")}
        if not answers <= {UNSEEN, NOT_TAKEN}:
            found[f"{row.view} {row.place}"] = answers
    assert set(found) == {"desk:exempt status"}  # led back to the list of documents, which says that it is not there


def is_below(args: tuple) -> bool:
    """Whether the address names an initiative and, by a number, a thing of its."""
    return len(args) > 1 and bool(re.fullmatch(r"\d{4}-\d+", str(args[0]))) and any(str(a).isdigit() for a in args[1:])


def everyone(world: World) -> dict[str, Client]:
    people = {
        "lead": world.lead,
        "member": world.members[0],
        "other": world.stranger,
        "manager": world.manager,
        "reader": world.reader,
        "administrator": world.administrator,
        "several": person(Role.LEAD, Role.MANAGER),
        "none": person(),
    }
    return {**{who: logged_in(user) for who, user in people.items()}, "stranger": Client()}


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def places(world: World) -> dict[str, tuple]:
    content = ContentType.objects.get_for_model(world.hub)
    return {**arguments(world), "a content": (content.pk, world.hub.pk), "a link": ("MQ", "set-password")}


def answer(client: Client, method: str, address: str) -> str:
    """Return what the person gets, and leave everything as it was, the log-in too."""
    cookies = dict(client.cookies)
    with transaction.atomic():
        response = getattr(client, method)(address)
        while response.status_code == 302 and response.url.startswith("/administration/"):
            response = client.get(response.url)
        if response.streaming:
            list(response.streaming_content)  # so that its file is closed
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    return kind_of(response)


def kind_of(response: HttpResponse) -> str:
    if response.status_code == 302 and response.url.startswith("/log-ind/?next="):
        return LOG_IN
    if response.status_code in (403, 404, 405):
        return str(response.status_code)
    return IN if response.status_code in (200, 302, 400, 409, 422) else f"unexpected {response.status_code}"
