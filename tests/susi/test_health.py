"""Alive, and ready: what a proxy or an alarm is told, without a log-in and without a trace."""

import logging

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from susi import health, storage

pytestmark = pytest.mark.django_db

READY = {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok"}


def test_alive_without_asking_the_database() -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json(), len(queries)) == (200, {"status": "ok"}, 0)
    assert (answer.cookies, answer["Cache-Control"]) == ({}, "private, no-store")


def test_ready_where_everything_answers_and_nothing_is_written() -> None:
    Client().get("/readyz")
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": READY})
    assert [query["sql"].split()[0] for query in queries if "django_migrations" in query["sql"]] == ["SELECT"]
    assert len(queries) <= 3
    assert answer.cookies == {}


def test_both_take_only_reading(settings) -> None:
    assert {Client().post(address).status_code for address in ("/healthz", "/readyz")} == {405}
    settings.SECURE_SSL_REDIRECT = True
    assert {Client().get(address).status_code for address in ("/healthz", "/readyz")} == {200}


def says_failed(name: str) -> bool:
    answer = Client().get("/readyz")
    expected = {"status": "not ready", "checks": {**READY, name: "failed"}}
    return answer.status_code == 503 and answer.json() == expected


def test_a_broker_that_is_gone(settings, caplog) -> None:
    settings.CELERY_BROKER_URL = "redis://:hemmelig@127.0.0.1:1/0"
    assert says_failed("broker")
    assert "broker is not ready" in caplog.text


def test_a_migration_that_is_missing() -> None:
    MigrationRecorder(connection).record_unapplied("portfolio", "0001_initial")
    assert says_failed("migrations")


def test_a_migration_of_newer_code_does_no_harm() -> None:
    MigrationRecorder(connection).record_applied("portfolio", "9999_of_the_next_release")
    assert Client().get("/readyz").status_code == 200


def test_a_database_that_is_gone(monkeypatch) -> None:
    def gone() -> None:
        raise OSError("connection to server at 10.0.0.7 failed: password hemmelig")

    monkeypatch.setitem(health.CHECKS, "database", gone)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed")
    assert "10.0.0.7" not in answer.content.decode()


def test_a_folder_that_takes_no_files(monkeypatch) -> None:
    monkeypatch.setattr(storage.os, "access", lambda folder, mode: False)
    assert says_failed("storage")


def test_a_disk_that_is_full(monkeypatch) -> None:
    monkeypatch.setattr(storage, "LEAST_FREE", 2**80)
    assert says_failed("storage")
    assert not default_storage.exists("healthz")


def test_a_probe_that_goes_well_is_not_worth_a_line(caplog, settings) -> None:
    with caplog.at_level(logging.INFO):
        Client().get("/healthz")
    assert caplog.text == ""
