"""What has changed between two days: from the history, by the names of that time, for each reader what may be known."""

import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.actions import decisions, review
from phases.terms import Outcome, Phase, Track
from portfolio import actions
from portfolio.changes import Period, Section, changes_between, in_a_sentence, net, place
from portfolio.history import Change, Event, Kind
from portfolio.models import Initiative, PhaseRun, Programme
from susi.clock import clock_at
from susi.days import today
from susi.history import save_with_reason
from susi.models import User
from susi.past import as_of, moment_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, ProgrammeFactory, initiative_in, person
from tests.portfolio.between_days import at, edit, page
from tests.portfolio.portfolios import anew, decide, from_source

pytestmark = pytest.mark.django_db

FIRST, LAST = datetime.date(2026, 5, 1), datetime.date(2026, 5, 31)
PERIOD = Period(FIRST, LAST)


@pytest.fixture
def lead() -> User:
    with clock_at(at(4, 1)):
        return person(Role.LEAD, first_name="Line", last_name="Eksempel")


@pytest.fixture
def manager() -> User:
    with clock_at(at(4, 1)):
        return person(Role.MANAGER, first_name="Leo", last_name="Eksempel")


def found(user: User, kind: str, period: Period = PERIOD, programme: Programme | None = None) -> list[Any]:
    return next(one.items for one in changes_between(period, user, programme) if one.key == kind)


def test_a_fact_is_told_as_it_was_and_is_with_every_act_in_between(lead, manager) -> None:
    with clock_at(at(4, 2)):
        initiative = initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Før", case_number="1")
    edit(initiative, lead, at(5, 3), title="Eksempel: Midt")
    edit(initiative, lead, at(5, 4), title="Eksempel: Efter", case_number="2", reason="Aftalt på mødet")
    edit(initiative, lead, at(5, 5), case_number="1")
    edit(initiative, lead, at(6, 1), title="Eksempel: Siden")
    (edited,) = found(manager, Kind.EDITED)
    assert edited.initiative.title == "Eksempel: Efter"
    title, case_number = edited.changes
    assert (title.what, title.before, title.after) == ("Titel", "Eksempel: Før", "Eksempel: Efter")
    assert [(act.day.day, act.who, act.text) for act in title.acts] == [
        (3, lead, "Stamoplysninger rettet"),
        (4, lead, "Stamoplysninger rettet: Aftalt på mødet"),
    ]
    assert case_number.is_undone
    assert len(case_number.acts) == 2


@pytest.mark.parametrize(
    ("when", "told"),
    [(at(5, 1, 23), False), (at(5, 2, 0), True), (at(5, 31, 23), True), (at(6, 1, 0), False)],
)
def test_the_period_goes_from_the_end_of_one_day_to_the_end_of_another(lead, manager, when, told) -> None:
    with clock_at(at(4, 2)):
        initiative = initiative_in(Phase.SCREENING, lead=lead)
    edit(initiative, lead, when, case_number="2026-1")
    assert bool(found(manager, Kind.EDITED)) == told


def test_names_are_those_of_the_time(lead, manager) -> None:
    with clock_at(at(4, 2)):
        old, new = ProgrammeFactory(name="Gammelt program"), ProgrammeFactory(name="Nyt program")
        agreement = AgreementFactory(programme=old, year=2025)
        initiative = initiative_in(Phase.SCREENING, lead=lead, programme=old)
    edit(initiative, lead, at(5, 3), programme=new, agreements=[agreement])
    with clock_at(at(5, 10)):
        old.name = "Omdøbt program"
        save_with_reason(old, by=manager, reason="Nyt navn fra aftalen")
        lead.last_name = "Nytnavn"
        lead.save()
        actions.set_people(
            initiative=anew(initiative), by=manager, version=anew(initiative).version, lead=None, members=[lead]
        )
    with clock_at(at(6, 10)):
        old.name = "Omdøbt igen"
        old.save()
    (edited,) = found(manager, Kind.EDITED)
    told = {change.what: (change.before, change.after) for change in edited.changes}
    assert told == {
        "Program": ("Gammelt program", "Nyt program"),
        "Aftaler": ("", "UIP 2025 (Gammelt program)"),
        "Initiativansvarlig": ("Line Nytnavn", ""),
        "Medarbejdere": ("", "Line Nytnavn"),
    }
    renamed = found(manager, "renamed")
    assert [(*one.changes[0][:3], one.who, one.text) for one in renamed] == [
        ("Program", "Gammelt program", "Omdøbt program", manager, "Nyt navn fra aftalen"),
        ("Person", "Line Eksempel", "Line Nytnavn", None, "Omdøbt"),
    ]
    assert [one.changes[0][0] for one in found(manager, "renamed", programme=new)] == ["Person"]


