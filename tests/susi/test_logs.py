"""The log: one JSON object a line, known by request and user, and silent about what people have written."""

import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from susi import views
from susi.logs import JsonLines, request_id_from
from susi.roles import Role
from tests.factories import person

pytestmark = pytest.mark.once

WRITTEN = "Borgeren Hanne Eksempel"


class Kept(logging.Handler):
    """Keeps each line as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log():
    handler, root, requests = Kept(), logging.getLogger(), logging.getLogger("susi.requests")
    before = root.level, requests.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    requests.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before[0])
    requests.setLevel(before[1])


@pytest.mark.parametrize("sent", ["4bf92f3577b34da6", "req-2026.11_25"])
def test_the_proxys_id_is_kept(sent: str) -> None:
    assert request_id_from(sent) == sent


@pytest.mark.parametrize("sent", ["", "kort", "a" * 65, "a b c d e f g", 'x"}\n{"level": "forged', "-begins-wrong"])
def test_what_is_no_id_is_replaced_by_one(sent: str) -> None:
    made = request_id_from(sent)
    assert made != sent
    assert request_id_from(made) == made


@pytest.mark.django_db
def test_a_request_is_a_line_with_its_id_and_user_and_without_its_query(log) -> None:
    reader = person(Role.READER)
    client = Client()
    client.force_login(reader)
    answer = client.get("/initiativer/", {"q": WRITTEN}, headers={"X-Request-ID": "abcdef-123456"})
    assert answer["X-Request-ID"] == "abcdef-123456"
    [line] = [line for line in log.lines if line["logger"] == "susi.requests"]
    assert (
        line.items()
        >= {
            "level": "INFO",
            "request_id": "abcdef-123456",
            "user_id": reader.pk,
            "method": "GET",
            "path": "/initiativer/",
            "view": "portfolio:initiative_list",
            "status": 200,
        }.items()
    )
    assert line["ms"] >= 0
    assert "Hanne" not in log.text


@pytest.mark.django_db
def test_two_requests_have_two_ids() -> None:
    client = Client()
    assert client.get("/log-ind/")["X-Request-ID"] != client.get("/log-ind/")["X-Request-ID"]


@pytest.mark.django_db
def test_a_refused_log_in_names_nobody(log, settings) -> None:
    settings.AXES_ENABLED = True
    for _ in range(6):
        Client().post(reverse("login"), {"username": "hanne-eksempel", "password": "Hemmelig-2026"})
    assert {line["status"] for line in log.lines if line["logger"] == "susi.requests"} == {200, 429}
    assert "hanne" not in log.text
    assert "Hemmelig" not in log.text


@pytest.mark.django_db
def test_an_error_is_told_by_its_kind_and_place_and_not_by_what_it_quotes(log, monkeypatch) -> None:
    def broken(*args: object) -> None:
        raise ValueError(f"duplicate key: {WRITTEN}")

    monkeypatch.setattr(views, "render", broken)
    reader = person(Role.READER)
    client = Client(raise_request_exception=False)
    client.force_login(reader)
    assert client.get(reverse("registers")).status_code == 500
    [line] = [line for line in log.lines if line["logger"] == "django.request"]
    assert (line["level"], line["user_id"], line["error"]["kinds"]) == ("ERROR", reader.pk, ["ValueError"])
    assert any("susi/views.py" in place for place in line["error"]["places"])
    assert line["request_id"]
    assert "Hanne" not in log.text


def test_a_failed_job_is_told_without_what_it_was_given(log) -> None:
    data = {"name": "assessments.tasks.make_pdf", "id": "1f2e", "exc": WRITTEN, "description": "raised unexpected"}
    logging.getLogger("celery.app.trace").error("Task %(name)s %(exc)s", data, extra={"data": data})
    [line] = log.lines
    assert line["message"] == "Task assessments.tasks.make_pdf[1f2e] raised unexpected"
    assert "Hanne" not in log.text


def test_the_cause_of_an_error_is_told_too(log) -> None:
    try:
        try:
            raise KeyError(WRITTEN)
        except KeyError as error:
            raise ValueError(WRITTEN) from error
    except ValueError:
        logging.getLogger("susi").exception("did not go well")
    assert log.lines[0]["error"]["kinds"] == ["ValueError", "KeyError"]
    assert "Hanne" not in log.text
