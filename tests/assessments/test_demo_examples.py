"""What a newcomer finds: examples at different points of the way, consistent, and with a past."""

import datetime
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from assessments.contents import Contents
from assessments.demo import load_demo
from assessments.facts import findings_for
from assessments.models import Assessment, Deviation
from desk.demo import play_desk
from phases.loading import load_rulebook
from phases.terms import Stage
from portfolio.models import AgreementEntry, Decision, Initiative, OutsideStrategy, PhaseRun, TargetGroup
from susi.demo import ACCOUNTS
from susi.invariants import breaches
from susi.models import User

pytestmark = pytest.mark.django_db
FIXTURES = settings.BASE_DIR / "fixtures"


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The examples, loaded once for the tests of this module, which only read, and then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_rulebook(FIXTURES / "rulebook.json")
        for key in ("boern-unge", "voksne", "handicap"):
            TargetGroup.objects.create(key=key, name=key)
        load_demo(FIXTURES / "demo.json")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def examples(loaded: None, db: None) -> dict[str, Initiative]:
    """The examples by their titles, without the word they begin with."""
    return {one.title.removeprefix("Eksempel: "): one for one in Initiative.objects.all()}


def test_every_example_is_marked_and_belongs_to_no_programme(examples):
    for one in Initiative.objects.all():
        assert one.title.startswith("Eksempel: ")
        assert (one.programme, one.funding) == (None, "Eksempel")
        assert one.lead


def test_every_example_stands_where_its_runs_say(examples):
    for one in examples.values():
        assert one.standing_by_runs() == (one.phase, one.current_run)


def test_nothing_in_the_examples_breaks_what_always_holds(examples):
    play_desk(examples.values())
    assert list(breaches()) == []


def test_they_stand_at_different_points_of_the_way(examples):
    stands = {title: (one.phase, one.track) for title, one in examples.items()}
    assert stands == {
        "Fælles om fritiden": (Stage.PROPOSAL, ""),
        "Trygge overgange til egen bolig": (Stage.PROPOSAL, ""),
        "Naboskab mod ensomhed": (Stage.SCREENING, ""),
        "Rolige morgener": (Stage.SCREENING, ""),
        "Skolevejen tilbage": (Stage.MATURATION, "1"),
        "Netværk, der flytter med": (Stage.MATURATION, "2"),
        "En god begyndelse i dagtilbud": (Stage.TRIAL, "1"),
        "Digital mentor til unge": (Stage.ENDED, ""),
        "Netværk efter flytning": (Stage.ENDED, ""),
    }
    assert set(Assessment.objects.values_list("state", flat=True)) == {"draft", "submitted", "approved"}


def test_a_newcomer_has_one_criterion_and_the_recommendation_left(examples):
    draft = examples["Rolige morgener"].assessments.get()
    assert [(finding.code, finding.criterion) for finding in findings_for(Contents(draft))] == [
        ("unrated", "M3.3"),
        ("recommendation", ""),
    ]
    assert draft.initiative.lead == User.objects.get(username=ACCOUNTS[0].username)


def test_what_readers_see_tells_nothing_of_a_draft(examples):
    for one in examples.values():
        drafts = one.assessments.exclude(state__in=["submitted", "approved"])
        codes = {criterion.code for draft in drafts for criterion in draft.criteria()}
        words = codes | ({"SUSI-vurdering", "riteri", "ndstilling"} if drafts else set())
        for note in one.status_notes.all():
            assert not [word for word in words if word in note.text], note.text


def test_one_carries_an_open_fravigelse_from_its_earlier_gate(examples):
    deviation = Deviation.objects.get(initiative=examples["Skolevejen tilbage"])
    assert deviation.state == Deviation.State.OPEN
    assert deviation.assessment.is_approved
    assert deviation.assessment.to_phase == examples["Skolevejen tilbage"].phase


def test_the_work_on_the_course_is_played_too(examples):
    """A follow-up with the day moved, an extension, a pause that is over, an answer, and an amount that is sought."""
    (deviation,) = examples["Skolevejen tilbage"].deviations.filter(state=Deviation.State.OPEN)
    assert [note.review_on for note in deviation.follow_ups.all()] == [deviation.review_on]
    run = examples["En god begyndelse i dagtilbud"].current_run
    assert run.extensions.get().end_after == run.expected_end
    assert examples["Rolige morgener"].current_run.pauses.get().until
    assert OutsideStrategy.objects.in_force().get().conditions.count() == 2
    entry = AgreementEntry.objects.get()
    assert (entry.initiative, entry.is_settled) == (examples["Trygge overgange til egen bolig"], False)


def test_one_waits_for_the_manager_and_one_for_the_decision(examples):
    submitted = examples["Netværk, der flytter med"].assessments.get()
    assert submitted.state == Assessment.State.SUBMITTED
    assert submitted.snapshots.count() == 2
    waiting = examples["En god begyndelse i dagtilbud"]
    approved = waiting.assessments.get(run=waiting.current_run)
    assert approved.is_approved
    assert not approved.decision_grounds.exists()


def test_the_history_is_spread_over_the_past_two_years(examples):
    dates = sorted(Initiative.history.values_list("history_date", flat=True))
    age = timezone.now() - dates[0]
    assert datetime.timedelta(days=700) < age < datetime.timedelta(days=740)
    months = {(date.year, date.month) for date in PhaseRun.history.values_list("history_date", flat=True)}
    assert len(months) >= 8
    assert {decision.decided_on for decision in Decision.objects.all()} <= {
        timezone.localdate() - datetime.timedelta(days=days) for days in range(100, 740)
    }


def test_nothing_in_the_examples_is_dated_today(examples):
    rows: list[type[models.Model]] = [
        model for model in apps.get_models() if model._meta.app_label in ("portfolio", "assessments")
    ]
    today = timezone.localdate()
    for model in rows:
        for field in model._meta.fields:
            if isinstance(field, models.DateTimeField) and model.__name__ != "HistoricalTargetGroup":
                assert not model._default_manager.filter(**{f"{field.name}__date__gte": today}).exists(), field
