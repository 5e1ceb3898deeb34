"""Keys that no list offers, up to those that no database can hold."""

import pytest
from django.urls import reverse

from phases.terms import Phase
from portfolio.models import Initiative
from susi.roles import Role
from tests.factories import initiative_in, person

pytestmark = pytest.mark.django_db
FORGED = pytest.mark.parametrize("key", ["99999999999999999999", "-99999999999999999999", "9" * 5000, "abc", "1\x00"])


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING, lead=person(Role.LEAD))


@FORGED
@pytest.mark.parametrize("field", ["target_groups", "agreements", "programme"])
@pytest.mark.parametrize("page", ["create", "edit"])
def test_an_initiative_is_not_saved(client, initiative, page, field, key) -> None:
    client.force_login(initiative.lead)
    address = reverse(f"portfolio:initiative_{page}", args=[initiative.number] if page == "edit" else [])
    response = client.post(address, {"version": initiative.version, "title": "Forfalsket", field: [key]})
    assert response.status_code == 422
    assert "Vælg en af mulighederne på listen." in response.content.decode()
    assert not Initiative.objects.filter(title="Forfalsket").exists()


@FORGED
@pytest.mark.parametrize("field", ["lead", "members"])
def test_people_are_not_saved(client, initiative, field, key) -> None:
    client.force_login(person(Role.MANAGER))
    data = {"version": initiative.version, "lead": initiative.lead.pk, field: [key]}
    response = client.post(reverse("portfolio:initiative_people", args=[initiative.number]), data)
    assert response.status_code == 422
    assert "Vælg en af mulighederne på listen." in response.content.decode()
    assert not initiative.members.exists()


@FORGED
@pytest.mark.parametrize("field", ["agreement", "programme", "phase", "q", "page"])
def test_the_list_is_shown(client, initiative, field, key) -> None:
    client.force_login(person(Role.READER))
    assert client.get(reverse("portfolio:initiative_list"), {field: key}).status_code == 200
