"""Addresses that people and programs make up: not found, never an error."""

import pytest
from django.urls import Resolver404, resolve, reverse

from phases.terms import Phase
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person


@pytest.fixture
def lead(client):
    user = person(Role.LEAD, Role.MANAGER)
    client.force_login(user)
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["2026%00", "2026-001%00", "%00", "2026-001%0A", "2026-0000000000001", "²026-001"])
@pytest.mark.parametrize("rest", ["", "rediger/", "historik/", "vurderinger/1/", "beslutninger/ny/"])
def test_an_initiative_that_cannot_be(client, lead, number, rest) -> None:
    assert client.get(f"/initiativer/{number}/{rest}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["1%00", "%00", "2.0%0A", "%FF", "2.0/1", "%3Cb%3E"])
def test_an_edition_that_cannot_be(client, lead, number) -> None:
    assert client.get(f"/regelsaet/{number}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("rest", ["1/kriterier/M1.1%00/", "1/kriterier/%FF/", f"{'9' * 30}/", f"{'9' * 5000}/"])
def test_a_criterion_or_an_assessment_that_cannot_be(client, lead, rest) -> None:
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, lead=lead)
    factories.draft_of(initiative, to_phase=Phase.MATURATION)
    assert client.get(f"/initiativer/{initiative.number}/vurderinger/{rest}").status_code == 404


@pytest.mark.parametrize("number", ["2026-001", "2026-1000"])
def test_what_may_be(number) -> None:
    address = reverse("portfolio:initiative_detail", args=[number])
    assert resolve(address).kwargs == {"number": number}


def test_an_edition_may_be_numbered_as_the_administrator_likes() -> None:
    for number in ("2.0", "2.0 (kladde)", "2026/1", "Ændring #2?"):
        assert reverse("phases:edition", args=[number])
    assert resolve("/regelsaet/2026/1/").kwargs == {"number": "2026/1"}


def test_words_are_no_numbers() -> None:
    with pytest.raises(Resolver404):
        resolve("/initiativer/2026/")
