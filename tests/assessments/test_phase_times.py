"""How long phases take: told only where the dates are known, and drawn within the frame."""

from typing import Any

import pytest

from assessments.phase_times import PhaseTime, Stay, figure, phase_times
from assessments.statistics import Chosen
from phases.terms import Outcome, Phase
from portfolio.models import Initiative, PhaseRun
from tests import factories
from tests.assessments.test_statistics import YEAR, at, day
from tests.factories import initiative_in
from tests.portfolio.portfolios import dated, from_source

pytestmark = pytest.mark.django_db


def test_the_time_in_a_phase_is_told_only_where_both_ends_are_known() -> None:
    edition = factories.describe(
        factories.Edition.objects.create(number="8", name="E", valid_from=day(2020), source="E")
    )
    edition.published_at = at(2020)
    edition.save()
    initiative_in(Phase.SCREENING)  # since 01.01.2024
    from_source(Phase.SCREENING, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED)
    run = from_source(Phase.SCREENING, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED, **dated(2021)).runs.get()
    PhaseRun.objects.filter(pk=run.pk).update(started_on=day(2019), started_on_precision=YEAR)
    screening, *others = phase_times(Initiative.objects.all(), Chosen(), day(2025))
    assert (screening.ended_words, screening.going_on_words) == ("2,0 år", "1,0 år")
    assert (screening.undated, screening.roughly) == (1, 1)
    assert screening.typical.typical_length == "1 år"
    assert [one.stays for one in others] == [[], [], []]
    only = phase_times(Initiative.objects.all(), Chosen(year="2021"), day(2025))[0]
    assert (len(only.ended), len(only.going_on), only.undated) == (1, 0, 0)


def test_the_figure_keeps_within_its_frame() -> None:
    long = PhaseTime(Phase.TRIAL, None, ended=[Stay(PhaseRun(), 12.3, False)])
    drawn: Any = figure([PhaseTime(Phase.SCREENING, None), long])
    assert all(110 <= x <= 620 for row in drawn["rows"] for x in [*row["ended"], *row["going_on"]])
    assert drawn["ticks"][-1]["year"] == 13
