"""The dry run: what a file would create and change, and which cells are refused, each with its reason."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from phases.terms import Outcome, Phase, Track
from portfolio import columns as c
from portfolio.imports.carrying_out import upload
from portfolio.imports.planning import plan
from portfolio.imports.reading import read
from portfolio.imports.template import workbook
from portfolio.models import Agreement, Initiative, PhaseRun, PortfolioImport, TargetGroup
from susi.errors import NotAllowed
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person, rulebook
from tests.portfolio.portfolios import anew, dated, decide, from_source
from tests.portfolio.sheets import changes, exported, refusals, uploaded, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def agreement() -> Agreement:
    return AgreementFactory(year=2019, programme__name="UIP eksempel")


@pytest.fixture
def initiative(agreement) -> Initiative:
    """One from a source, in modning."""
    initiative = from_source(Phase.MATURATION, title="Eksempel: Et sted at bo", source="Eksempelkilde, række 3")
    initiative.lead = person(Role.LEAD, first_name="Åse", last_name="Eksempel", username="aase")
    initiative.save()
    return anew(initiative)


def sentences(made: PortfolioImport) -> str:
    return " ".join(sentence for *_, sentence in refusals(made))


class TestRoundTrip:
    def portfolio(self, agreement) -> list[Initiative]:
        full = initiative_in(
            Phase.TRIAL,
            programme=agreement.programme,
            title="=Eksempel: lig en formel",
            problem="Første linje\nAnden linje",
            funding="-",
            case_number="2026-1",
            counts_as=3,
        )
        full.agreements.add(agreement, AgreementFactory(year=2020, programme=agreement.programme))
        full.target_groups.add(TargetGroup.objects.create(key="v", name="Udsatte voksne"),
                               TargetGroup.objects.create(key="b", name="Udsatte børn og unge"))  # fmt: skip
        ended = from_source(
            Phase.SCREENING,
            Phase.MATURATION,
            state=PhaseRun.State.ENDED,
            outcome=Outcome.STOPPED,
            title="'=Eksempel",
            **dated(2021),
        )
        return [initiative_in(None, lead=None), full, ended]

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_our_own_export_changes_nothing(self, client, by, agreement, kind) -> None:
        """With mark of the bytes' order, what the export says of itself, and every column."""
        first, full, ended = self.portfolio(agreement)
        started = ended.runs.first()
        started.started_on, started.started_on_precision = datetime.date(2019, 1, 1), "year"
        started.save()
        rulebook()
        decision = decide(full, person(Role.MANAGER), Outcome.AWAITING, reason="Eksempel")
        Initiative._meta.get_field("deviations").related_model.objects.create(
            initiative=full, decision=decision, practical=True, reason="Eksempel", handling="Eksempel",
            owner=person(Role.LEAD), review_on=datetime.date(2027, 1, 1), state="open",
        )  # fmt: skip
        client.force_login(by)
        content = b"".join(client.get(f"/initiativer/hent/{kind}/").streaming_content)
        table = read(f"udtræk.{kind}", content)
        assert set(table.headers.values()) == set(c.EXPORTED)
        assert plan(table) == {"remarks": [], "unchanged": 3, "rows": []}
        place = next(place for place, header in table.headers.items() if header == c.OPEN_DEVIATIONS)
        assert {line.cells[0].text: line.cells[place].text for line in table.lines} == {
            first.number: "0", full.number: "1", ended.number: "0",
        }  # fmt: skip

    def test_nor_does_the_template_filled_in(self, agreement) -> None:
        self.portfolio(agreement)
        found = plan(read("a.xlsx", workbook(Initiative.objects.with_standing())))
        assert found == {"remarks": [], "unchanged": 3, "rows": []}


