"""Staff who have left: what is handed over first, what the account is called then, and what keeps the name."""

import hashlib
import io
import json
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions import decisions, review
from assessments.actions.decisions import DecisionInput
from assessments.agenda import Kind, agenda_for
from assessments.invariants import INVARIANTS as OF_ASSESSMENTS
from assessments.models import Assessment, Deviation
from desk.actions.leaving import falls_to_others, register_left, to_hand_over
from desk.sources import deliverables
from phases.terms import Outcome, Phase, Stage
from portfolio import actions
from portfolio.models import Initiative
from susi.days import today
from susi.errors import Conflict, NotAllowed, Refused
from susi.invariants import who_has_left_has_no_name
from susi.models import AccessEntry, StandIn, User
from susi.oidc import AgencyBackend
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.admin_forms import filled_in
from tests.factories import PASSWORD, initiative_in, person
from work.actions.deliverables import PlanInput, plan

pytestmark = pytest.mark.django_db
NAME = "Hanne Fjordager"


@pytest.fixture
def administrator() -> User:
    return person(Role.ADMINISTRATOR, username="admin")


@pytest.fixture
def hanne() -> User:
    return person(
        Role.LEAD, Role.MANAGER, username="hfj", first_name="Hanne", last_name="Fjordager", email="hfj@eksempel.dk"
    )


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(user: User) -> str:
    return reverse("desk:register_left", args=[user.pk])


def anew(user: User) -> User:
    return User.objects.get(pk=user.pk)


def handed_over(initiative: Initiative, to: User) -> None:
    initiative = Initiative.objects.get(pk=initiative.pk)
    manager = person(Role.MANAGER)
    actions.set_people(initiative=initiative, by=manager, version=initiative.version, lead=to, members=[])


# The act


def test_the_name_goes_and_the_account_never_opens_again(hanne, administrator) -> None:
    own = logged_in(hanne)
    client = logged_in(administrator)
    page = client.get(address(hanne)).content.decode()
    assert f"Registrér {NAME} som fratrådt" in page
    assert "Det kan ikke fortrydes." in page
    response = client.post(address(hanne), {"understood": "on"}, follow=True)
    left, called = anew(hanne), f"Fratrådt medarbejder {hanne.pk}"
    assert f"{NAME} er registreret som fratrådt og hedder nu {called}." in response.content.decode()
    assert (str(left), left.username, left.email) == (called, f"fratraadt-{hanne.pk}", "")
    assert (left.is_active, left.roles, left.groups.count()) == (False, frozenset(), 0)
    assert left.left_at is not None
    assert not left.has_usable_password()
    assert not any(session.get_decoded()["_auth_user_id"] == str(hanne.pk) for session in Session.objects.all())
    assert own.get("/").status_code == 302
    for name in ("hfj", left.username):
        assert Client().post("/log-ind/", {"username": name, "password": PASSWORD}).status_code == 200
    assert list(who_has_left_has_no_name()) == []


def test_nothing_but_what_is_sealed_keeps_the_name(hanne, administrator) -> None:
    LogEntry.objects.log_actions(administrator.pk, [hanne], 2, change_message="Ændrede Fornavn.", single_object=True)
    hanne.last_name = "Fjordager-Holm"
    hanne.save()
    register_left(person=hanne, by=administrator)
    kept = [*User.objects.values_list("username", "first_name", "last_name", "email")]
    kept += User.history.values_list("username", "first_name", "last_name", "email")
    kept += LogEntry.objects.values_list("object_repr", "change_message")
    assert "Fjordager" not in str(kept)
    assert "hfj" not in str(kept)
    newest = User.history.filter(id=hanne.pk).first()
    assert (newest.history_change_reason, newest.history_user) == ("Fratrådt", administrator)
    assert LogEntry.objects.first().get_change_message() == "Registreret som fratrådt."


def test_the_second_click_does_nothing_and_says_so(hanne, administrator) -> None:
    client = logged_in(administrator)
    client.post(address(hanne), {"understood": "on"})
    before = anew(hanne)
    response = client.post(address(hanne), {"understood": "on"}, follow=True)
    assert "er allerede registreret som fratrådt" in response.content.decode()
    assert anew(hanne).left_at == before.left_at
    assert User.history.filter(id=hanne.pk, history_change_reason="Fratrådt").count() == 1
    with pytest.raises(Conflict):
        register_left(person=hanne, by=administrator)
    assert "Det kan ikke fortrydes." in client.get(address(hanne)).content.decode()


