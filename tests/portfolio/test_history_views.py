"""The history: who did what, when and why, for each reader what may be known."""

import datetime
import re
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions import decisions, review
from assessments.models import Assessment
from phases.terms import Outcome, Phase, Track
from portfolio import actions
from portfolio.history import history_of
from portfolio.models import Initiative
from susi.history import save_with_reason
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide, from_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def lead():
    return person(Role.LEAD, first_name="Line", last_name="Eksempel")


def page(client, user, initiative: Initiative, **query: str) -> str:
    client.force_login(user)
    response = client.get(reverse("portfolio:initiative_history", args=[initiative.number]), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def texts(initiative: Initiative, user) -> list[str]:
    return [event.text for event in history_of(anew(initiative), user)]


def test_changed_head_facts_are_shown_before_and_now_with_danish_names(client, manager, lead) -> None:
    agreement = AgreementFactory()
    initiative = actions.create_initiative(by=lead, title="Eksempel: Før")
    with mock.patch.object(timezone, "now", return_value=timezone.now() + datetime.timedelta(minutes=5)):
        actions.edit_initiative(
            initiative=initiative,
            by=lead,
            version=1,
            title="Eksempel: Efter",
            programme=agreement.programme,
            agreements=[agreement],
        )
        actions.set_people(initiative=initiative, by=manager, version=2, lead=None, members=[lead])
    changes = [event for event in history_of(anew(initiative), manager) if event.changes]
    assert [(event.who, event.text) for event in changes] == [
        (manager, "Initiativansvarlig og medarbejdere ændret"),
        (lead, "Stamoplysninger rettet"),
    ]
    assert [change[:3] for change in changes[0].changes] == [
        ("Initiativansvarlig", "Line Eksempel", ""),
        ("Medarbejdere", "", "Line Eksempel"),
    ]
    assert [change[:3] for change in changes[1].changes] == [
        ("Titel", "Eksempel: Før", "Eksempel: Efter"),
        ("Program", "", str(agreement.programme)),
        ("Aftaler", "", str(agreement)),
    ]
    html = page(client, manager, initiative)
    assert re.search(r"Før: </span><del[^>]*>Eksempel: Før</del>", html)
    assert re.search(r"Efter: </span><ins[^>]*>Eksempel: Efter</ins>", html)


def test_the_whole_way_is_told_newest_first(manager, lead) -> None:
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, lead=lead)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    decision = decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert spor.")
    actions.write_status(initiative=initiative, by=lead, text="Vi begynder forfra.")
    told = texts(initiative, manager)
    number = initiative.number
    expected = [
        "Status skrevet",
        "Beslutning omgjort: Videreføres i modning, spor 1",
        "Modning, spor 1, er annulleret",
        "Screening er i gang igen",
        "Beslutning om faseovergang registreret: Videreføres i modning, spor 1",
        "Modning, spor 1, er begyndt",
        "Screening er afsluttet",
        "Fravigelse fra kriterie M1.2 er i kraft",
        f"SUSI-vurdering {number}-1, version 1: godkendt og forseglet",
        f"SUSI-vurdering {number}-1, version 1: indsendt til godkendelse",
        f"SUSI-vurdering {number}-1, version 1: påbegyndt",
        "Screening er indlæst",
        "Initiativet er oprettet",
    ]
    assert set(told) == set(expected)
    milestones = [text for text in told if "Screening er i gang igen" not in text]
    assert milestones.index(expected[1]) < milestones.index(expected[4]) < milestones.index(expected[8])


def test_a_phase_goes_on_and_is_planned_again_when_its_end_is_reversed(manager) -> None:
    """Of two phases together, a decision ends the first and drops the second, and is reversed."""
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    both = {"to_phase": Phase.MATURATION, "to_track": Track.ONE, "then_phase": Phase.TRIAL}
    decide(initiative, manager, **both)
    told = texts(initiative, manager)
    ended = decide(anew(initiative), manager, Outcome.STOPPED, reason="Kommunerne trak sig.")
    decisions.reverse_decision(decision=ended, by=manager, reason="Det var et andet initiativ.")
    new = texts(initiative, manager)
    for text in told:
        new.remove(text)
    assert {text for text in new if not text.startswith("Beslutning")} == {
        "Modning, spor 1, er afsluttet",
        "Modning, spor 1, er i gang igen",
        "Afprøvning er annulleret",
        "Afprøvning er planlagt igen",
    }


