"""What production refuses to start with, as a table of rules and as an operator meets it."""

import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

from susi.installation import remarks, shortcomings

pytestmark = pytest.mark.once

SECRET = "kJ8-" + "aB3dE6gH9" * 6
SAFE = {
    "secret_key": SECRET,
    "debug": False,
    "hosts": ["susi.example.dk"],
    "is_sqlite": False,
    "sqlite_allowed": False,
    "accessibility_statement": "",
}


@pytest.mark.parametrize(
    ("values", "begins"),
    [
        ({}, []),
        ({"secret_key": "django-insecure-" + SECRET}, ["SECRET_KEY er et eksempel"]),
        ({"secret_key": "change-me-" + SECRET}, ["SECRET_KEY er et eksempel"]),
        ({"secret_key": SECRET[:49]}, ["SECRET_KEY er for kort"]),
        ({"secret_key": "ab" * 40}, ["SECRET_KEY er for kort eller for ensformig"]),
        ({"debug": True}, ["DEBUG er slået til"]),
        ({"hosts": []}, ["ALLOWED_HOSTS er tom"]),
        ({"hosts": ["", ""]}, ["ALLOWED_HOSTS er tom"]),
        ({"hosts": ["*"]}, ["ALLOWED_HOSTS tillader alle"]),
        ({"hosts": ["susi.example.dk", "*.dk"]}, ["ALLOWED_HOSTS tillader alle"]),
        ({"hosts": [".example.dk"]}, []),
        ({"is_sqlite": True}, ["DATABASE_URL peger ikke på PostgreSQL"]),
        ({"is_sqlite": True, "sqlite_allowed": True}, []),
        ({"accessibility_statement": "https://www.was.digst.dk/susi-example-dk"}, []),
        ({"accessibility_statement": "http://www.was.digst.dk/susi"}, ["ACCESSIBILITY_STATEMENT_URL er ikke"]),
        ({"accessibility_statement": "www.was.digst.dk/susi"}, ["ACCESSIBILITY_STATEMENT_URL er ikke"]),
        ({"accessibility_statement": "javascript:alert(1)"}, ["ACCESSIBILITY_STATEMENT_URL er ikke"]),
        ({"accessibility_statement": "https://"}, ["ACCESSIBILITY_STATEMENT_URL er ikke"]),
        ({"accessibility_statement": "https://was.digst.dk/susi example"}, ["ACCESSIBILITY_STATEMENT_URL er ikke"]),
        ({"debug": True, "hosts": ["*"]}, ["DEBUG", "ALLOWED_HOSTS"]),
    ],
)
def test_what_is_unsafe_is_named(values, begins) -> None:
    found = list(shortcomings(**{**SAFE, **values}))
    assert len(found) == len(begins)
    assert all(sentence.startswith(start) for sentence, start in zip(found, begins, strict=True))


def test_no_broker_is_worth_a_remark() -> None:
    assert [sentence.split()[0] for sentence in remarks(broker="")] == ["CELERY_BROKER_URL"]
    assert list(remarks(broker="redis://127.0.0.1/0")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY mangler"),
        ({"SECRET_KEY": "Tolv-tegn-42"}, "SECRET_KEY er for kort"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS tillader alle"),
        ({"DEBUG": "true"}, "DEBUG er slået til"),
        ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "DATABASE_URL peger ikke på PostgreSQL"),
        ({"SUSI_ENVIRONMENT": "prod"}, "SUSI_ENVIRONMENT skal være"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT skal være"),
        ({"ACCESSIBILITY_STATEMENT_URL": "http://example.dk/"}, "ACCESSIBILITY_STATEMENT_URL er ikke"),
        ({}, ""),
    ],
)
def test_the_start_stops_with_a_sentence(change, said) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SUSI_ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "susi.example.dk",
        "DATABASE_URL": "postgres://susi@127.0.0.1:1/susi",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        **change,
    }
    command = [sys.executable, "-c", "import susi.settings"]
    done = subprocess.run(  # noqa: S603
        command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    last_line = (done.stderr.strip().splitlines() or [""])[-1]
    assert (done.returncode == 0) == (not said)
    assert said in last_line
    assert environment["SECRET_KEY"] == "" or environment["SECRET_KEY"] not in done.stderr
