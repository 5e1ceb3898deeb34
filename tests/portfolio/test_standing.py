"""How an initiative stands: one word for each, from its runs, its decisions and what a source says."""

import pytest

from phases.terms import Outcome, Phase, Track
from portfolio.models import Initiative, PhaseRun
from portfolio.standing import Standing, present_runs
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import dated, decide, from_source

pytestmark = pytest.mark.django_db
OPEN, ENDED = PhaseRun.State.OPEN, PhaseRun.State.ENDED


def standing_of(initiative: Initiative) -> str:
    return Initiative.objects.with_standing().get(pk=initiative.pk).standing


@pytest.mark.parametrize(
    ("phase", "state", "outcome", "standing"),
    [
        (Phase.MATURATION, OPEN, Outcome.NOT_ENDED, Standing.RUNNING),
        (Phase.MATURATION, OPEN, "", Standing.UNKNOWN),
        (Phase.MATURATION, OPEN, Outcome.RECOMMENDED, Standing.RECOMMENDED),
        (Phase.MATURATION, OPEN, Outcome.AWAITING, Standing.AWAITING),
        (Phase.MATURATION, ENDED, Outcome.CONTINUED, Standing.CONTINUED),
        (Phase.MATURATION, ENDED, Outcome.STOPPED, Standing.STOPPED),
        (Phase.MATURATION, ENDED, Outcome.AWAITING, Standing.ENDED_AWAITING),
        (Phase.MATURATION, ENDED, "", Standing.ENDED),
        (Phase.DISSEMINATION, OPEN, Outcome.FINAL, Standing.UNKNOWN),
        (Phase.DISSEMINATION, OPEN, Outcome.NOT_ENDED, Standing.RUNNING),
        (Phase.DISSEMINATION, ENDED, Outcome.FINAL, Standing.ENDED),
        (Phase.DISSEMINATION, ENDED, Outcome.STOPPED, Standing.ENDED),
    ],
)
def test_what_a_source_says(phase, state, outcome, standing) -> None:
    assert standing_of(from_source(phase, state=state, outcome=outcome)) == standing


def test_what_is_decided_here() -> None:
    factories.rulebook()
    manager = person(Role.MANAGER)
    proposal = initiative_in(None)
    assert standing_of(proposal) == Standing.PROPOSAL
    decide(proposal, manager, Outcome.STOPPED, reason="Forslaget dækkes af et andet.")
    assert standing_of(proposal) == Standing.STOPPED

    initiative = initiative_in(Phase.TRIAL)
    factories.approved(initiative, manager=manager, to_phase=Phase.DISSEMINATION)
    decide(initiative, manager, Outcome.RECOMMENDED, agreement=AgreementFactory())
    assert standing_of(initiative) == Standing.RECOMMENDED
    decide(initiative, manager, Outcome.AWAITING, awaits=initiative_in(Phase.TRIAL))
    assert standing_of(initiative) == Standing.AWAITING
    decide(initiative, manager, to_phase=Phase.DISSEMINATION, to_track=Track.ONE)
    assert standing_of(initiative) == Standing.RUNNING  # begun here: nobody is silent on it
    decide(initiative, manager, Outcome.STOPPED, reason="Udbredelsen er slut.")
    assert standing_of(initiative) == Standing.ENDED


def test_every_standing_has_a_word_and_every_initiative_one_standing() -> None:
    from_source(Phase.SCREENING, Phase.MATURATION, outcome=Outcome.RECOMMENDED)
    initiative_in(None)
    found = list(Initiative.objects.with_standing())
    assert {initiative.standing_label for initiative in found} == {"Forslag", "Indstillet til kommende aftale"}
    counts = [Initiative.objects.with_standing().filter(standing=standing).count() for standing in Standing]
    assert sum(counts) == len(found)


def test_the_present_runs_are_those_run_together_with_the_current_one() -> None:
    edition = factories.rulebook()
    manager = person(Role.MANAGER)
    entry = dict.fromkeys(edition.entry_conditions.all(), (True, ""))
    proposal = initiative_in(None)
    decide(proposal, manager, to_phase=Phase.SCREENING, then_phase=Phase.MATURATION, then_track=Track.TWO, entry=entry)
    moved_on = initiative_in(Phase.SCREENING)
    factories.approved(moved_on, manager=manager, to_phase=Phase.MATURATION)
    decide(moved_on, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
    from_source(Phase.SCREENING, Phase.MATURATION)
    from_source(Phase.MATURATION, state=ENDED, outcome=Outcome.STOPPED, **dated(2022))

    present = present_runs()
    for initiative in Initiative.objects.all():
        expected = {
            run.pk for run in initiative.runs.all() if run.is_run_together_with(initiative.current_run)
        }  # the same, asked of each row
        assert {run.pk for run in present.filter(initiative=initiative)} == expected
    assert present.filter(initiative=proposal).count() == 2
    assert [run.phase for run in present.filter(initiative=moved_on)] == [Phase.MATURATION]
