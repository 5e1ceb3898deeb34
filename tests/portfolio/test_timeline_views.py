"""The page of the timeline: what it draws of whom, in which groups, as of which day, and at what cost."""

import datetime
import re
import xml.etree.ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from phases.terms import Outcome, Phase, Track
from portfolio import timeline_rows
from portfolio.models import Continuation, Initiative, PhaseRun, TargetGroup
from susi.clock import clock_at
from susi.dates import COPENHAGEN, parse, write
from susi.roles import Role
from tests.factories import AgreementFactory, ProgrammeFactory, initiative_in, person
from tests.markup import Element, Page
from tests.portfolio.portfolios import dated, from_source

pytestmark = pytest.mark.django_db

URL = "/tidslinje/"
ENDED = PhaseRun.State.ENDED
NOON = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=COPENHAGEN)


@pytest.fixture(autouse=True)
def somebody(client) -> None:
    client.force_login(person(Role.MANAGER))


def shown(client, **chosen: str) -> Element:
    response = client.get(URL, chosen)
    assert response.status_code == 200
    return Page(response.content.decode()).root


def groups(root: Element) -> dict[str, list[str]]:
    """Return the titles drawn in each group, in order, as the figures' tables have them."""
    return {
        next(section.all("h2")).text: [cell.text for cell in section.all("th") if cell.get("scope") == "row"]
        for section in root.all("section")
        if "susi-timeline" in section.get("class").split()
    }


def undated(root: Element) -> list[str]:
    return [link.text for one in root.all("ul") if one.get("class").startswith("susi-undated") for link in one.all("a")]


def wrong(root: Element) -> dict[str, str]:
    """Return the sentences of the summary of errors, of which there is one at most, by the field each leads to."""
    summaries = [one for one in root.all("div") if one.get("data-module") == "error-summary"]
    assert len(summaries) <= 1
    return {link.get("href"): link.text for one in summaries for link in one.all("a")}


def set_dates(initiative: Initiative, **dates: str) -> Initiative:
    run = initiative.runs.get()
    for name, text in dates.items():
        write(run, name, parse(text))
    run.save()
    return initiative


@pytest.fixture
def portfolio() -> dict[str, Initiative]:
    adults = AgreementFactory(programme=ProgrammeFactory(key="uip-voksne", name="UIP voksne", since=2017), year=2019)
    later = AgreementFactory(programme=adults.programme, year=2020)
    programme = adults.programme
    made = {
        "Åben": initiative_in(Phase.MATURATION, Track.TWO, number="2024-001", title="Åben", programme=programme),
        "Funded": from_source(Phase.TRIAL, number="2019-001", title="Funded", programme=programme),
        "Silent": from_source(Phase.SCREENING, number="2019-002", title="Silent", programme=programme),
        "Idea": initiative_in(None, number="2026-001", title="Idea"),
        "Ended": from_source(
            Phase.SCREENING, number="2021-001", title="Ended", state=ENDED, outcome=Outcome.STOPPED, **dated(2022)
        ),
    }
    made["Åben"].agreements.add(adults, later)
    made["Funded"].agreements.add(adults)
    set_dates(made["Åben"], expected_end="2030")
    return made


def test_grouped_by_programme_with_the_undated_below(client, portfolio) -> None:
    root = shown(client)
    assert groups(root) == {"UIP voksne 3": ["Funded 2019-001", "Åben 2024-001"], "Uden program 2": ["Ended 2021-001"]}
    assert undated(root) == ["Idea", "Silent"]
    assert "1 uden kendte datoer står nederst." in root.text


def test_grouped_by_agreement_or_target_group_each_has_its_own(client, portfolio) -> None:
    adults, disabled = (TargetGroup.objects.create(key=key, name=key) for key in ("Voksne", "Handicap"))
    portfolio["Åben"].target_groups.add(adults, disabled)
    portfolio["Ended"].target_groups.add(adults)
    root = shown(client, gruppe="agreement")
    assert groups(root) == {
        "UIP 2019 (UIP voksne) 2": ["Funded 2019-001", "Åben 2024-001"],
        "UIP 2020 (UIP voksne) 1": ["Åben 2024-001"],
        "Uden aftale 3": ["Ended 2021-001"],
    }
    assert "Et initiativ, der hører til flere grupper, står i hver af dem." in root.text
    assert groups(shown(client, gruppe="target_group")) == {
        "Voksne 2": ["Ended 2021-001", "Åben 2024-001"],
        "Handicap 1": ["Åben 2024-001"],
        "Målgruppe ikke oplyst 3": ["Funded 2019-001"],
    }
    assert "Et initiativ, der hører" not in shown(client).text


