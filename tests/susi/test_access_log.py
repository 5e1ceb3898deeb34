"""Who opened and fetched what: what is noted and what not, without any text, and for how long."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.signals import request_finished
from django.db import DatabaseError, InterfaceError
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from assessments.actions import review
from phases.terms import Phase
from susi import access_log, access_views, typesetting
from susi.http import as_file
from susi.models import AccessEntry, AppendOnly
from susi.roles import Role
from susi.tasks import expire_traces
from tests import factories
from tests.factories import PASSWORD, initiative_in, person

pytestmark = pytest.mark.django_db
Kind = AccessEntry.Kind
WRITTEN = "Borgeren Hanne Eksempel"


@pytest.fixture
def reader(client):
    user = person(Role.READER)
    client.force_login(user)
    return user


@pytest.fixture
def administrator():
    return person(Role.ADMINISTRATOR)


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def kinds() -> list[str]:
    return list(AccessEntry.objects.order_by("pk").values_list("kind", flat=True))


def read(response) -> str:
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode(errors="replace")


# What is noted


def test_who_opens_an_initiative_is_noted_with_page_and_request(client, reader) -> None:
    number = initiative_in(Phase.SCREENING).number
    client.get(f"/initiativer/{number}/?q={WRITTEN}", headers={"X-Request-ID": "abcdef-123456"})
    [noted] = AccessEntry.objects.all()
    assert (noted.user, noted.kind, noted.view) == (reader, Kind.OPENED, "portfolio:initiative_detail")
    assert (noted.path, noted.initiative) == (f"/initiativer/{number}/", number)
    assert noted.request_id == "abcdef-123456"
    assert (noted.past_day, noted.file_kind, noted.rows) == (None, "", None)


def test_a_file_is_noted_with_its_kind_its_day_and_how_many_rows_it_has(client, reader) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    initiative = initiative_in(Phase.SCREENING)
    initiative.history.update(history_date=timezone.now() - timedelta(days=2))
    read(client.get(f"/initiativer/hent/csv/?q={WRITTEN}&dag={yesterday:%d.%m.%Y}"))
    read(client.get("/fravigelser/hent/xlsx/"))
    first, second = AccessEntry.objects.order_by("pk")
    assert (first.kind, first.file_kind, first.past_day) == (Kind.FETCHED, "csv", yesterday)
    assert (second.kind, second.file_kind, second.past_day, second.rows) == (Kind.FETCHED, "xlsx", None, 0)
    assert "Hanne" not in f"{vars(first)}{vars(second)}"


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        *((f"/initiativer/hent/{kind}/", rows) for kind, rows in (("csv", None), ("xlsx", 2), ("pdf", 2))),
        *((f"/bilag-1/{kind}/", 2) for kind in ("xlsx", "pdf")),
        ("/formidling/csv/", 0),
        ("/indlaesning/initiativer/", 2),
    ],
)
def test_so_are_the_rows_where_they_are_known_before_it_is_sent(administrator, monkeypatch, address, rows) -> None:
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())
    for _ in range(2):
        initiative_in(Phase.SCREENING)
    read(logged_in(administrator).get(address))
    assert [(one.kind, one.rows) for one in AccessEntry.objects.all()] == [(Kind.FETCHED, rows)]


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/initiativer/", f"/initiativer/?q={WRITTEN}", "/fravigelser/", "/hjaelp/adgang/"),
        *("/healthz", "/findes/ikke/", "/kontrol/"),
    ],
)
def test_lists_overviews_help_and_what_is_not_there_are_not_noted(client, reader, address: str) -> None:
    client.get(address)
    assert kinds() == []


def test_what_is_not_shown_is_not_noted(client, reader) -> None:
    proposal, shown = initiative_in(None), initiative_in(Phase.SCREENING)
    assert client.get(f"/initiativer/{proposal.number}/").status_code == 404
    assert client.get(f"/initiativer/{shown.number}/rediger/").status_code == 403
    assert client.head(f"/initiativer/{shown.number}/").status_code == 200
    assert Client().get(f"/initiativer/{shown.number}/").status_code == 302
    assert kinds() == []


def test_a_document_that_is_checked_is_noted_and_what_was_sent_is_not(client, reader) -> None:
    checksum = "0123456789ab"
    client.get("/kontrol/", {"kontrolsum": checksum})
    client.post("/kontrol/", {"file": io.BytesIO(b"noget andet")})
    assert kinds() == [Kind.CHECKED]
    assert checksum not in str(vars(AccessEntry.objects.get()))


def test_what_is_saved_in_the_administration_is_noted(administrator) -> None:
    client = logged_in(administrator)
    client.post(reverse("admin:portfolio_targetgroup_add"), {"key": "ny", "name": "Ny gruppe"})
    client.post(reverse("admin:portfolio_targetgroup_add"), {"key": "", "name": ""})  # refused
    [noted] = AccessEntry.objects.all()
    assert (noted.kind, noted.user, noted.page) == (
        Kind.ADMINISTERED,
        administrator,
        "Administration af målgrupper",
    )


# Log-in


def test_log_in_and_log_out_are_noted(client) -> None:
    user = person(Role.READER, username="anne")
    client.post("/log-ind/", {"username": "anne", "password": PASSWORD})
    client.post("/log-ud/")
    assert list(AccessEntry.objects.order_by("pk").values_list("kind", "user")) == [
        (Kind.LOGGED_IN, user.pk),
        (Kind.LOGGED_OUT, user.pk),
    ]


@pytest.mark.parametrize(("name", "is_known"), [("anne", True), ("Min-hemmelige-kode-2026", False), ("x\x00y", False)])
def test_a_refused_log_in_names_only_whom_there_is(client, name: str, is_known: bool) -> None:
    user = person(Role.READER, username="anne")
    client.post("/log-ind/", {"username": name, "password": "forkert"})
    noted = AccessEntry.objects.all()
    assert [(one.kind, one.user) for one in noted] == (
        [] if "\x00" in name else [(Kind.REFUSED, user if is_known else None)]
    )
    assert name == "anne" or name not in "".join(str(vars(one)) for one in noted)


def test_so_does_one_that_is_locked_out(client, settings) -> None:
    settings.AXES_ENABLED = True
    person(Role.READER, username="anne")
    statuses = [
        client.post("/log-ind/", {"username": "anne", "password": "forkert"}).status_code
        for _ in range(settings.AXES_FAILURE_LIMIT + 1)
    ]
    assert statuses[-1] == 429
    assert kinds() == [Kind.REFUSED] * (settings.AXES_FAILURE_LIMIT + 1)


# Where it cannot be noted


@pytest.fixture(params=[DatabaseError("disk full"), InterfaceError("connection already closed")])
def nothing_can_be_noted(request, monkeypatch) -> None:
    def full(**kwargs: object) -> None:
        raise request.param

    monkeypatch.setattr(AccessEntry.objects, "create", full)


@pytest.mark.usefixtures("nothing_can_be_noted")
def test_a_page_is_shown_though_it_cannot_be_noted_and_the_log_says_so(client, reader, caplog) -> None:
    initiative = initiative_in(Phase.SCREENING)
    response = client.get(f"/initiativer/{initiative.number}/")
    assert response.status_code == 200
    assert initiative.title in response.content.decode()
    assert "Access could not be noted." in caplog.text


@pytest.mark.usefixtures("nothing_can_be_noted")
@pytest.mark.parametrize("address", ["/initiativer/hent/csv/", "/bilag-1/xlsx/"])
def test_a_file_that_cannot_be_noted_is_not_handed_out(client, reader, address: str) -> None:
    title = initiative_in(Phase.SCREENING).title
    response = client.get(address)
    assert response.status_code == 503
    assert not response.has_header("Content-Disposition")
    assert "Filen kan ikke hentes lige nu" in response.content.decode()
    assert title not in response.content.decode()


@pytest.mark.usefixtures("nothing_can_be_noted")
def test_what_it_holds_is_closed_when_the_answer_has_been_sent(rf, reader, monkeypatch) -> None:
    content, finished = io.BytesIO(b"1"), []
    monkeypatch.setattr(request_finished, "send", lambda **told: finished.append(told))
    request = rf.get("/")
    request.user, request.resolver_match = reader, resolve("/initiativer/hent/csv/")
    answer = access_log.noted(lambda request: as_file(content, "x.csv"))(request)
    assert (answer.status_code, content.closed, finished) == (503, False, [])
    answer.close()
    assert (content.closed, len(finished)) == (True, 1)


# It is added to, and taken away by its age alone


@pytest.mark.usefixtures("reader")
def test_what_is_noted_does_not_change(client) -> None:
    client.get(f"/initiativer/{initiative_in(Phase.SCREENING).number}/")
    noted = AccessEntry.objects.get()
    noted.path = "/"
    for change in (
        noted.save,
        noted.delete,
        AccessEntry.objects.all().delete,
        lambda: AccessEntry.objects.update(path="/"),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert AccessEntry.objects.get().path != "/"


def test_it_is_taken_away_when_its_time_is_up(reader, settings) -> None:
    settings.ACCESS_LOG_DAYS = 30
    for days in (0, 29, 31, 400):
        AccessEntry.objects.create(
            at=timezone.now() - timedelta(days=days), user=reader, kind=Kind.OPENED, view="x", path=f"/{days}/"
        )
    expire_traces()
    assert {one.path for one in AccessEntry.objects.all()} == {"/0/", "/29/"}
    assert access_log.expire() == 0
    out = io.StringIO()
    call_command("expire_traces", stdout=out)
    assert "0 noteringer af adgang" in out.getvalue()


def test_so_are_the_names_that_were_tried_and_log_ins_that_have_ended(client, settings) -> None:
    from axes.models import AccessAttempt
    from django.contrib.sessions.models import Session

    settings.AXES_ENABLED = True
    for name in ("hanne", "grete"):
        client.post("/log-ind/", {"username": name, "password": "forkert"})
    AccessAttempt.objects.filter(username="hanne").update(attempt_time=timezone.now() - timedelta(hours=1))
    logged_in(person())
    logged_in(person())
    first = Session.objects.order_by("pk")[0]
    Session.objects.filter(pk=first.pk).update(expire_date=timezone.now() - timedelta(days=1))
    expire_traces()
    assert [one.username for one in AccessAttempt.objects.all()] == ["grete"]
    assert Session.objects.count() == 1


# Asked by an administrator


@pytest.fixture
def seen(administrator):
    """An approved assessment with those who opened it, and an administrator's browser."""
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING)
    manager, reader = person(Role.MANAGER, last_name="Leder"), person(Role.READER, last_name="Læser")
    assessment = factories.submitted(initiative, to_phase=Phase.MATURATION)
    address = reverse("assessments:detail", args=[initiative.number, assessment.no])
    logged_in(manager).get(address)
    logged_in(manager).get(f"/initiativer/{initiative.number}/")
    review.approve(assessment=assessment, by=manager, sha256=assessment.snapshots.get().sha256)
    logged_in(reader).get(address)
    read(logged_in(reader).get("/fravigelser/hent/csv/"))
    return logged_in(administrator), type(assessment).objects.get(pk=assessment.pk), manager, reader


