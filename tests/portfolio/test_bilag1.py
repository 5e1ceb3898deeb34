"""Bilag 1 as a page, a workbook and a document: each says what the source says, row for row."""

import csv
import datetime
import io
import re
from pathlib import Path

import page as page_validation
import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from phases.terms import Phase
from portfolio import bilag1, dating
from portfolio.bilag1_table import Overview, overview
from portfolio.models import Initiative, Programme
from portfolio.years import Mark
from susi.clock import clock_at
from susi.dates import danish, parse
from susi.days import today
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.markup import Element, Page
from tests.portfolio.portfolios import from_source

pytestmark = pytest.mark.django_db
with Path(__file__).with_name("bilag1.csv").open(encoding="utf-8", newline="") as table:
    EXPECTED = list(csv.DictReader(table))
TEXTS = ("title", "phase", "agreement", "carried_forward", "susi")
AGO = 20  # days since the portfolio was loaded
WORDS = {"kører": "K", "forventes at køre": "F", "ikke oplyst": "?", "kører ikke": ""}


@pytest.fixture(scope="module", autouse=True)
def _portfolio(django_db_setup, django_db_blocker):
    """The portfolio, loaded once some days ago; every test's own changes are rolled back before the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock_at(timezone.now() - datetime.timedelta(days=AGO)):
            call_command("load_uip", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def reader(client):
    client.force_login(person(Role.READER))
    return client


def shown() -> Overview:
    return overview(bilag1.begun(), day=today())


def change(title: str, **dates: str) -> None:
    initiative = Initiative.objects.get(title__startswith=title)
    dating.change_dates(
        initiative=initiative,
        by=person(Role.MANAGER),
        version=initiative.version,
        dates={initiative.current_run_id: {name: parse(text) for name, text in dates.items()}},
        source="Eksempel på et brev",
    )


def tables_of(html: str) -> list[Element]:
    return [one for one in Page(html).root.all("table") if "susi-bilag1" in one.get("class").split()]


def rows_of(table: Element) -> list[dict[str, str]]:
    """Return the texts of each row, and what is said of each year, by its number."""
    rows = []
    for row in next(table.all("tbody")).all("tr"):
        cells = [*row.all("th"), *row.all("td")]
        years = [one for one in cells if "susi-year" in one.get("class").split()]
        texts = [one.text for one in cells if one not in years]
        spoken = [next(cell.all("span")).text for cell in years]
        rows.append({**dict(zip(TEXTS, texts, strict=True)), **_by_year(spoken)})
    return rows


def _by_year(spoken: list[str]) -> dict[str, str]:
    marks = {}
    for said in spoken:
        years, _, word = said.partition(": ")
        first, _, last = years.partition("-")
        marks |= {str(year): WORDS[word] for year in range(int(first), int(last or first) + 1)}
    return marks


class TestPage:
    def test_says_what_the_source_says(self, reader) -> None:
        tables = tables_of(reader.get("/bilag-1/").content.decode())
        rows = [row for table in tables for row in rows_of(table)]
        said = [{**row, "carried_forward": row["carried_forward"] or "Ikke oplyst"} for row in EXPECTED]
        assert [{name: row[name] for name in TEXTS} for row in rows] == [
            {name: " ".join(row[name].split()) for name in TEXTS} for row in said
        ]

    def test_the_heads_are_those_of_the_source(self, reader) -> None:
        first, second = tables_of(reader.get("/bilag-1/").content.decode())
        heads = [head.text for head in next(first.all("thead")).all("th")]
        assert heads[:5] == ["Initiativ", "Fase", "Aftale", "17'2017", "18'2018"]
        assert heads[-2:] == [
            "Hvis afsluttet, er initiativet bragt videre til næste fase?",
            "Er der foretaget SUSI-vurdering, og er indsatsen i så fald vurderet egnet til ny fase?",
        ]
        years = today().year - 2017 + 1
        assert len(heads) == 5 + years
        assert len(list(next(second.all("thead")).all("th"))) == 5 + years - 2

    def test_no_year_is_shaded_but_the_one_the_source_names(self, reader) -> None:
        tables = tables_of(reader.get("/bilag-1/").content.decode())
        shaded = [
            (row["title"][:40], year)
            for table in tables
            for row in rows_of(table)
            for year, letter in row.items()
            if year.isdigit() and letter in ("K", "F")
        ]
        assert shaded == [("Metodeprogrammet på stofmisbrugsområdet ", "2022")]

    def test_a_date_filled_in_is_drawn(self, reader) -> None:
        change("Investering i efterværn", started_on="03.2018", ended_on="2020")
        row = rows_of(tables_of(reader.get("/bilag-1/").content.decode())[0])[2]
        assert [row[str(year)] for year in range(2017, 2023)] == ["", "K", "K", "K", "", ""]

    def test_only_those_who_may_are_led_to_fill_in(self, client, reader) -> None:
        assert "/datoer/" not in reader.get("/bilag-1/").content.decode()
        for role in (Role.MANAGER, Role.ADMINISTRATOR):
            client.force_login(person(role))
            assert "/initiativer/2017-001/datoer/" in client.get("/bilag-1/").content.decode()
        lead = person(Role.LEAD)
        own = from_source(Phase.MATURATION)
        own.members.add(lead)
        client.force_login(lead)
        html = client.get("/bilag-1/").content.decode()
        assert f"/initiativer/{own.number}/datoer/" in html
        assert html.count("/datoer/") == 1

    def test_proposals_are_left_out_and_the_rest_has_a_table(self, reader) -> None:
        initiative_in(None, title="Eksempel: Et forslag", programme=Programme.objects.first())
        initiative_in(Phase.TRIAL, title="Eksempel: En fond betaler")
        html = reader.get("/bilag-1/").content.decode()
        assert "Et forslag" not in html
        assert "Tabel 3: Uden program" in html
        assert rows_of(tables_of(html)[2])[0]["title"] == "Eksempel: En fond betaler"
        html = reader.get("/bilag-1/?programme=none").content.decode()
        assert [row["title"] for table in tables_of(html) for row in rows_of(table)] == ["Eksempel: En fond betaler"]

    def test_of_one_programme_it_leaves_the_survey_out(self, reader) -> None:
        html = reader.get("/bilag-1/?programme=uip-boern-unge").content.decode()
        assert len(rows_of(tables_of(html)[0])) == len(EXPECTED) - 27
        assert "Det siger afdækningen" not in html
        assert "/bilag-1/pdf/?programme=uip-boern-unge" in html

    @pytest.mark.parametrize("kind", ["xlsx", "pdf"])
    def test_a_file_of_an_unknown_programme_is_refused(self, reader, kind) -> None:
        response = reader.get(f"/bilag-1/{kind}/?programme=findes-ikke")
        assert response.status_code == 422
        assert "Vælg en af mulighederne på listen." in response.content.decode()

    def test_a_day_before_and_after_a_change(self, client) -> None:
        with clock_at(timezone.now() - datetime.timedelta(days=10)):
            change("Investering i efterværn", started_on="2018")
        client.force_login(person(Role.MANAGER))
        before, after = (today() - datetime.timedelta(days=days) for days in (11, 9))
        for day, mark in ((before, "?"), (after, "K")):
            html = client.get(f"/bilag-1/?dag={danish(day)}").content.decode()
            assert rows_of(tables_of(html)[0])[2]["2018"] == mark
            assert "/datoer/" not in html
            assert "Sådan stod porteføljen" in html
            file = io.BytesIO(client.get(f"/bilag-1/xlsx/?dag={danish(day)}").content)
            assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[6][4] == mark
        assert client.get("/bilag-1/?dag=01.01.2015").status_code == 422

    def test_the_number_of_queries_does_not_grow(self, reader, django_assert_max_num_queries) -> None:
        with django_assert_max_num_queries(16):
            reader.get("/bilag-1/")


class TestSums:
    def test_are_those_of_the_survey(self) -> None:
        found = shown()
        assert [(figure.counted, figure.said) for figure in found.figures] == [
            (44, 44), (29, 29), (15, 15), (33, 33), (2, 2), (9, 9)
        ]  # fmt: skip
        adults, children = (table.sums for table in found.tables)
        assert (adults.rows, adults.counted, children.rows, children.counted) == (27, 29, 15, 15)
        assert (found.total.rows, found.total.counted) == (42, 44)
        by_phase = found.total.by_phase
        assert by_phase["Screening"] + by_phase["Screening/modning"] + by_phase["Modning"] == 33
        assert (by_phase["Afprøvning"], by_phase["Udbredelse"]) == (2, 9)
        assert (found.total.ended, found.total.not_ended, found.total.not_stated) == (11, 22, 11)
        assert sum(by_phase.values()) == 44

    def test_the_survey_counts_its_own_rows_only_and_says_where_it_differs(self) -> None:
        initiative_in(Phase.TRIAL, programme=Programme.objects.get(key="uip-voksne"))
        Initiative.objects.filter(number="2017-001").update(counts_as=4)
        found = shown()
        assert [(figure.counted, figure.agrees) for figure in found.figures[:2]] == [(45, False), (30, False)]
        assert found.total.counted == 46
        assert found.total.by_phase["Afprøvning"] == 3

    def test_the_sums_and_quotations_are_on_the_page(self, reader) -> None:
        text = Page(reader.get("/bilag-1/").content.decode()).root.text
        for said in (
            "I alt 42 44 9 4 20 2 9 11 22 11",
            "Igangsat i alt, 2017-2022 44 44 Ja",
            "59 initiativer: 37 i UIP på voksenområdet og 22 i UIP på børne- og ungeområdet",
            "13 initiativer på voksenområdet og et på børne- og ungeområdet er afsluttet",
            "indledningen til bilag 1",
        ):
            assert said in text, said

    def test_without_its_rows_the_survey_is_not_quoted(self) -> None:
        own = initiative_in(Phase.TRIAL)
        found = overview(bilag1.begun().filter(pk=own.pk), day=today())
        assert (found.figures, found.quotations, found.documents) == ([], (), ())

    def test_phases_run_together_are_drawn_from_the_first_ones_beginning(self) -> None:
        initiative = from_source(Phase.SCREENING, Phase.MATURATION, outcome="not_ended")
        first = initiative.runs.first()
        dating.change_dates(
            initiative=initiative,
            by=person(Role.MANAGER),
            version=initiative.version,
            dates={first.pk: {"started_on": parse(str(today().year - 2))}},
            source="Eksempel",
        )
        row = overview(bilag1.begun().filter(pk=initiative.pk), day=today()).tables[0].rows[0]
        assert row.marks == [Mark.RUNS] * 3


class TestWorkbook:
    def test_read_by_another_library_it_says_what_the_source_says(self, reader) -> None:
        response = reader.get("/bilag-1/xlsx/")
        assert response["Content-Disposition"] == f'attachment; filename="Bilag-1_{today():%Y-%m-%d}.xlsx"'
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
        assert book.sheet_names == ["UIP voksne", "UIP børn og unge", "Sum og kilder"]
        rows = []
        for name in book.sheet_names[:2]:
            for cells in book.get_sheet_by_name(name).to_python()[4:]:
                texts = dict(zip(TEXTS, [*cells[:3], *cells[-2:]], strict=True))
                rows.append({"programme": name, **texts})
        assert rows == EXPECTED
        adults = book.get_sheet_by_name("UIP voksne").to_python()
        assert adults[3][:4] == ["Initiativ", "Fase", "Aftale", "17'"]
        assert adults[13][3:10] == ["?", "?", "?", "?", "?", "K", ""]
        sums = book.get_sheet_by_name("Sum og kilder").to_python()
        assert next(row for row in sums if row[0] == "I alt")[1:3] == [42, 44]
        assert [row[1:4] for row in sums if row[0] == "Igangsat i alt, 2017-2022"] == [[44, 44, "Ja"]]
        assert any("59 initiativer" in row[0] for row in sums)

    def test_it_prints_on_a4_and_is_read_without_colour(self, reader) -> None:
        change("Forebyggelse af magtanvendelse", started_on="2021", expected_end=str(today().year + 1))
        sheet = load_workbook(io.BytesIO(reader.get("/bilag-1/xlsx/").content))["UIP voksne"]
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("B5", "$4:$4")
        row = next(cells for cells in sheet.iter_rows(min_row=5) if cells[0].value.startswith("Forebyggelse af magt"))
        letters = [cell.value or "" for cell in row[3:-2]]
        assert "".join(letters) == "K" * (today().year - 2021 + 1) + "F"
        fills = {cell.value: (cell.fill.fill_type, cell.fill.fgColor.rgb) for cell in row[3:-2]}
        assert len(set(fills.values())) == len(fills) == 3

    def test_a_title_is_never_a_formula_nor_a_name_too_much_for_a_sheet(self, reader) -> None:
        for no in (1, 2):
            programme = Programme.objects.create(key=f"p{no}", name=f"[Et]/program: med * et langt navn? {no}")
            initiative_in(Phase.TRIAL, title='=HYPERLINK("http://eksempel.dk")', programme=programme)
        book = load_workbook(io.BytesIO(reader.get("/bilag-1/xlsx/").content))
        assert len(book.sheetnames) == 5
        assert all(len(name) <= 31 for name in book.sheetnames)
        cell = book.worksheets[2]["A5"]
        assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://eksempel.dk")')


@pytest.mark.slow
class TestDocument:
    def test_it_says_what_the_source_says_to_everyone(self, reader, tmp_path) -> None:
        response = reader.get("/bilag-1/pdf/")
        assert response["Content-Type"] == "application/pdf"
        path = tmp_path / "bilag1.pdf"
        path.write_bytes(response.content)
        assert page_validation.validate_pdf(str(path), profile="ua1").is_compliant
        document = PdfReader(path)
        assert all(float(one.mediabox.width) > float(one.mediabox.height) for one in document.pages)
        written = [re.sub(r"\s", "", one.extract_text()) for one in document.pages]
        at = 0
        text = "".join(written)
        for row in EXPECTED:
            cells = [re.sub(r"\s", "", row[name]) for name in TEXTS]
            begins = "".join(cells[:3])
            assert begins in text[at:], row["title"]
            at = text.index(begins, at) + len(begins)
            ends = re.compile(r"[K?]*" + re.escape("".join(cells[3:])))
            assert ends.match(text, at), row["title"]
        assert written[0].count("InitiativFaseAftale17'") == written[1].count("InitiativFaseAftale17'") == 1
        assert "Ialt4244" in text
        assert "59initiativer:37iUIPpåvoksenområdet" in text
        assert f"Somregistreretden{danish(today())}" in text

    def test_too_much_for_a_document_is_refused_with_a_way_on(self, reader, monkeypatch) -> None:
        monkeypatch.setattr("portfolio.views.bilag1.PDF_ROWS", 41)
        response = reader.get("/bilag-1/pdf/")
        assert response.status_code == 422
        assert "Vælg et program, eller hent regnearket." in response.content.decode()
