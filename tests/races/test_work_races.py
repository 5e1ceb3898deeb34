"""Two who write on the work of a phase at the same moment: one is kept, the other is told."""

import pytest

from phases.terms import Phase, Track
from portfolio.models import Initiative
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.races.test_races import ROUNDS, at_once, one_won
from tests.work.workings import chosen, logged, product, weighed
from work.actions.involvement import save_strategy
from work.models import InvolvementEvent, InvolvementStrategy, KnowledgeProduct, TrackChoice, WayWeighing

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def with_member(initiative: Initiative) -> Initiative:
    initiative.members.add(person(Role.LEAD))
    return initiative


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("_", ROUNDS)
def test_of_two_who_write_the_strategy_one_is_told(_, version):
    initiative = with_member(initiative_in(Phase.TRIAL))
    run, lead, member = initiative.current_run, initiative.lead, initiative.members.get()
    if version:
        save_strategy(run=run, by=lead, version=0, whom="Først")
    results = at_once(
        lambda: save_strategy(run=run, by=lead, version=version, whom="Den ene"),
        lambda: save_strategy(run=run, by=member, version=version, whom="Den anden"),
    )
    assert one_won(results)
    strategy = InvolvementStrategy.objects.get()
    assert (strategy.version, strategy.history.count()) == (version + 1, version + 1)


def test_a_double_click_logs_and_adds_once():
    initiative = initiative_in(Phase.MATURATION)
    run, lead = initiative.current_run, initiative.lead
    assert one_won(at_once(*[lambda: logged(run, lead)] * 2))
    assert one_won(at_once(*[lambda: product(run, lead)] * 2))
    assert (InvolvementEvent.objects.count(), KnowledgeProduct.objects.count()) == (1, 1)


@pytest.mark.parametrize("stage", [None, Phase.SCREENING])
def test_of_two_who_begin_the_worksheet_one_is_told(stage):
    factories.rulebook()
    initiative = with_member(initiative_in(stage))
    people = [initiative.lead, initiative.members.get()]
    assert one_won(at_once(*(lambda by=by: chosen(initiative, by) for by in people)))
    assert TrackChoice.objects.get().version == 1


def test_of_two_who_begin_the_weighing_one_is_told():
    initiative = with_member(initiative_in(Phase.MATURATION, Track.TWO))
    people = [initiative.lead, initiative.members.get()]
    assert one_won(at_once(*(lambda by=by: weighed(initiative.current_run, by) for by in people)))
    assert WayWeighing.objects.get().version == 1
