"""What has changed: of the initiatives that the list of the last day shows the same person, and of whom by name."""

import datetime
from typing import Any

import pytest
from django.urls import reverse

from assessments.actions import decisions
from phases.models import EntryCondition
from phases.terms import Phase
from portfolio import actions, columns
from portfolio.changes import Period, changes_between
from portfolio.history import Kind
from portfolio.imports.taking_back import take_back
from portfolio.models import Initiative
from susi.clock import clock_at
from susi.models import User
from susi.past import as_of, moment_of
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio import sheets
from tests.portfolio.between_days import at, edit, page
from tests.portfolio.portfolios import anew, decide
from tests.work.workings import chosen

pytestmark = pytest.mark.django_db

MAY = {"fra": "01.05.2026", "til": "31.05.2026"}
TITLE = "Eksempel: hemmeligt forslag"


def period(month: int, day: int) -> Period:
    return Period(datetime.date(2026, 5, 1), datetime.date(2026, month, day))


def found(user: User, kind: str, asked: Period) -> list[Any]:
    return next(one.items for one in changes_between(asked, user) if one.key == kind)


@pytest.fixture
def manager() -> User:
    with clock_at(at(4, 1)):
        factories.rulebook()
        return person(Role.MANAGER)


@pytest.fixture
def reader() -> User:
    with clock_at(at(4, 1)):
        return person(Role.READER)


@pytest.fixture
def lead() -> User:
    with clock_at(at(4, 1)):
        return person(Role.LEAD, first_name="Line", last_name="Eksempel", username="line1")


@pytest.fixture
def begun(manager, lead) -> Initiative:
    """A proposal of May with edits and a status of May, begun in July and edited in August."""
    with clock_at(at(5, 3)):
        initiative = initiative_in(None, lead=lead, title=TITLE)
    edit(initiative, lead, at(5, 10), funding="Hemmelig fond")
    with clock_at(at(5, 11)):
        actions.write_status(initiative=anew(initiative), by=lead, text="Hemmelig status")
        chosen(anew(initiative), lead, reason="Hemmeligt sporvalg")
    with clock_at(at(7, 1)):
        entry = dict.fromkeys(EntryCondition.objects.all(), (True, "Ja."))
        decide(anew(initiative), manager, to_phase=Phase.SCREENING, to_track="", entry=entry)
    edit(initiative, lead, at(8, 1), funding="Kendt fond")
    return anew(initiative)


@pytest.fixture
def again(begun, manager) -> Initiative:
    """The same, that is a proposal again since September."""
    with clock_at(at(9, 1)):
        decisions.reverse_decision(decision=begun.decisions.get(), by=manager, reason="Forkert.")
    return anew(begun)


def told_of(user: User, asked: Period) -> set[str]:
    return {item.initiative.title for one in changes_between(asked, user) for item in one.items}


@pytest.mark.parametrize("month", range(5, 11))
def test_it_is_told_of_what_the_list_of_that_day_shows(again, reader, manager, month) -> None:
    asked = period(month, 28)
    for user in (reader, manager):
        with as_of(moment_of(asked.last)):
            listed = {one.title for one in Initiative.objects.visible_to(user)}
        assert told_of(user, asked) == listed
    assert told_of(manager, asked) == {TITLE}
    assert told_of(reader, asked) == ({TITLE} if month in (7, 8) else set())


def test_a_month_in_which_it_was_a_proposal_stays_hidden_once_it_has_begun(client, begun, reader, manager) -> None:
    assert told_of(reader, period(5, 31)) == set()
    assert "hemmelig" not in page(client, reader, **MAY).lower()
    assert TITLE in page(client, manager, **MAY)


def test_a_proposals_edits_are_not_told_to_readers_once_it_has_begun(begun, reader, manager) -> None:
    since = Period(datetime.date(2026, 5, 4), datetime.date(2026, 8, 15))
    assert [(one.before, one.after) for one in found(reader, Kind.MOVED, since)] == [("Forslag", "Screening (I gang)")]
    (edited,) = found(reader, Kind.EDITED, since)
    assert [(one.before, one.after) for one in edited.changes] == [("Hemmelig fond", "Kendt fond")]
    assert found(reader, Kind.STATUS, since) == found(reader, Kind.WORKED, since) == []
    (edited,) = found(manager, Kind.EDITED, since)
    assert [(one.before, one.after) for one in edited.changes] == [("", "Kendt fond")]
    assert len(found(manager, Kind.STATUS, since)) == len(found(manager, Kind.WORKED, since)) == 1


def test_what_a_reader_cannot_open_any_more_is_no_link(client, again, reader, manager) -> None:
    asked = {"fra": "01.06.2026", "til": "15.07.2026"}
    url = reverse("portfolio:initiative_detail", args=[again.number])
    html = page(client, reader, **asked)
    assert TITLE in html
    assert f'href="{url}' not in html
    html = page(client, manager, **asked)
    assert f'href="{url}"' in html
    assert f'href="{url}beslutninger/1/"' in html


def test_what_was_taken_back_later_is_told_of_the_days_it_was_there(client) -> None:
    with clock_at(at(4, 1)):
        by = person(Role.ADMINISTRATOR)
        initiative_in(Phase.SCREENING)
    with clock_at(at(5, 3)):
        made = sheets.confirmed(by, {columns.NUMBER: None, columns.TITLE: "Eksempel: Indlæst"})
    number = Initiative.objects.get(title="Eksempel: Indlæst").number
    with clock_at(at(6, 3)):
        take_back(portfolio_import=made, by=by, reason="Forkert fil.")
    assert not Initiative.objects.filter(number=number).exists()
    assert [one.initiative.number for one in found(by, Kind.CREATED, period(5, 31))] == [number]
    assert found(by, Kind.CREATED, period(6, 30)) == []
    html = page(client, by, **MAY)
    assert f"{number} Eksempel: Indlæst" in html
    assert f'href="{reverse("portfolio:initiative_detail", args=[number])}' not in html


def test_two_people_of_one_name_are_told_apart(lead, manager) -> None:
    with clock_at(at(4, 1)):
        other = person(Role.LEAD, first_name="Line", last_name="Eksempel", username="line2")
        third = person(Role.LEAD, first_name="Mads", last_name="Eksempel")
        initiative = initiative_in(Phase.SCREENING, lead=lead)

    def give_to(one: User, day: int) -> None:
        with clock_at(at(5, day)):
            present = anew(initiative)
            actions.set_people(initiative=present, by=manager, version=present.version, lead=one, members=[])

    give_to(other, 5)
    (change,) = found(manager, Kind.EDITED, period(5, 31))[0].changes
    assert (change.before, change.after, change.is_undone) == (
        "Line Eksempel (line1)",
        "Line Eksempel (line2)",
        False,
    )
    give_to(third, 6)
    (change,) = found(manager, Kind.EDITED, period(5, 31))[0].changes
    assert (change.before, change.after) == ("Line Eksempel (line1)", "Mads Eksempel")


def test_the_same_person_under_a_new_name_is_the_same(lead, manager) -> None:
    with clock_at(at(4, 1)):
        initiative = initiative_in(Phase.SCREENING, lead=lead)
    for day, one in ((5, manager), (9, lead)):
        with clock_at(at(5, day)):
            present = anew(initiative)
            present.lead = one
            present.save()
        with clock_at(at(5, 7)):
            lead.last_name = "Nytnavn"
            lead.save()
    (change,) = found(manager, Kind.EDITED, period(5, 31))[0].changes
    assert (change.before, change.after, change.is_undone) == ("Line Eksempel", "Line Nytnavn", True)
