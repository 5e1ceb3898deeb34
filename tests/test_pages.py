"""What holds for every page: who gets in, what it costs, that reading writes nothing and a draft stays hidden."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from assessments.actions import review
from assessments.models import Assessment
from susi import typesetting
from susi.access_words import words
from susi.handbook import topic_of
from susi.models import User
from susi.roles import Role
from tests.factories import person
from tests.markup import Element, Page
from tests.pages import ACTS, CLOSED, PAGES, PROBES, YESTERDAY, Place, arguments, places, view_names
from tests.world import World

pytestmark = pytest.mark.django_db

MARK = "Kun for kladdens skribenter"
NOTED = "susi_accessentry"
NOTHING_ASKED = "/kontrol/"  # noted is what somebody checks there
# Lists and overviews, and what is about oneself or about nothing yet: nobody notes who opens them.
NOT_NOTED = {
    *("overview", "timeline", "bilag1", "changes", "statistics", "password_change"),
    *("portfolio:initiative_list", "portfolio:initiative_create", "portfolio:import_list"),
    *("participants:load", "participants:map", "participants:organisation_list", "participants:organisation_create"),
    *("registers", "registers_access", "registers_knowledge", "registers_deviations", "registers_outside"),
    *("registers_outside_create", "registers_coming"),
    *("handbook", "handbook_whole", "handbook_topic"),
    *("desk:my_work", "desk:reminders", "desk:stand_ins", "phases:rulebook"),
    *("admin:index", "admin:password_change", "admin:password_change_done"),
    *(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in ("changelist", "add")
    ),
}
of_one_visit = pytest.mark.xdist_group("every page, opened once")
OF_THE_HELP = ("handbook", "handbook_whole", "handbook_topic")
TYPED = """<b id="x">&'"</b>"""


