"""The frame of every page, logging in, and what is said when a page cannot be shown."""

import pytest
from axes.models import AccessAttempt
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from susi import urls
from susi.errors import Gone
from susi.roles import Role
from tests.factories import PASSWORD, person


def empty(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Kun en leder kan godkende SUSI-vurderingen.")


def taken_back(request: HttpRequest) -> HttpResponse:
    raise Gone("Initiativet findes ikke længere.")


def unreadable(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def document(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"%PDF", content_type="application/pdf")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


handler404 = urls.handler404
urlpatterns = [
    *urls.urlpatterns,
    path("vaek/", taken_back),
    path("tom/", empty),
    path("afvist/", refused),
    path("ulaeselig/", unreadable),
    path("fejl/", broken),
    path("dokument/", document),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def lead(client):
    user = person(Role.LEAD, Role.MANAGER, username="anne", first_name="Anne", last_name="Hansen")
    client.force_login(user)
    return user


def test_a_page_says_who_one_is_and_offers_to_log_out(client, lead) -> None:
    html = client.get("/tom/").content.decode()
    assert "<strong>Anne Hansen</strong>, Initiativansvarlig, Leder" in html
    assert 'action="/log-ud/"' in html
    assert '<html lang="da">' in html
    assert '<a class="skipnav" href="#main-content">' in html
    assert f'data-user="{lead.pk}"' in html


def test_administration_is_offered_to_administrators_alone(client, lead) -> None:
    assert "Administration" not in client.get("/tom/").content.decode()
    client.force_login(person(Role.ADMINISTRATOR))
    assert '<a href="/administration/"' in client.get("/tom/").content.decode()


def test_logging_in_leads_back_to_the_page_one_wanted(client) -> None:
    person(username="anne")
    asked = client.get("/tom/?a=1")
    assert asked.url == "/log-ind/?next=/tom/%3Fa%3D1"
    page = client.get(asked.url)
    assert "Log ind, så kommer du tilbage til siden." in page.content.decode()
    answer = client.post("/log-ind/", {"username": "anne", "password": PASSWORD, "next": "/tom/?a=1"})
    assert answer.url == "/tom/?a=1"


@pytest.mark.parametrize(
    ("came_from", "way_back"),
    [
        ("http://testserver/tom/?a=1", "/tom/%3Fa%3D1"),
        ("http://andetsteds.dk/tom/", "/"),
        ("http://[ulaeselig", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_after_the_session_was_lost_leads_back_to_its_own_page(client, came_from, way_back) -> None:
    answer = client.post("/afvist/", headers={"referer": came_from})
    assert answer.url == f"/log-ind/?next={way_back}"


@pytest.mark.parametrize("username", ["anne", "findes-ikke"])
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client, username) -> None:
    person(username="anne")
    html = client.post("/log-ind/", {"username": username, "password": "forkert"}).content.decode()
    assert "Brugernavn eller adgangskode er forkert. Prøv igen." in html
    assert f'value="{username}"' in html
    assert "forkert&" not in html
    assert 'value="forkert"' not in html


def test_what_is_missing_is_said_by_the_field(client) -> None:
    html = client.post("/log-ind/", {}).content.decode()
    assert "<title>Fejl: Log ind –" in html
    assert "<title>Log ind –" in client.get("/log-ind/").content.decode()
    assert "Skriv dit brugernavn." in html
    assert "Skriv din adgangskode." in html


def test_too_many_wrong_passwords_close_the_access_for_a_while(client, settings) -> None:
    settings.AXES_ENABLED = True
    person(username="anne")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/log-ind/", {"username": "anne", "password": "forkert"})
    assert AccessAttempt.objects.exists()
    assert answer.status_code == 429
    assert "Vent 15 minutter, og prøv igen." in answer.content.decode()
    assert client.post("/log-ind/", {"username": "anne", "password": PASSWORD}).status_code == 429


def test_a_refusal_says_why_and_that_nothing_changed(client, lead) -> None:
    answer = client.get("/afvist/")
    assert answer.status_code == 403
    assert "Kun en leder kan godkende SUSI-vurderingen." in answer.content.decode()
    assert "Der er ikke ændret noget." in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "above"),
    [("/log-ud/", "/"), ("/initiativer/2026-001/vurderinger/1/godkend/", "/initiativer/2026-001/vurderinger/1/")],
)
def test_an_address_for_forms_alone_says_so_and_leads_on(client, lead, address, above) -> None:
    answer = client.get(address)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert "Adressen bruges kun, når du trykker på en knap. Der er ikke ændret noget." in answer.content.decode()
    assert f'<a href="{above}">siden, den hører til</a>' in answer.content.decode()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ANDET"])
@pytest.mark.parametrize("address", ["/", "/initiativer/nyt/", "/log-ind/", "/administration/", "/tom/"])
def test_no_page_is_asked_in_any_other_way(client, lead, method, address) -> None:
    answer = client.generic(method, address)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"


def test_a_browser_keeps_no_page(client, lead) -> None:
    for address in ("/tom/", "/findes/ikke/", "/afvist/"):
        assert client.get(address)["Cache-Control"] == "private, no-store"
    assert client.post("/log-ud/")["Cache-Control"].endswith("no-store, must-revalidate, private")


def test_a_document_may_be_kept_for_its_reader(client, lead) -> None:
    assert client.get("/dokument/")["Cache-Control"] == "private"


@pytest.mark.parametrize("logged_in", [True, False])
def test_an_unknown_address_says_what_to_do(client, logged_in) -> None:
    if logged_in:
        client.force_login(person())
    answer = client.get("/findes/ikke/")
    assert answer.status_code == 404
    assert "Siden findes ikke" in answer.content.decode()


def test_what_was_taken_back_meanwhile_is_said_to_be_gone(client, lead) -> None:
    answer = client.get("/vaek/")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "<h1>Initiativet findes ikke længere</h1>" in html
    assert "Der er ikke gemt noget" in html


def test_what_was_written_for_a_page_that_is_gone_is_shown(client, lead) -> None:
    sent = {
        "version": "1",
        "text": "Et langt afsnit",
        "choice": "valg",
        "password": "hemmelig kode",
        "note": ["a b", "c d"],
    }
    answer = client.post("/findes/ikke/", sent)
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "<h1>Det, du skrev, er ikke gemt</h1>" in html
    assert [text in html for text in ("Et langt afsnit", "a b", "c d")] == [True] * 3
    assert "hemmelig" not in html
    assert "Siden findes ikke" in client.post("/findes/ikke/", {"version": "1"}).content.decode()


def test_an_error_is_answered_without_person_or_database(client, lead) -> None:
    client.raise_request_exception = False
    answer = client.get("/fejl/")
    assert answer.status_code == 500
    assert "Der er en fejl i systemet" in answer.content.decode()
    assert "Anne" not in answer.content.decode()


STATEMENT = "https://www.was.digst.dk/susi-example-dk"


@pytest.mark.parametrize("logged_in", [True, False])
def test_the_accessibility_statement_is_a_click_away_and_found_at_was(client, settings, logged_in) -> None:
    settings.ACCESSIBILITY_STATEMENT_URL = STATEMENT
    if logged_in:
        client.force_login(person())
    page = client.get("/findes/ikke/" if logged_in else "/log-ind/").content.decode()
    assert f'<a href="{STATEMENT}">Tilgængelighedserklæring</a>' in page
    answer = client.get("/was")
    assert (answer.status_code, answer.url) == (302, STATEMENT)
    assert client.post("/was").status_code == 405


def test_without_a_statement_nothing_leads_to_one(client) -> None:
    assert "Tilgængelighedserklæring" not in client.get("/log-ind/").content.decode()
    assert client.get("/was").status_code == 404


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_the_last_pages_need_nothing_to_be_written(template, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert "</html>" in render_to_string(template)


def test_what_cannot_be_read_is_answered_in_danish(client, lead) -> None:
    answer = client.get("/ulaeselig/")
    assert answer.status_code == 400
    assert "Det kunne ikke læses" in answer.content.decode()


def test_a_page_too_old_to_be_sent_says_how_to_get_on() -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post("/log-ind/", {"username": "anne"})
    assert answer.status_code == 403
    assert "Siden var for gammel til at gemme" in answer.content.decode()


def test_the_autosave_is_told_in_json_that_its_page_is_too_old() -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post("/log-ind/", {}, headers={"X-Autosave": "1"})
    assert answer.status_code == 403
    assert answer.json() == {"reason": "csrf"}


@pytest.mark.parametrize("address", ["/log-ind/", "/findes/ikke/"])
def test_a_page_that_stopped_someone_says_so_to_the_script_that_keeps_the_text(client, address) -> None:
    assert 'data-page="stopped"' in client.get(address).content.decode()