def test_it_is_not_done_without_saying_that_one_knows(hanne, administrator) -> None:
    response = logged_in(administrator).post(address(hanne), {})
    assert response.status_code == 422
    assert "Sæt kryds for at bekræfte." in response.content.decode()
    assert not anew(hanne).has_left


@pytest.mark.parametrize("roles", [(), (Role.READER,), (Role.LEAD,), (Role.MANAGER,)])
def test_nobody_else_may(hanne, roles) -> None:
    other = person(*roles)
    client = logged_in(other)
    assert client.get(address(hanne)).status_code == 403
    assert client.post(address(hanne), {"understood": "on"}).status_code == 403
    with pytest.raises(NotAllowed):
        register_left(person=hanne, by=other)
    assert not anew(hanne).has_left


def test_nor_of_oneself_nor_of_a_superuser(administrator) -> None:
    superuser = person(is_superuser=True)
    for target in (administrator, superuser):
        assert logged_in(administrator).post(address(target), {"understood": "on"}).status_code == 403
        assert not anew(target).has_left
    assert logged_in(administrator).get(reverse("desk:register_left", args=[0])).status_code == 404


# What is handed over first


def test_the_lead_of_an_open_initiative_hands_it_over_first(hanne, administrator) -> None:
    running, proposal = initiative_in(Phase.SCREENING, lead=hanne), initiative_in(None, lead=hanne)
    client = logged_in(administrator)
    for response in (client.get(address(hanne)), client.post(address(hanne), {"understood": "on"})):
        html = response.content.decode()
        assert "kan ikke registreres som fratrådt endnu" in html
        for one in (running, proposal):
            assert f'href="/initiativer/{one.number}/"' in html
    assert response.status_code == 422
    with pytest.raises(Refused):
        register_left(person=hanne, by=administrator)
    assert not anew(hanne).has_left
    for one in (running, proposal):
        handed_over(one, person(Role.LEAD))
    assert register_left(person=hanne, by=administrator).has_left


def test_what_has_ended_keeps_its_lead_without_the_name(hanne, administrator) -> None:
    factories.rulebook()
    ended = initiative_in(Phase.SCREENING, lead=hanne)
    decisions.register_decision(
        initiative=ended,
        by=person(Role.MANAGER),
        seen=decisions.last_decision_no(ended),
        wanted=DecisionInput(outcome=Outcome.STOPPED, decided_by="agency", decided_on=today(), reason="Eksempel"),
    )
    register_left(person=hanne, by=administrator)
    html = logged_in(person(Role.READER)).get(f"/initiativer/{ended.number}/").content.decode()
    assert f"Fratrådt medarbejder {hanne.pk}" in html
    assert NAME not in html


@pytest.fixture
def departed(hanne):
    """An initiative of another lead with a fravigelse that Hanne owns."""
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING)
    assessment = factories.complete_draft(initiative, to_phase=Phase.MATURATION, departed=("M1.1",))
    Deviation.objects.update(owner=hanne)
    review.submit(assessment=assessment, by=initiative.lead)
    review.approve(assessment=assessment, by=hanne, sha256=assessment.snapshots.get().sha256)
    return Assessment.objects.get(pk=assessment.pk)


def test_a_fravigelse_falls_to_those_who_write_on_its_initiative(departed, hanne, administrator) -> None:
    lead = departed.initiative.lead
    Deviation.objects.update(review_on=today())
    assert to_hand_over(hanne) == []
    [one] = falls_to_others(hanne)
    assert "fravigelsen fra kriterie M1.1" in one.sentence
    assert Kind.REVIEW not in {group.kind for group in agenda_for(anew(lead))}
    register_left(person=hanne, by=administrator)
    [group] = [group for group in agenda_for(anew(lead)) if group.kind == Kind.REVIEW]
    assert group.count == 1
    assert Kind.REVIEW not in {group.kind for group in agenda_for(person(Role.LEAD))}


def test_where_nobody_else_writes_it_is_handed_over_first(departed, hanne, administrator) -> None:
    initiative = departed.initiative
    User.objects.filter(pk=initiative.lead_id).update(is_active=False)
    [held] = to_hand_over(hanne)
    assert held.url == f"/initiativer/{initiative.number}/"
    with pytest.raises(Refused, match=r"overtage fravigelsen fra kriterie M1\.1"):
        register_left(person=hanne, by=administrator)
    handed_over(initiative, person(Role.LEAD))
    assert to_hand_over(hanne) == []