@pytest.fixture(autouse=True, scope="module")
def printed_as_text() -> Iterator[None]:
    """Let a document be what it is typeset from: quick to make, and readable here."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(typesetting, "typeset", lambda html, css, **kwargs: html.encode())
        yield


class Reader:
    """Opens pages as the people of a world, each with one log-in."""

    def __init__(self, world: World) -> None:
        self.clients = {role: logged_in(world.person_as(role)) for role in Role}

    def get(self, page: Place) -> HttpResponse:
        return opened(self.clients[page.role], page.address)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield the SQL of every query made within. Django's own listing writes the values into it, which takes long."""
    asked: list[str] = []

    def listen(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield asked


@dataclass(frozen=True)
class Visit:
    """A page as somebody it is for opened it, and the tables that were written meanwhile."""

    page: Place
    response: HttpResponse
    written: list[str]


@pytest.fixture(scope="module")
def visits(django_db_setup, django_db_blocker, printed_as_text) -> list[Visit]:
    """Every page of a world in which everything typed looks like markup, opened once by everyone it is for."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World(text=TYPED)
        reader, found = Reader(world), []
        for page in places(world):
            with statements() as asked:
                response = reader.get(page)
            found.append(Visit(page, response, [table for sql in asked if (table := table_written(sql))]))
        transaction.set_rollback(True)
    return found


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, address: str) -> HttpResponse:
    """Return the response with its body read, also that of a file."""
    response = client.get(address)
    response.body = b"".join(response.streaming_content if response.streaming else [response.content]).decode(
        errors="replace"
    )
    return response


def test_every_address_is_in_the_list() -> None:
    assert view_names() == {view for view, *_ in PAGES} | set(ACTS) | CLOSED | PROBES


@of_one_visit
def test_every_page_opens_for_those_it_is_for(visits: list[Visit]) -> None:
    for visit in visits:
        expected = 302 if visit.page.name.startswith("assessments:gate ") else 200
        assert visit.response.status_code == expected, visit.page.name


@of_one_visit
def test_every_page_opens_only_after_logging_in(visits: list[Visit]) -> None:
    nobody = Client()
    for address in {visit.page.address for visit in visits}:
        assert re.match("/log-ind/|/administration/login/", nobody.get(address).url), address


@pytest.mark.slow
def test_what_only_takes_a_form_shows_nothing() -> None:
    world = World()
    manager, nobody = logged_in(world.manager), Client()
    for view, where in ACTS.items():
        address = reverse(view, args=arguments(world)[where])
        assert manager.get(address).status_code in (302, 405), view
        if view != "logout":
            assert "log" in nobody.post(address).url, view


@pytest.mark.slow
def test_a_page_of_a_past_day_has_everything_there_was_and_nothing_later() -> None:
    world = World()
    reader, of_the_past = Reader(world), [page for page in places(world) if YESTERDAY in page.address]
    shown = {page.name: reader.get(page).body for page in of_the_past if "xlsx" not in page.name}
    assert len(shown) >= 10
    for name, body in shown.items():
        assert "Eksempel nyt navn" not in body, name
        assert "deviations=yes" in name or "Eksempel initiativ" in body or "statistics" in name, name
    assert any("Eksempel nyt navn" in reader.get(page).body for page in places(world) if page not in of_the_past)


@pytest.mark.slow
@pytest.mark.once
def test_a_page_costs_the_same_however_much_there_is() -> None:
    few = World(3)
    cost_of_few = costs(few)
    many = World(8, edition=few.edition)
    cost_of_many = costs(many)
    dearer = {name: (cost, cost_of_many[name]) for name, cost in cost_of_few.items() if cost != cost_of_many[name]}
    assert dearer == {}


def costs(world: World) -> dict[str, int]:
    """Return the number of queries of every page, without the note of who opened it: a document that is refused
    because it would be too long is none.
    """
    reader, numbers = Reader(world), {}
    # The exports read all rows, five hundred at a time: tests/portfolio/test_rows.py counts what they ask.
    for page in [page for page in places(world) if not page.name.startswith("portfolio:initiative_export")]:
        if page.name.startswith("assessments:pdf"):
            reader.get(page)  # an approved one is printed when it is first opened
        ContentType.objects.clear_cache()
        with statements() as asked:
            reader.get(page)
        numbers[page.name] = len([sql for sql in asked if table_written(sql) != NOTED])
    return numbers


@of_one_visit
def test_reading_writes_nothing(visits: list[Visit]) -> None:
    """But who has opened it, where that is noted: the test below says where."""
    first_print = ["assessments_assessment", "assessments_historicalassessment"]
    written = [[table for table in visit.written if table != NOTED] for visit in visits]
    assert [tables for tables in written if tables] == [first_print]


@of_one_visit
def test_who_opens_what_is_about_one_thing_and_every_file_is_noted_once(visits: list[Visit]) -> None:
    wrong = []
    for visit in visits:
        view, leads_on = visit.page.name.split()[0], visit.response.status_code == 302
        is_noted = not leads_on and view not in NOT_NOTED and visit.page.address != NOTHING_ASKED
        if visit.written.count(NOTED) != is_noted:
            wrong.append(visit.page.name)
        if view not in NOT_NOTED and words(view) == view:
            wrong.append(f"{view} has no words")
    assert wrong == []


def table_written(sql: str) -> str:
    found = re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO|MERGE INTO)\s+"?(\w+)', sql, re.IGNORECASE)
    return found.group(1) if found and found.group(1) != "django_session" else ""


@pytest.mark.slow
@pytest.mark.once
def test_a_draft_stays_with_those_who_write_it() -> None:
    """Whatever it is: new, taken back, returned, the correction of an approved one, of a proposal, given up."""
    world = World()
    world.written = MARK
    drafts = world.hidden_drafts()
    for draft in drafts:
        for user in (world.lead, world.manager):
            assert MARK in opened(logged_in(user), pages_of(draft)[0]).body
    for user in (world.reader, world.administrator, world.stranger):
        client = logged_in(user)
        for address in {page.address for page in places(world)}:
            assert MARK not in opened(client, address).body, f"{user} reads a draft on {address}"
        for address in [address for draft in drafts for address in pages_of(draft)]:
            response = opened(client, address)
            assert MARK not in response.body, f"{user} reads a draft on {address}"
            assert response.status_code in (200, 302, 403, 404, 405), address
            assert MARK not in client.post(address, headers={"X-Autosave": "1"}).content.decode(), address
    for command in ("export_portfolio", "export_rulebook"):
        out = io.StringIO()
        call_command(command, "--format", "json", stdout=out)
        assert MARK not in out.getvalue()

    review.submit(assessment=drafts[0], by=world.lead)
    assert MARK in opened(logged_in(world.reader), pages_of(drafts[0])[0]).body


def pages_of(draft: Assessment) -> list[str]:
    """Return the addresses of all pages that are about it, its own first, and of its initiative."""
    number, no, code = draft.initiative.number, draft.no, draft.criteria()[0].code
    views = [view for view in sorted(view_names()) if view.startswith(("assessments:", "portfolio:initiative_"))]
    candidates = [
        ("assessments:detail", (number, no)),
        *((view, args) for view in views for args in ((), (number,), (number, no), (number, no, code))),
    ]
    return list(dict.fromkeys(address for view, args in candidates if (address := address_of(view, args))))


def address_of(view: str, args: tuple) -> str:
    """Return the address, "" where the view takes other arguments."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""


@of_one_visit
def test_what_people_type_is_never_taken_for_markup(visits: list[Visit]) -> None:
    for visit in visits:
        assert TYPED[:10] not in visit.response.body, visit.page.name
    shown = {visit.page.name.split()[0] for visit in visits if escape(TYPED) in visit.response.body}
    assert shown >= {
        "overview",
        "portfolio:initiative_list",
        "portfolio:initiative_detail",
        "portfolio:initiative_edit",
        "portfolio:initiative_history",
        "assessments:detail",
        "assessments:criterion",
        "assessments:entry",
        "assessments:former",
        "assessments:conclusion",
        "assessments:annul",
        "assessments:pdf",
        "assessments:differences",
        "assessments:decision_create",
        "assessments:decision_detail",
        "assessments:decision_reverse",
        "phases:edition",
        "admin:portfolio_programme_changelist",
        "admin:phases_theme_change",
    }


@of_one_visit
def test_every_page_is_whole_and_keeps_to_the_policy(visits: list[Visit]) -> None:
    problems = {
        visit.page.name: found
        for visit in visits
        if visit.response.status_code == 200 and visit.response["Content-Type"].startswith("text/html")
        if (found := sorted(set(shortcomings(visit.response))))
    }
    assert problems == {}


@of_one_visit
def test_every_page_leads_to_the_help_with_it(visits: list[Visit]) -> None:
    wrong = []
    for visit in visits:
        view, is_page = visit.page.name.split()[0], "<main" in visit.response.body or "admin" in visit.page.name
        topic = topic_of(view)
        expected = "/hjaelp/" if view in OF_THE_HELP else topic and reverse("handbook_topic", args=[topic.slug])
        if is_page and (not expected or f'href="{expected}"' not in visit.response.body):
            wrong.append(view)
    assert not wrong


@pytest.mark.parametrize(("address", "status"), [("/findes/ikke/", 404), ("/administration/login/", 403)])
def test_so_is_an_error_page(address: str, status: int) -> None:
    response = opened(logged_in(person(Role.READER)), address)
    assert response.status_code == status
    assert list(shortcomings(response)) == []


def shortcomings(response: HttpResponse) -> Iterator[str]:
    """Yield what is wrong with the page, in a few words each."""
    policy = response.get("Content-Security-Policy", "")
    if "default-src 'self'" not in policy or "unsafe" in policy:
        yield f"policy »{policy}«"
    root = Page(response.body).root
    elements = list(root.all())
    if [one.get("lang") for one in elements if one.name == "html"] != ["da"]:
        yield "not in Danish"
    if [bool(one.children) for one in elements if one.name == "title" and one.parent.name == "head"] != [True]:
        yield "no title"
    if len([one for one in elements if one.name == "h1"]) != 1:
        yield "not one h1"
    yield from inline_code(elements)
    yield from loose_ends(elements)


def inline_code(elements: list[Element]) -> Iterator[str]:
    for one in elements:
        if one.name == "style" or (one.name == "script" and not one.get("src") and "json" not in one.get("type")):
            yield f"inline <{one.name}>"
        for name, value in one.attributes.items():
            if name == "style" or name.startswith("on") or value.lower().startswith("javascript:"):
                yield f"inline {name} in <{one.name}>"


def loose_ends(elements: list[Element]) -> Iterator[str]:
    """Ids that are there twice, or are pointed to and not there; links to nowhere; forms that can't be sent."""
    ids = [one.get("id") for one in elements if one.get("id")]
    yield from (f"two #{name}" for name in set(ids) if ids.count(name) > 1)
    for one in elements:
        named = [one.get("for"), *one.get("aria-labelledby").split(), *one.get("aria-describedby").split()]
        link = one.get("href")
        if one.name == "a" and "href" in one.attributes and not link:
            yield f"»{one.text}« leads nowhere"
        if link.startswith("#"):
            named.append(link[1:])
        yield from (f"<{one.name}> points to #{name}" for name in named if name and name not in ids)
        inputs = [control.get("name") for control in one.all("input")]
        if one.name == "form" and one.get("method") == "post" and "csrfmiddlewaretoken" not in inputs:
            yield "a form without token"
