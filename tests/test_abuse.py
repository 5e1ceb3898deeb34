"""What people with bad intent or broken programs send: forged fields, junk, formulas, ways out. Never an error, and
nothing is written but what the page is for."""

import csv
import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from susi import typesetting
from susi.roles import Role
from tests.factories import PASSWORD, person
from tests.markup import Element, Page, values_of
from tests.pages import ACTS, PAGES, Place, arguments, places
from tests.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.xdist_group("who gets in"),  # one world for all
]

FORMULA = "@SUM(1+1)*Eksempel"
WRITING = (Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR)
HUGE = "9" * 30
JUNK = ["\x00", "a\x00b", "\ud83d", HUGE, f"-{HUGE}", "%00", "'; --", "../../etc/passwd", "NaN", "31.02.2026", ""]
VARIES = re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+(\+[\d:]+)?|[0-9a-f]{32}|[0-9a-f-]{36}")
QUERIES = (
    "q",
    "page",
    "dag",
    "sort",
    "phase",
    "track",
    "kind",
    "vis",
    "gruppe",
    "pulje",
    "fra",
    "til",
    "lead",
    "state",
)
SESSION_TABLES = ("django_session", "django_admin_log", "susi_accessentry")


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
        yield World(text=FORMULA)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[Role, Client]:
    clients = {role: Client() for role in Role}
    for role, client in clients.items():
        client.force_login(world.person_as(role))
    return clients


class Sent(NamedTuple):
    """A form as it stands on a page, with what a browser would send from it."""

    name: str
    role: Role
    address: str
    values: list[tuple[str, str]]


@pytest.fixture(scope="module")
def forms(world: World, clients: dict[Role, Client]) -> list[Sent]:
    """Every form of every page of those who write, each once."""
    found: dict[tuple, Sent] = {}
    for page in once_each(world):
        response = clients[page.role].get(page.address)
        if response.streaming:
            list(response.streaming_content)
        elif response.status_code == 200 and response.get("Content-Type", "").startswith("text/html"):
            for form in forms_on(response):
                address = urljoin(page.address, form.get("action")).partition("#")[0]
                values = [(name, text) for name, text in values_of(form) if name != "csrfmiddlewaretoken"]
                key = (page.role, re.sub(r"\?.*", "", address), *sorted({name for name, _ in values}))
                found.setdefault(key, Sent(f"{page.name} → {address}", page.role, address, values))
    return [sent for sent in found.values() if sent.address != reverse("logout")]


def once_each(world: World) -> list[Place]:
    """Return every page without a query, each for one of those who write."""
    pages = [page for page in places(world) if page.role in WRITING and "?" not in page.address]
    return list({page.address: page for page in pages}.values())


def forms_on(response: HttpResponse) -> list[Element]:
    root = Page(response.content.decode()).root
    return [one for one in root.all("form") if one.get("method") == "post"]


@contextmanager
def rows_written() -> Iterator[list[str]]:
    """Yield what is written within, as statements with their values; nothing of it is kept."""
    written: list[str] = []

    def listen(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if re.match(r"INSERT|UPDATE|DELETE", sql) and not any(table in sql for table in SESSION_TABLES):
            written.append(VARIES.sub("…", f"{sql} {params}"))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(listen):
            yield written
        transaction.set_rollback(True)


def sends(client: Client, address: str, values: list[tuple[str, str]], **headers: str) -> HttpResponse:
    body = urlencode(values, errors="surrogatepass")
    return client.post(address, body, content_type="application/x-www-form-urlencoded", headers=headers)


def column_names() -> set[str]:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] not in ("django", "axes")]
    return {name for model in ours for field in model._meta.get_fields() for name in (field.name, f"{field.name}_id")}


def test_there_are_many_forms(forms: list[Sent]) -> None:
    assert len(forms) > 50


@pytest.mark.slow
def test_a_field_the_form_does_not_have_changes_nothing(clients, forms: list[Sent]) -> None:
    """Every name of a column is added, to every form: what is written is the same to the letter."""
    columns, changed, wrote = column_names(), [], 0
    for sent in forms:
        own = {name for name, _ in sent.values}
        forged = [(name, "1") for name in sorted(columns - own)]
        outcome = []
        for values in (sent.values, [*sent.values, *forged]):
            with rows_written() as written:
                sends(clients[sent.role], sent.address, values)
            outcome.append(written)
        wrote += bool(outcome[0])
        if outcome[0] != outcome[1]:
            changed.append(f"{sent.name}: {set(outcome[0]) ^ set(outcome[1])}")
    assert not changed, "\n".join(changed)
    assert wrote > 20  # of the forms could be sent as they stand