class TestChanges:
    def test_a_changed_cell_is_shown_as_it_was_and_as_it_becomes(self, by, initiative) -> None:
        new = person(Role.LEAD, first_name="Bo", last_name="Eksempel")
        made = uploaded(by, {c.NUMBER: initiative.number, c.LEAD: "bo eksempel", c.FUNDING: "SSA-reserven"})
        assert changes(made) == [
            ("B2", c.LEAD, "Åse Eksempel", "Bo Eksempel"),
            ("C2", c.FUNDING, "", "SSA-reserven"),
        ]
        assert (made.changed_count, made.created_count, made.refused_count) == (1, 0, 0)
        assert made.plan["rows"][0]["values"] == {"lead_id": new.pk, "funding": "SSA-reserven"}
        assert anew(initiative).funding == ""

    def test_an_empty_cell_empties_and_a_missing_column_does_not(self, by, initiative) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, c.LEAD: None})
        assert changes(made) == [("B2", c.LEAD, "Åse Eksempel", "")]

    def test_a_title_cannot_be_emptied(self, by, initiative) -> None:
        assert sentences(uploaded(by, {c.NUMBER: initiative.number, c.TITLE: None})) == "Titlen kan ikke være tom."

    def test_agreements_and_target_groups_are_several(self, by, initiative, agreement) -> None:
        TargetGroup.objects.create(key="v", name="Udsatte voksne")
        made = uploaded(by, {c.NUMBER: initiative.number, c.PROGRAMME: "UIP eksempel",
                             c.AGREEMENTS: "uip eksempel 2019;", c.TARGET_GROUPS: "Udsatte voksne"})  # fmt: skip
        assert [cell[3] for cell in changes(made)] == ["UIP eksempel", "UIP eksempel 2019", "Udsatte voksne"]

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("02.11.2023", "02.11.2023"),
            ("november 2023", "november 2023"),
            ("11.2023", "november 2023"),
            (2023, "2023"),
            (45232, "02.11.2023"),
            (datetime.datetime(2023, 11, 2), "02.11.2023"),  # noqa: DTZ001 - as a workbook has it
            (datetime.date(2023, 11, 2), "02.11.2023"),
        ],
    )
    def test_dates_are_read_in_every_form(self, by, initiative, written, shown) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, c.STARTED: written})
        assert changes(made) == [("B2", c.STARTED, "", shown)]

    def test_a_number_is_text_where_text_is_meant(self, by, initiative) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, c.CASE_NUMBER: 20261, c.COUNTS_AS: "3"})
        assert [cell[3] for cell in changes(made)] == ["20261", "3"]


