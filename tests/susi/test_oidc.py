"""Log-in with the agency's own accounts, against a provider in a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client

from susi.models import User
from susi.oidc import roles_of
from susi.roles import Role
from tests.factories import PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.xdist_group("provider")]
ANNE = {"preferred_username": "anne", "given_name": "Anne", "family_name": "Hansen", "email": "anne@eksempel.dk"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}, stderr=subprocess.DEVNULL)  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                requests.get(f"{address}/jwks", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def agency(provider: str, settings) -> str:
    known = requests.get(f"{provider}/.well-known/openid-configuration", timeout=20).json()
    settings.OIDC_ENABLED, settings.OIDC_ISSUER = True, known["issuer"]
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "susi", "hemmelig"
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = known["authorization_endpoint"]
    settings.OIDC_OP_TOKEN_ENDPOINT = known["token_endpoint"]
    settings.OIDC_OP_USER_ENDPOINT = known["userinfo_endpoint"]
    settings.OIDC_OP_JWKS_ENDPOINT = known["jwks_uri"]
    settings.OIDC_VERIFY_KID = False  # this provider has one key, without a name
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "susi.oidc.AgencyBackend"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "susi.oidc.Renewal"]
    return provider


def knows(agency: str, **claims: object) -> None:
    sent = json.dumps({**ANNE, **claims})
    headers = {"Content-Type": "application/json"}
    assert requests.put(f"{agency}/users/anne", sent, headers=headers, timeout=20).ok


def way_back(client: Client, query: str = "") -> str:
    """Begin a log-in, log in at the agency, and return where it sends the person back."""
    sent = client.get(f"/log-ind/agentur/{query}")
    asked = {name: value for name, [value] in parse_qs(urlsplit(sent.url).query).items()}
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["code_challenge_method"] == "S256"
    back = requests.post(sent.url, {"sub": "anne"}, allow_redirects=False, timeout=20).headers["Location"]
    return back.removeprefix("http://testserver")


def logs_in(client: Client, query: str = "") -> HttpResponse:
    return client.get(way_back(client, query))


def anne() -> User:
    return User.objects.get(username="anne")


def test_the_person_is_made_with_name_and_roles_and_comes_back_to_the_page(agency: str) -> None:
    knows(agency, roles=["Læser", "Leder", "noget andet"])
    client = Client()
    assert logs_in(client, "?next=/bilag-1/").url == "/bilag-1/"
    assert (str(anne()), anne().email) == ("Anne Hansen", "anne@eksempel.dk")
    assert anne().roles == {Role.READER, Role.MANAGER}
    assert not anne().has_usable_password()
    assert client.get("/").status_code == 200


def test_whoever_leaves_the_claims_loses_the_roles_at_the_next_log_in(agency: str) -> None:
    person(Role.ADMINISTRATOR, Role.READER, username="anne", is_superuser=True)
    knows(agency, roles=["Læser"])
    logs_in(Client())
    assert anne().roles == {Role.READER}
    assert not anne().may_administer
    knows(agency, roles=[])
    client = Client()
    assert "Bed din administrator om en rolle" in client.get(logs_in(client).url).content.decode()
    assert anne().roles == frozenset()
    assert client.get("/").status_code == 302


def test_nobody_is_made_without_a_role_and_the_inactive_stay_out(agency: str, caplog) -> None:
    for roles in (["noget andet", "SUSI-alle"], []):
        knows(agency, roles=roles)
        logs_in(Client())
        assert not User.objects.filter(username="anne").exists()
        assert f"Of {len(roles)} names in the claim roles none is in OIDC_ROLES." in caplog.text
    person(Role.READER, username="anne", is_active=False)
    knows(agency, roles=["Læser"])
    client = Client()
    logs_in(client)
    assert client.get("/").status_code == 302


def test_an_answer_counts_once_and_in_the_browser_that_asked(agency: str) -> None:
    knows(agency, roles=["Læser"])
    client, elsewhere = Client(), Client()
    back = way_back(client)
    elsewhere.get(back)
    assert elsewhere.get("/").status_code == 302
    client.get(back)
    assert client.get("/").status_code == 200
    assert client.get(back).status_code == 400
    assert Client().post(f"/log-ind/{back[back.index('?') :]}", {"username": "a", "password": "b"}).status_code == 200


@pytest.mark.parametrize(("name", "value"), [("OIDC_ISSUER", "http://en-anden"), ("OIDC_RP_CLIENT_ID", "et-andet")])
def test_a_token_of_another_or_for_another_is_refused(agency: str, settings, name: str, value: str) -> None:
    knows(agency, roles=["Læser"])
    client = Client()
    back = way_back(client)
    setattr(settings, name, value)
    client.get(back)
    assert client.get("/").status_code == 302
    assert not User.objects.exists()


def test_where_the_agency_does_not_answer_it_is_said(agency: str, settings) -> None:
    knows(agency, roles=["Læser"])
    client = Client()
    back = way_back(client)
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:9/"
    assert "svarer ikke, som det skal" in client.get(client.get(back).url).content.decode()


def test_the_agency_is_asked_again_after_a_while(agency: str) -> None:
    knows(agency, roles=["Læser"])
    client = Client()
    logs_in(client)
    session = client.session
    session["oidc_id_token_expiration"] = 0
    session.save()
    sent = client.get("/bilag-1/")
    assert sent.url.startswith(agency)
    assert "prompt=none" in sent.url


def test_the_log_in_page_offers_what_there_is(agency: str, settings) -> None:
    both = Client().get("/log-ind/").content.decode()
    assert "Log ind med din arbejdskonto" in both
    assert 'name="password"' in both
    settings.LOCAL_LOG_IN = False
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "susi.oidc.AgencyBackend"]
    agency_alone = Client().get("/log-ind/").content.decode()
    assert 'name="password"' not in agency_alone
    assert "Glemt adgangskode" not in agency_alone
    person(Role.READER, username="lokal")
    client = Client()
    client.post("/log-ind/", {"username": "lokal", "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_it_is_not_there_before_it_is_set_up() -> None:
    assert "arbejdskonto" not in Client().get("/log-ind/").content.decode()
    assert [Client().get(f"/log-ind/agentur/{rest}").status_code for rest in ("", "svar/")] == [404, 404]


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        (["susi-l", "susi-x"], {Role.MANAGER}),
        ("susi-l", {Role.MANAGER}),
        (["Leder"], set()),
        (None, set()),
        ([], set()),
        ([1, None], set()),
    ],
)
def test_roles_have_the_names_of_the_agency(settings, said: object, roles: set[Role]) -> None:
    settings.OIDC_ROLES = {"susi-l": "Leder", "susi-a": "Administrator"}
    assert roles_of({"roles": said}) == roles