@pytest.mark.slow
def test_junk_in_every_field_is_answered_and_not_written(clients, forms: list[Sent]) -> None:
    wrong = []
    for sent in forms:
        for junk in ("\x00", HUGE):
            values = [(name, junk) for name, _ in sent.values]
            with rows_written() as written:
                status = sends(clients[sent.role], sent.address, values).status_code
            if status not in (200, 302, 400, 403, 404, 409, 422) or (junk == "\x00" and status == 200 and written):
                wrong.append(f"{status} {sent.name} {junk!r} {written}")
            if any("\\x00" in one for one in written):
                wrong.append(f"{sent.name} kept {written}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_junk_in_the_query_is_answered(world: World, clients) -> None:
    wrong = []
    for page in {page.name.split()[0]: page for page in once_each(world)}.values():
        for junk in ("%00", "%FF%FE", HUGE):
            response = clients[page.role].get(f"{page.address}?{'&'.join(f'{name}={junk}' for name in QUERIES)}")
            if response.status_code not in (200, 302, 400, 404, 422):
                wrong.append(f"{response.status_code} {page.name} {junk}")
            if response.streaming:
                list(response.streaming_content)
    assert not wrong, "\n".join(wrong)


def test_a_number_no_database_holds_is_not_found(world: World, clients) -> None:
    where, wrong = arguments(world), []
    addresses = [(view, place) for view, place, *_ in PAGES] + list(ACTS.items())
    for view, place in addresses:
        args = where[place]
        for no, arg in enumerate(args):
            if not str(arg).isdigit() or view == "phases:edition":
                continue
            address = reverse(view, args=(*args[:no], int(HUGE), *args[no + 1 :]))
            for method, role in [("get", Role.LEAD), ("post", Role.LEAD), ("get", Role.ADMINISTRATOR)]:
                with transaction.atomic():
                    status = getattr(clients[role], method)(address).status_code
                    transaction.set_rollback(True)
                if status not in (302, 403, 404, 405):
                    wrong.append(f"{status} {method} {address} {role}")
    assert not wrong, "\n".join(wrong)


def test_no_cell_of_any_file_is_a_formula(world: World, clients) -> None:
    """Everything typed begins with "=", and every file is opened that the pages hand out for a spreadsheet."""
    opened, cells = set(), 0
    for page in [page for page in places(world) if re.search("csv|xlsx|import_(template|present)", page.name)]:
        response = clients[page.role].get(page.address)
        kind = response.get("Content-Type", "")
        content = b"".join(response.streaming_content if response.streaming else [response.content])
        if kind.startswith("text/csv"):
            lines = content.decode("utf-8-sig").splitlines()
            texts = [cell for delimiter in ";," for row in csv.reader(lines, delimiter=delimiter) for cell in row]
            assert not [text for text in texts if len(text) > 1 and text[0] in "=+-@\t\r"], page.name
        elif kind.endswith("spreadsheetml.sheet") and not page.name.startswith("work:version_file"):
            found = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
            assert not [cell.coordinate for cell in found if cell.data_type == "f"], page.name
            texts = [str(cell.value) for cell in found]
        else:
            continue
        opened.add(page.name.split()[0])
        cells += sum("@SUM" in text for text in texts)
    assert opened >= {"portfolio:initiative_export", "bilag1_xlsx", "registers_deviations_export"}
    assert cells > 50


@pytest.mark.parametrize(
    "way_on",
    [
        "https://eksempel.dk/",
        "//eksempel.dk/",
        "///eksempel.dk",
        "/\\eksempel.dk",
        "\\\\eksempel.dk",
        "javascript:alert(1)",
        "http:eksempel.dk",
        "/\r\nX-Forged: 1",
        "https://testserver@eksempel.dk/",
        "\x00/",
    ],
)
def test_the_log_in_leads_nowhere_else(client, way_on: str) -> None:
    user = person(Role.READER)
    address = f"{reverse('login')}?{urlencode({'next': way_on})}"
    response = client.post(address, {"username": user.username, "password": PASSWORD, "next": way_on})
    assert response.status_code == 302
    assert re.match(r"/(?![/\\])", response.url)
    assert "eksempel" not in response.url
    assert "X-Forged" not in response.headers


@pytest.mark.parametrize(
    "referer", ["https://eksempel.dk/initiativer/", "//eksempel.dk", "http://testserver.eksempel.dk/"]
)
def test_the_way_back_after_a_form_is_one_of_our_own_pages(client, referer: str) -> None:
    response = client.post(reverse("desk:reminders"), headers={"Referer": referer})
    assert response.url == f"{reverse('login')}?next=/"


@pytest.mark.parametrize("host", ["eksempel.dk", "testserver.eksempel.dk", "testserver@eksempel.dk", "testserver\x00"])
def test_another_host_is_refused(client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_a_get_a_post(world: World, clients, name: str) -> None:
    address = reverse("desk:stand_in_end", args=[world.stand_in.pk])
    with rows_written() as written:
        response = clients[Role.MANAGER].get(f"{address}?_method=POST", headers={name: "POST"})
    assert (response.status_code, written) == (405, [])


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_page_takes_another_method(world: World, clients, method: str) -> None:
    for view, place in [("portfolio:initiative_detail", "hub"), ("portfolio:initiative_edit", "hub"), ("login", "")]:
        with rows_written() as written:
            response = getattr(clients[Role.LEAD], method)(reverse(view, args=arguments(world)[place]))
        assert (response.status_code, written) == (405, []), view


def test_a_form_without_its_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.manager)
    with rows_written() as written:
        response = client.post(reverse("desk:stand_in_end", args=[world.stand_in.pk]))
    assert (response.status_code, written) == (403, [])


@pytest.mark.parametrize("asked", ["../settings.py", "..%2f..%2f.env", "%2e%2e/%2e%2e/etc/passwd", "susi//etc/passwd"])
def test_static_files_are_the_static_files(client, asked: str) -> None:
    assert client.get(f"/static/{asked}").status_code in (302, 403, 404)


@pytest.mark.parametrize("text", JUNK)
def test_junk_in_the_log_in_is_a_wrong_password(client, text: str) -> None:
    body = urlencode({"username": text, "password": text}, errors="surrogatepass")
    response = client.post(reverse("login"), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
