"""Two at the same moment at the desk: one mail, one stand-in, one case file, and each step of it made once."""

import threading
import time
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.db import connection

from desk.actions.case_files import Overtaken, make_step, order_case_file, waiting_case_files
from desk.actions.digests import send_digest
from desk.actions.exemptions import exempt
from desk.actions.stand_ins import name_stand_in
from desk.case_file import making
from desk.digests import week_of
from desk.models import CaseFile
from phases.terms import Phase
from susi.days import today
from susi.models import StandIn
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.races.test_races import at_once, one_won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_senders_send_one_mail() -> None:
    lead = person(Role.LEAD, email="a@eksempel.invalid")
    initiative_in(Phase.TRIAL, lead=lead)
    states = at_once(*[lambda: send_digest(person=lead, week=week_of(today()))] * 2)
    assert "sent" in states
    assert len(mail.outbox) == 1


def test_of_two_stand_ins_one_is_named() -> None:
    lead, managers = person(Role.LEAD), [person(Role.MANAGER), person(Role.MANAGER)]
    others = [person(Role.LEAD), person(Role.LEAD)]
    days = {"from_day": today(), "to_day": today(), "reason": StandIn.Reason.OTHER}
    results = at_once(
        *(
            lambda by=by, other=other: name_stand_in(person=lead, stand_in=other, by=by, **days)
            for by, other in zip(managers, others, strict=True)
        )
    )
    assert one_won(results)
    assert StandIn.objects.count() == 1


def test_a_case_file_finished_while_a_document_is_exempt_is_not_handed_out() -> None:
    initiative, manager = initiative_in(Phase.TRIAL), person(Role.MANAGER)
    with mock.patch.object(making, "make", lambda step: [(step["name"], b"eksempel")]):
        case_file = order_case_file(initiative=initiative, by=manager)
        while case_file.done < case_file.steps - 1:
            case_file = make_step(case_file)
    has_begun, zip_of = threading.Event(), making.zip_of

    def slowly(plan: making.Plan) -> Any:
        has_begun.set()
        time.sleep(0.3)
        return zip_of(plan)

    def kept_back() -> None:
        has_begun.wait(timeout=10)
        exempt(initiative=initiative, kind="facts", key="all", ground="internal", reason="Eksempel", by=manager)

    with mock.patch.object(making, "zip_of", slowly):
        at_once(lambda: make_step(case_file), kept_back)
    assert CaseFile.objects.get().state == "expired"


def test_two_who_order_and_make_a_case_file_share_it() -> None:
    initiative, manager = initiative_in(Phase.TRIAL), person(Role.MANAGER)
    ordered = at_once(*[lambda: order_case_file(initiative=initiative, by=manager)] * 2)
    assert ordered[0] == ordered[1]
    case_file = CaseFile.objects.get()
    with mock.patch.object(making, "make", lambda step: [(step["name"], b"eksempel")]):
        at_once(*[lambda: make_step(case_file)] * 2)
    case_file.refresh_from_db()
    assert case_file.done == 2
    assert [("made" in step) for step in case_file.plan] == [True, True, *[False] * (len(case_file.plan) - 2)]


def test_the_clock_asks_for_no_case_file_that_is_at_work() -> None:
    case_file = order_case_file(initiative=initiative_in(Phase.TRIAL), by=person(Role.MANAGER))
    has_begun, has_asked = threading.Event(), threading.Event()

    def make(step: dict[str, Any]) -> list[tuple[str, bytes]]:
        has_begun.set()
        has_asked.wait(timeout=10)
        return [(step["name"], b"eksempel")]

    def asks() -> list[tuple[int, int]]:
        has_begun.wait(timeout=10)
        waiting = waiting_case_files()
        has_asked.set()
        return waiting

    with mock.patch.object(making, "make", make):
        results = at_once(lambda: make_step(case_file), asks)
    can_tell = connection.features.has_select_for_update_skip_locked
    assert results[1] == ([] if can_tell else [(case_file.pk, 0)])
    assert waiting_case_files() == [(case_file.pk, 1)]


def test_two_calls_for_one_step_make_it_once() -> None:
    case_file = order_case_file(initiative=initiative_in(Phase.TRIAL), by=person(Role.MANAGER))
    with mock.patch.object(making, "make", lambda step: [(step["name"], b"eksempel")]):
        results = at_once(*[lambda: make_step(case_file, done=0)] * 2, answers=(Overtaken,))
    assert [type(result) for result in results].count(Overtaken) == 1
    case_file.refresh_from_db()
    assert case_file.done == 1