def test_who_had_opened_the_assessment_before_it_was_approved_is_told(seen) -> None:
    client, assessment, manager, reader = seen
    page = client.get(reverse("assessments:detail", args=[assessment.initiative.number, assessment.no]))
    address = f"/registre/adgang/?initiative={assessment.initiative.number}&amp;no={assessment.no}"
    assert f'href="{address}"' in page.content.decode()
    shown = list(client.get(address.replace("amp;", "")).context["page"])
    others = [one for one in shown if one.user in (manager, reader)]
    assert [one.user for one in others] == [reader, manager]
    assert others[1].at < assessment.approved_at < others[0].at


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 4),
        ({"kind": "fetched"}, 1),
        ({"kind": "log_in"}, 0),
        ({"person": "reader"}, 2),
        ({"initiative": "number"}, 3),
        ({"initiative": "number", "no": "1"}, 2),
        ({"initiative": "number", "no": "11"}, 0),
        ({"initiative": "1999-001"}, 0),
        ({"since": "today", "until": "today"}, 4),
        ({"until": "01.01.2020"}, 0),
        ({"since": "01.01.2090"}, 0),
    ],
)
def test_it_is_found_by_person_initiative_kind_and_days(seen, asked, count) -> None:
    client, assessment, _, reader = seen
    known = {"reader": reader.pk, "number": assessment.initiative.number, "today": f"{timezone.localdate():%d.%m.%Y}"}
    query = {name: known.get(value, value) for name, value in asked.items()}
    assert client.get("/registre/adgang/", query).context["page"].paginator.count == count


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"initiative": "hest"}, "Skriv initiativets nummer som 2026-014."),
        ({"no": "1"}, "Skriv, hvilket initiativ SUSI-vurderingen hører til."),
        ({"person": "0"}, "Valget findes ikke på listen"),
        ({"since": "02.01.2026", "until": "01.01.2026"}, "Den sidste dag ligger før den første."),
        ({"since": "hest"}, "Skriv datoen som 02.11.2026."),
    ],
)
def test_what_cannot_be_read_is_said_and_never_left_out_of_a_file(seen, asked, sentence) -> None:
    client = seen[0]
    page = client.get("/registre/adgang/", asked)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert client.get("/registre/adgang/csv/", asked).status_code == 422


