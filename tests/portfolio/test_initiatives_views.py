"""The list of initiatives: filters in any combination, order, and who sees what."""

import datetime
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from phases.terms import Outcome, Phase, Stage, Track
from portfolio import actions
from portfolio.filters import phase_model
from portfolio.models import Initiative, PhaseRun
from portfolio.sorting import CHOICES
from susi.models import User
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import from_source

pytestmark = pytest.mark.django_db
URL = "/initiativer/"


@pytest.fixture(autouse=True)
def lead(client):
    user = person(Role.LEAD)
    client.force_login(user)
    return user


def titles(client, **chosen: str) -> list[str]:
    """The titles in the list, in its order."""
    html = client.get(URL, chosen).content.decode()
    return re.findall(r'<td><a href="/initiativer/[^"]+/">([^<]+)</a>', html)


@pytest.fixture
def portfolio():
    adults = AgreementFactory(programme__key="uip-voksne", programme__name="UIP voksne", year=2019)
    children = AgreementFactory(programme__key="uip-boern-unge", programme__name="UIP børn og unge", year=2019)
    made = {
        "Åben dør": from_source(Phase.MATURATION, title="Åben dør", programme=adults.programme, outcome="not_ended"),
        "Zoner": from_source(
            Phase.SCREENING, Phase.MATURATION, title="Zoner", programme=adults.programme, outcome="recommended"
        ),
        "Ærlig snak": from_source(Phase.DISSEMINATION, title="Ærlig snak", programme=children.programme, counts_as=3),
        "Aarhus": initiative_in(Phase.TRIAL, Track.TWO, title="Aarhus", description="Om unge uden bolig"),
        "Bolig først": initiative_in(None, title="Bolig først", problem="Hjemløshed blandt UNGE"),
        "Øvelse": from_source(Phase.SCREENING, title="Øvelse", state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED),
    }
    made["Åben dør"].agreements.add(adults)
    made["Ærlig snak"].agreements.add(children)
    return {"initiatives": made, "adults": adults, "children": children}


def test_everything_in_danish_order_with_a_count(client, portfolio) -> None:
    assert titles(client) == ["Bolig først", "Zoner", "Ærlig snak", "Øvelse", "Åben dør", "Aarhus"]
    html = client.get(URL).content.decode()
    assert "<strong>6 rækker</strong>, der tæller som 8 initiativer" in html
    assert "<strong>1 initiativ</strong>" in client.get(URL, {"q": "aarhus"}).content.decode()


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"programme": "uip-voksne"}, ["Zoner", "Åben dør"]),
        ({"programme": "none"}, ["Bolig først", "Øvelse", "Aarhus"]),
        ({"phase": "screening"}, ["Zoner", "Øvelse"]),
        ({"phase": "maturation"}, ["Zoner", "Åben dør"]),
        ({"phase": "proposal"}, ["Bolig først"]),
        ({"track": "2"}, ["Aarhus"]),
        ({"track": "unknown"}, ["Zoner", "Ærlig snak", "Åben dør"]),
        ({"phase": "screening", "track": "unknown"}, []),  # screening has no track to be silent on
        ({"phase": "maturation", "track": "unknown"}, ["Zoner", "Åben dør"]),
        ({"status": "running"}, ["Åben dør", "Aarhus"]),
        ({"status": "recommended"}, ["Zoner"]),
        ({"status": "stopped"}, ["Øvelse"]),
        ({"status": "unknown"}, ["Ærlig snak"]),
        ({"status": "proposal"}, ["Bolig først"]),
        ({"status": "not_ended"}, ["Bolig først", "Zoner", "Ærlig snak", "Åben dør", "Aarhus"]),
        ({"agreement": "none"}, ["Bolig først", "Zoner", "Øvelse", "Aarhus"]),
        ({"q": "unge"}, ["Bolig først", "Aarhus"]),
        ({"q": "  UNGE   hjemløshed "}, ["Bolig først"]),
        ({"q": "bolig unge", "phase": "trial"}, ["Aarhus"]),
        ({"q": "100%"}, []),
        ({"programme": "uip-voksne", "phase": "maturation", "status": "running", "track": "unknown"}, ["Åben dør"]),
    ],
)
def test_filters(client, portfolio, chosen, expected) -> None:
    assert titles(client, **chosen) == expected


def test_filter_by_agreement(client, portfolio) -> None:
    assert titles(client, agreement=str(portfolio["children"].pk)) == ["Ærlig snak"]


def test_sorted_by_number_or_phase(client, portfolio) -> None:
    numbers = [initiative.number for initiative in Initiative.objects.order_by("number")]
    html = client.get(URL, {"sort": "number"}).content.decode()
    assert re.findall(r"<td>(\d{4}-\d{3})</td>", html) == numbers
    assert titles(client, sort="phase") == ["Bolig først", "Øvelse", "Zoner", "Åben dør", "Aarhus", "Ærlig snak"]


