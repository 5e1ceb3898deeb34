"""What was registered in a phase whose decision is reversed: it stays on record, and counts nowhere."""

import datetime

import pytest
from django.urls import reverse

from assessments.actions.decisions import reverse_decision
from participants import load
from participants.models import RegionPeriod
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from portfolio.transitions import follow_runs
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.participants.making import application, call, municipality, participation
from tests.portfolio.portfolios import anew, decide
from tests.work.workings import chosen, product
from work.models import KnowledgeProduct

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    factories.rulebook()
    return person(Role.MANAGER)


@pytest.fixture
def run(manager) -> PhaseRun:
    """A screening that a decision has opened."""
    proposal = initiative_in(None)
    met = dict.fromkeys(factories.Edition.objects.current().entry_conditions.all(), (True, ""))
    decide(proposal, manager, to_phase=Phase.SCREENING, entry=met)
    return anew(proposal).current_run


def take_back(run: PhaseRun, manager: User) -> Initiative:
    reverse_decision(decision=run.opened_by, by=manager, reason="Forkert")
    return anew(run.initiative)


def test_the_organisation_and_the_register_of_knowledge_do_not_count_it(client, run, manager) -> None:
    lead, one = run.initiative.lead, municipality()
    participation(run, one)
    application(call(run), one)
    product(run, lead)
    client.force_login(lead)
    register, page = reverse("registers_knowledge"), reverse("participants:organisation", args=[one.pk])
    assert client.get(register).context["page"].paginator.count == 1
    assert len(client.get(page).context["applications"]) == 1
    take_back(run, manager)
    assert client.get(register).context["page"].paginator.count == 0
    assert not client.get(page).context["applications"]
    assert KnowledgeProduct.objects.get().state == KnowledgeProduct.State.PLANNED


def test_whoever_reverses_is_told_of_the_work_that_goes_out_of_sight(client, run, manager) -> None:
    client.force_login(manager)
    address = reverse("assessments:decision_reverse", args=[run.initiative.number, run.opened_by.no])
    sentence = "Det, der er registreret om arbejdet i fasen, vises ikke længere."
    assert sentence not in client.get(address).content.decode()
    chosen(run.initiative, run.initiative.lead, reason="Skrevet i fasen")
    assert sentence in client.get(address).content.decode()


def test_its_worksheet_is_not_the_newest_of_another_phase(client, run, manager) -> None:
    lead = run.initiative.lead
    chosen(run.initiative, lead, reason="Skrevet i den forkerte fase")
    initiative = take_back(run, manager)
    modning = {"phase": Phase.MATURATION, "track": "1", "state": PhaseRun.State.OPEN, "source": factories.SOURCE}
    PhaseRun.objects.create(initiative=initiative, sequence=2, **modning)
    follow_runs(initiative, by=None, reason="Indlæst")
    client.force_login(lead)
    response = client.get(reverse("work:track_choice", args=[initiative.number]))
    assert response.context["choice"] is None


def test_a_municipality_there_is_not_yet_is_not_among_those_reached_today() -> None:
    later = municipality("Eksempel Kommune")
    RegionPeriod.objects.all().delete()
    later.valid_from = datetime.date(2099, 1, 1)
    later.save()
    participation(initiative_in(Phase.SCREENING).current_run, later)
    found = load.reach(load.loads(person(Role.READER)))
    assert (found.reached, found.of) == (0, 0)
