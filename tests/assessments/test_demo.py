"""The examples: loaded once, never where somebody works, and every text fit to be stored."""

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from assessments.demo import load_demo
from phases.loading import load_rulebook
from portfolio.models import Initiative, TargetGroup
from susi.demo import ACCOUNTS, PASSWORD
from susi.errors import Refused
from susi.models import User
from susi.roles import Role
from susi.text import clean_text
from tests.factories import person

pytestmark = pytest.mark.django_db
FIXTURES = settings.BASE_DIR / "fixtures"


@pytest.fixture
def rulebook() -> None:
    load_rulebook(FIXTURES / "rulebook.json")
    for key in ("boern-unge", "voksne", "handicap"):
        TargetGroup.objects.create(key=key, name=key)


def run() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_everybody_can_log_in_and_nothing_changes_when_it_is_run_again(rulebook, client):
    answer = run()
    assert "9 eksempler er indlæst." in answer
    assert PASSWORD not in answer  # `make run` says who can log in, at every start
    for account in ACCOUNTS:
        assert client.login(request=None, username=account.username, password=PASSWORD)
        assert User.objects.get(username=account.username).roles == {account.role}
    before = Initiative.history.count()
    assert "bevaret" in run()
    assert Initiative.history.count() == before


def test_it_keeps_out_of_a_database_with_users(rulebook):
    person(Role.LEAD)
    assert "ikke indlæst" in run()
    with pytest.raises(Refused):
        load_demo(FIXTURES / "demo.json")
    assert not Initiative.objects.exists()


def test_it_keeps_out_of_production(rulebook, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="aldrig i drift"):
        run()
    assert not User.objects.exists()


def test_without_the_rulebook_nothing_is_half_done():
    with pytest.raises(CommandError, match="load_rulebook"):
        run()
    assert not User.objects.exists()


def test_every_text_would_pass_the_forms():
    def texts(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [text for each in values for text in texts(each)]

    for text in texts(json.loads((FIXTURES / "demo.json").read_text(encoding="utf-8"))):
        assert clean_text(text) == text