def test_no_hits_says_what_was_asked_and_how_to_ask_for_more(client, portfolio) -> None:
    html = client.get(URL, {"q": "findes ikke", "phase": "trial"}).content.decode()
    assert "Ingen initiativer passer til alle 2 filtre på én gang" in html
    assert 'href="/initiativer/?phase=trial">Fjern Fritekst: »findes ikke«</a> (1 initiativ)' in html
    assert 'href="/initiativer/?q=findes+ikke">Fjern Fase: Afprøvning</a> (0 initiativer)' in html


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"phase": "ended"}, "Vælg en af mulighederne på listen."),
        ({"agreement": "999"}, "Vælg en af mulighederne på listen."),
        ({"programme": "ukendt"}, "Vælg en af mulighederne på listen."),
        ({"sort": "lead__password"}, "Vælg en af mulighederne på listen."),
        ({"q": "010203-1234"}, "CPR-nummer"),
        ({"q": "x" * 201}, "for lang"),
    ],
)
def test_a_forged_or_forbidden_filter_is_told_and_left_out(client, portfolio, chosen, sentence) -> None:
    response = client.get(URL, chosen)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert len(titles(client, **chosen)) == 6


def test_pages_of_fifty(client) -> None:
    for _ in range(51):
        initiative_in(None)
    assert len(titles(client)) == 50
    assert len(titles(client, page="2")) == 1
    assert len(titles(client, page="99", phase="proposal")) == 1  # the last page there is
    assert "page=2&amp;phase=proposal" in client.get(URL, {"page": "1", "phase": "proposal"}).content.decode()


def test_a_reader_sees_no_proposals_and_a_person_without_role_nothing(client, portfolio) -> None:
    client.force_login(person(Role.READER))
    assert "Bolig først" not in titles(client)
    assert "Opret forslag" not in client.get(URL).content.decode()
    client.force_login(person())
    assert titles(client) == []


def test_one_has_to_log_in(client) -> None:
    client.logout()
    assert client.get(URL).status_code == 302


def test_every_number_of_the_phase_model_is_the_number_behind_its_link(client, portfolio) -> None:
    """A row may count as several, and one of two phases together is in both."""
    cells = phase_model(frozenset({Role.MANAGER}))[0]
    assert {(cell["phase"], cell["track"]): cell["count"] for cell in cells if cell["count"]} == {
        ("screening", ""): 1,
        ("maturation", ""): 2,
        ("trial", "2"): 1,
        ("dissemination", ""): 3,
    }
    weights = dict(Initiative.objects.values_list("title", "counts_as"))
    for cell in cells:
        path, _, query = cell["url"].partition("?")
        assert path == reverse("portfolio:initiative_list")
        html = client.get(cell["url"]).content.decode()
        hits = re.findall(r'<td><a href="/initiativer/[^"]+/">([^<]+)</a>', html)
        assert sum(weights[title] for title in hits) == cell["count"], query


def test_an_ended_initiative_is_in_no_box(client) -> None:
    from_source(Phase.TRIAL, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED)
    assert Initiative.objects.get().phase == Stage.ENDED
    assert not any(cell["count"] for cell in phase_model(frozenset({Role.MANAGER}))[0])


def links(client, address: str) -> list[str]:
    """The links to the list itself on the page at `address`, as a browser follows them."""
    html = client.get(address).content.decode()
    found = re.findall(r'href="((?:/initiativer/)?\?[^"]*)"', html)
    return [unescape(link) for link in found]


def test_every_header_sorts_both_ways_and_says_so(client, portfolio) -> None:
    for label, sort in [("Nummer", "number"), ("Titel", "title"), ("Initiativansvarlig", "lead")]:
        for now, other, aria in [(sort, f"-{sort}", "ascending"), (f"-{sort}", sort, "descending")]:
            html = client.get(URL, {"sort": now, "phase": "maturation"}).content.decode()
            assert html.count("aria-sort") == 1
            header = re.search(r'<th scope="col" aria-sort="(\w+)"><a href="([^"]+)">(\w+)', html)
            assert header
            assert header.groups() == (aria, f"?sort={other}&amp;phase=maturation", label)
    assert 'aria-sort="ascending"><a href="?sort=-title">Titel' in client.get(URL).content.decode()


def test_sorting_begins_at_the_first_page(client, portfolio) -> None:
    headers = [link for link in links(client, f"{URL}?page=1&phase=trial") if "sort=" in link]
    assert len(headers) == 8
    assert all("page=" not in link and "phase=trial" in link for link in headers)


