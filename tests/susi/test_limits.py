"""How often one may ask, how much may be sent, and what every answer tells the browser."""

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as Gone

from susi.limits import _EXPORTED, EXPORTS, RESETS, SEARCHES, limit_of
from susi.roles import Role
from tests.factories import person
from tests.pages import view_names

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def reader(client):
    user = person(Role.READER)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("view", "method", "searches", "limit"),
    [
        ("portfolio:initiative_list", "GET", False, None),
        ("portfolio:initiative_list", "GET", True, SEARCHES),
        ("portfolio:initiative_export", "GET", True, EXPORTS),
        ("assessments:pdf", "GET", False, EXPORTS),
        ("password_reset", "GET", False, None),
        ("password_reset", "POST", False, RESETS),
        ("", "GET", False, None),
    ],
)
def test_what_is_limited(view, method, searches, limit) -> None:
    assert limit_of(view, method, searches=searches) is limit


def test_every_limited_page_is_there() -> None:
    assert view_names() >= _EXPORTED
    assert not [view for view in view_names() if view.endswith(("_export", "_csv", "_xlsx", "_pdf"))
                and view not in _EXPORTED]  # fmt: skip


def test_the_one_too_many_waits_and_the_others_do_not(client, reader, settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "searches": 3}
    assert [client.get("/initiativer/?q=a").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/initiativer/?q=a")
    assert refused["Retry-After"] == "60"
    assert "Vent et minut, og prøv igen." in refused.content.decode()
    assert client.get("/initiativer/").status_code == 200
    other = Client()
    other.force_login(person(Role.READER))
    assert other.get("/initiativer/?q=a").status_code == 200


def test_exports_are_counted_together(client, reader, settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "exports": 2}
    statuses = []
    for address in ("/initiativer/hent/csv/", "/bilag-1/xlsx/", "/formidling/csv/"):
        response = client.get(address)
        statuses.append(response.status_code)
        if response.streaming:
            list(response.streaming_content)
    assert statuses == [200, 200, 429]


def test_nobody_is_kept_out_where_the_counter_is_gone(client, reader, settings, monkeypatch, caplog) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise Gone

    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "searches": 1}
    monkeypatch.setattr("susi.limits.cache.add", gone)
    assert client.get("/initiativer/?q=a").status_code == 200
    assert "is not counted" in caplog.text


def test_more_than_a_form_holds_is_refused(client, reader, settings) -> None:
    body = "checksum=" + "a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    kind = "application/x-www-form-urlencoded"
    assert client.post("/kontrol/", body, content_type=kind).status_code == 400
    assert client.post("/kontrol/", "&".join(f"a{no}=1" for no in range(2000)), content_type=kind).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/initiativer/hent/csv/", 200),
        ("/bilag-1/xlsx/", 200),
        ("/log-ud/", 405),
        ("/initiativer/2026-001", 301),
        ("/findes/ikke/", 404),
        ("/administration/login/", 403),
        ("/indlaesning/", 403),
        ("/healthz", 200),
        ("/static/susi/work.css", 200),
        ("/initiativer/nyt/", 403),
    ],
)
def test_every_kind_of_answer_bears_the_headers(client, reader, settings, address: str, status: int) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    response = client.get(address, secure=True)
    list(response.streaming_content if response.streaming else [])
    assert response.status_code == status
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert "Server" not in response.headers


def test_so_does_an_answer_to_a_forged_host() -> None:
    response = Client().get("/", headers={"Host": "fjendtlig.eksempel.dk"})
    assert response.status_code == 400
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "camera=()" in response["Permissions-Policy"]
