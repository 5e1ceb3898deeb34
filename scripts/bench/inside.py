"""What only the application itself can tell, printed as JSON: run with the settings of production as
`python -m scripts.bench.inside`. Log-ins by role, an initiative with a draft, and how many queries each page asks.
"""

import json
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from assessments.models import Assessment  # noqa: E402
from portfolio.models import Initiative  # noqa: E402
from susi.models import User  # noqa: E402
from susi.roles import Role  # noqa: E402


def main() -> None:
    clients = {role: _logged_in(person) for role, person in _people().items()}
    detail = f"/initiativer/{_most_related()}/"
    pages = {"front": "/", "list": "/initiativer/", "detail": detail}
    told: dict[str, Any] = {
        "sessions": {role.name: client.cookies[settings.SESSION_COOKIE_NAME].value for role, client in clients.items()},
        "detail": detail,
        "queries": {
            name: {role.name: _queries(client, address) for role, client in clients.items()}
            for name, address in pages.items()
        },
    }
    print(json.dumps(told))


def _people() -> dict[Role, User]:
    """Return somebody of each role; the lead is the one of the initiative measured, where it has one."""
    people = {role: User.objects.filter(groups__name=role.value).order_by("pk")[0] for role in Role}
    lead = Initiative.objects.get(number=_most_related()).lead
    return people | ({Role.LEAD: lead} if lead else {})


def _most_related() -> str:
    """Return the number of the initiative with most to show: a draft, and as many others as possible carried on."""
    drafts = Assessment.objects.filter(state=Assessment.State.DRAFT, initiative__lead__isnull=False)
    with_draft = Initiative.objects.filter(pk__in=drafts.values("initiative"))
    chosen = with_draft if with_draft.exists() else Initiative.objects.all()
    return chosen.annotate(carried_on=Count("continues")).order_by("-carried_on", "number")[0].number


def _logged_in(user: User) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def _queries(client: Client, address: str) -> int:
    """Return how many queries the page asks after a change, without the row that notes who opened it (ADR 21)."""
    client.get(address)
    client.session.save()  # a change: nothing is kept any more
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    asked = [query for query in queries if not query["sql"].startswith("INSERT INTO")]
    return len(asked) if response.status_code == 200 else -1


if __name__ == "__main__":
    main()
