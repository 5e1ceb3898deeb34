"""The list as a file: each kind read again by another program and held against the database."""

import csv
import datetime
import io
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import page
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from phases.terms import Phase, Track
from portfolio import exports
from portfolio.columns import COLUMNS, EXPORTED
from portfolio.models import Initiative
from susi import typesetting
from susi.dates import PartialDate, Precision
from susi.days import today
from susi.exports import NOTE, danish_cell
from susi.models import User
from susi.roles import Role
from susi.text import normalise
from tests.factories import AgreementFactory, InitiativeFactory, initiative_in, person

MM = 72 / 25.4  # points
pytestmark = pytest.mark.django_db

NASTY = '=1+1; "citat"\n+45 12 34 56 78, Æblegrød på ø 😀'
LONG = "Æ" * 3999 + "!"
STATED = ("System: ", "Udtrukket: ", "Viser: ", "Filtre: ", "Sorteret efter: ", "Antal: ")


@pytest.fixture
def reader(client: Client) -> User:
    reader = person(Role.READER)
    client.force_login(reader)
    return reader


def get(client: Client, kind: str, query: str = "") -> HttpResponse:
    response = client.get(f"/initiativer/hent/{kind}/{query}")
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def csv_of(client: Client, query: str = "") -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows, and the notes below them."""
    text = get(client, "csv", query).body.decode("utf-8-sig")
    table, _, notes = text.rpartition("\r\n\r\n")
    rows = list(csv.DictReader(io.StringIO(f"{table}\r\n", newline=""), delimiter=";"))
    return rows, [line.strip('"') for line in notes.splitlines()]


def xlsx_of(client: Client, query: str = "") -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows, and what the second sheet tells."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(get(client, "xlsx", query).body))
    assert book.sheet_names == ["Initiativer", "Om udtrækket"]
    headers, *lines = book.get_sheet_by_name("Initiativer").to_python()
    return [dict(zip(headers, line, strict=True)) for line in lines], dict(
        book.get_sheet_by_name("Om udtrækket").to_python()
    )


def pdf_text(response: HttpResponse) -> str:
    return " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(response.body)).pages).split())


def portfolio() -> None:
    """Some of every kind, with what spreadsheets stumble over."""
    lead = person(Role.LEAD, first_name="Åse", last_name="Ørsted")
    hard = initiative_in(
        Phase.MATURATION, Track.TWO, title=normalise(NASTY).replace("\n", " "), problem=NASTY, description=LONG,
        funding="@SUM(A1)", case_number="-2", lead=lead, counts_as=3,
    )  # fmt: skip
    agreement = AgreementFactory(year=2024)
    hard.agreements.set([agreement, AgreementFactory(year=2025, programme=agreement.programme)])
    month = initiative_in(Phase.SCREENING, title="Kendt til måneden")
    run = month.current_run
    run.started_on_precision, run.expected_end, run.expected_end_precision = (
        Precision.MONTH,
        datetime.date(2027, 1, 1),
        "year",
    )
    run.save()
    InitiativeFactory(title="Et forslag", lead=None)


def as_the_database_says() -> list[dict[str, Any]]:
    visible = Initiative.objects.exclude(phase="proposal").with_standing()
    return [{header: value(one) for header, value in COLUMNS.items()} for one in visible]


def test_the_csv_holds_what_the_database_does(client: Client, reader: User) -> None:
    portfolio()
    rows, _ = csv_of(client)
    assert list(rows[0]) == list(EXPORTED)
    assert [{header: row[header] for header in COLUMNS} for row in rows] == [
        {header: danish_cell(value) for header, value in one.items()} for one in as_the_database_says()
    ]
    assert {row["Åbne fravigelser"] for row in rows} == {"0"}
    assert rows[0]["Titel"].startswith("'=1+1"), "no spreadsheet takes it for a formula"
    assert (rows[1]["Begyndt"], rows[1]["Forventet afsluttet"]) == ("januar 2024", "2027")


def test_the_workbook_holds_what_the_database_does(client: Client, reader: User) -> None:
    portfolio()
    rows, _ = xlsx_of(client)
    assert [{header: row[header] for header in COLUMNS} for row in rows] == [
        {header: _in_a_cell(value) for header, value in one.items()} for one in as_the_database_says()
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(get(client, "xlsx").body)).worksheets[0]
    assert sheet.auto_filter.ref == sheet.dimensions == "A1:U3"
    assert "f" not in {cell.data_type for line in sheet.iter_rows() for cell in line}


def _in_a_cell(value: Any) -> Any:
    if isinstance(value, PartialDate):
        return value.date if value.precision == Precision.DAY else str(value)
    return "" if value is None else value


@pytest.mark.slow
def test_the_pdf_shows_the_main_columns_and_can_be_read_by_everyone(
    client: Client, reader: User, tmp_path: Path
) -> None:
    portfolio()
    response = get(client, "pdf", "?phase=maturation&track=2")
    text = pdf_text(response)
    for said in (f"Initiativer pr. {today():%d.%m.%Y}", "Filtre: Fase: Modning; Spor: Spor 2", "Åse Ørsted",
                 "1 række, der tæller som 3 initiativer", "Åbne fravigelser", "01.01.2024", "[U+1F600]"):  # fmt: skip
        assert said in text
    assert "Kendt til måneden" not in text
    file = tmp_path / "liste.pdf"
    file.write_bytes(response.body)
    assert page.validate_pdf(file, profile="ua1").is_compliant


@pytest.mark.parametrize(
    ("kind", "name", "sort"),
    [
        ("csv", "attachment", "text/csv; charset=utf-8"),
        ("xlsx", "attachment", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "inline", "application/pdf"),
    ],
)
def test_the_file_is_named_by_its_day(
    client: Client, reader: User, monkeypatch, kind: str, name: str, sort: str
) -> None:
    monkeypatch.setattr(exports, "report_pdf", lambda *args, **kwargs: b"%PDF")
    response = get(client, kind)
    assert response["Content-Disposition"] == f'{name}; filename="initiativer_{today().isoformat()}.{kind}"'
    assert response["Content-Type"] == sort
    assert set(response["Cache-Control"].split(", ")) == {"no-store", "private"}


def test_filter_and_order_are_those_of_the_list_and_are_stated(client: Client, reader: User) -> None:
    for title in ("Abe", "Ørn", "Zebra"):
        initiative_in(Phase.SCREENING, title=f"Eksempel {title}")
    initiative_in(Phase.TRIAL, title="Eksempel, et andet")
    query = "?phase=screening&q=eksempel&sort=-title&page=2"
    rows, notes = csv_of(client, query)
    assert [row["Titel"] for row in rows] == ["Eksempel Ørn", "Eksempel Zebra", "Eksempel Abe"]
    assert [note.startswith(f"{NOTE}{label}") for note, label in zip(notes, STATED, strict=True)] == [True] * 6
    assert "# Filtre: Fritekst: »eksempel«; Fase: Screening" in notes
    assert "# Viser: Porteføljen, som den er nu" in notes
    assert notes[-1] == "# Antal: 3 initiativer"
    book, about = xlsx_of(client, query)
    assert [row["Titel"] for row in book] == [row["Titel"] for row in rows]
    assert about["Filtre"] == "Fritekst: »eksempel«; Fase: Screening"
    assert about["Antal"] == "3 initiativer"


def test_without_hits_it_says_so(client: Client, reader: User) -> None:
    rows, notes = csv_of(client, "?q=findes+ikke")
    assert (rows, notes[-1]) == ([], "# Antal: 0 initiativer")
    rows, about = xlsx_of(client, "?q=findes+ikke")
    assert (rows, about["Antal"]) == ([], "0 initiativer")


def test_nobody_takes_out_what_the_list_would_not_show(client: Client) -> None:
    InitiativeFactory(title="Et forslag")
    initiative_in(Phase.TRIAL, title="I gang")
    assert get(client, "csv").status_code == 302
    for role, titles in ((Role.READER, ["I gang"]), (Role.LEAD, ["Et forslag", "I gang"]), (None, [])):
        client.force_login(person(role) if role else person())
        assert [row["Titel"] for row in csv_of(client)[0]] == titles
        assert [row["Titel"] for row in xlsx_of(client)[0]] == titles


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_choice_that_is_not_understood_is_refused_and_never_left_out(client: Client, reader: User, kind: str) -> None:
    initiative_in(Phase.TRIAL, title="I gang")
    response = get(client, kind, "?phase=findes-ikke")
    assert response.status_code == 422
    html = response.content.decode()
    assert "Listen er ikke hentet" in html
    assert "Fase: " in html
    assert 'href="/initiativer/?phase=findes-ikke"' in html
    assert "I gang" not in html


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_day_that_is_not_known_is_refused(client: Client, reader: User, kind: str) -> None:
    assert get(client, kind, "?dag=01.01.2000").status_code == 422


def test_there_are_three_kinds_and_no_other(client: Client, reader: User) -> None:
    assert get(client, "ods").status_code == 404
    assert client.post("/initiativer/hent/csv/").status_code == 405


def test_the_last_column_stands_on_the_paper(client: Client, reader: User) -> None:
    """One cut off by the edge is invisible, though its text is found in the file."""
    initiative_in(Phase.TRIAL)
    sheet = PdfReader(io.BytesIO(get(client, "pdf").body)).pages[0]
    begins: dict[str, float] = {}

    def note(text: str, user_matrix: list[float], text_matrix: list[float], *font: object) -> None:
        begins[text.strip()] = user_matrix[0] * text_matrix[4] + user_matrix[4]

    sheet.extract_text(visitor_text=note)
    margin, column = 12 * MM, 0.07 * (297 - 2 * 12) * MM
    assert begins["fravigelser"] + column <= float(sheet.mediabox.width) - margin + 1


def test_a_pdf_holds_only_as_many_as_one_would_wait_for(client: Client, reader: User, monkeypatch) -> None:
    monkeypatch.setattr(exports, "report_pdf", lambda *args, **kwargs: b"%PDF")
    monkeypatch.setattr(exports, "PRINTED_AT_MOST", 2)
    for _ in range(2):
        initiative_in(Phase.TRIAL)
    assert get(client, "pdf").status_code == 200
    initiative_in(Phase.TRIAL)
    response = get(client, "pdf")
    assert response.status_code == 422
    assert "En PDF rummer højst 2 initiativer, og listen har flere." in response.content.decode()


def test_the_list_offers_no_pdf_of_more(client: Client, reader: User, monkeypatch) -> None:
    monkeypatch.setattr(exports, "PRINTED_AT_MOST", 2)
    for _ in range(2):
        initiative_in(Phase.TRIAL)
    initiative_in(Phase.MATURATION)
    pages = {query: client.get(f"/initiativer/{query}").content.decode() for query in ("", "?phase=trial")}
    assert ["Hent som PDF" in html for html in pages.values()] == [False, True]
    assert ["PDF rummer højst 2 initiativer." in html for html in pages.values()] == [True, False]


def test_as_of_a_day_it_says_what_was_then(client: Client, reader: User, monkeypatch) -> None:
    yesterday = timezone.now() - datetime.timedelta(days=1)
    initiative = initiative_in(Phase.TRIAL, title="Før", number="2026-001")
    type(initiative).history.update(history_date=yesterday)
    type(initiative.current_run).history.update(history_date=yesterday)
    initiative.title = "Efter"
    initiative.save()
    printed: dict[str, Any] = {}
    monkeypatch.setattr(exports, "report_pdf", lambda template, context, **kwargs: printed.update(context) or b"%PDF")
    day = yesterday.astimezone(timezone.get_default_timezone()).date()
    query = f"?dag={day:%d.%m.%Y}"

    rows, notes = csv_of(client, query)
    assert [(row["Titel"], row["Fase"]) for row in rows] == [("Før", "Afprøvning")]
    assert f"# Viser: Porteføljen, som den var den {day:%d.%m.%Y}" in notes
    assert [row["Titel"] for row in xlsx_of(client, query)[0]] == ["Før"]
    response = get(client, "pdf", query)
    assert printed["rows"][0][:2] == ["2026-001", "Før"]
    assert f"initiativer_pr_{day.isoformat()}_udtrukket_{today().isoformat()}.pdf" in response["Content-Disposition"]
    assert [row["Titel"] for row in csv_of(client)[0]] == ["Efter"]


def test_the_list_leads_to_its_files_with_its_whole_address(client: Client, reader: User) -> None:
    initiative_in(Phase.TRIAL, title="Eksempel: Æble")
    html = client.get("/initiativer/?phase=trial&q=%C3%A6ble&page=2").content.decode()
    for kind in ("xlsx", "csv", "pdf"):
        assert f'href="/initiativer/hent/{kind}/?phase=trial&amp;q=%C3%A6ble"' in html
    assert 'href="/initiativer/hent/csv/"' in client.get("/initiativer/").content.decode()


def test_an_empty_pdf_says_so_in_place_of_the_table(client: Client, reader: User, monkeypatch) -> None:
    monkeypatch.setattr(typesetting, "typeset", lambda html, css: html.encode())
    html = get(client, "pdf", "?q=findes+ikke").body.decode()
    assert "Ingen initiativer passer til filtrene." in html
    assert "<table" not in html


@pytest.mark.slow
def test_memory_does_not_follow_the_rows(client: Client, reader: User) -> None:
    """Six times the rows, the same memory: whole chunks of them in both."""
    peaks: dict[str, list[int]] = {"csv": [], "xlsx": []}
    made = 0
    for until in (1100, 6600):
        Initiative.objects.bulk_create(
            Initiative(
                number=f"{2000 + number // 1000}-{number % 1000:03d}", title=f"Eksempel {number}", problem="x" * 500
            )
            for number in range(made, until)
        )
        made = until
        for kind, found in peaks.items():
            found.append(_peak(kind, until))
    assert all(many < 1.5 * few for few, many in peaks.values()), peaks


def _peak(kind: str, rows: int) -> int:
    extract = exports.Extract(Initiative.objects.with_standing(), chosen=[], sorted_by="Titel", day=None)
    tracemalloc.start()
    if kind == "csv":
        for _ in extract.csv():
            pass
    else:
        extract.xlsx().close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert extract.count == rows
    return peak
