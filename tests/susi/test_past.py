"""The past: what held at a moment, and that nothing can be written there."""

import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.models import Rating, Snapshot
from phases.terms import Phase
from portfolio.models import Initiative, Programme
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.past import NoPast, as_of, first_day, in_the_present, is_asked, moment_of
from susi.roles import Role
from tests.factories import ProgrammeFactory, initiative_in, person

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=COPENHAGEN)
HOUR = datetime.timedelta(hours=1)


def renamed() -> Programme:
    """Return a programme called "Før" from noon, and "Nu" an hour later."""
    with clock_at(NOON):
        programme = ProgrammeFactory(name="Før")
    with clock_at(NOON + HOUR):
        programme.name = "Nu"
        programme.save()
    return programme


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        (NOON - HOUR, []),
        (NOON, ["Før"]),
        (NOON + HOUR / 2, ["Før"]),
        (NOON + HOUR, ["Nu"]),
        (None, ["Nu"]),
    ],
)
def test_a_row_is_what_it_was_at_the_moment(moment: datetime.datetime | None, names: list[str]) -> None:
    renamed()
    with as_of(moment):
        assert [one.name for one in Programme.objects.all()] == names
    assert [one.name for one in Programme.objects.all()] == ["Nu"]


def test_related_rows_are_of_the_same_moment() -> None:
    with clock_at(NOON):
        lead = person(Role.LEAD, last_name="Født Hansen")
        initiative = initiative_in(Phase.SCREENING, lead=lead, programme=ProgrammeFactory(name="Før"))
        initiative.members.add(lead)
    with clock_at(NOON + HOUR):
        lead.last_name = "Gift Jensen"
        lead.save()
        initiative.members.clear()
    with as_of(NOON):
        then = Initiative.objects.select_related("lead", "programme").prefetch_related("members").get()
        assert (str(then.lead), then.programme.name) == ("Eksempel Født Hansen", "Før")
        assert [str(one) for one in then.members.all()] == ["Eksempel Født Hansen"]
        assert Initiative.objects.filter(lead__last_name="Født Hansen", members=lead).count() == 1
    assert Initiative.objects.filter(lead__last_name="Født Hansen").count() == 0


def test_of_two_rows_of_one_moment_the_later_written_holds() -> None:
    with clock_at(NOON):
        programme = ProgrammeFactory(name="Først")
        programme.name = "Sidst"
        programme.save()
    with as_of(NOON):
        assert Programme.objects.get().name == "Sidst"


def test_what_is_deleted_is_there_until_then() -> None:
    programme = renamed()
    with clock_at(NOON + 2 * HOUR):
        programme.delete()
    with as_of(NOON + HOUR):
        assert Programme.objects.count() == 1
    with as_of(NOON + 2 * HOUR):
        assert Programme.objects.count() == 0


def test_the_present_can_be_asked_from_within() -> None:
    renamed()
    with as_of(NOON):
        with in_the_present():
            assert (Programme.objects.get().name, is_asked()) == ("Nu", False)
        assert (Programme.objects.get().name, is_asked()) == ("Før", True)
    assert not is_asked()


def test_nothing_is_written_in_the_past() -> None:
    programme = renamed()
    with as_of(NOON), pytest.raises(NoPast, match="written"), transaction.atomic():
        programme.save()
    with as_of(NOON), pytest.raises(NoPast, match="written"), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).delete()
    assert Programme.objects.get().name == "Nu"


@pytest.mark.parametrize("model", [Rating, Snapshot])
def test_what_keeps_no_history_is_not_taken_from_the_present(model) -> None:
    with as_of(NOON), pytest.raises(NoPast, match="no history"):
        model.objects.count()


def test_rows_can_be_read_piece_by_piece() -> None:
    renamed()
    with as_of(NOON):
        assert [one.name for one in Programme.objects.iterator(chunk_size=1)] == ["Før"]


def test_it_costs_no_more_queries_than_the_present_but_one_for_each_table() -> None:
    renamed()
    with as_of(NOON), CaptureQueriesContext(connection) as queries:
        for _ in range(5):
            list(Programme.objects.all())
    assert len(queries) == 5 + 1


def test_a_log_in_or_a_password_is_no_event_of_the_person() -> None:
    someone = person(Role.LEAD)
    before = someone.history.count()
    someone.save(update_fields=["last_login"])
    someone.set_password("Eksempel-2027")
    someone.save(update_fields=["password"])
    assert someone.history.count() == before
    someone.last_name = "Andet navn"
    someone.save()
    assert someone.history.count() == before + 1
    assert not hasattr(someone.history.first(), "password")


def test_a_day_is_its_last_moment_in_copenhagen() -> None:
    with clock_at(NOON):
        assert moment_of(datetime.date(2026, 3, 1)) == datetime.datetime(
            2026, 3, 1, 23, 59, 59, 999999, tzinfo=COPENHAGEN
        )
        assert moment_of(datetime.date(2026, 3, 2)) is None
        assert moment_of(None) is None


def test_the_first_day_is_that_of_the_first_record() -> None:
    assert first_day(Initiative) is None
    with clock_at(NOON):
        initiative_in(None)
    assert first_day(Initiative) == datetime.date(2026, 3, 2)
