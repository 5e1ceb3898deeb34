"""Every stage against every phase: what is possible, and that nothing else is."""

import pytest
from django_fsm import TransitionNotAllowed

from phases.machine import phases_after
from phases.terms import Phase, Stage
from portfolio.models import Initiative

ORDER = [Stage.PROPOSAL, Stage.SCREENING, Stage.MATURATION, Stage.TRIAL, Stage.DISSEMINATION]


def initiative_at(stage: Stage) -> Initiative:
    return Initiative(phase=stage)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("stage", Stage)
def test_a_later_phase_may_be_entered_and_no_other(stage, phase):
    initiative = initiative_at(stage)
    later = stage in ORDER and ORDER.index(stage) < ORDER.index(Stage(phase.value))
    assert (phase in phases_after(stage)) is later
    if later:
        initiative.begin(phase)
        assert initiative.phase == phase.value
    else:
        with pytest.raises(TransitionNotAllowed):
            initiative.begin(phase)


@pytest.mark.parametrize("stage", ORDER)
def test_it_may_end_anywhere(stage):
    initiative = initiative_at(stage)
    initiative.end()
    assert initiative.phase == Stage.ENDED


def test_it_ends_once():
    with pytest.raises(TransitionNotAllowed):
        initiative_at(Stage.ENDED).end()


def test_nobody_assigns_the_phase():
    initiative = initiative_at(Stage.PROPOSAL)
    with pytest.raises(AttributeError):
        initiative.phase = Stage.TRIAL


@pytest.mark.parametrize(
    ("phase", "definite"),
    [
        (Phase.SCREENING, "screeningsfasen"),
        (Phase.MATURATION, "modningsfasen"),
        (Phase.TRIAL, "afprøvningsfasen"),
        (Phase.DISSEMINATION, "udbredelsesfasen"),
    ],
)
def test_the_phase_in_running_text(phase, definite):
    assert phase.definite == definite