def test_a_reader_never_hears_of_drafts(client, manager, lead) -> None:
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, lead=lead)
    assessment = factories.submitted(initiative, to_phase=Phase.MATURATION, departed=("M1.1",))
    reader, stranger = person(Role.READER), person(Role.LEAD)
    for user in (reader, stranger):
        assert [text for text in texts(initiative, user) if "SUSI-vurdering" in text] == [
            f"SUSI-vurdering {initiative.number}-1, version 1: indsendt til godkendelse"
        ]
    review.send_back(
        assessment=assessment, by=manager, sha256=assessment.snapshots.get().sha256, remarks="Uddyb kriterie M1.1."
    )
    for user in (reader, stranger):
        html = page(client, user, initiative)
        assert "SUSI-vurdering" not in html.partition("<main")[2].partition("</main>")[0]
        assert "M1.1" not in html
    assert "Uddyb kriterie M1.1." in page(client, lead, initiative)

    returned = Assessment.objects.get()
    review.annul(assessment=returned, by=lead, reason="Vi venter på ny viden.")
    assert "Vi venter på ny viden." in page(client, manager, initiative)
    for user in (reader, stranger):
        assert "ny viden" not in page(client, user, initiative)
        assert "Fravigelse" not in page(client, user, initiative)


def test_what_a_source_told_is_told_as_such(manager) -> None:
    initiative = from_source(Phase.SCREENING, Phase.MATURATION)
    events = [event for event in history_of(initiative, manager) if "indlæst" in event.text]
    assert {(event.text, event.detail) for event in events} == {
        ("Screening er indlæst", "Kilde: Bilag 1, tabel 1, række 7"),
        ("Modning er indlæst", "Kilde: Bilag 1, tabel 1, række 7"),
    }


def test_a_decision_on_two_is_told_in_both_and_in_the_new_one(manager) -> None:
    factories.rulebook()
    first, second = initiative_in(Phase.SCREENING), initiative_in(Phase.SCREENING)
    for initiative in (first, second):
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    decide(
        first,
        manager,
        to_phase=Phase.MATURATION,
        to_track=Track.ONE,
        merged=[anew(second)],
        continue_in=decisions.ContinueIn.NEW,
        new_title="Eksempel: Modning af begge",
    )
    for initiative in Initiative.objects.all():
        assert "Beslutning om faseovergang registreret: Videreføres i modning, spor 1" in texts(initiative, manager)


def test_grouped_by_day_and_in_pages(client, manager, lead) -> None:
    initiative = initiative_in(None, lead=lead)
    for days in range(60):
        moment = datetime.datetime(2026, 1, 1, 23, 30, tzinfo=datetime.UTC) + datetime.timedelta(days=days)
        initiative.status_notes.create(text=f"Status nr. {days}.", written_by=lead, written_at=moment)
    first = page(client, manager, initiative)
    assert "02.03.2026" in first  # half past midnight in Copenhagen on the day after
    assert "kl. 00.30" in first.lower()
    assert "Status nr. 59." in first
    assert "Status nr. 1." not in first
    assert "Status nr. 1." in page(client, manager, initiative, page="2")


def test_a_save_without_a_reason_or_a_person_is_told_too(manager) -> None:
    initiative = initiative_in(None)
    initiative.case_number = "2026-4711"
    with mock.patch.object(timezone, "now", return_value=timezone.now() + datetime.timedelta(minutes=5)):
        save_with_reason(initiative, by=None, reason="")
    event = next(event for event in history_of(initiative, manager) if event.changes)
    assert (event.who, event.text, event.changes[0][:3]) == (None, "Ændret", ("Journalnummer", "", "2026-4711"))


def test_the_stop_of_a_proposal_and_its_reason_are_told(manager) -> None:
    factories.rulebook()
    proposal = initiative_in(None)
    decide(proposal, manager, Outcome.STOPPED, reason="Dækkes af et andet initiativ.")
    event = next(event for event in history_of(anew(proposal), manager) if "Videreføres ikke" in event.text)
    assert event.detail == "Besluttet 02.03.2026 af Socialstyrelsen. Dækkes af et andet initiativ."