@pytest.mark.parametrize("has_ended", [True, False])
def test_what_fell_to_the_last_who_writes_there_is_handed_over_when_that_one_leaves_too(
    departed, hanne, administrator, has_ended
) -> None:
    initiative, second = departed.initiative, person(Role.LEAD)
    if has_ended:
        Initiative.objects.filter(pk=initiative.pk).update(lead=second, phase=Stage.ENDED)
    else:
        initiative.members.add(second)
    User.objects.filter(pk=initiative.lead_id).update(is_active=False)
    register_left(person=hanne, by=administrator)
    [held] = to_hand_over(second)
    assert "overtage fravigelsen fra kriterie M1.1" in held.sentence
    assert len(falls_to_others(second)) == 1
    with pytest.raises(Refused):
        register_left(person=second, by=administrator)
    assert to_hand_over(person(Role.LEAD)) == []
    initiative.members.add(person(Role.LEAD))
    assert register_left(person=second, by=administrator).has_left


def test_so_does_a_deliverable(hanne, administrator) -> None:
    factories.rulebook()
    initiative = initiative_in(Phase.MATURATION)
    lead = initiative.lead
    handed_over(initiative, lead)
    run = Initiative.objects.get(pk=initiative.pk).current_run
    planned = PlanInput(responsible=hanne, due=today() + timedelta(days=3))
    initiative.members.add(hanne)
    plan(run=run, code="M-a", by=lead, version=0, planned=planned)
    [one] = falls_to_others(hanne)
    assert "leverancen" in one.sentence
    assert sum(group.count for group in deliverables(anew(lead))) == 0
    register_left(person=hanne, by=administrator)
    assert sum(group.count for group in deliverables(anew(lead))) == 1
    assert ["overtage leverancen" in one.sentence for one in to_hand_over(lead)] == [False]  # the lead is asked for
    initiative.members.add(lead)
    handed_over(initiative, another := person(Role.LEAD))
    initiative.members.add(lead)
    assert to_hand_over(lead) == []
    User.objects.filter(pk=another.pk).update(is_active=False)
    assert ["overtage leverancen" in one.sentence for one in to_hand_over(lead)] == [True]


@pytest.mark.parametrize(("roles", "is_superuser"), [([Role.ADMINISTRATOR], False), ([], True)])
def test_stand_ins_end_whoever_registers_it(hanne, roles, is_superuser) -> None:
    administrator = person(*roles, is_superuser=is_superuser)
    days = {"from_day": today(), "to_day": today() + timedelta(days=9), "reason": StandIn.Reason.HOLIDAY}
    made = {"created_by": administrator, "created_at": timezone.now()}
    colleague = person(Role.LEAD)
    StandIn.objects.create(person=hanne, stand_in=colleague, **days, **made)
    StandIn.objects.create(person=colleague, stand_in=hanne, **days, **made)
    assert len(falls_to_others(hanne)) == 2
    register_left(person=hanne, by=administrator)
    assert not StandIn.objects.not_over().exists()
    assert {one.ended_by for one in StandIn.objects.all()} == {administrator}


@pytest.mark.parametrize("tried", ["hfj", "HFJ", "hanne"])
def test_wrong_passwords_go_under_earlier_user_names_too(hanne, administrator, tried) -> None:
    hanne.username = "hanne"
    hanne.save()
    for name in (tried, "hannele"):
        AccessAttempt.objects.create(username=name, attempt_time=timezone.now(), failures_since_start=1)
    register_left(person=hanne, by=administrator)
    assert [one.username for one in AccessAttempt.objects.all()] == ["hannele"]


# What stays, and what shows


def test_what_is_sealed_keeps_the_name_and_its_checksum(departed, hanne, administrator) -> None:
    before = (departed.sealed_data, departed.sealed_sha256)
    snapshot = departed.snapshots.get()
    register_left(person=hanne, by=administrator)
    after = Assessment.objects.get(pk=departed.pk)
    assert (after.sealed_data, after.sealed_sha256) == before
    assert hashlib.sha256(after.sealed_data.encode()).hexdigest() == after.sealed_sha256
    assert json.loads(after.sealed_data)["approved"]["by"]["name"] == NAME
    assert after.snapshots.get().sha256 == snapshot.sha256
    assert [breach for ask in OF_ASSESSMENTS for breach in ask()] == []
    page = logged_in(person(Role.READER)).get(reverse("assessments:detail", args=[after.initiative.number, after.no]))
    assert NAME in page.content.decode()