def test_an_agreement_that_is_not_known_is_not_said_to_be_none(client, portfolio) -> None:
    (row,) = [one for one in shown(client).all("tr") if "2021-001" in one.text]
    assert [cell.text for cell in row.all("td")][1] == "Ikke oplyst"
    url = reverse("portfolio:initiative_detail", args=["2021-001"])
    assert "Aftaler Ikke oplyst" in " ".join(Page(client.get(url).content.decode()).root.text.split())


def test_the_count_of_a_group_leads_to_the_list_of_it(client, portfolio) -> None:
    for grouping in ("programme", "agreement"):
        root = shown(client, gruppe=grouping, status="not_ended")
        links = [one for one in root.all("a") if one.get("class") == "susi-count"]
        assert links
        for link in links:
            listed = client.get(link.get("href")).content.decode()
            assert f"<strong>{link.text} initiativ" in listed, link.get("href")
    chosen = shown(client, programme="uip-voksne")
    assert not [one for one in chosen.all("a") if one.get("class") == "susi-count"]


def test_filters_and_order_as_in_the_list(client, portfolio) -> None:
    assert groups(shown(client, phase="maturation")) == {"UIP voksne 1": ["Åben 2024-001"]}
    assert groups(shown(client, programme="uip-voksne", sort="number"))["UIP voksne 3"][0] == "Funded 2019-001"
    nothing = shown(client, q="findes ikke", phase="trial")
    assert groups(nothing) == {}
    assert undated(nothing) == []
    assert "Ingen initiativer passer til alle 2 filtre på én gang." in nothing.text
    assert "/tidslinje/?q=findes+ikke" in [one.get("href") for one in nothing.all("a") if "Afprøvning" in one.text]


def test_an_unknown_grouping_is_told_and_the_programmes_shown(client, portfolio) -> None:
    root = shown(client, gruppe="lead__password")
    assert wrong(root) == {"#id_gruppe": "Gruppér efter: Vælg en af mulighederne på listen."}
    assert "UIP voksne 3" in groups(root)
    both = wrong(shown(client, gruppe="lead__password", phase="9"))
    assert list(both) == ["#id_phase", "#id_gruppe"], "in one summary"
    assert wrong(shown(client)) == {}


def test_the_figures_are_sound_and_say_what_the_table_says(client, portfolio) -> None:
    set_dates(portfolio["Ended"], started_on="2020", expected_end="2021")
    html = client.get(URL).content.decode()
    figures = [ET.fromstring(one) for one in re.findall(r"<svg class=\"susi-timeline__figure\".*?</svg>", html, re.S)]  # noqa: S314
    assert len(figures) == 2
    told = {title.text.strip() for figure in figures for title in figure.iter("title")}
    for figure in figures:
        assert figure.find("title").text.strip()
        assert figure.find("desc").text.strip()
    names = [ET.fromstring(one) for one in re.findall(r"<svg class=\"susi-timeline__names\".*?</svg>", html, re.S)]  # noqa: S314
    for beside, figure in zip(names, figures, strict=True):
        assert beside.get("height") == figure.get("height")
        left, *_ = map(int, figure.get("viewBox").split())
        assert int(beside.get("width")) == left, "the years begin where the names end"
    linked = [link.get("href") for beside in names for link in beside.iter("a")]
    assert len(linked) == sum(len([*one.all("tr")]) - 1 for one in Page(html).root.all("table"))
    table = [cell.text for one in Page(html).root.all("table") for cell in one.all("td") for cell in cell.all("p")]
    drawn = {title.partition(": ")[2] for title in told if ": " in title and not title.startswith("Tidslinje")}
    assert drawn == {
        "aftale fra 2019",
        "Modning, spor 2: begyndt 01.01.2024, i gang, forventes afsluttet i 2030",
        "Screening: begyndt i 2020, afsluttet i 2022, 1 år senere end forventet (2021)",
    }
    assert drawn - {"aftale fra 2019"} <= set(table)
    assert "Afprøvning: datoerne er ikke oplyst" in table


