"""What is kept until something is written is never older than what is asked anew (ADR 22)."""

import datetime
import threading
from collections.abc import Callable, Iterator
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from phases.models import Edition
from phases.terms import Outcome, Phase
from portfolio.actions import create_initiative
from portfolio.models import Initiative
from susi.clock import clock_at
from susi.dates import danish
from susi.models import StandIn, User
from susi.roles import Role
from susi.unwritten import KeptUntilWritten, snapshot
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import DAY, decide
from tests.races.test_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Kun PostgreSQL fortæller, om noget er skrevet")


def titles() -> list[str]:
    return [*Initiative.objects.order_by("pk").values_list("title", flat=True)]


def elsewhere(act: Callable[[], object]) -> None:
    """Let `act` be done on a connection of its own."""
    done = at_once(act)
    assert not isinstance(done[0], Exception)


def told(client: Client, address: str = "/") -> str:
    """Return what the front page tells, without its head and its menu."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode().partition('<main id="main-content"')[2].partition("</main>")[0]


def told_anew(client: Client, address: str = "/") -> str:
    with mock.patch("susi.unwritten.snapshot", return_value=None):
        return told(client, address)


@pytest.fixture
def mark() -> Iterator[mock.Mock]:
    """The mark, told by the test: others write to the server of the tests, too."""
    with mock.patch("susi.unwritten.snapshot", return_value="now") as snapshot:
        yield snapshot


def test_it_is_made_once_for_each_mark_and_what_it_depends_on(mark: mock.Mock) -> None:
    kept, make = KeptUntilWritten(at_most=10), mock.Mock(side_effect=iter("abcd"))
    assert [kept.get(key, make) for key in (1, 1, 2, 1)] == ["a", "a", "b", "a"]
    mark.return_value = "later"
    assert [kept.get(key, make) for key in (1, 2, 1)] == ["c", "d", "c"]


def test_it_keeps_no_more_than_it_may(mark: mock.Mock) -> None:
    kept, make = KeptUntilWritten(at_most=2), mock.Mock(side_effect=iter("abcd"))
    assert [kept.get(key, make) for key in (1, 2, 1, 3, 3, 1)] == ["a", "b", "a", "c", "c", "d"]  # 3 had both forgotten


def test_without_a_mark_nothing_is_kept(mark: mock.Mock) -> None:
    mark.return_value = None
    kept, make = KeptUntilWritten(at_most=10), mock.Mock(side_effect=iter("ab"))
    assert [kept.get(1, make), kept.get(1, make)] == ["a", "b"]


def test_whatever_is_written_changes_the_mark(on_postgresql: None) -> None:
    lead, marks = person(Role.LEAD), [snapshot()]
    for act in (
        lambda: create_initiative(by=lead, title="Eksempel: Skrevet af en anden"),
        lambda: Group.objects.create(name="Eksempel"),
        lambda: Client().force_login(lead),
    ):
        elsewhere(act)
        marks.append(snapshot())
    assert None not in marks
    assert len({*marks}) == len(marks)


def test_a_crash_changes_the_mark(on_postgresql: None) -> None:
    """The numbers of transactions that were lost are given again, and recovery ends with a checkpoint."""
    before = snapshot() or ()
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    assert before[1] not in (snapshot() or ())


def test_what_another_has_not_finished_is_seen_when_it_is_and_not_before(on_postgresql: None) -> None:
    kept = KeptUntilWritten(at_most=10)
    slow, quick = initiative_in(Phase.TRIAL, title="a"), initiative_in(Phase.TRIAL, title="b")
    written, seen = threading.Event(), threading.Event()

    def titled(initiative: Initiative, title: str) -> None:
        Initiative.objects.filter(pk=initiative.pk).update(title=title)

    def write() -> None:
        with transaction.atomic():
            titled(slow, "A")
            written.set()
            assert seen.wait(timeout=30)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(timeout=30)
    titled(quick, "B")  # begun later, ended first
    assert kept.get("", titles) == kept.get("", titles) == ["a", "B"]
    seen.set()
    writer.join(timeout=30)
    assert kept.get("", titles) == ["A", "B"]


def test_what_is_taken_back_leaves_nothing_behind(on_postgresql: None) -> None:
    kept, lead = KeptUntilWritten(at_most=10), person(Role.LEAD)
    assert kept.get("", titles) == []
    with transaction.atomic():
        create_initiative(by=lead, title="Eksempel: Fortrudt")
        assert kept.get("", titles) == ["Eksempel: Fortrudt"]  # in a transaction nothing is kept
        transaction.set_rollback(True)
    assert kept.get("", titles) == []


def test_the_database_of_the_trial_and_a_transaction_have_no_mark() -> None:
    with transaction.atomic():
        assert snapshot() is None
    assert (snapshot() is None) is (connection.vendor != "postgresql")


def test_the_front_page_tells_after_each_act_what_it_would_tell_anew() -> None:
    """Of everybody, after each step on the way of an initiative, and asked twice, so that it is kept."""
    factories.rulebook()
    lead, manager = person(Role.LEAD, first_name="Ane"), person(Role.MANAGER)
    reader, other = person(Role.READER), person(Role.LEAD)
    people = [lead, manager, reader, other, person(Role.ADMINISTRATOR), person()]
    clients = [Client() for _ in people]
    for client, user in zip(clients, people, strict=True):
        client.force_login(user)

    def titled(title: str) -> None:
        Initiative.objects.filter(lead=lead).update(title=title)

    acts: list[Callable[[], object]] = [
        lambda: initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Nyt"),
        lambda: StandIn.objects.create(
            person=lead,
            stand_in=other,
            from_day=datetime.date(2020, 1, 1),
            to_day=datetime.date(2099, 1, 1),
            created_by=manager,
            created_at=lead.date_joined,
        ),
        lambda: factories.submitted(Initiative.objects.get(), to_phase=Phase.MATURATION),
        lambda: titled("Eksempel: Omdøbt"),
        lambda: factories.approved(initiative_in(Phase.MATURATION, lead=lead), manager=manager, to_phase=Phase.TRIAL),
        lambda: decide(
            Initiative.objects.get(phase=Phase.MATURATION), manager, Outcome.RECOMMENDED, agreement=AgreementFactory()
        ),
        lambda: reader.groups.add(Group.objects.get(name=Role.MANAGER.value)),
        lambda: manager.groups.clear(),
        lambda: Edition.objects.create(number="9.1", name="Eksempelregelsæt", valid_from=DAY, source="Eksempel"),
    ]
    before = [told(client) for client in clients]
    for no, act in enumerate(acts):
        elsewhere(act)
        after = [told(client) for client in clients]
        assert after == [told_anew(client) for client in clients]
        assert after == [told(client) for client in clients]
        assert after != before, no  # so the act is one that somebody sees
        before = after


def test_a_front_page_that_is_kept_asks_for_nothing_but_who_asks(mark: mock.Mock) -> None:
    factories.rulebook()
    client = Client()
    client.force_login(person(Role.MANAGER))
    first = told(client)
    with CaptureQueriesContext(connection) as asked:
        assert told(client) == first
    assert len(asked) == 2  # the log-in, and the person


def test_the_front_page_of_another_day_is_another(mark: mock.Mock) -> None:
    factories.rulebook()
    today = timezone.localdate()
    with clock_at(factories.noon(today - datetime.timedelta(days=2))):
        initiative_in(Phase.TRIAL, title="Eksempel: Set på en dag")
    initiative_in(Phase.TRIAL, title="Eksempel: Kom til")
    client = Client()
    client.force_login(person(Role.MANAGER))
    then = f"/?dag={danish(today - datetime.timedelta(days=1))}"
    now = told(client)
    assert told(client, then) == told(client, then) == told_anew(client, then) != now
    assert told(client) == now
    with mock.patch("portfolio.views.overview.render_to_string", return_value="tegnet igen"):
        assert told(client) == now
        with mock.patch("portfolio.views.overview.today", return_value=today + datetime.timedelta(days=1)):
            assert "tegnet igen" in told(client)  # what was kept yesterday says how long ago something was


def test_whoever_has_written_reads_it_on_the_next_page(on_postgresql: None) -> None:
    """While many write and read at once, each in a thread."""
    factories.rulebook()
    manager = person(Role.MANAGER, Role.LEAD)

    def writes_and_reads(no: int) -> Callable[[], list[bool]]:
        def act() -> list[bool]:
            client, missing = Client(), []
            client.force_login(User.objects.get(pk=manager.pk))
            for turn in range(5):
                title = f"Eksempel: Nr. {no} gang {turn}"
                create_initiative(by=manager, title=title)
                missing.append(title not in told(client))
            return missing

        return act

    assert at_once(*(writes_and_reads(no) for no in range(4))) == [[False] * 5] * 4