def test_lists_show_the_pseudonym_today_and_on_a_past_day(departed, hanne, administrator) -> None:
    register_left(person=hanne, by=administrator)
    with as_of(timezone.now()):
        assert str(Deviation.objects.select_related("owner").get().owner) == f"Fratrådt medarbejder {hanne.pk}"
    client = logged_in(administrator)
    AccessEntry.objects.create(at=timezone.now(), user=hanne, kind="opened", view="x", path="/")
    pages = ["/fravigelser/", f"/initiativer/{departed.initiative.number}/historik/", "/registre/adgang/"]
    for page in pages:
        html = client.get(page).content.decode()
        assert f"Fratrådt medarbejder {hanne.pk}" in html, page
        assert "Fjordager" not in html, page


def test_the_administration_reads_the_account_and_never_names_it_again(hanne, administrator) -> None:
    client = logged_in(administrator)
    change = reverse("admin:susi_user_change", args=[hanne.pk])
    before = client.get(change)
    assert f'href="{address(hanne)}"' in before.content.decode()
    data = filled_in(before)
    register_left(person=hanne, by=administrator)
    html = client.get(change).content.decode()
    assert "Fratrådt" in html
    assert f'href="{address(hanne)}"' not in html
    assert client.post(change, {**data, "is_active": "on", "first_name": "Hanne"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[hanne.pk])
    assert client.post(password, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 403
    assert anew(hanne).first_name == "Fratrådt"
    own = client.get(reverse("admin:susi_user_change", args=[administrator.pk])).content.decode()
    assert address(administrator) not in own


def test_the_agencys_token_does_not_bring_the_account_back(hanne, administrator, settings, monkeypatch) -> None:
    settings.OIDC_OP_USER_ENDPOINT = settings.OIDC_OP_TOKEN_ENDPOINT = "https://eksempel.dk/"
    settings.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_SECRET = "x"
    settings.OIDC_OP_JWKS_ENDPOINT = "https://eksempel.dk/"
    monkeypatch.setattr(AgencyBackend, "get_userinfo", lambda self, *args: {})
    register_left(person=hanne, by=administrator)
    token = {"given_name": "Hanne", "family_name": "Fjordager", "roles": [Role.LEAD.value]}
    backend, pseudonym = AgencyBackend(), f"Fratraadt-{hanne.pk}"
    assert backend.get_or_create_user("", "", {**token, "preferred_username": pseudonym}) is None
    other = backend.get_or_create_user("", "", {**token, "preferred_username": "hfj"})
    assert other.pk != hanne.pk  # the old name is nobody's: whoever comes with it is somebody new
    assert (anew(hanne).first_name, anew(hanne).roles) == ("Fratrådt", frozenset())


# By command


def test_the_same_is_done_by_command(hanne, administrator) -> None:
    out = io.StringIO()
    call_command("register_left", "hfj", by="admin", stdout=out)
    assert f"hedder nu Fratrådt medarbejder {hanne.pk}" in out.getvalue()
    assert anew(hanne).has_left


def test_the_command_says_why_not(hanne, administrator) -> None:
    initiative_in(Phase.SCREENING, lead=hanne)
    reader = person(Role.READER, username="laeser")
    for username, by, sentence in [
        ("hfj", "admin", "En leder udpeger en anden initiativansvarlig"),
        ("hfj", "laeser", "Kun administratorer"),
        ("findes-ikke", "admin", "Der er ingen bruger"),
        ("hfj", "findes-ikke", "Der er ingen bruger"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command("register_left", username, by=by)
    assert not anew(hanne).has_left
    assert reader.pk


def test_check_portfolio_finds_a_name_that_came_back(hanne, administrator) -> None:
    register_left(person=hanne, by=administrator)
    User.objects.filter(pk=hanne.pk).update(first_name="Hanne", is_active=True)
    User.history.filter(id=hanne.pk).update(last_name="Fjordager")
    assert [breach.about for breach in who_has_left_has_no_name()] == [f"Bruger {hanne.pk}"]
    register_left(person=hanne, by=administrator)
    assert list(who_has_left_has_no_name()) == []
