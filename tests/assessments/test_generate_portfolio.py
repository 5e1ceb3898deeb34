"""The made-up portfolio: the same for the same seed, true to the rules, and never among real work."""

from datetime import date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.generator import generate
from assessments.models import Assessment, Deviation
from phases.loading import load_rulebook
from phases.terms import Phase, Stage
from portfolio.loading import load_uip
from portfolio.models import Continuation, Initiative
from portfolio.standing import Standing
from susi.dates import COPENHAGEN
from susi.errors import Refused
from susi.models import User
from susi.past import as_of
from tests.factories import initiative_in, person

pytestmark = [pytest.mark.once, pytest.mark.django_db]  # the bench fills PostgreSQL by it
FIXTURES = settings.BASE_DIR / "fixtures"
TODAY = date(2026, 11, 25)
MANY = 120


@pytest.fixture
def rulebook() -> None:
    load_rulebook(FIXTURES / "rulebook.json")


def told() -> list[tuple]:
    return list(
        Initiative.objects.with_standing().values_list("number", "title", "phase", "standing", "lead__username")
    )


@pytest.mark.slow
def test_it_is_true_to_the_rules_and_the_same_for_the_same_seed(rulebook) -> None:
    load_uip(FIXTURES / "uip.json")
    real = set(Initiative.objects.values_list("pk", flat=True))
    generate(initiatives=MANY, seed=1, today=TODAY, changes=2)
    connection.check_constraints()
    made = list(Initiative.objects.exclude(pk__in=real))
    assert len(made) == MANY
    assert all(one.title.startswith("Eksempel: ") for one in made)
    for one in made:
        stage, run = one.standing_by_runs()
        assert (one.phase, one.current_run) == (stage, run)
        assert one.history.latest().phase == one.phase
    made[0].save()
    assert {one.phase for one in made} >= {Stage.ENDED, *Phase.values}
    assert {Standing.RUNNING, Standing.CONTINUED, Standing.STOPPED} <= {row[3] for row in told()}
    assert Continuation.objects.filter(to_initiative__in=made).exists()
    assert {Assessment.State.APPROVED, Assessment.State.DRAFT} <= set(
        Assessment.objects.values_list("state", flat=True)
    )
    assert set(Deviation.objects.values_list("state", flat=True)) >= {"open", "settled"}
    assert 3000 < len(Assessment.objects.approved()[0].search_text) < 6000


@pytest.mark.slow
def test_its_past_holds_together(rulebook) -> None:
    generate(initiatives=MANY, seed=2, today=TODAY, changes=1)
    for days in (30, 400, 1500):
        with as_of(datetime.combine(TODAY - timedelta(days=days), time.max, tzinfo=COPENHAGEN)):
            then = list(Initiative.objects.all())
            assert then
            for one in then:
                assert (one.phase, one.current_run) == one.standing_by_runs()
    now = told()
    with as_of(datetime.combine(TODAY, time.max, tzinfo=COPENHAGEN)):
        assert told() == now


def test_the_same_seed_tells_the_same(rulebook) -> None:
    from assessments.generator import _WithAssessments
    from susi.bulk import Rows

    def numbers(seed: int) -> list[tuple]:
        generator = _WithAssessments(Rows(), seed=seed, today=TODAY)
        generator.setting()
        lives = [generator.tell() for _ in range(20)]
        return [(life.initiative.title, life.initiative.phase, len(life.runs), life.decisions) for life in lives]

    assert numbers(7) == numbers(7)
    assert numbers(7) != numbers(8)


def test_it_never_fills_a_database_somebody_works_in(rulebook, settings) -> None:
    initiative_in(None, lead=None)
    with pytest.raises(CommandError, match="i brug"):
        call_command("generate_portfolio", "--initiatives", "1")
    Initiative.objects.all().update(source_key="kilde-1")
    settings.PRODUCTION = True
    with pytest.raises(Refused, match="nævne databasen"):
        generate(initiatives=1, seed=1, database="en-anden")
    person()
    with pytest.raises(Refused, match="i brug"):
        generate(initiatives=1, seed=1, database=connection.settings_dict["NAME"])
    assert (Initiative.objects.count(), User.objects.count()) == (1, 1)


def test_it_needs_the_rulebook() -> None:
    with pytest.raises(Refused, match="load_rulebook"):
        generate(initiatives=1, seed=1)
