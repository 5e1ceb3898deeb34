"""Two at the same moment at the desk: one mail, one stand-in, one case file, and each step of it made once."""

import threading
import time
from typing import Any
from unittest import mock

import pytest
from django.core import mail

from desk.actions.case_files import make_step, order_case_file
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