def test_filtering_keeps_the_order_and_the_day(client, portfolio, lead) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Initiative.history.update(history_date=timezone.now() - datetime.timedelta(days=3))
    User.history.update(history_date=timezone.now() - datetime.timedelta(days=3))
    PhaseRun.history.update(history_date=timezone.now() - datetime.timedelta(days=3))
    day = f"{yesterday:%d.%m.%Y}"
    address = f"{URL}?sort=-title&phase=maturation&status=running&dag={day}"
    assert titles(client, sort="-title", phase="maturation", status="running", dag=day) == ["Åben dør"]
    followed = [link for link in links(client, address) if "phase=" in link or "status=" in link or "sort=" in link]
    without_the_day = [link for link in followed if f"dag={day}" not in link]
    assert without_the_day == ["/initiativer/?sort=-title&phase=maturation&status=running"]  # "Vis i dag"
    assert f'<input type="hidden" name="dag" value="{day}">' in client.get(address).content.decode()
    overview = client.get("/", {"dag": day}).content.decode()
    cells = re.findall(r'href="(/initiativer/\?phase=[^"]+)"', overview)
    assert cells
    assert all(f"dag={day}" in unescape(cell) for cell in cells)


def test_removing_filters_keeps_the_order(client, portfolio) -> None:
    found = links(client, f"{URL}?phase=maturation&status=running&sort=number&page=1")
    assert "/initiativer/?status=running&sort=number" in found
    assert "/initiativer/?phase=maturation&sort=number" in found
    assert "/initiativer/?sort=number" in found  # all


def test_the_folded_filters_are_open_where_one_of_them_is_chosen_or_wrong(client, portfolio) -> None:
    def is_open(**chosen: str) -> bool:
        html = client.get(URL, chosen).content.decode()
        return bool(re.search(r'<details class="details susi-more-filters"\s+open', html))

    assert not is_open()
    assert not is_open(phase="trial", sort="lead")
    assert is_open(lead="none")
    assert is_open(agreement="999")


def test_a_bookmark_of_something_gone_is_told(client, portfolio) -> None:
    html = client.get(URL, {"lead": "99999", "phase": "maturation"}).content.decode()
    assert "Initiativansvarlig: Valget findes ikke på listen (længere), og listen er derfor ikke filtreret" in html
    assert titles(client, lead="99999", phase="maturation") == ["Zoner", "Åben dør"]


def test_mine_are_those_i_lead_or_am_a_member_of(client, portfolio, lead) -> None:
    assert titles(client, lead="me") == []
    portfolio["initiatives"]["Zoner"].members.add(lead)
    actions.set_people(
        initiative=portfolio["initiatives"]["Øvelse"], by=person(Role.MANAGER), version=1, lead=lead, members=[]
    )
    assert titles(client, lead="me") == ["Zoner", "Øvelse"]
    assert titles(client, lead=str(lead.pk)) == ["Øvelse"]


def test_one_programme_of_several_agreements_of_a_year_is_one_hit(client, portfolio) -> None:
    portfolio["initiatives"]["Zoner"].agreements.set([portfolio["adults"], portfolio["children"]])
    assert titles(client, year="2019") == ["Zoner", "Ærlig snak", "Åben dør"]


def test_people_are_in_danish_order(client) -> None:
    for first, last in [("Åse", "A"), ("Aage", "B"), ("Zita", "C"), ("Ærlig", "D"), ("Bo", "E")]:
        initiative_in(None, title=f"Ledes af {first}", lead=person(Role.LEAD, first_name=first, last_name=last))
    names = ["Bo", "Zita", "Ærlig", "Aage", "Åse"]
    assert titles(client, sort="lead") == [f"Ledes af {name}" for name in names]
    assert titles(client, sort="-lead") == [f"Ledes af {name}" for name in reversed(names)]
    html = client.get(URL).content.decode()
    offered = re.findall(r'<option value="\d+">(\w+) [A-E]</option>', html)
    assert offered == names


@pytest.mark.parametrize("sort", [name for name, _ in CHOICES])
def test_where_nothing_is_told_of_a_column_the_titles_give_the_order(client, sort: str) -> None:
    for title in ("A", "Å"):
        initiative_in(None, title=title, lead=None, programme=None)
    assert titles(client, sort=sort) == (["Å", "A"] if sort in ("-title", "-number") else ["A", "Å"])
    file = b"".join(client.get(f"{URL}hent/csv/", {"sort": sort}).streaming_content).decode()
    assert "# Antal: 2 initiativer" in file


def test_queries_do_not_grow_with_the_portfolio(client, portfolio) -> None:
    addresses = [URL, f"{URL}?q=e&deviations=no&sort=lead&lead=none", f"{URL}?q=findesikke&phase=trial"]
    few = [queries(client, address) for address in addresses]
    assert few[0] <= 14
    for _ in range(3):
        from_source(Phase.SCREENING, Phase.MATURATION, title="Eksempel", problem="Tekst")
        initiative_in(Phase.SCREENING)
    assert [queries(client, address) for address in addresses] == few


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def test_no_hits_and_no_filter(client) -> None:
    empty = client.get(URL).content.decode()
    assert "Der er ingen initiativer, du kan se endnu." in empty
    assert "Hent som" not in empty  # there is nothing to take along
