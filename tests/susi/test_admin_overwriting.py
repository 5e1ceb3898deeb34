"""Two administrators at the same page: nobody saves over what the other has saved without being told."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from phases.models import Edition, Theme
from phases.terms import Phase
from portfolio.models import Agreement
from susi.models import User
from susi.roles import Role
from tests.admin_forms import filled_in
from tests.factories import AgreementFactory, ProgrammeFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = person(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_a_role_that_was_taken_meanwhile_does_not_come_back_unseen(client: Client, administrator: User) -> None:
    user = person(Role.LEAD, Role.MANAGER, first_name="Anna", last_name="Eksempel")
    page = client.get(page_of(user))
    assert 'type="hidden" name="shown"' in page.content.decode()
    user.groups.set(Group.objects.filter(name=Role.LEAD))
    answer = client.post(page_of(user), filled_in(page, first_name="Anne"))
    assert answer.status_code == 200
    html = " ".join(answer.content.decode().split())
    assert "Imens har nogen ændret Roller (nu: Initiativansvarlig). Gem igen" in html
    assert 'value="Anne"' in html  # what was written is still there
    assert User.with_roles(user.pk).roles == {Role.LEAD}
    assert User.objects.get(pk=user.pk).first_name == "Anna"


def test_whoever_has_been_told_and_saves_again_has_decided(client: Client, administrator: User) -> None:
    user = person(Role.LEAD, Role.MANAGER, first_name="Anna", last_name="Eksempel")
    page = client.get(page_of(user))
    user.groups.set(Group.objects.filter(name=Role.LEAD))
    told = client.post(page_of(user), filled_in(page))
    assert client.post(page_of(user), filled_in(told)).status_code == 302
    assert User.with_roles(user.pk).roles == {Role.LEAD, Role.MANAGER}


def test_every_field_that_was_changed_is_told(client: Client, administrator: User) -> None:
    user = person(Role.LEAD, first_name="Anna", last_name="Eksempel", email="anna@eksempel.dk")
    page = client.get(page_of(user))
    User.objects.filter(pk=user.pk).update(last_name="Prøve", email="", is_active=False)
    html = client.post(page_of(user), filled_in(page)).content.decode()
    assert "Imens har nogen ændret Efternavn (nu: Prøve), E-mail (nu: tomt), Aktiv (nu: nej)." in html


def test_related_rows_are_told_by_name(client: Client, administrator: User) -> None:
    agreement = AgreementFactory(year=2024, programme__name="Eksempelprogram")
    page = client.get(page_of(agreement))
    Agreement.objects.filter(pk=agreement.pk).update(programme=ProgrammeFactory(name="Eksempel: Et andet"))
    html = client.post(page_of(agreement), filled_in(page, year="2025")).content.decode()
    assert "(nu: Eksempel: Et andet)" in html
    assert Agreement.objects.get(pk=agreement.pk).year == 2024


def test_what_was_changed_is_told_as_people_read_it(client: Client, administrator: User) -> None:
    """A number as a number, a choice by its name, a day in Danish: nobody is told "ja" of the number 1."""
    draft = Edition.objects.create(number="9.1", name="Kladde", valid_from=datetime.date(2027, 1, 1), source="Eksempel")
    theme = Theme.objects.create(edition=draft, phase=Phase.TRIAL, no=2, heading="Eksempel", source="Eksempel")
    pages = {row: client.get(page_of(row)) for row in (draft, theme)}
    Theme.objects.filter(pk=theme.pk).update(phase=Phase.MATURATION, no=1)
    Edition.objects.filter(pk=draft.pk).update(valid_from=datetime.date(2027, 2, 3), has_tracks=False)
    told = {row: client.post(page_of(row), filled_in(page)).content.decode() for row, page in pages.items()}
    assert "Fase, der overgås til (nu: Modning), Nr. (nu: 1)" in told[theme]
    assert "Gælder fra (nu: 03.02.2027), Har to spor (nu: nej)" in told[draft]


def test_a_log_in_or_a_change_elsewhere_hinders_nobody(client: Client, administrator: User) -> None:
    user, other = person(Role.LEAD, last_name="Eksempel"), person(Role.LEAD)
    page = client.get(page_of(user))
    Client().force_login(user)
    User.objects.filter(pk=other.pk).update(first_name="En anden")
    assert client.post(page_of(user), filled_in(page, first_name="Anne")).status_code == 302
    assert User.objects.get(pk=user.pk).first_name == "Anne"


@pytest.mark.parametrize("shown", ["", "groups=x&first_name=", "%%%", "&&&=;"])
def test_what_nobody_would_send_is_no_error(client: Client, administrator: User, shown: str) -> None:
    user = person(Role.LEAD)
    page = client.get(page_of(user))
    assert client.post(page_of(user), filled_in(page, shown=shown)).status_code in (200, 302)
