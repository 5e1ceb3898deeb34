"""What is in force at a moment, and what it costs to ask."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portfolio.models import Agreement, Programme
from susi.clock import clock_at
from susi.past import NoPast, as_of
from tests.factories import ProgrammeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def renamed(programme: Programme, name: str, at: datetime) -> None:
    programme.name = name
    with clock_at(at):
        programme.save()


def names_at(moment: datetime | None) -> list[str]:
    with as_of(moment):
        return sorted(Programme.objects.values_list("name", flat=True))


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def test_the_latest_row_by_its_date_is_in_force_whatever_the_order_of_the_keys() -> None:
    with clock_at(days_ago(30)):
        programme = ProgrammeFactory(name="Først")
    renamed(programme, "Sidst", days_ago(10))
    renamed(programme, "Imens", days_ago(20))  # written later, of an earlier day
    assert names_at(days_ago(31)) == []
    assert [names_at(days_ago(days)) for days in (25, 15, 5)] == [["Først"], ["Imens"], ["Sidst"]]


def test_what_was_deleted_is_gone_from_then_on() -> None:
    with clock_at(days_ago(30)):
        programme = ProgrammeFactory(name="Slettet")
    with clock_at(days_ago(10)):
        programme.delete()
    assert (names_at(days_ago(20)), names_at(days_ago(5))) == (["Slettet"], [])


def test_what_is_in_force_is_found_out_once_however_often_it_is_asked() -> None:
    with clock_at(days_ago(30)):
        ProgrammeFactory.create_batch(3)
    with as_of(days_ago(5)), CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            assert Programme.objects.count() == 3
            assert not Agreement.objects.filter(programme__name="x").exists()
    assert len(queries) == 3 * 2 + 2  # the questions, and one for each of the two tables
    with as_of(days_ago(31)):  # another moment is another past
        assert Programme.objects.count() == 0


def test_nothing_is_written_in_the_past() -> None:
    with as_of(days_ago(5)), pytest.raises(NoPast):
        ProgrammeFactory()
