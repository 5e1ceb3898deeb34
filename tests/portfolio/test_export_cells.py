"""The list as a file, cell by cell: what is expected is written here, nothing is asked of the table of columns."""

import datetime
from typing import Any

import pytest
from django.test import Client

from phases.terms import Outcome, Phase, Track, WayOn
from portfolio.models import Initiative, TargetGroup
from susi.dates import parse, write
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, InitiativeFactory, ProgrammeFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide, from_source
from tests.portfolio.test_exports import csv_of, get, pdf_text, xlsx_of

pytestmark = pytest.mark.django_db

HEADINGS = [
    *("Nummer", "Titel", "Fase", "Spor", "Status", "Program", "Aftaler", "Målgrupper", "Initiativansvarlig"),
    *("Anden finansieringskilde", "Journalnummer", "Det sociale problem", "Indsatsen", "Tæller som", "Begyndt"),
    *("Afsluttet", "Forventet afsluttet", "Udfald", "SUSI-vurdering", "Kilde", "Åbne fravigelser"),
]
PRINTED = [
    *("Nummer", "Titel", "Fase", "Spor", "Status", "Program", "Aftaler", "Initiativansvarlig", "Begyndt"),
    *("Forventet afsluttet", "Åbne fravigelser"),
]
COMMON = {**dict.fromkeys(HEADINGS, ""), "Tæller som": 1, "Åbne fravigelser": 0}
FROM_2024 = {
    "Initiativansvarlig": "Åse Ørsted",
    "Begyndt": datetime.date(2024, 1, 1),
    "SUSI-vurdering": "Ikke foretaget endnu",
    "Kilde": "Eksempel på en kilde",
}

# Every cell of `portfolio`, but for those that are as in `COMMON`.
CELLS: list[dict[str, Any]] = [
    FROM_2024
    | {
        "Nummer": "2026-101",
        "Titel": "A: med alt",
        "Fase": "Modning",
        "Spor": "Spor 2",
        "Status": "I gang",
        "Program": "UIP",
        "Aftaler": "UIP 2023; UIP 2024",
        "Målgrupper": "Børn og unge; Udsatte voksne",
        "Anden finansieringskilde": "En fond",
        "Journalnummer": "2026-77",
        "Det sociale problem": "Ensomhed",
        "Indsatsen": "Åben dør",
        "Tæller som": 3,
        "Forventet afsluttet": "2027",
        "Udfald": "Ikke afsluttet",
        "SUSI-vurdering": "Ja til begge",
        "Åbne fravigelser": 2,
    },
    {
        "Nummer": "2019-007",
        "Titel": "B: oplyst af en kilde",
        "Fase": "Screening/modning",
        "Spor": "Spor ikke oplyst",
        "Status": "Ikke oplyst",
        "Begyndt": "marts 2019",
        "Kilde": "Bilag 1, tabel 1, række 7",
    },
    FROM_2024
    | {
        "Nummer": "2026-102",
        "Titel": "C: stoppet",
        "Fase": "Screening",
        "Status": "Afsluttet, ikke videreført",
        "Afsluttet": datetime.date(2026, 3, 2),
        "Udfald": "Videreføres ikke",
    },
    FROM_2024
    | {
        "Nummer": "2026-103",
        "Titel": "D: afventer",
        "Fase": "Afprøvning",
        "Spor": "Spor 1",
        "Status": "Afventer",
        "Forventet afsluttet": "november 2027",
        "Udfald": "Afventer",
    },
    FROM_2024
    | {
        "Nummer": "2026-104",
        "Titel": "E: i sidste fase",
        "Fase": "Udbredelse",
        "Spor": "Spor 1",
        "Status": "Ikke oplyst",
        "Forventet afsluttet": datetime.date(2028, 2, 29),
        "Udfald": "Kan ikke videreføres (udbredelse)",
        "SUSI-vurdering": "Foretages ikke for udbredelse",
    },
    {"Nummer": "2026-105", "Titel": "F: et forslag", "Status": "Forslag"},
]


@pytest.fixture(autouse=True)
def portfolio(client: Client) -> None:
    factories.rulebook()
    manager, lead = person(Role.MANAGER), person(Role.LEAD, first_name="Åse", last_name="Ørsted")
    client.force_login(manager)
    _with_everything(manager, lead)
    told = from_source(Phase.SCREENING, Phase.MATURATION, number="2019-007", title="B: oplyst af en kilde")
    first = told.runs.get(sequence=1)
    write(first, "started_on", parse("marts 2019"))
    first.save()
    stopped = initiative_in(Phase.SCREENING, number="2026-102", title="C: stoppet", lead=lead)
    decide(stopped, manager, Outcome.STOPPED, reason="Eksempel")
    waiting = initiative_in(Phase.TRIAL, Track.ONE, number="2026-103", title="D: afventer", lead=lead)
    _expect_end(waiting, "november 2027")
    decide(waiting, manager, Outcome.AWAITING, awaits=stopped, reason="Eksempel")
    last = initiative_in(Phase.DISSEMINATION, Track.ONE, number="2026-104", title="E: i sidste fase", lead=lead)
    _expect_end(last, "29.02.2028")
    InitiativeFactory(number="2026-105", title="F: et forslag", lead=None)


def _with_everything(manager, lead) -> None:
    uip = ProgrammeFactory(name="UIP")
    initiative = initiative_in(
        Phase.MATURATION,
        Track.TWO,
        number="2026-101",
        title="A: med alt",
        programme=uip,
        lead=lead,
        funding="En fond",
        case_number="2026-77",
        problem="Ensomhed",
        description="Åben dør",
        counts_as=3,
    )
    initiative.agreements.set([AgreementFactory(programme=uip, year=year) for year in (2024, 2023)])
    initiative.target_groups.set(
        TargetGroup.objects.create(key=f"gruppe-{no}", name=name)
        for no, name in enumerate(["Børn og unge", "Udsatte voksne"])
    )
    _expect_end(initiative, "2027")
    factories.approved(
        anew(initiative),
        manager=manager,
        to_phase=Phase.TRIAL,
        to_track=Track.TWO,
        departed=("A1.1", "A1.2"),
        weighing_way=WayOn.TRIAL_TRACK_TWO,
        weighing_text="Afvejet.",
    )


def _expect_end(initiative: Initiative, when: str) -> None:
    write(initiative.current_run, "expected_end", parse(when))
    initiative.current_run.save()


def test_the_csv_holds_each_cell(client: Client) -> None:
    rows, _ = csv_of(client)
    assert list(rows[0]) == HEADINGS
    assert rows == [{heading: _text(cell) for heading, cell in (COMMON | one).items()} for one in CELLS]


def test_the_workbook_holds_each_cell(client: Client) -> None:
    rows, _ = xlsx_of(client)
    assert list(rows[0]) == HEADINGS
    assert rows == [COMMON | one for one in CELLS]


def test_the_pdf_shows_each_cell_of_its_columns(client: Client) -> None:
    """A cell that is broken into lines is read with a space, and an empty one not at all."""
    text = pdf_text(get(client, "pdf")).replace("Screening/ modning", "Screening/modning")
    _, _, table = text.partition(" ".join(PRINTED))
    cells = [_text((COMMON | one)[heading]) for one in CELLS for heading in PRINTED]
    assert table.strip().startswith(" ".join(cell for cell in cells if cell))


def _text(cell: Any) -> str:
    return f"{cell:%d.%m.%Y}" if isinstance(cell, datetime.date) else str(cell)
