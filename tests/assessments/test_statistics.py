"""The gates in numbers: what counts once, and that every number is the length of the list it leads to."""

import datetime
import re
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.actions import decisions, drafting, review
from assessments.departures import departed_from
from assessments.models import Assessment, Deviation
from assessments.phase_times import length, summary
from assessments.statistics import (
    UNKNOWN,
    Chosen,
    Fact,
    What,
    approved_documents,
    by_phase,
    by_programme,
    by_track,
    by_year,
    facts,
    sent_back,
    share,
    stated,
    tally,
)
from phases.terms import Outcome, Phase, SusiStatement, Track
from portfolio.models import Initiative, PhaseRun
from susi.clock import clock_at
from susi.dates import COPENHAGEN, PartialDate, Precision, danish
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, ProgrammeFactory, initiative_in, person
from tests.portfolio.portfolios import anew, dated, decide, from_source

DAY, MONTH, YEAR = Precision.DAY, Precision.MONTH, Precision.YEAR


def day(year: int, month: int = 1, date: int = 1) -> datetime.date:
    return datetime.date(year, month, date)


def at(year: int) -> datetime.datetime:
    return datetime.datetime(year, 6, 1, 12, tzinfo=COPENHAGEN)


@pytest.fixture
def manager(db) -> User:
    return person(Role.MANAGER)


def counted(**chosen: str) -> dict[str, int]:
    everything = Initiative.objects.all()
    found = [*facts(everything, approved_documents(everything)), *sent_back(everything, None)]
    rows = tally((one for one in found if Chosen(**chosen).holds(one)), lambda fact: ("", ""))
    return {str(what): number for what, number in rows[0].counts.items()} if rows else {}


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 1, "0 af 1"), (3, 4, "3 af 4"), (19, 19, "19 af 19"), (12, 40, "12 af 40 (30 %)"), (1, 20, "1 af 20 (5 %)")],
)
def test_few_are_never_a_percentage(part, whole, said) -> None:
    assert share(part, whole) == said


@pytest.mark.parametrize(
    ("begun", "ended", "years"),
    [
        (PartialDate(day(2020), DAY), PartialDate(day(2021), DAY), 1.0),
        (PartialDate(day(2020), YEAR), PartialDate(day(2022), YEAR), 2.0),
        (PartialDate(day(2020, 3), MONTH), PartialDate(day(2020, 9), MONTH), 0.5),
        (PartialDate(day(2020), YEAR), PartialDate(day(2021), DAY), 0.5),
        (PartialDate(day(2020), YEAR), PartialDate(day(2020, 2), DAY), 0.0),  # never below nothing
    ],
)
def test_a_length_goes_between_the_middles_of_what_is_known(begun, ended, years) -> None:
    assert length(begun, ended) == pytest.approx(years, abs=0.02)


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ([], ""),
        ([1.04], "1,0 år"),
        ([2.5, 1], "1,0 år og 2,5 år"),
        ([3, 1, 2], "1,0 år til 3,0 år, median 2,0 år"),
        ([1, 2, 3, 10], "1,0 år til 10,0 år, median 2,5 år"),
    ],
)
def test_one_or_two_lengths_are_said_as_they_are(years, said) -> None:
    assert summary(years) == said


def placed(programme: str = "", phase: str = "screening", track: str = "", year: int | None = None) -> Fact:
    own = SimpleNamespace(key=programme, name=programme.upper()) if programme else None
    initiative: Any = SimpleNamespace(programme=own, number="2026-001")
    return Fact(What.APPROVED, initiative, phase, track, year, "", "")


@pytest.mark.parametrize(
    ("chosen", "holds"),
    [
        ({}, True),
        ({"programme": "uip"}, True),
        ({"programme": UNKNOWN}, False),
        ({"phase": "trial"}, True),
        ({"phase": "screening"}, False),
        ({"track": "1"}, True),
        ({"track": UNKNOWN}, False),
        ({"year": "2026"}, True),
        ({"year": UNKNOWN}, False),
        ({"programme": "uip", "phase": "trial", "track": "1", "year": "2026"}, True),
        ({"programme": "uip", "phase": "trial", "track": "2", "year": "2026"}, False),
    ],
)
def test_what_is_chosen_holds_all_at_once(chosen, holds) -> None:
    assert Chosen(**chosen).holds(placed("uip", "trial", "1", 2026)) == holds