def test_a_renamed_programme_is_no_change_of_its_initiatives(lead, manager) -> None:
    with clock_at(at(4, 2)):
        programme = ProgrammeFactory(name="Før")
        initiative = initiative_in(Phase.SCREENING, lead=lead, programme=programme)
    with clock_at(at(5, 2)):
        programme.name = "Efter"
        programme.save()
    edit(initiative, lead, at(5, 3), case_number="1")
    (edited,) = found(manager, Kind.EDITED)
    assert [change.what for change in edited.changes] == ["Journalnummer"]


def test_someone_renamed_who_works_on_nothing_is_not_told(lead, manager) -> None:
    with clock_at(at(4, 2)):
        initiative_in(Phase.SCREENING, lead=lead)
    with clock_at(at(5, 2)):
        manager.last_name = "Nytnavn"
        manager.save()
    assert found(manager, "renamed") == []


def test_what_is_new_is_told_as_it_stood_at_the_end_and_not_as_edits(lead, manager) -> None:
    with clock_at(at(5, 2)):
        initiative = actions.create_initiative(by=lead, title="Eksempel: Nyt")
    edit(initiative, lead, at(5, 3), title="Eksempel: Nyt og bedre")
    with clock_at(at(5, 4)):
        from_source(Phase.SCREENING, Phase.MATURATION, title="Eksempel: Indlæst")
    edit(initiative, lead, at(6, 3), title="Eksempel: Nyt igen")
    told = {item.initiative.title: (item.where, item.event.who) for item in found(manager, Kind.CREATED)}
    assert told == {
        "Eksempel: Nyt og bedre": ("Forslag", lead),
        "Eksempel: Indlæst": ("Screening/modning, spor ikke oplyst (Ikke oplyst)", None),
    }
    assert found(manager, Kind.EDITED) == []
    assert found(manager, Kind.MOVED) == []
    assert [item.initiative.title for item in found(person(Role.READER), Kind.CREATED)] == ["Eksempel: Indlæst"]


def test_a_transition_is_told_with_what_brought_it_about(lead, manager) -> None:
    with clock_at(at(4, 2)):
        factories.rulebook()
        initiative = initiative_in(Phase.SCREENING, lead=lead)
    with clock_at(at(5, 3)):
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    with clock_at(at(5, 4)):
        agreement = AgreementFactory(year=2026)
        decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE, agreement=agreement)
    (moved,) = found(manager, Kind.MOVED)
    assert (moved.before, moved.after) == ("Screening (I gang)", "Modning, spor 1 (I gang)")
    assert {event.text for event in moved.events} == {
        "Screening er afsluttet",
        "Modning, spor 1, er begyndt",
        "Beslutning om faseovergang registreret: Videreføres i modning, spor 1",
    }
    (decided,) = found(manager, Kind.DECIDED)
    assert decided.event.detail == "Besluttet 02.03.2026 af Socialstyrelsen under UIP 2026."
    (departed,) = found(manager, Kind.DEPARTED)
    assert departed.event.text == "Fravigelse fra kriterie M1.2 er i kraft"
    assert departed.event.detail.startswith("Begrundelse (faglig vurdering): Datagrundlaget er spinkelt.")
    (edited,) = found(manager, Kind.EDITED)  # it rests on the agreement now
    assert {change.what for change in edited.changes} == {"Program", "Aftaler"}


def test_a_decision_reversed_within_the_period_leaves_it_where_it_was(lead, manager) -> None:
    factories.rulebook()
    with clock_at(at(4, 2)):
        initiative = initiative_in(Phase.TRIAL, lead=lead)
    with clock_at(at(5, 3)):
        decision = decide(initiative, manager, Outcome.STOPPED, reason="Forkert registreret.")
    with clock_at(at(5, 4)):
        decisions.reverse_decision(decision=decision, by=manager, reason="Det var et andet initiativ.")
    (moved,) = found(manager, Kind.MOVED)
    assert moved.is_back
    assert [item.event.text.partition(":")[0] for item in found(manager, Kind.DECIDED)] == [
        "Beslutning om faseovergang registreret",
        "Beslutning omgjort",
    ]
    only_registered = found(manager, Kind.DECIDED, Period(FIRST, datetime.date(2026, 5, 3)))
    assert [item.event.detail for item in only_registered] == [
        "Besluttet 02.03.2026 af Socialstyrelsen. Forkert registreret."
    ]


def test_dates_filled_in_are_told(lead, manager) -> None:
    with clock_at(at(4, 2)):
        initiative = from_source(Phase.TRIAL, track=Track.ONE)
    with clock_at(at(5, 2)):
        run = PhaseRun.objects.get(initiative=initiative)
        run.started_on, run.started_on_precision = datetime.date(2021, 1, 1), "year"
        save_with_reason(run, by=manager, reason="Dato udfyldt")
    (edited,) = found(manager, Kind.EDITED)
    assert [(one.what, one.before, one.after) for one in edited.changes] == [("Afprøvning, begyndt", "", "2021")]