class TestRefused:
    @pytest.mark.parametrize(
        ("column", "value", "why"),
        [
            (c.PHASE, "Afprøvning", "Fasen kan kun ændres ved en beslutning om faseovergang. Her står »Modning«."),
            (c.TRACK, "Spor 1", "Sporet kan kun ændres"),
            (c.STATUS, "Afsluttet", "Status følger af"),
            (c.OUTCOME, "Videreføres", "Udfaldet kan kun ændres"),
            (c.SUSI, "Ja til begge", "SUSI-vurderingen kan kun ændres"),
            (c.SOURCE, "En anden", "Kilden hører til"),
            (c.PROGRAMME, "UIP Mars", "»UIP Mars« findes ikke. Skriv en af disse: UIP eksempel."),
            (c.AGREEMENTS, "UIP eksempel 1999", "»UIP eksempel 1999« findes ikke."),
            (c.AGREEMENTS, "UIP eksempel 2019", "et andet program"),
            (c.TARGET_GROUPS, "Alle", "Der er ingen at vælge mellem"),
            (c.LEAD, "Ingen Her", "»Ingen Her« findes ikke. Skriv en af disse: Åse Eksempel (aase)."),
            (c.COUNTS_AS, "0", "Skriv et helt tal"),
            (c.COUNTS_AS, "2,5", "Skriv et helt tal"),
            (c.STARTED, "i går", "Det kan ikke læses som en dato."),
            (c.STARTED, "31.02.2024", "findes ikke i kalenderen"),
            (c.ENDED, "2024", "Fasen er i gang."),
            (c.TITLE, "x" * 301, "Teksten er for lang: Den har 301 tegn"),
            (c.TITLE, "Borger 010190-1234", "CPR-nummer"),
            (c.FUNDING, "a\u202eb", "usynligt tegn"),
            (c.FUNDING, datetime.date(2026, 1, 1), "kan være blevet til en dato"),
        ],
    )
    def test_the_cell_is_named_with_the_reason(self, by, initiative, agreement, column, value, why) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, column: value})
        [(address, header, sentence)] = refusals(made)
        assert (address, header) == ("B2", column)
        assert why in sentence
        assert made.refused_count == 1
        assert not made.may_be_confirmed

    @pytest.mark.parametrize("written", ["Borger 010190-1234", 101901234, 1010901234])
    @pytest.mark.parametrize("column", [c.NUMBER, c.TITLE, c.DESCRIPTION, c.LEAD, "En kolonne til"])
    def test_a_cpr_number_is_not_even_kept_as_refused(self, by, column, written) -> None:
        made = uploaded(by, {c.NUMBER: "", c.TITLE: "Eksempel", column: written})
        assert "1234" not in json.dumps([made.table, made.plan])
        assert ("CPR-nummer" in sentences(made)) == (column in c.EXPORTED)  # other columns are not read

    def test_dates_that_follow_from_a_decision_stay(self, by, initiative) -> None:
        row = {c.NUMBER: initiative.number, c.STARTED: "2024"}
        rulebook()
        decision = decide(initiative, person(Role.MANAGER), Outcome.STOPPED, reason="Eksempel")
        run = anew(initiative).current_run
        run.opened_by, run.source, run.track = decision, "", Track.ONE
        run.save()
        assert "Datoen følger af beslutningen" in sentences(uploaded(by, row))
        row = {c.NUMBER: initiative.number, c.ENDED: "2024"}
        assert "Datoen følger af beslutningen" in sentences(uploaded(by, row))

    def test_a_proposal_has_no_dates_yet(self, by) -> None:
        made = uploaded(by, {c.NUMBER: initiative_in(None).number, c.STARTED: "2024"})
        assert sentences(made) == "Initiativet er et forslag og har ingen fase endnu."

    def test_an_end_before_the_start(self, by) -> None:
        initiative = from_source(Phase.TRIAL, track=Track.ONE, state=PhaseRun.State.ENDED)
        made = uploaded(by, {c.NUMBER: initiative.number, c.STARTED: "02.01.2024", c.ENDED: "01.01.2024"})
        assert sentences(made) == "Fasen kan ikke være afsluttet 01.01.2024, før den begyndte 02.01.2024."

    def test_a_date_that_has_not_come(self, by, initiative) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, c.STARTED: "2099"})
        assert "Skriv den som forventet i stedet." in sentences(made)

    def test_numbers(self, by, initiative) -> None:
        rows = [
            {c.NUMBER: "2019-999", c.FUNDING: "a"},
            {c.NUMBER: datetime.date(2026, 1, 1), c.FUNDING: "a"},
            {c.NUMBER: initiative.number, c.FUNDING: "a"},
            {c.NUMBER: initiative.number, c.FUNDING: "b"},
        ]
        made = uploaded(by, *rows)
        said = [sentence for *_, sentence in refusals(made)]
        assert said[0].startswith("Nummeret findes ikke.")
        assert said[1].startswith("Nummeret er blevet til en dato")
        assert said[2] == said[3] == f"Nummer {initiative.number} står i flere rækker. Behold den ene."

    def test_phases_run_together_end_after_the_first_began(self, by) -> None:
        made = from_source(Phase.SCREENING, Phase.MATURATION, state=PhaseRun.State.ENDED)
        row = {c.NUMBER: made.number, c.STARTED: "2024", c.ENDED: "2023"}
        [(where, _, sentence)] = refusals(uploaded(by, row))
        assert (where, sentence) == ("C2", "Modning kan ikke være afsluttet 2023, før screening begyndte 2024.")

    def test_two_people_of_one_name_are_told_apart(self, by, initiative) -> None:
        person(Role.LEAD, first_name="Åse", last_name="Eksempel", username="aase2")
        made = uploaded(by, {c.NUMBER: initiative.number, c.LEAD: "aase2"})
        assert changes(made) == [("B2", c.LEAD, "Åse Eksempel (aase)", "Åse Eksempel (aase2)")]

    def test_open_deviations_are_counted_and_not_loaded(self, by, initiative) -> None:
        assert not refusals(uploaded(by, {c.NUMBER: initiative.number, c.OPEN_DEVIATIONS: 0}))
        made = uploaded(by, {c.NUMBER: initiative.number, c.OPEN_DEVIATIONS: 2})
        assert refusals(made) == [
            ("B2", c.OPEN_DEVIATIONS, "Åbne fravigelser tælles af systemet og kan ikke indlæses. Her står »0«.")
        ]
        assert "tælles af systemet" in sentences(uploaded(by, {c.NUMBER: None, c.TITLE: "Ny", c.OPEN_DEVIATIONS: 1}))

    def test_a_loose_cell_is_named_with_its_own_row(self) -> None:
        found = plan(read("a.csv", "Nummer;Titel\n;Eksempel 1\n;Eksempel 2;løs\n;Eksempel 3;;løs\n".encode()))
        assert found["remarks"] == ["Celler uden overskrift er ikke læst, for eksempel C3."]

    def test_a_character_no_database_stores(self, by, initiative) -> None:
        content = f"Nummer;Titel;Anden finansieringskilde\n{initiative.number};Eksempel;a\0b\n;Eksempel;\0".encode()
        made = upload(by=by, file_name="a.csv", content=content)
        assert [where for where, *_ in refusals(made)] == ["C2", "C3"]
        assert "C2 indeholder et ulæseligt tegn" in sentences(made)

    def test_two_of_the_same_name(self, by, initiative) -> None:
        for username in ("bo1", "bo2"):
            person(Role.LEAD, first_name="Bo", last_name="Eksempel", username=username)
        assert "bo1, bo2" in sentences(uploaded(by, {c.NUMBER: initiative.number, c.LEAD: "Bo Eksempel"}))
        assert changes(uploaded(by, {c.NUMBER: initiative.number, c.LEAD: "bo2"}))[0][3] == "Bo Eksempel"

    def test_somebody_without_the_role(self, by, initiative) -> None:
        reader = person(Role.READER)
        assert "har ikke rollen" in sentences(uploaded(by, {c.NUMBER: initiative.number, c.LEAD: str(reader)}))


