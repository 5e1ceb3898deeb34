"""No other way into a phase: not by assignment, creation, saving, nor by rows that contradict each other."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from phases.terms import Phase, Stage
from portfolio.actions import create_initiative
from portfolio.models import Initiative, PhaseRun
from portfolio.models.initiative import PhaseNotShownByRuns
from susi.roles import Role
from tests import factories
from tests.factories import SOURCE, initiative_in, person

pytestmark = pytest.mark.django_db


def test_create_with_a_phase_is_refused():
    with pytest.raises(PhaseNotShownByRuns):
        Initiative.objects.create(number="2026-900", title="Eksempel", phase=Stage.TRIAL)


def test_saving_over_an_existing_row_by_its_key_is_refused():
    initiative = initiative_in(Phase.SCREENING)
    with pytest.raises(PhaseNotShownByRuns):
        Initiative(pk=initiative.pk, number=initiative.number, title="Eksempel", phase=Stage.TRIAL).save()


def test_an_ended_run_reopened_behind_its_back_is_noticed_at_the_next_save():
    initiative = initiative_in(Phase.SCREENING)
    initiative.runs.update(state=PhaseRun.State.ENDED)
    with pytest.raises(PhaseNotShownByRuns):
        Initiative.objects.get(pk=initiative.pk).save()


def run(**values):
    return PhaseRun(
        **{"phase": Phase.MATURATION, "track": "1", "state": "open", "sequence": 2, "source": SOURCE, **values}
    )


@pytest.mark.parametrize(
    "values",
    [
        {"state": "open"},  # a second open run
        {"state": "ended", "source": ""},  # neither decision nor source
        {"state": "planned"},  # planned by nobody
        {"state": "ended", "sequence": 1},  # the same place in the order twice
        {"state": "ended", "phase": Phase.SCREENING},  # screening has no track
        {"state": "ended", "ended_on": "2024-01-01"},  # a date of unknown precision
        {"state": "ended", "ended_on_precision": "day"},  # a precision of nothing
        {
            "state": "ended",
            "started_on": "2024-02-01",
            "started_on_precision": "day",
            "ended_on": "2024-01-01",
            "ended_on_precision": "day",
        },
    ],
)
def test_the_database_refuses_half_states(values):
    initiative = initiative_in(Phase.SCREENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        run(initiative=initiative, **values).save()


def test_a_phase_without_a_run_is_refused_by_the_database_too():
    initiative = factories.InitiativeFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Initiative.objects.filter(pk=initiative.pk).update(phase=Stage.TRIAL)


def test_the_thousandth_initiative_of_a_year_has_a_number_too():
    year = timezone.localdate().year
    factories.InitiativeFactory(number=f"{year}-999")
    created = create_initiative(by=person(Role.LEAD), title="Eksempel: nummer tusind")
    assert Initiative.objects.get(pk=created.pk).number == f"{year}-1000"