def test_it_is_fetched_as_a_file_which_is_noted_too(seen, administrator) -> None:
    client, assessment, *_ = seen
    text = read(client.get("/registre/adgang/csv/", {"initiative": assessment.initiative.number}))
    header, *rows = text.split("\r\n")
    assert header.startswith("\ufeffDag;Klokken;Person;Bruger-id;Hændelse;Side;Initiativ;Adresse")
    assert [row.split(";")[5] for row in rows[:3]] == ["SUSI-vurdering", "Initiativets side", "SUSI-vurdering"]
    assert f"# Filtre: Initiativ: »{assessment.initiative.number}«" in text
    assert "# Antal: 3" in text
    noted = AccessEntry.objects.first()
    assert (noted.view, noted.user, noted.rows) == ("registers_access_csv", administrator, 3)


def test_long_lists_are_shown_page_by_page(seen, monkeypatch) -> None:
    monkeypatch.setattr(access_views, "PER_PAGE", 3)
    second = seen[0].get("/registre/adgang/?page=2")
    assert len(second.context["page"].object_list) == 1
    assert "Side 2 af 2" in second.content.decode()


@pytest.mark.parametrize("role", [Role.READER, Role.LEAD, Role.MANAGER])
def test_it_is_for_administrators_alone(role: Role) -> None:
    client = logged_in(person(role))
    for address in ("/registre/adgang/", "/registre/adgang/csv/"):
        assert client.get(address).status_code == 403
    assert "Hvem har set hvad" not in client.get("/registre/").content.decode()


def test_administrators_find_it_among_the_registers(administrator) -> None:
    assert 'href="/registre/adgang/"' in logged_in(administrator).get("/registre/").content.decode()