class TestNew:
    def test_a_row_without_number_is_a_proposal(self, by) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt", c.FUNDING: "SSA-reserven"})
        assert made.created_count == 1
        assert changes(made) == [("B2", c.TITLE, "", "Eksempel: Nyt"), ("C2", c.FUNDING, "", "SSA-reserven")]

    def test_a_title_that_is_there_is_told_and_never_a_match(self, by, initiative) -> None:
        made = uploaded(by, *[{c.NUMBER: None, c.TITLE: title} for title in (initiative.title.upper(), "Ny", "ny")])
        assert [row["same_title"] for row in made.plan["rows"]] == [[initiative.number], [], ["række 3"]]
        assert made.created_count == 3

    def test_nor_does_a_correction_take_the_title_of_another_untold(self, by, initiative) -> None:
        other = initiative_in(Phase.SCREENING, title="Eksempel: Et andet")
        made = uploaded(by, {c.NUMBER: other.number, c.TITLE: initiative.title.upper()})
        assert [(row["kind"], row["same_title"]) for row in made.plan["rows"]] == [("changed", [initiative.number])]
        assert uploaded(by, {c.NUMBER: initiative.number, c.TITLE: initiative.title.upper()}).same_titles == []

    def test_a_refused_row_is_told_by_its_title_in_the_file(self, by, initiative) -> None:
        rows = [{c.NUMBER: number, c.TITLE: f"Eksempel {number}"} for number in (initiative.number, "1999-001")]
        made = uploaded(by, rows[0], rows[0], rows[1])
        assert [row["title"] for row in made.plan["rows"]] == [rows[0][c.TITLE]] * 2 + [rows[1][c.TITLE]]

    @pytest.mark.parametrize(
        ("row", "column", "why"),
        [
            ({c.TITLE: None, c.FUNDING: "a"}, c.TITLE, "Titlen kan ikke være tom."),
            ({c.PHASE: "Modning"}, c.SOURCE, "Er initiativet begyndt før systemet, skal kilden skrives"),
            ({c.PHASE: "Pilotfase", c.SOURCE: "k"}, c.PHASE, "»Pilotfase« er ikke en fase. Skriv en af disse"),
            ({c.PHASE: "Modning/screening", c.SOURCE: "k"}, c.PHASE, "fasemodellens rækkefølge"),
            ({c.PHASE: "Screening", c.TRACK: "Spor 1", c.SOURCE: "k"}, c.TRACK, "Der er ikke spor i screening."),
            ({c.PHASE: "Modning", c.TRACK: "Spor 3", c.SOURCE: "k"}, c.TRACK, "Skriv Spor 1, Spor 2"),
            ({c.PHASE: "Modning", c.OUTCOME: "Videreføres", c.SOURCE: "k"}, c.OUTCOME, "beslutning om faseovergang"),
            ({c.STARTED: "2020"}, c.STARTED, "Skriv også fasen."),
            ({c.SOURCE: "k"}, c.SOURCE, "Skriv også fasen."),
            ({c.STATUS: "I gang"}, c.STATUS, "Status følger af"),
            ({c.PHASE: "Modning", c.SOURCE: "k", c.STARTED: "02.01.2024", c.ENDED: "01.01.2024"}, c.ENDED, "før"),
            ({c.PHASE: "Modning", c.SOURCE: "k", c.SUSI: "Foretages ikke for udbredelse"}, c.SUSI, "kun udbredelse"),
        ],
    )  # fmt: skip
    def test_what_is_refused_of_a_new_one(self, by, row, column, why) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"} | row)
        [(_, header, sentence)] = refusals(made)
        assert header == column
        assert why in sentence

    def test_an_empty_row_is_nothing(self, by) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: None}, {c.NUMBER: None, c.TITLE: "Eksempel"})
        assert made.created_count == 1


def test_only_an_administrator_uploads() -> None:
    for role in [role for role in Role if role != Role.ADMINISTRATOR]:
        with pytest.raises(NotAllowed):
            uploaded(person(role), {c.NUMBER: None, c.TITLE: "Eksempel"})


def test_the_queries_do_not_grow_with_the_rows() -> None:
    cost = []
    for size in (1, 12):
        made = [from_source(Phase.MATURATION) for _ in range(size)]
        table = read("a.xlsx", xlsx(*exported(*made), {c.NUMBER: None, c.TITLE: "Eksempel"}))
        with CaptureQueriesContext(connection) as queries:
            plan(table)
        cost.append(len(queries))
    assert cost[0] == cost[1] <= 12
