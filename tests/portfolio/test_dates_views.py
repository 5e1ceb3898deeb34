"""The dates of the phases, filled in by those who know them: what is taken, what is refused, and what stays."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from phases.terms import Outcome, Phase, Track
from portfolio import dating
from portfolio.models import Initiative, PhaseRun
from susi.dates import PartialDate, parse, read
from susi.days import today
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import DAY, anew, decide, from_source

pytestmark = pytest.mark.django_db

SOURCE = "Eksempel på et bevillingsbrev"
STARTED, ENDED, EXPECTED_START, EXPECTED_END = dating.NAMES


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def ended() -> Initiative:
    """A row of a source, ended at a time it does not say."""
    return from_source(Phase.MATURATION, state=PhaseRun.State.ENDED, outcome=Outcome.CONTINUED)


def address(initiative: Initiative) -> str:
    return reverse("portfolio:initiative_dates", args=[initiative.number])


def field(initiative: Initiative, name: str, run: PhaseRun | None = None) -> str:
    return f"run-{(run or initiative.current_run).pk}-{name}"


def fill_in(client, user, initiative: Initiative, *, version: int | None = None, source: str = SOURCE, **dates: str):
    client.force_login(user)
    written = {field(initiative, name): text for name, text in dates.items()}
    return client.post(address(initiative), {**written, "version": version or initiative.version, "source": source})


def dates_of(initiative: Initiative) -> dict[str, str]:
    run = anew(initiative).current_run
    return {name: str(read(run, name) or "") for name in dating.NAMES}


class TestFillingIn:
    def test_dates_are_kept_as_closely_as_they_are_known(self, client, manager, ended) -> None:
        response = fill_in(client, manager, ended, started_on="03.2018", ended_on="2021", expected_end="31.12.2020")
        assert response.url == reverse("portfolio:initiative_detail", args=[ended.number])
        assert dates_of(ended) == {
            STARTED: "marts 2018", ENDED: "2021", EXPECTED_START: "", EXPECTED_END: "31.12.2020"
        }  # fmt: skip
        assert "Datoerne er gemt." in client.get(response.url).content.decode()

    def test_who_and_from_where_stands_in_the_history(self, client, manager, ended) -> None:
        fill_in(client, manager, ended, started_on="2018")
        for row in (ended.current_run.history.first(), anew(ended).history.first()):
            assert (row.history_user, row.history_change_reason) == (manager, f"Datoer: {SOURCE}")
        html = client.get(reverse("portfolio:initiative_history", args=[ended.number])).content.decode()
        assert "Modning: datoer rettet" in html
        assert f"Datoer: {SOURCE}" in html

    def test_a_date_can_be_taken_away_again(self, client, manager, ended) -> None:
        fill_in(client, manager, ended, started_on="2018")
        fill_in(client, manager, anew(ended), started_on="")
        assert dates_of(ended)[STARTED] == ""

    def test_what_is_shown_can_be_sent_back_unchanged(self, client, manager, ended) -> None:
        fill_in(client, manager, ended, started_on="03.2018", ended_on="02.11.2021")
        html = client.get(address(ended)).content.decode()
        assert 'value="marts 2018"' in html
        assert 'value="02.11.2021"' in html
        response = fill_in(client, manager, anew(ended), started_on="marts 2018", ended_on="02.11.2021")
        assert response.status_code == 422
        assert "Du har ikke ændret nogen datoer" in response.content.decode()

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
    def test_managers_and_administrators_do(self, client, ended, role) -> None:
        user = person(role)
        client.force_login(user)
        assert client.get(address(ended)).status_code == 200
        assert address(ended) in client.get(f"/initiativer/{ended.number}/").content.decode()
        assert fill_in(client, user, ended, started_on="2018").status_code == 302

    def test_so_do_lead_and_members(self, client) -> None:
        initiative, member = from_source(Phase.MATURATION), person(Role.LEAD)
        initiative.members.add(member)
        assert fill_in(client, member, initiative, started_on="2018").status_code == 302

    @pytest.mark.parametrize("role", [Role.READER, Role.LEAD])
    def test_others_do_not(self, client, ended, role) -> None:
        user = person(role)
        assert fill_in(client, user, ended, started_on="2018").status_code == 403
        assert client.get(address(ended)).status_code == 403
        assert address(ended) not in client.get(f"/initiativer/{ended.number}/").content.decode()
        with pytest.raises(NotAllowed):
            dating.change_dates(initiative=ended, by=user, version=ended.version, dates={}, source=SOURCE)
        assert dates_of(ended)[STARTED] == ""

    def test_a_proposal_has_none(self, client, manager) -> None:
        client.force_login(manager)
        proposal = initiative_in(None)
        assert "ikke begyndt på en fase endnu" in client.get(address(proposal)).content.decode()
        client.force_login(person(Role.READER))
        assert client.get(address(proposal)).status_code == 404


NEXT_YEAR, FAR = str(today().year + 1), str(today().year + 21)


class TestRefused:
    @pytest.mark.parametrize(
        ("written", "sentence"),
        [
            ({"started_on": "i foråret"}, "Det kan ikke læses som en dato."),
            ({"started_on": "010203-1234"}, "Det kan ikke læses som en dato."),
            ({"ended_on": "30.02.2021"}, "Den dato findes ikke i kalenderen."),
            ({"started_on": NEXT_YEAR}, "Datoen er ikke kommet endnu."),
            ({"ended_on": NEXT_YEAR}, "Datoen er ikke kommet endnu."),
            ({"started_on": "2021", "ended_on": "2020"}, "Fasen kan ikke være afsluttet 2020, før den begyndte 2021."),
            ({"started_on": "02.11.2021", "ended_on": "10.2021"}, "før den begyndte 02.11.2021."),
            ({"started_on": "2021", "expected_end": "12.2020"}, "Fasen kan ikke forventes afsluttet december 2020"),
            ({"expected_start": "2022", "expected_end": "2021"}, "før den forventes begyndt 2022."),
            ({"expected_end": FAR}, "mere end 20 år ude i fremtiden"),
            ({"started_on": "2018", "source": ""}, "Feltet skal udfyldes."),
            ({"started_on": "2018", "source": "Borgeren 010190-1234"}, "ligner et CPR-nummer"),
            ({"started_on": "2018", "source": "x" * 91}, "Teksten er for lang"),
            ({"started_on": "2018", "source": "et\x0bbrev"}, "Teksten"),
        ],
    )
    def test_with_the_reason_and_nothing_lost(self, client, manager, ended, written, sentence) -> None:
        response = fill_in(client, manager, ended, **written)
        html = response.content.decode()
        assert response.status_code == 422
        assert sentence in html
        for text in filter(None, written.values()):
            assert text in html
        assert set(dates_of(ended).values()) == {""}
        assert anew(ended).version == ended.version

    @pytest.mark.parametrize(
        ("started_on", "ended_on"),
        [("2021", "2021"), ("02.11.2021", "2021"), ("11.2021", "02.11.2021"), ("02.11.2021", "02.11.2021")],
    )
    def test_what_may_be_in_order_is_taken(self, client, manager, ended, started_on, ended_on) -> None:
        assert fill_in(client, manager, ended, started_on=started_on, ended_on=ended_on).status_code == 302

    def test_a_later_phase_does_not_begin_first(self, client, manager) -> None:
        initiative = from_source(Phase.SCREENING, Phase.MATURATION)
        first, second = initiative.runs.order_by("sequence")
        client.force_login(manager)
        written = {field(initiative, STARTED, first): "2021", field(initiative, STARTED, second): "2020"}
        response = client.post(address(initiative), {**written, "version": initiative.version, "source": SOURCE})
        assert response.status_code == 422
        assert "Modning kan ikke begynde før screening, som begyndte 2021." in response.content.decode()

    def test_only_a_decision_ends_an_open_phase(self, client, manager) -> None:
        initiative = from_source(Phase.MATURATION, outcome=Outcome.NOT_ENDED)
        client.force_login(manager)
        assert f'name="{field(initiative, ENDED)}"' not in client.get(address(initiative)).content.decode()
        response = fill_in(client, manager, initiative, started_on="2020", ended_on="2021")
        assert response.status_code == 302
        assert dates_of(initiative)[ENDED] == ""
        with pytest.raises(Refused, match="Modning afsluttet kan kun ændres ved en beslutning"):
            dating.change_dates(
                initiative=initiative,
                by=manager,
                version=anew(initiative).version,
                dates={initiative.current_run_id: {ENDED: parse("2021")}},
                source=SOURCE,
            )

    def test_dates_of_a_decision_are_shown_and_stay(self, client, manager) -> None:
        factories.rulebook()
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
        decision = decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE)
        screening, maturation = initiative.runs.order_by("sequence")
        client.force_login(manager)
        html = " ".join(client.get(address(initiative)).content.decode().split())
        assert html.count(f"{DAY:%d.%m.%Y} (<a href=") == 2
        assert f"beslutning {initiative.number}-{decision.no}" in html
        assert f'name="{field(initiative, STARTED, screening)}"' in html
        for run, name in ((screening, ENDED), (maturation, STARTED)):
            assert f'name="{field(initiative, name, run)}"' not in html
            with pytest.raises(Refused):
                dating.change_dates(
                    initiative=initiative,
                    by=manager,
                    version=anew(initiative).version,
                    dates={run.pk: {name: parse("2020")}},
                    source=SOURCE,
                )
        response = client.post(
            address(initiative),
            {
                field(initiative, STARTED, screening): "04.03.2026",
                "version": anew(initiative).version,
                "source": SOURCE,
            },
        )
        assert response.status_code == 422
        assert "Fasen kan ikke være afsluttet 02.03.2026, før den begyndte 04.03.2026." in response.content.decode()


class TestTwoAtOnce:
    def test_the_second_sees_both_and_can_save_over(self, client, manager, ended) -> None:
        fill_in(client, manager, ended, started_on="2018")
        response = fill_in(client, person(Role.MANAGER), ended, started_on="2019", ended_on="2021")
        html = response.content.decode()
        assert response.status_code == 409
        assert dates_of(ended)[STARTED] == "2018"
        for shown in ("har gemt, mens du skrev", "Modning begyndt", ">2018<", ">2019<", 'value="2019"', SOURCE):
            assert shown in html, shown
        assert f'name="version" value="{anew(ended).version}"' in html
        fill_in(client, manager, anew(ended), started_on="2019", ended_on="2021")
        assert dates_of(ended)[STARTED] == "2019"

    def test_a_second_click_is_told_that_it_is_saved(self, client, manager, ended) -> None:
        fill_in(client, manager, ended, started_on="2018")
        rows = PhaseRun.history.count()
        response = fill_in(client, manager, ended, started_on="2018")
        assert response.status_code == 409
        assert "er gemt, som du har skrevet dem" in response.content.decode()
        assert PhaseRun.history.count() == rows

    def test_the_action_itself_refuses_what_is_old(self, manager, ended) -> None:
        with pytest.raises(Conflict):
            dating.change_dates(initiative=ended, by=manager, version=0, dates={}, source=SOURCE)


def test_the_number_of_queries_is_the_same_for_one_phase_and_for_two(client, manager, ended) -> None:
    client.force_login(manager)
    costs = []
    for initiative in (ended, from_source(Phase.SCREENING, Phase.MATURATION)):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(initiative))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_every_date_has_a_name_on_the_row() -> None:
    run = PhaseRun(started_on=datetime.date(2020, 1, 1), started_on_precision="day")
    assert dating.dates_of(run) == {
        STARTED: PartialDate(datetime.date(2020, 1, 1)), ENDED: None, EXPECTED_START: None, EXPECTED_END: None
    }  # fmt: skip