FACTS = st.builds(
    placed,
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["proposal", *Phase.values]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from([None, 2025, 2026]),
)


@given(st.lists(FACTS, max_size=12), st.sampled_from([by_phase, by_track, by_programme, by_year]))
@settings(max_examples=60, deadline=None)
def test_each_is_on_one_line_and_is_found_again_by_its_value(found, by) -> None:
    name = by.__name__.removeprefix("by_")
    rows = tally(found, by)
    assert sum(sum(row.counts.values()) for row in rows) == len(found)
    for row in rows:
        assert sum(row.counts.values()) == sum(1 for one in found if Chosen(**{name: row.value}).holds(one))
    if name == "year":
        assert [row.value for row in rows] == [
            value for value in ("2026", "2025", UNKNOWN) if value in {row.value for row in rows}
        ]


@pytest.mark.django_db
def test_a_document_counts_once_in_the_year_it_was_first_approved(manager) -> None:
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, programme=ProgrammeFactory(key="uip"))
    with clock_at(at(2025)):
        first = factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    with clock_at(at(2026)):
        correction = review.correct(assessment=first, by=initiative.lead)
        factories.conclude(correction, initiative.lead, change_note="Præciseret.")
        review.submit(assessment=correction, by=initiative.lead)
        sha256 = correction.snapshots.get().sha256
        assert counted() == {What.APPROVED: 1, What.DEPARTED: 1}  # a correction under way changes nothing
        review.approve(assessment=Assessment.objects.get(pk=correction.pk), by=manager, sha256=sha256)
    assert counted() == counted(year="2025", programme="uip", phase="screening", track="1")
    assert counted() == {What.APPROVED: 1, What.DEPARTED: 1}
    assert counted(year="2026") == {}
    everything = Initiative.objects.all()
    for chosen in (Chosen(), Chosen(year="2025", programme="uip", phase="screening", track="1")):
        (one,) = departed_from(everything, approved_documents(everything), chosen)
        assert (one.heading, one.in_assessments, one.states) == ("M1.2", "1 af 1 vurdering", [("Åben", 1)])
    assert departed_from(everything, approved_documents(everything), Chosen(year="2026")) == []


@pytest.mark.django_db
def test_a_decision_and_its_own_fravigelser_are_of_the_same_phase_and_track(manager) -> None:
    """Of the phase of the initiative it is about, whatever other phases it ends, in whatever order they are kept."""
    factories.rulebook()
    target = initiative_in(Phase.TRIAL, track=Track.TWO)
    other = initiative_in(Phase.SCREENING)
    decision = decide(target, manager, Outcome.STOPPED, reason="Slut.")
    decision.runs.add(other.current_run)
    Deviation.objects.create(
        initiative=target,
        decision=decision,
        state=Deviation.State.OPEN,
        professional=True,
        reason="Derfor.",
        handling="Sådan.",
        owner=manager,
        review_on=day(2027),
    )
    everything = Initiative.objects.all()
    (fact,) = facts(everything, [])
    assert (fact.phase, fact.track) == ("trial", "2")
    ((one,),) = [found.departures for found in departed_from(everything, [], Chosen())]
    assert (one.phase, one.track, one.year) == (fact.phase, fact.track, fact.year)
    assert len(departed_from(everything, [], Chosen(phase="trial", track="2"))) == 1


@pytest.mark.django_db
def test_every_return_counts_and_a_draft_never(manager) -> None:
    factories.rulebook()
    assessment = factories.submitted(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION, departed=("M1.1",))
    lead = assessment.initiative.lead
    for no in (1, 2):
        sha256 = assessment.snapshots.get(no=no).sha256
        review.send_back(assessment=assessment, by=manager, sha256=sha256, remarks="Uddyb.")
        factories.rate_all(Assessment.objects.get(pk=assessment.pk), lead)
        review.submit(assessment=Assessment.objects.get(pk=assessment.pk), by=lead)
    assert counted() == {What.RETURNED: 2}
    everything = Initiative.objects.all()
    assert list(sent_back(everything, at(2020))) == []
    assert departed_from(everything, [], Chosen()) == []


