"""The administration: who may enter, what is in it, and people with their roles."""

import datetime
import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from assessments.models import Assessment
from phases.models import Edition, Theme
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, Programme, TargetGroup
from susi.models import User
from susi.roles import Role
from tests.admin_forms import filled_in
from tests.factories import AgreementFactory, ProgrammeFactory, person, rulebook

pytestmark = pytest.mark.django_db
INDEX = "/administration/"
NEW_PASSWORD = "Et-langt-kodeord-2026"


@pytest.fixture
def administrator(client):
    user = person(Role.ADMINISTRATOR, username="admin")
    client.force_login(user)
    return user


def change(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def test_dates_are_written_as_on_all_other_pages(client, administrator) -> None:
    User.objects.update(last_login=datetime.datetime(2026, 11, 2, 13, 3, tzinfo=datetime.UTC))
    page = client.get(reverse("admin:susi_user_changelist")).content.decode()
    assert "02.11.2026 kl. 14.03" in page


def roles_of(user: User) -> set[str]:
    return set(User.objects.get(pk=user.pk).groups.values_list("name", flat=True))


def ids(*roles: Role) -> list[int]:
    return list(Group.objects.filter(name__in=[role.value for role in roles]).values_list("pk", flat=True))


# Who may enter


def test_an_administrator_enters(client, administrator) -> None:
    html = client.get(INDEX).content.decode()
    assert "SUSI-porteføljen – administration" in html
    for name in ("Udgaver af regelsættet", "Programmer", "Aftaler", "Målgrupper", "Brugere"):
        assert f">{name}</a>" in html
    assert "Django" not in html


def test_a_superuser_enters(client) -> None:
    client.force_login(person(is_superuser=True))
    assert client.get(INDEX).status_code == 200


@pytest.mark.parametrize("roles", [(), (Role.READER,), (Role.LEAD,), (Role.MANAGER,), (Role.LEAD, Role.MANAGER)])
def test_nobody_else_enters_whatever_django_calls_them(client, roles) -> None:
    client.force_login(person(*roles, is_staff=True))
    user = person(Role.READER)
    for url in (INDEX, change(user), reverse("admin:susi_user_add"), reverse("admin:portfolio_programme_add")):
        for response in (client.get(url, follow=True), client.post(url, {"username": "x"}, follow=True)):
            assert response.status_code == 403
            assert "Kun administratorer har adgang til administrationen." in response.content.decode()


def test_a_deactivated_administrator_does_not_enter(client, administrator) -> None:
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    assert client.get(INDEX).status_code == 302
    assert not User.objects.get(pk=administrator.pk).may_administer


def test_there_is_one_log_in_and_it_leads_back(client) -> None:
    url = reverse("admin:portfolio_programme_changelist")
    response = client.get(url, follow=True)
    assert response.redirect_chain[-1][0] == f"/log-ind/?next={url}"
    assert client.get(reverse("admin:login"), follow=True).redirect_chain[-1][0].startswith("/log-ind/")


def test_an_administrator_who_is_logged_in_is_not_asked_to_log_in(client, administrator) -> None:
    assert client.get(reverse("admin:login")).url == INDEX


# What is in it


def test_only_what_administrators_keep_is_in_it() -> None:
    assert set(admin.site._registry) == {User, Edition, Theme, Programme, Agreement, TargetGroup}


@pytest.mark.parametrize("model", [Initiative, PhaseRun, Decision, Assessment, Group])
def test_initiatives_and_what_is_decided_of_them_have_no_page(client, administrator, model) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    url = f"{INDEX}{model._meta.app_label}/{model._meta.model_name}/"
    assert client.get(url).status_code == 404
    assert client.post(f"{url}1/change/", {}).status_code == 404


def test_nothing_in_it_needs_more_than_the_strict_csp_allows(client, administrator) -> None:
    edition = rulebook()
    draft = Edition.objects.create(number="9.1", name="Kladde", valid_from=edition.valid_from, source="Eksempel")
    addresses = [
        INDEX,
        change(administrator),
        change(edition),
        change(draft),
        change(edition.themes.first()),
        change(AgreementFactory()),
        reverse("admin:susi_user_add"),
        reverse("admin:susi_user_changelist"),
        reverse("admin:auth_user_password_change", args=[administrator.pk]),
        reverse("admin:password_change"),
        reverse("admin:phases_edition_add"),
        reverse("admin:phases_edition_copy", args=[edition.pk]),
        reverse("admin:phases_edition_publish", args=[draft.pk]),
        reverse("admin:phases_edition_delete", args=[draft.pk]),
        reverse("admin:phases_edition_history", args=[edition.pk]),
    ]
    for url in addresses:
        response = client.get(url)
        html = response.content.decode()
        assert response.status_code == 200, url
        assert "unsafe" not in response["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html), url
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html), url


# People


def test_a_user_is_made_with_roles(client, administrator) -> None:
    url = reverse("admin:susi_user_add")
    html = client.get(url).content.decode()
    for role in Role:
        assert f"{role.value}: {role.may}" in html
    for hidden in ("is_superuser", "is_staff", "user_permissions"):
        assert hidden not in html

    response = client.post(
        url,
        {
            "username": "ny",
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
            "first_name": "Ny",
            "last_name": "Bruger",
            "groups": ids(Role.LEAD, Role.MANAGER),
            "is_superuser": "on",
            "is_staff": "on",
        },
    )

    user = User.objects.get(username="ny")
    assert response.url == change(user)
    assert user.roles == {Role.LEAD, Role.MANAGER}
    assert (user.is_superuser, user.is_staff) == (False, False)
    assert user.check_password(NEW_PASSWORD)
    assert "Roller (ingen → Initiativansvarlig, Leder)" in LogEntry.objects.get().get_change_message()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("first_name", "", "Feltet skal udfyldes."),
        ("last_name", "Hansen 010190-1234", "ligner et CPR-nummer"),
        ("username", "010190-1234", "ligner et CPR-nummer"),
        ("username", "admin", "allerede"),
        ("first_name", "x" * 151, "Teksten er for lang: Den har 151 tegn"),
        ("password2", "noget andet", "De to adgangskoder"),
    ],
)
def test_bad_input_is_refused_in_danish_and_stays(client, administrator, field, value, sentence) -> None:
    data = {
        "username": "ny",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
        "first_name": "Ny",
        "last_name": "Bruger",
        field: value,
    }
    html = client.post(reverse("admin:susi_user_add"), data).content.decode()
    assert sentence in html
    assert "password" in field or not value or f'value="{value}"' in html
    assert User.objects.count() == 1


