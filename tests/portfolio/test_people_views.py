"""Who leads an initiative and who works on it: chosen on a page of its own."""

import pytest
from django.urls import reverse

from phases.terms import Phase
from portfolio.models import Initiative
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def lead():
    return person(Role.LEAD)


@pytest.fixture
def initiative(lead) -> Initiative:
    return initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Et sted at bo")


def address(name: str, initiative: Initiative) -> str:
    return reverse(f"portfolio:{name}", args=[initiative.number])


class TestPeople:
    def choose(self, client, user, initiative: Initiative, **chosen):
        client.force_login(user)
        return client.post(address("initiative_people", initiative), {"version": initiative.version, **chosen})

    def test_a_manager_changes_the_lead_and_the_members(self, client, manager, initiative) -> None:
        new, member = person(Role.LEAD), person(Role.LEAD)
        client.force_login(manager)
        assert str(new) in client.get(address("initiative_people", initiative)).content.decode()
        assert self.choose(client, manager, initiative, lead=new.pk, members=[member.pk]).status_code == 302
        assert anew(initiative).lead == new
        assert list(anew(initiative).members.all()) == [member]

    def test_the_lead_changes_members_only(self, client, initiative, lead) -> None:
        member, other = person(Role.LEAD), person(Role.LEAD)
        assert self.choose(client, lead, initiative, lead=other.pk, members=[member.pk]).status_code == 302
        assert anew(initiative).lead == lead
        assert list(anew(initiative).members.all()) == [member]

    def test_somebody_without_the_role_is_not_chosen(self, client, manager, initiative) -> None:
        reader = person(Role.READER)
        assert self.choose(client, manager, initiative, lead=reader.pk).status_code == 422
        former = initiative.lead
        former.groups.clear()
        self.choose(client, manager, initiative, lead="")
        assert self.choose(client, manager, initiative, lead=former.pk).status_code == 422
        assert anew(initiative).lead is None

    def test_somebody_who_is_there_already_is_not_asked_again(self, client, manager, initiative) -> None:
        initiative.lead.groups.clear()
        member = person(Role.LEAD)
        response = self.choose(client, manager, initiative, lead=initiative.lead.pk, members=[member.pk])
        assert response.status_code == 302
        assert list(anew(initiative).members.all()) == [member]

    def test_two_at_once_are_told_what_is_stored(self, client, manager, initiative, lead) -> None:
        read, new = anew(initiative), person(Role.LEAD)
        self.choose(client, manager, read, lead=new.pk)
        member = person(Role.LEAD)
        response = self.choose(client, person(Role.MANAGER), read, lead=lead.pk, members=[member.pk])
        assert response.status_code == 409
        html = response.content.decode()
        assert f"Gemt nu: initiativansvarlig {new}, medarbejdere ingen." in html
        assert anew(initiative).lead == new
        assert f'name="version" value="{anew(initiative).version}"' in html

    @pytest.mark.parametrize("role", [Role.READER, Role.ADMINISTRATOR, Role.LEAD])
    def test_others_do_not(self, client, initiative, role) -> None:
        assert self.choose(client, person(role), initiative).status_code == 403
        assert client.get(address("initiative_people", initiative)).status_code == 403
        assert anew(initiative).lead == initiative.lead