@pytest.mark.django_db
def test_decisions_count_while_they_are_in_force_and_waiting_only_while_it_is_the_last_word(manager) -> None:
    factories.rulebook()
    trial = initiative_in(Phase.TRIAL)
    decide(trial, manager, Outcome.AWAITING, awaits=initiative_in(Phase.SCREENING))
    assert counted() == counted(phase="trial", track="1", year="2026") == {What.WAITING: 1}
    wrong = decide(trial, manager, Outcome.AWAITING, agreement=AgreementFactory())
    assert counted() == {What.WAITING: 1}
    decisions.reverse_decision(decision=wrong, by=manager, reason="Forkert.")
    assert counted() == {What.WAITING: 1}
    decide(trial, manager, Outcome.STOPPED, reason="Slut.")
    assert counted() == {What.STOPPED: 1}
    decide(initiative_in(None), manager, Outcome.STOPPED, reason="Dækkes af andet.")
    assert counted(phase="proposal", track=UNKNOWN) == {What.STOPPED: 1}


@pytest.mark.django_db
def test_what_sources_say_is_kept_apart() -> None:
    from_source(
        Phase.SCREENING,
        Phase.MATURATION,
        state=PhaseRun.State.ENDED,
        outcome=Outcome.STOPPED,
        susi=SusiStatement.NO,
        **dated(2021),
    )
    assert counted() == {}
    told = [(one.what, one.phase, one.year) for one in stated(Initiative.objects.all())]
    assert told == [("udfald-stopped", "maturation", 2021), ("susi-no", "maturation", 2021)]


