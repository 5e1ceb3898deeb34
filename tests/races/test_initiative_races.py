"""A double click and two writers at the same moment, on the initiative itself: one is kept, the other is told."""

import pytest

from phases.terms import Phase
from portfolio import actions, dating
from portfolio.models import Initiative, StatusNote
from susi.dates import parse
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.races.test_races import ROUNDS, at_once, one_won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_double_click_creates_one_proposal(_):
    lead = person(Role.LEAD)
    assert one_won(at_once(*[lambda: actions.create_initiative(by=lead, title="Eksempel: Vejen hjem")] * 2))
    assert Initiative.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_double_click_writes_one_status(_):
    initiative = initiative_in(Phase.TRIAL)
    lead, text = initiative.lead, "Fire kommuner er med."
    assert one_won(at_once(*[lambda: actions.write_status(initiative=initiative, by=lead, text=text)] * 2))
    assert StatusNote.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_of_two_who_save_the_head_facts_one_is_told(_):
    initiative, member = initiative_in(Phase.TRIAL), person(Role.LEAD)
    initiative.members.add(member)
    save = actions.edit_initiative
    results = at_once(
        lambda: save(initiative=initiative, by=initiative.lead, version=1, title="Den enes titel"),
        lambda: save(initiative=initiative, by=member, version=1, title="Den andens titel"),
    )
    assert one_won(results)
    assert Initiative.objects.get().version == 2


@pytest.mark.parametrize("_", ROUNDS)
def test_of_two_managers_who_choose_a_lead_one_is_told(_):
    initiative, leads = initiative_in(Phase.TRIAL), [person(Role.LEAD), person(Role.LEAD)]
    managers = [person(Role.MANAGER), person(Role.MANAGER)]
    results = at_once(
        *(
            lambda by=by, lead=lead: actions.set_people(initiative=initiative, by=by, version=1, lead=lead, members=[])
            for by, lead in zip(managers, leads, strict=True)
        )
    )
    assert one_won(results)
    assert Initiative.objects.get().lead in leads


@pytest.mark.parametrize("_", ROUNDS)
def test_of_two_who_fill_in_dates_one_is_told(_):
    initiative = initiative_in(Phase.TRIAL)
    managers, run = [person(Role.MANAGER), person(Role.MANAGER)], initiative.current_run_id
    results = at_once(
        *(
            lambda by=by, year=year: dating.change_dates(
                initiative=initiative, by=by, version=1, dates={run: {"started_on": parse(year)}}, source="Eksempel"
            )
            for by, year in zip(managers, ("2021", "2022"), strict=True)
        )
    )
    assert one_won(results)
    assert Initiative.objects.get().version == 2
