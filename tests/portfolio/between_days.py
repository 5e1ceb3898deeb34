"""Things that happen in the spring of 2026, for the tests of what has changed between two days."""

import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from portfolio import actions
from portfolio.models import Initiative
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.models import User
from tests.portfolio.portfolios import anew


def at(month: int, day: int, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(2026, month, day, hour, tzinfo=COPENHAGEN)


def edit(initiative: Initiative, by: User, when: datetime.datetime, **values: Any) -> Initiative:
    initiative = anew(initiative)
    with clock_at(when):
        return actions.edit_initiative(initiative=initiative, by=by, version=initiative.version, **values)


def page(client: Client, user: User, status: int = 200, pdf: bool = False, **query: str) -> str:
    client.force_login(user)
    response = client.get(reverse("changes_pdf" if pdf else "changes"), query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())