@pytest.mark.django_db
def test_what_became_of_a_criterion_its_fravigelser_and_their_initiatives(manager) -> None:
    factories.rulebook()
    stopped, goes_on = initiative_in(Phase.SCREENING), initiative_in(Phase.SCREENING)
    factories.approved(stopped, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1", "M1.2"))
    factories.approved(goes_on, manager=manager, to_phase=Phase.MATURATION, to_track=Track.TWO, departed=("M1.1",))
    decide(stopped, manager, Outcome.STOPPED, reason="Slut.", departure_reason="Økonomi.")
    everything = Initiative.objects.all()
    most, less = departed_from(everything, approved_documents(everything), Chosen())
    assert (most.heading, most.in_assessments) == ("M1.1", "2 af 2 vurderinger")
    assert most.grounds == [("Faglig vurdering", 2)]
    assert sum(number for _, number in most.states) == 2
    assert most.standings == [("I gang", 1), ("Afsluttet, ikke videreført", 1)]
    assert (less.heading, less.in_assessments) == ("M1.2", "1 af 2 vurderinger")
    in_force = Deviation.objects.filter(state__in=["open", "settled", "failed"])
    assert len(most.departures) + len(less.departures) == in_force.count()
    of_track_two = departed_from(everything, approved_documents(everything), Chosen(track="2"))
    assert [(one.heading, len(one.departures)) for one in of_track_two] == [("M1.1", 1)]


def page(client: Client, user: User, status: int = 200, **query: str) -> str:
    client.force_login(user)
    response = client.get(reverse("statistics"), query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


@pytest.mark.slow
@pytest.mark.django_db
def test_every_number_leads_to_as_many_things(client, manager) -> None:
    factories.rulebook()
    programme = ProgrammeFactory()
    first = initiative_in(Phase.SCREENING, programme=programme)
    factories.approved(first, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    decide(first, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    decide(initiative_in(Phase.TRIAL), manager, Outcome.STOPPED, reason="Slut.")
    from_source(Phase.MATURATION, outcome=Outcome.AWAITING, susi=SusiStatement.YES)
    links = re.findall(
        r'href="(/statistik/\?[^"]*)#bag-tallet"><span class="sr-only">[^<]*</span>(\d+)</a>', page(client, manager)
    )
    assert len(links) > 15
    for address, number in links:
        query = {name: values[0] for name, values in parse_qs(urlsplit(unescape(address)).query).items()}
        behind = page(client, manager, **query).partition('id="bag-tallet"')[2].partition("</section>")[0]
        assert f'<span class="susi-count">{number}</span>' in behind
        assert behind.count('data-label="Hvad"') == int(number)


@pytest.mark.django_db
def test_only_managers_are_told_what_was_sent_back(client, manager) -> None:
    factories.rulebook()
    assessment = factories.submitted(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    sha256 = assessment.snapshots.get().sha256
    review.send_back(assessment=assessment, by=manager, sha256=sha256, remarks="Uddyb.")
    assert "Sendt tilbage" in page(client, manager)
    for user in (person(Role.READER), person(Role.LEAD), assessment.initiative.lead):
        assert "endt tilbage" not in page(client, user)
        refused = page(client, user, status=422, vis="returned")
        assert "Vælg en af mulighederne på listen" in refused
        assert "endt tilbage" not in refused


def approve_proposal(proposal: Initiative, manager: User) -> None:
    """Approve one that goes straight to afprøvning, and departs from the first criterion of it."""
    lead = proposal.lead
    assessment = factories.complete_draft(proposal, to_phase=Phase.TRIAL, departed=("A1.1",))
    assessment.refresh_from_db(fields=["entry_version"])
    drafting.save_entry(
        assessment=assessment,
        by=lead,
        version=assessment.entry_version,
        judged=dict.fromkeys(assessment.edition.entry_conditions.all(), (True, "Ja.")),
        model_deviation=factories.deviation_input(lead),
    )
    sha256 = review.submit(assessment=Assessment.objects.get(pk=assessment.pk), by=lead).sha256
    review.approve(assessment=Assessment.objects.get(pk=assessment.pk), by=manager, sha256=sha256)


@pytest.mark.django_db
def test_readers_are_not_told_of_proposals(client, manager) -> None:
    factories.rulebook()
    proposal = initiative_in(None)
    approve_proposal(proposal, manager)
    assert "A1.1" in page(client, manager)
    for query in ({}, {"vis": "approved"}):
        assert proposal.number not in page(client, person(Role.READER), **query)
        assert "A1.1" not in page(client, person(Role.READER), **query)


@pytest.mark.django_db
def test_an_empty_system_says_so_and_a_wrong_choice_why(client, manager) -> None:
    assert "Der er ikke noget at tælle endnu" in page(client, manager)
    for name in ("programme", "phase", "track", "year", "vis"):
        assert "Vælg en af mulighederne på listen" in page(client, manager, status=422, **{name: "vrøvl"})


@pytest.mark.django_db
def test_as_of_a_past_day_it_is_what_was_known_then(client, manager) -> None:
    with clock_at(at(2025)):
        factories.rulebook()
        initiative = initiative_in(Phase.TRIAL, title="Eksempel: Stoppet siden")
    decide(anew(initiative), manager, Outcome.STOPPED, reason="Slut.")
    past = danish(day(2025, 12, 1))
    assert initiative.number in page(client, manager, vis="stopped")
    then = page(client, manager, vis="stopped", dag=past).partition('id="bag-tallet"')[2].partition("</section>")[0]
    assert "Der er ingen." in then
    assert "1,9 år" in page(client, manager, dag=past)  # in the trial since 01.01.2024


@pytest.mark.slow
@pytest.mark.django_db
def test_as_many_queries_however_much_there_is(client, manager) -> None:
    factories.rulebook()

    def some(number: int) -> None:
        for _ in range(number):
            initiative = initiative_in(Phase.SCREENING, programme=ProgrammeFactory())
            factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
            decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
            from_source(Phase.MATURATION, outcome=Outcome.AWAITING, susi=SusiStatement.YES)

    some(1)
    page(client, manager)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("statistics"), {"vis": "approved"})
    some(3)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("statistics"), {"vis": "approved"})
    assert len(few) == len(many) <= 25
