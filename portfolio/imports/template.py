"""The workbook to fill in: a sheet for the rows, and one that says what may stand in each column."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from phases.terms import Phase, SusiStatement
from portfolio import columns
from portfolio.imports.known import Known, Names
from portfolio.imports.workbook import SHEET
from portfolio.models import Initiative
from susi.dates import PartialDate, Precision

_ROWS_READY = 300  # empty rows in which numbers are kept as text, so that 2026-014 does not become a date
_WIDE = {columns.TITLE: 45, columns.PROBLEM: 45, columns.DESCRIPTION: 45, columns.AGREEMENTS: 30, columns.NUMBER: 12}
_DATE = "Dag, måned eller år: 02.11.2026, 11.2026 eller 2026. Rigtige datoer i regnearket læses også."
_NOT_TO_BE_CHANGED = "Kan ikke ændres ved indlæsning"
_SAID = {
    columns.NUMBER: "Finder initiativet. Lad cellen stå tom, når initiativet er nyt; så giver systemet nummeret.",
    columns.TITLE: "Skal udfyldes, højst 300 tegn.",
    columns.PHASE: "Kun for nye initiativer, der begyndte før systemet: "
    f"{', '.join(phase.label for phase in Phase)}, eller to sammen: Screening/modning. Uden fase oprettes et forslag.",
    columns.TRACK: "Kun sammen med en fase: Spor 1, Spor 2 eller Spor ikke oplyst. Tom i screening.",
    columns.STATUS: f"{_NOT_TO_BE_CHANGED}. Status følger af fase og beslutninger.",
    columns.PROGRAMME: "Et af programmerne nedenfor, eller tom.",
    columns.AGREEMENTS: "En eller flere af aftalerne nedenfor med semikolon imellem. De skal høre til programmet.",
    columns.TARGET_GROUPS: "En eller flere af målgrupperne nedenfor med semikolon imellem.",
    columns.LEAD: "Fulde navn eller brugernavn på en af personerne nedenfor, eller tom.",
    columns.FUNDING: "Tekst, højst 200 tegn.",
    columns.CASE_NUMBER: "Tekst, højst 50 tegn.",
    columns.PROBLEM: "Tekst, højst 4000 tegn.",
    columns.DESCRIPTION: "Tekst, højst 4000 tegn.",
    columns.COUNTS_AS: "Et helt tal fra 1 til 999. De fleste initiativer tæller som 1.",
    columns.STARTED: f"{_DATE} Kan ændres, når fasen kommer fra en kilde, ikke når den følger af en beslutning.",
    columns.ENDED: f"{_DATE} Kan ændres, når fasen kommer fra en kilde og er afsluttet.",
    columns.EXPECTED_END: f"{_DATE} Gælder den fase, initiativet er i nu.",
    columns.OUTCOME: "Kun for nye initiativer med en fase: Ikke afsluttet, eller ved udbredelse "
    "Kan ikke videreføres (udbredelse). Andre udfald registreres som en beslutning.",
    columns.SUSI: "Kun for nye initiativer med en fase, som kilden oplyser det: "
    f"{', '.join(one.label for one in SusiStatement)}.",
    columns.SOURCE: "Skal udfyldes for nye initiativer med en fase: hvor oplysningerne står. "
    "Kilden træder i stedet for beslutningen.",
}
_RULES = [
    f"Skriv initiativerne på arket »{SHEET}«, et i hver række.",
    "En fil kan have 5.000 rækker og ændre eller oprette 1.000 initiativer.",
    "Initiativer findes ved nummeret, aldrig ved titlen alene.",
    "Slet de kolonner, du ikke vil ændre noget i. En kolonne, der mangler, bliver ikke rørt.",
    "En tom celle i en kolonne, der er med, tømmer oplysningen. Gennemgangen viser det, før noget bliver gemt.",
    "Skriv værdier, ikke formler, og flet ikke celler.",
    "Skriv aldrig CPR-numre.",
    "Intet bliver gemt, før du har set gennemgangen og bekræftet den. Er en celle afvist, bliver intet indlæst.",
]


def workbook(initiatives: Iterable[Initiative] = ()) -> bytes:
    """Return the template as XLSX, with a row for each of `initiatives`, fetched `with_standing`."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    _heads(sheet, list(columns.COLUMNS))
    last = 1
    for last, initiative in enumerate(initiatives, start=2):
        for place, value in enumerate(columns.COLUMNS.values(), start=1):
            _write(sheet, last, place, value(initiative))
    _keep_numbers_as_text(sheet, last + _ROWS_READY)
    for place, header in enumerate(columns.COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(header, 20)
    _explain(book.create_sheet("Vejledning"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _heads(sheet: Worksheet, headers: list[str], row: int = 1) -> None:
    for place, header in enumerate(headers, start=1):
        cell = sheet.cell(row, place, header)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E6EEF5")
    if row == 1:
        sheet.freeze_panes = "A2"


def _write(sheet: Worksheet, row: int, place: int, value: Any) -> None:
    """Write text as text, also what begins like a formula, and dates known to the day as dates."""
    cell = sheet.cell(row, place)
    if isinstance(value, PartialDate) and value.precision == Precision.DAY:
        cell.value, cell.number_format = value.date, "dd.mm.yyyy"
    elif isinstance(value, int):
        cell.value = value
    elif value not in (None, ""):
        cell.value, cell.data_type = str(value), "s"
        cell.number_format = "@"


def _keep_numbers_as_text(sheet: Worksheet, last: int) -> None:
    headers = list(columns.COLUMNS)
    for header in (columns.NUMBER, columns.CASE_NUMBER):
        for row in range(2, last + 1):
            sheet.cell(row, headers.index(header) + 1).number_format = "@"


def _explain(sheet: Worksheet) -> None:
    rows: list[list[str]] = [["Sådan bruger du skabelonen"], *([rule] for rule in _RULES), []]
    rows += [["Kolonne", "Hvad der kan stå"]]
    rows += [[header, _SAID.get(header, f"{_NOT_TO_BE_CHANGED}.")] for header in columns.COLUMNS]
    rows += [[], *_choices()]
    for no, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(no, place, text)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=place == 2, vertical="top")
    for no in (1, rows.index(["Kolonne", "Hvad der kan stå"]) + 1):
        for headed in sheet[no]:
            headed.font = Font(bold=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100


def _choices() -> Iterator[list[str]]:
    known = Known([])
    named: list[tuple[str, Names]] = [
        ("Programmer", known.programmes),
        ("Aftaler", known.agreements),
        ("Målgrupper", known.target_groups),
        ("Initiativansvarlige", known.people),
    ]
    for what, names in named:
        for no, choice in enumerate(names.choices or ["Ingen i systemet endnu"]):
            yield [what if no == 0 else "", choice]