def test_a_reader_never_hears_of_drafts(client, lead, manager) -> None:
    with clock_at(at(4, 2)):
        factories.rulebook()
        initiative = initiative_in(Phase.SCREENING, lead=lead)
    with clock_at(at(5, 2)):
        assessment = factories.submitted(initiative, to_phase=Phase.MATURATION)
    reader, stranger = person(Role.READER), person(Role.LEAD)
    for user in (reader, stranger):
        assert [item.event.text.partition(": ")[2] for item in found(user, Kind.ASSESSED)] == [
            "indsendt til godkendelse"
        ]
    with clock_at(at(5, 3)):
        sha256 = assessment.snapshots.get().sha256
        review.send_back(assessment=assessment, by=manager, sha256=sha256, remarks="Uddyb det.")
    assert "Uddyb det." in page(client, manager, fra="01.05.2026", til="31.05.2026")
    assert "Uddyb det." in page(client, lead, fra="01.05.2026", til="31.05.2026")
    for user in (reader, stranger):
        assert found(user, Kind.ASSESSED) == []
        # nor of the day on which it was submitted and not yet returned
        assert found(user, Kind.ASSESSED, Period(FIRST, datetime.date(2026, 5, 2))) == []


def test_of_one_programme_only_at_either_end(lead, manager) -> None:
    with clock_at(at(4, 2)):
        mine, other = ProgrammeFactory(), ProgrammeFactory()
        leaves, comes, elsewhere = (
            initiative_in(Phase.SCREENING, lead=lead, programme=one) for one in (mine, other, other)
        )
    edit(leaves, lead, at(5, 2), programme=other)
    edit(comes, lead, at(5, 2), programme=mine)
    edit(elsewhere, lead, at(5, 2), case_number="1")
    told = {item.initiative.pk for item in found(manager, Kind.EDITED, programme=mine)}
    assert told == {leaves.pk, comes.pk}
    since = Period(datetime.date(2026, 5, 3), today())
    edit(leaves, lead, at(5, 9), case_number="3")
    edit(comes, lead, at(5, 9), case_number="3")
    assert {item.initiative.pk for item in found(manager, Kind.EDITED, since, mine)} == {comes.pk}


def event_of(before: str, after: str) -> Event:
    return Event(at(5, 2), None, "Rettet", changes=(Change("Titel", before, after, before, after),))


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=6))
@settings(max_examples=50, deadline=None)
def test_the_net_change_goes_from_the_first_to_the_last(values: list[str]) -> None:
    steps = [event_of(before, after) for before, after in pairwise(values)]
    (change,) = net(steps)
    assert (change.before, change.after, change.acts) == (values[0], values[-1], steps)
    assert change.is_undone == (values[0] == values[-1])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], "Fra udgangen af 01.05.2026 til udgangen af 31.05.2026 er der ikke registreret ændringer."),
        ([1], "Fra udgangen af 01.05.2026 til udgangen af 31.05.2026: 1 a."),
        ([1, 2, 3], "Fra udgangen af 01.05.2026 til udgangen af 31.05.2026: 1 a, 2 a og 3 a."),
    ],
)
def test_all_in_a_sentence(numbers: list[int], said: str) -> None:
    sections = [Section("x", "X", [None] * number, f"{number} a") for number in [0, *numbers]]
    assert in_a_sentence(sections, PERIOD) == said


def test_where_it_stands_is_what_the_list_of_that_day_says(lead, manager) -> None:
    """By brute force: what is told as moved is what differs between the list as of the one day and the other."""
    factories.rulebook()
    with clock_at(at(4, 2)):
        initiatives = [initiative_in(phase, lead=lead) for phase in (Phase.SCREENING, Phase.TRIAL, None, Phase.TRIAL)]
    with clock_at(at(5, 2)):
        decide(initiatives[1], manager, Outcome.STOPPED, reason="Slut.")
        decide(initiatives[2], manager, Outcome.STOPPED, reason="Slut.")
    lists = []
    for day in (FIRST, LAST):
        with as_of(moment_of(day)):
            lists.append({one.number: place(one) for one in Initiative.objects.with_standing()})
    differ = {
        number: (lists[0][number], lists[1][number]) for number in lists[0] if lists[0][number] != lists[1][number]
    }
    assert {item.initiative.number: (item.before, item.after) for item in found(manager, Kind.MOVED)} == differ
    assert len(differ) == 2


def test_as_many_queries_however_much_has_changed(lead, manager) -> None:
    factories.rulebook()

    def some(number: int) -> None:
        for _ in range(number):
            with clock_at(at(4, 2)):
                initiative = initiative_in(Phase.TRIAL, lead=lead, programme=ProgrammeFactory())
            edit(initiative, lead, at(5, 2), case_number="1", programme=ProgrammeFactory())
            with clock_at(at(5, 3)):
                actions.write_status(initiative=anew(initiative), by=lead, text="Det går.")
                decide(initiative, manager, Outcome.STOPPED, reason="Slut.")

    some(2)
    with CaptureQueriesContext(connection) as few:
        changes_between(PERIOD, manager)
    some(4)
    with CaptureQueriesContext(connection) as many:
        changes_between(PERIOD, manager)
    assert len(few) == len(many) <= 60