def test_what_no_source_says_has_ended_is_not_drawn_until_today(client, portfolio) -> None:
    set_dates(portfolio["Silent"], started_on="2019")
    html = client.get(URL).content.decode()
    assert "Silent: Screening: begyndt i 2019, det er ikke oplyst, om fasen er afsluttet" in html
    assert html.count('class="susi-timeline__mark"') == 1 + 1 + 1  # it, the ended one, and the legend


def test_links_are_drawn_and_said_in_words(client, portfolio) -> None:
    link = Continuation.objects.create(
        from_initiative=portfolio["Funded"], to_initiative=portfolio["Åben"], source="Bilag 1"
    )
    outside = Continuation.objects.create(
        from_initiative=portfolio["Ended"], to_initiative=portfolio["Åben"], source="Bilag 1"
    )
    html = client.get(URL).content.decode()
    assert "<title>2019-001 videreføres i 2024-001</title>" in html
    assert "→ 2024-001<title>Videreføres i 2024-001</title>" in html  # in the other group's figure
    words = shown(client).text
    assert "Videreføres i 2024-001 Åben" in words
    assert "Viderefører 2021-001 Ended" in words
    for one in (link, outside):
        one.is_annulled = True
        one.save()
    assert "Videreføres i 2024-001" not in client.get(URL).content.decode()


def test_as_of_a_past_day_the_line_stands_there_and_what_came_later_is_gone(client) -> None:
    with clock_at(NOON):
        programme = ProgrammeFactory(name="Da")
        moved = set_dates(initiative_in(Phase.TRIAL, title="Flyttet", programme=programme), expected_end="2030")
    set_dates(moved, expected_end="2031")
    initiative_in(Phase.TRIAL, title="Ny", programme=programme)
    root = shown(client, dag="02.03.2026")
    assert groups(root) == {"Da 1": [f"Flyttet {moved.number}"]}
    assert "forventes afsluttet i 2030" in root.text
    assert "med en linje ved 02.03.2026" in " ".join(one.text for one in root.all("desc"))
    links = [one.get("href") for one in root.all("a") if one.get("class") == "susi-count"]
    assert links == [f"/initiativer/?dag=02.03.2026&programme={programme.key}"]
    assert ("dag", "02.03.2026") in [(one.get("name"), one.get("value")) for one in root.all("input")]
    now = shown(client)
    assert len(groups(now)["Da 2"]) == 2
    assert "forventes afsluttet i 2031" in now.text


def test_a_page_at_a_time_says_how_many_there_are(client, portfolio, monkeypatch) -> None:
    monkeypatch.setattr(timeline_rows, "PER_PAGE", 1)
    first, second, last = (shown(client, page=page) for page in ("1", "2", "5"))
    assert groups(first) == {"UIP voksne 3": ["Funded 2019-001"]}
    assert "1 af 2 står på denne side." in first.text
    assert groups(second) == {"UIP voksne 3": ["Åben 2024-001"]}
    assert groups(last) == {}
    assert undated(last) == ["Silent"]
    assert "1 af dem står på denne side." in last.text
    assert "5 initiativer, vist på 5 sider" in first.text


def test_a_reader_sees_no_proposals(client, portfolio) -> None:
    client.force_login(person(Role.READER))
    assert undated(shown(client)) == ["Silent"]


@pytest.mark.parametrize("gruppe", ["programme", "target_group", "agreement"])
def test_the_cost_does_not_grow(client, portfolio, gruppe) -> None:
    few = cost(client, gruppe)
    agreement = AgreementFactory()
    group = TargetGroup.objects.create(key="alle", name="Alle")
    for no in range(4):
        one = initiative_in(Phase.TRIAL, number=f"2030-{no:03d}", programme=agreement.programme)
        one.agreements.add(agreement)
        one.target_groups.add(group)
        Continuation.objects.create(from_initiative=portfolio["Ended"], to_initiative=one, source="Bilag 1")
    portfolio["Åben"].target_groups.add(group)
    assert cost(client, gruppe) <= few + 1  # links without any to fetch for are not asked for


def cost(client, gruppe: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(URL, {"gruppe": gruppe})
    return len(queries)


def test_the_address_is_the_one_in_the_menu() -> None:
    assert reverse("timeline") == URL
