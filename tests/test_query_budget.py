"""How often the pages people open all day ask the database, at most: whoever asks, and whatever there is to show."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import YESTERDAY, places
from tests.portfolio.portfolios import fully_related
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AT_MOST = {"overview": 14, "portfolio:initiative_list": 14, "portfolio:initiative_detail": 15}
NOTES = {"portfolio:initiative_detail": 1}  # beside them: the row that notes who opened it (ADR 21)
SEARCHED = 13  # a list that is searched: where the words stand, or what there is without each filter and each word


def test_pages_keep_to_their_number_of_queries() -> None:
    world = World()
    whole = fully_related(world.manager, world.lead)
    pages = [
        (page.name, page.role, page.address)
        for page in places(world)
        if page.name.split()[0] in AT_MOST and YESTERDAY not in page.address  # a past day asks each history once more
    ]
    pages += [
        (f"portfolio:initiative_detail fully related ({role})", role, f"/initiativer/{whole.number}/")
        for role in {role for _, role, _ in pages}
    ]
    over = {}
    for name, role, address in pages:
        client = Client()
        client.force_login(world.person_as(role))
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        view, notes = name.split()[0], sum(query["sql"].startswith("INSERT") for query in queries)
        asked = len(queries) - notes
        if notes != NOTES.get(view, 0) or asked > AT_MOST[view] + (SEARCHED if "?" in name else 0):
            over[name] = (asked, notes)
    assert over == {}
