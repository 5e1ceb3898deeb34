"""Whoever has forgotten the password gets a link by mail; nobody is told who has an account."""

import re
from unittest import mock

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from susi.models import User
from susi.roles import Role
from tests.factories import PASSWORD, person
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db
NEW = "en-ny-lang-saetning"
SENT = "Se i din indbakke"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return person(Role.READER, username="anne-hansen", first_name="Anne", email="anne@eksempel.dk")


def asks(email: str) -> Visitor:
    return Visitor().opens("/log-ind/").follows("Glemt adgangskode?").writes("E-mail", email).presses("Send link")


def link() -> str:
    [found] = re.findall(r"https?://[^/]+(/glemt-adgangskode/\S+)", mail.outbox[-1].body)
    return found


def test_from_the_log_in_to_a_new_password(user: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    asks("Anne@eksempel.dk").reads(SENT)
    assert mail.outbox[0].to == ["anne@eksempel.dk"]
    assert "anne-hansen" in mail.outbox[0].body
    visitor = Visitor().opens(link()).writes("Ny adgangskode", NEW).writes("Ny adgangskode igen", NEW)
    visitor.presses("Skift adgangskode").reads("Adgangskoden er skiftet. Log ind med den nye.")
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert elsewhere.get("/").status_code == 302  # logged out where somebody else may be logged in
    Visitor().opens(link()).reads("Linket virker ikke længere")


def test_the_answer_is_the_same_whoever_asks(user: User) -> None:
    person(email="gaaet@eksempel.dk", is_active=False)
    told = {asks(email).text for email in ("anne@eksempel.dk", "gaaet@eksempel.dk", "ingen@eksempel.dk")}
    assert len(told) == 1
    assert [message.to for message in mail.outbox] == [["anne@eksempel.dk"]]


def test_the_link_leads_to_this_installation_whatever_host_was_named(user: User, settings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://susi.eksempel.dk", ["*"]
    Client().post("/glemt-adgangskode/", {"email": user.email}, headers={"Host": "fjendtlig.eksempel.dk"})
    assert "https://susi.eksempel.dk/glemt-adgangskode/" in mail.outbox[0].body
    assert "fjendtlig" not in mail.outbox[0].body


def test_one_address_gets_few_and_one_machine_asks_a_few_times(user: User) -> None:
    for _ in range(10):
        asks(user.email).reads(SENT)
    assert len(mail.outbox) == 3
    refused = Client().post("/glemt-adgangskode/", {"email": "en-anden@eksempel.dk"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")


def test_without_mail_an_administrator_is_asked(user: User, settings) -> None:
    settings.SENDS_MAIL = False
    assert "Glemt adgangskode" not in Client().get("/log-ind/").content.decode()
    Visitor().opens("/glemt-adgangskode/").reads("Bed en administrator om en ny adgangskode.")
    assert Client().post("/glemt-adgangskode/", {"email": user.email}).status_code == 302
    assert mail.outbox == []


def test_everybody_is_told_where_the_mail_server_is_gone(user: User, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    visitor = Visitor().opens("/glemt-adgangskode/")
    told = {
        visitor.writes("E-mail", email)
        .presses("Send link", expected=503)
        .reads("Der kan ikke sendes mail lige nu.")
        .text
        for email in (user.email, "ingen@eksempel.dk")
    }
    assert len(told) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _ in range(3):  # what was not sent is not counted
        asks(user.email).reads(SENT)
    assert len(mail.outbox) == 3


def test_nobody_waits_long_for_a_mail_server_that_does_not_answer(user: User, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mock.patch("smtplib.SMTP", side_effect=TimeoutError) as smtp:
        assert Client().post("/glemt-adgangskode/", {"email": user.email}).status_code == 503
    assert smtp.call_args.kwargs["timeout"] == 5 < settings.EMAIL_TIMEOUT


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("kort", "kort", "Denne adgangskode er for kort."),
        (NEW, "en-anden-saetning", "De to nye adgangskoder er ikke ens."),
        ("", "", "Skriv en ny adgangskode."),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(user: User, new: str, again: str, sentence: str) -> None:
    asks(user.email)
    visitor = Visitor().opens(link()).writes("Ny adgangskode", new).writes("Ny adgangskode igen", again)
    visitor.presses("Skift adgangskode").reads(sentence)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("mistake", ["", "anne", "anne@eksempel.dk\r\nBcc: x@eksempel.dk"])
def test_what_is_no_address_is_said(user: User, mistake: str) -> None:
    answer = Client().post("/glemt-adgangskode/", {"email": mistake})
    assert answer.status_code == 200
    assert mail.outbox == []


def test_a_log_in_ends_with_the_browser_and_after_a_working_day(client, user: User) -> None:
    client.post("/log-ind/", {"username": user.username, "password": PASSWORD})
    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.session.get_expiry_age() == 9 * 60 * 60
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"
