"""The transitions on their way, as each role may know of them, and how ready they are."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.actions import review
from assessments.contents import Contents
from assessments.facts import findings_for
from assessments.models import Assessment
from assessments.outlook import transitions_ahead
from assessments.under_way import AHEAD as SHOWN
from assessments.under_way import Key, UnderWay
from phases.models import Criterion
from phases.terms import Phase, RatingValue, Recommendation, Track
from portfolio.models import Initiative
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import decide

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


def ahead(user, *, is_past: bool = False) -> list[tuple[str, str]]:
    rows = transitions_ahead(user, is_past=is_past).transitions
    return [(row.assessment.initiative.title, row.assessment.state) for row in rows]


def test_the_nearest_come_first_and_a_draft_stays_with_its_writers(manager) -> None:
    draft, submitted, approved = (initiative_in(Phase.SCREENING, title=f"Eksempel: {name}") for name in "ABC")
    factories.draft_of(draft, to_phase=Phase.MATURATION)
    factories.submitted(submitted, to_phase=Phase.MATURATION)
    factories.approved(approved, manager=manager, to_phase=Phase.MATURATION)
    readable = [("Eksempel: C", "approved"), ("Eksempel: B", "submitted")]
    assert ahead(manager) == [*readable, ("Eksempel: A", "draft")]
    assert ahead(draft.lead) == [*readable, ("Eksempel: A", "draft")]
    assert ahead(submitted.lead) == readable
    assert ahead(person(Role.READER)) == readable
    decide(approved, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    assert ahead(manager) == [("Eksempel: B", "submitted"), ("Eksempel: A", "draft")]


def test_of_each_state_what_has_stood_longest_comes_first(manager) -> None:
    """Also within one second: a moment with microseconds is later than the second it is in."""
    moment = datetime.datetime(2026, 11, 2, 8, 0, tzinfo=datetime.UTC)
    lead = person(Role.LEAD)
    moments = {"A": moment + datetime.timedelta(microseconds=510_000), "B": moment, "C": moment.replace(year=2025)}
    for title, at in moments.items():
        one, two = (initiative_in(Phase.SCREENING, title=f"{title}{no}", lead=lead) for no in (1, 2))
        draft = factories.draft_of(one, to_phase=Phase.MATURATION)
        Assessment.objects.filter(pk=draft.pk).update(saved_at=at)
        submitted = factories.submitted(two, to_phase=Phase.MATURATION)
        Assessment.objects.filter(pk=submitted.pk).update(submitted_at=at)
    assert [title for title, _ in ahead(manager)] == ["C2", "B2", "A2", "C1", "B1", "A1"]

    def titles(coming: UnderWay, keys: list[Key]) -> list[str]:
        return [row.initiative.title for row in coming.first(keys).rows]

    of_the_manager, of_the_lead = UnderWay(manager), UnderWay(lead)
    assert titles(of_the_manager, of_the_manager.to_approve) == ["C2", "B2", "A2"]
    assert titles(of_the_lead, of_the_lead.drafts) == ["A1", "B1", "C1"]


def test_the_list_finds_the_same_ones(client, manager) -> None:
    for title in ("Eksempel: A", "Eksempel: B"):
        one = initiative_in(Phase.SCREENING, title=title)
        factories.draft_of(one, to_phase=Phase.MATURATION)
    factories.submitted(initiative_in(Phase.SCREENING, title="Eksempel: C"), to_phase=Phase.MATURATION)
    initiative_in(Phase.SCREENING, title="Eksempel: D")
    for user in (manager, one.lead, person(Role.READER)):
        client.force_login(user)
        page = client.get("/initiativer/?transition=ahead").context["page"]
        assert sorted(row.title for row in page.object_list) == sorted(title for title, _ in ahead(user))


def test_a_correction_is_no_transition(manager) -> None:
    initiative = initiative_in(Phase.SCREENING)
    approved = factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    review.correct(assessment=approved, by=initiative.lead)
    assert ahead(manager) == []


def readiness(user) -> tuple[int, int, int] | None:
    (row,) = transitions_ahead(user, is_past=False).transitions
    return (row.readiness.met, row.readiness.explained, row.readiness.missing) if row.readiness else None


def test_it_is_as_ready_as_the_gate_room_says(manager) -> None:
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
    assert readiness(manager) == (0, 0, 3)
    factories.rate_all(draft, initiative.lead, departed=("M1.1",), explained=False)
    assert readiness(manager) == (2, 0, 1)
    factories.rate_all(draft, initiative.lead, departed=("M1.1",))
    assert readiness(manager) == (2, 1, 0)
    assert {finding.criterion for finding in findings_for(Contents(draft))} == {""}  # what is left is no criterion's
    factories.conclude(draft, initiative.lead, recommendation=Recommendation.STOP)
    assert readiness(manager) is None


def test_in_spor_2_only_its_criteria_count(manager) -> None:
    factories.draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION, to_track=Track.TWO)
    assert readiness(manager) == (0, 0, 2)


def test_a_criterion_of_a_phase_not_run_needs_its_source(manager) -> None:
    Criterion.objects.filter(code="A1.1").update(presumes=Phase.MATURATION)
    initiative = initiative_in(Phase.SCREENING)
    draft = factories.draft_of(initiative, to_phase=Phase.TRIAL)
    factories.rate_all(draft, initiative.lead)
    assert readiness(manager) == (2, 0, 1)


def test_of_the_past_no_readiness_is_told(manager) -> None:
    factories.draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
    (row,) = transitions_ahead(manager, is_past=True).transitions
    assert row.readiness is None


def test_many_are_counted_and_cost_no_more(manager) -> None:
    def cost() -> tuple[int, int, int]:
        with CaptureQueriesContext(connection) as queries:
            found = transitions_ahead(manager, is_past=False)
        return len(found.transitions), found.count, len(queries)

    lead = person(Role.LEAD)
    for _ in range(2):
        one = factories.draft_of(initiative_in(Phase.SCREENING, lead=lead), to_phase=Phase.MATURATION)
    assert manager.roles
    assert not manager.stands_in_for
    few = cost()
    for _ in range(SHOWN):
        one = factories.draft_of(initiative_in(Phase.SCREENING, lead=lead), to_phase=Phase.MATURATION)
    factories.rate_all(one, lead, departed=("M1.2",), value=RatingValue.NOT_MET)
    assert few == (2, 2, few[2])
    assert cost() == (SHOWN, SHOWN + 2, few[2])
    assert few[2] <= 5
    assert transitions_ahead(person(Role.READER), is_past=False).count == 0
    assert Initiative.objects.phases_run_by([]) == {}