def test_a_change_of_roles_is_logged_with_what_they_were(client, administrator) -> None:
    user = person(Role.READER)
    client.post(change(user), filled_in(client.get(change(user)), first_name="Nyt", groups=ids(Role.READER, Role.LEAD)))
    assert roles_of(user) == {"Læser", "Initiativansvarlig"}
    entry = LogEntry.objects.get()
    assert entry.user == administrator
    assert "Roller (Læser → Læser, Initiativansvarlig)" in entry.get_change_message()
    assert "Fornavn" in entry.get_change_message()
    history = client.get(reverse("admin:susi_user_history", args=[user.pk])).content.decode()
    assert "Roller (Læser → Læser, Initiativansvarlig)" in history


def test_a_change_that_leaves_the_roles_says_nothing_of_them(client, administrator) -> None:
    user = person(Role.READER)
    client.post(change(user), filled_in(client.get(change(user)), first_name="Nyt", groups=ids(Role.READER)))
    assert LogEntry.objects.get().get_change_message() == "Ændrede Fornavn."
    assert roles_of(user) == {"Læser"}


def test_a_person_is_deactivated_and_never_deleted(client, administrator) -> None:
    user = person(Role.READER)
    html = client.get(change(user)).content.decode()
    assert "deletelink" not in html
    assert client.post(reverse("admin:susi_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    client.post(reverse("admin:susi_user_changelist"), selected)
    data = filled_in(client.get(change(user)), groups=ids(Role.READER))
    del data["is_active"]
    client.post(change(user), data)
    assert not User.objects.get(pk=user.pk).is_active


def test_nobody_changes_own_roles(client, administrator) -> None:
    html = client.get(change(administrator)).content.decode()
    assert "Dine egne roller ændres af en anden administrator." in html
    data = filled_in(client.get(change(administrator)), groups=ids(Role.MANAGER), is_active="", first_name="Nyt")
    assert client.post(change(administrator), data).status_code == 302
    changed = User.objects.get(pk=administrator.pk)
    assert changed.roles == {Role.ADMINISTRATOR}
    assert changed.is_active
    assert changed.first_name == "Nyt"


def test_no_post_makes_a_superuser(client, administrator) -> None:
    user = person(Role.READER)
    forged = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "groups": ids(Role.READER)}
    client.post(change(user), filled_in(client.get(change(user)), **forged))
    changed = User.objects.get(pk=user.pk)
    assert (changed.is_superuser, changed.is_staff, changed.user_permissions.count()) == (False, False, 0)


def test_a_superuser_is_out_of_an_administrators_reach(client, administrator) -> None:
    superuser = person(is_superuser=True, username="drift")
    assert "drift" not in client.get(reverse("admin:susi_user_changelist")).content.decode()
    assert client.get(change(superuser)).status_code == 302
    assert client.post(change(superuser), {"username": "min"}).status_code == 302
    password = reverse("admin:auth_user_password_change", args=[superuser.pk])
    response = client.post(password, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"})
    assert response.status_code == 404
    unchanged = User.objects.get(pk=superuser.pk)
    assert unchanged.username == "drift"
    assert not unchanged.check_password(NEW_PASSWORD)


def test_a_superuser_gives_the_first_administrator_the_role(client) -> None:
    superuser = person(is_superuser=True, username="drift")
    client.force_login(superuser)
    client.post(change(superuser), filled_in(client.get(change(superuser)), groups=ids(Role.ADMINISTRATOR)))
    assert roles_of(superuser) == {"Administrator"}


def test_a_forgotten_password_is_replaced_and_never_shown(client, administrator) -> None:
    user = person(Role.READER)
    html = client.get(change(user)).content.decode()
    assert "Nulstil adgangskode" in html
    assert user.password.split("$")[-1][:6] not in html
    password = reverse("admin:auth_user_password_change", args=[user.pk])
    client.post(password, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"})
    assert User.objects.get(pk=user.pk).check_password(NEW_PASSWORD)


def test_people_are_found_by_role(client, administrator) -> None:
    person(Role.MANAGER, username="lederen")
    person(username="uden-rolle")
    url = reverse("admin:susi_user_changelist")
    manager = client.get(url, {"groups__id__exact": ids(Role.MANAGER)[0]}).content.decode()
    assert "lederen" in manager
    assert "uden-rolle" not in manager
    assert "uden-rolle" in client.get(url, {"groups__isnull": "True"}).content.decode()


def test_the_list_of_people_takes_the_same_number_of_queries(client, administrator) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:susi_user_changelist"))
        return len(captured)

    few = queries()
    for _ in range(10):
        person(Role.READER, Role.LEAD)
    assert queries() == few


# Programmes, agreements, target groups


def test_a_programme_is_made_and_changed_with_history(client, administrator) -> None:
    url = reverse("admin:portfolio_programme_add")
    client.post(url, {"name": "Eksempelprogram", "key": "eksempel", "since": "2024"})
    programme = Programme.objects.get()
    client.post(change(programme), filled_in(client.get(change(programme)), name="Nyt navn", key="forfalsket"))
    programme.refresh_from_db()
    assert (programme.name, programme.key) == ("Nyt navn", "eksempel")
    assert [(row.name, row.history_user) for row in programme.history.all()] == [
        ("Nyt navn", administrator),
        ("Eksempelprogram", administrator),
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Feltet skal udfyldes."),
        ("since", "99999", "2100"),
        ("since", "snart", "Skriv et helt tal."),
        ("source", "CPR 010190-1234", "ligner et CPR-nummer"),
    ],
)
def test_a_programme_is_refused_with_a_reason(client, administrator, field, value, sentence) -> None:
    data = {"name": "Eksempelprogram", "key": "eksempel", field: value}
    html = client.post(reverse("admin:portfolio_programme_add"), data).content.decode()
    assert sentence in html
    assert f'value="{value}"' in html or not value
    assert not Programme.objects.exists()


@pytest.mark.parametrize("key", ["9" * 20, "x", "1\x00"])
def test_a_forged_role_is_refused(client, administrator, key) -> None:
    user = person(Role.LEAD)
    html = client.post(change(user), filled_in(client.get(change(user)), groups=[key])).content.decode()
    assert "Vælg en af mulighederne på listen." in html
    assert user.roles == {Role.LEAD}


def test_a_programme_has_one_agreement_a_year(client, administrator) -> None:
    agreement = AgreementFactory(year=2025)
    url = reverse("admin:portfolio_agreement_add")
    html = client.post(url, {"programme": agreement.programme_id, "year": "2025"}).content.decode()
    assert "Programmet har allerede en aftale for det år." in html
    html = client.post(url, {"programme": agreement.programme_id, "year": "1066"}).content.decode()
    assert "Skriv et årstal mellem 1990 og 2100." in html
    assert client.post(url, {"programme": agreement.programme_id, "year": "2026"}).status_code == 302
    assert Agreement.objects.count() == 2


@pytest.mark.parametrize("make", [ProgrammeFactory, AgreementFactory])
def test_what_initiatives_rest_on_is_not_deleted(client, administrator, make) -> None:
    row = make()
    url = reverse(f"admin:portfolio_{row._meta.model_name}_delete", args=[row.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_target_group_is_renamed_and_keeps_its_key(client, administrator) -> None:
    group = TargetGroup.objects.create(key="eksempel", name="Eksempel")
    client.post(change(group), {"name": "Nyt navn"})
    group.refresh_from_db()
    assert (group.name, group.key) == ("Nyt navn", "eksempel")
