"""Everyone changes the own password."""

import pytest
from django.test import Client
from django.urls import reverse

from susi.models import User
from susi.roles import Role
from tests.factories import PASSWORD, person

pytestmark = pytest.mark.django_db
URL = "/adgangskode/"
NEW = "en-ny-lang-saetning"


@pytest.fixture
def user(client) -> User:
    user = person(Role.READER, username="anne-hansen", first_name="Anne", last_name="Hansen")
    client.force_login(user)
    return user


def change(client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    again = new if again is None else again
    return client.post(URL, {"old_password": old, "new_password1": new, "new_password2": again}, follow=True)


@pytest.mark.parametrize("role", Role)
def test_every_page_leads_there_from_the_name(client, role) -> None:
    client.force_login(person(role))
    assert f'href="{URL}"' in client.get("/").content.decode()
    html = client.get(URL).content.decode()
    assert "Nuværende adgangskode" in html
    assert "Skriv mindst 12 tegn." in html


def test_the_new_one_counts_and_one_is_still_logged_in_here_alone(client, user) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    answer = change(client)
    assert answer.redirect_chain == [("/", 302)]
    assert "Adgangskoden er skiftet." in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert elsewhere.get("/").status_code == 302


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"old": "forkert"}, "Den nuværende adgangskode er forkert. Prøv igen."),
        ({"old": ""}, "Skriv den adgangskode, du har nu."),
        ({"new": "", "again": NEW}, "Skriv en ny adgangskode."),
        ({"again": ""}, "Skriv den nye adgangskode igen."),
        ({"again": "en-anden-saetning"}, "De to nye adgangskoder er ikke ens."),
        ({"new": "kort-ord"}, "Denne adgangskode er for kort. Den skal indeholde mindst 12 tegn."),
        ({"new": "password1234"}, "Denne adgangskode er for almindelig."),
        ({"new": "927461830562"}, "Denne adgangskode er udelukkende numerisk."),
        ({"new": "anne-hansen1"}, "Din adgangskode minder for meget om"),
        ({"new": NEW + "\x00"}, "Feltet indeholder et tegn, der ikke kan bruges."),
    ],
)
def test_what_is_wrong_is_said_by_the_field_and_changes_nothing(client, user, sent, sentence) -> None:
    html = change(client, **sent).content.decode()
    assert sentence in html
    assert NEW not in html
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_it_is_for_those_who_are_logged_in() -> None:
    assert Client().get(reverse("password_change")).url == f"/log-ind/?next={URL}"
