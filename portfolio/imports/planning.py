"""What a table would do: for each row the initiative it creates or changes, cell by cell, or why it is refused.

A plan is plain JSON: it is stored with the import, shown, and compared with a new one when it is confirmed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from portfolio import columns, dating
from portfolio.imports.fields import FIELDS, RUN_DATES, Setting, as_date, text_of
from portfolio.imports.known import Known
from portfolio.imports.newcomers import READ_FOR_NEW, read_newcomer
from portfolio.imports.rows import CHANGED, CREATED, REFUSED, PlannedRow
from portfolio.imports.table import EMPTY, Cell, Kind, Line, Table, Unreadable, address
from portfolio.models import Initiative, PhaseRun, foreign_agreements
from susi.danish import fold
from susi.text import normalise

_FROM_A_DECISION = "Fasen kan kun ændres ved en beslutning om faseovergang."
_READ_ONLY = {
    columns.PHASE: _FROM_A_DECISION,
    columns.TRACK: "Sporet kan kun ændres ved en beslutning om faseovergang.",
    columns.STATUS: "Status følger af fase og beslutninger og kan ikke indlæses.",
    columns.OUTCOME: "Udfaldet kan kun ændres ved en beslutning om faseovergang.",
    columns.SUSI: "SUSI-vurderingen kan kun ændres ved at godkende en SUSI-vurdering.",
    columns.OPEN_DEVIATIONS: "Åbne fravigelser tælles af systemet og kan ikke indlæses.",
    columns.SOURCE: "Kilden hører til det, der allerede er indlæst, og kan ikke ændres.",
}
_NUMBER_CHANGED = (
    "Nummeret er blevet til en dato eller et tal i regnearket. "
    "Formatér kolonnen som tekst, og skriv nummeret igen, for eksempel 2026-014."
)


def plan(table: Table) -> dict[str, Any]:
    """Return what `table` would do: `rows`, the number of `unchanged` ones, and `remarks` about the file.

    Raises `Unreadable` where its headers cannot be used.
    """
    places = _places(table)
    known = Known(_numbers(table, places))
    if columns.OPEN_DEVIATIONS in places:
        known.count_deviations()
    planner = _Planner(places, Setting(known, table.first_day), _doubles(table, places))
    rows = [planner.row(line) for line in table.lines]
    _compare_titles(rows, known)
    return {
        "remarks": [*table.remarks, *_unknown_headers(table)],
        "unchanged": sum(not row.kind for row in rows),
        "rows": [asdict(row) for row in rows if row.kind],
    }


def _places(table: Table) -> dict[str, int]:
    """Return the place of each of our columns."""
    ours = {fold(header): header for header in columns.EXPORTED}
    found: dict[str, int] = {}
    for place, written in table.headers.items():
        header = ours.get(fold(written))
        if header in found:
            raise Unreadable(f"Kolonnen »{header}« står to gange. Behold den ene.")
        if header:
            found[header] = place
    if columns.NUMBER not in found:
        raise Unreadable(
            f"Kolonnen »{columns.NUMBER}« mangler. Den skal være der, også når alle rækker er nye initiativer; "
            "så er cellerne tomme. Hent skabelonen, og brug dens overskrifter."
        )
    return found


def _unknown_headers(table: Table) -> Iterator[str]:
    ours = {fold(header) for header in columns.EXPORTED}
    unknown = [f"»{header}«" for header in table.headers.values() if fold(header) not in ours]
    if unknown:
        yield f"Disse kolonner kendes ikke og er ikke læst: {', '.join(unknown)}."
    loose = ((line.no, place) for line in table.lines for place in line.cells if place not in table.headers)
    if first := min(loose, default=None):
        yield f"Celler uden overskrift er ikke læst, for eksempel {address(first[1], first[0])}."


def _numbers(table: Table, places: dict[str, int]) -> list[str]:
    place = places[columns.NUMBER]
    return [line.cells[place].text.strip() for line in table.lines if place in line.cells]


def _doubles(table: Table, places: dict[str, int]) -> set[str]:
    return {number for number, times in Counter(_numbers(table, places)).items() if times > 1}


def _compare_titles(rows: list[PlannedRow], known: Known) -> None:
    """Tell of rows that give an initiative the title of another that is there, or of another row: never a match."""
    first: dict[str, int] = {}
    for row in rows:
        title = fold(row.values.get("title", ""))
        if not title or row.kind == REFUSED:
            continue
        others = [number for number in known.titles.get(title, ()) if number != row.number]
        if others:
            row.same_title.append(others[0])
        elif title in first:
            row.same_title.append(f"række {first[title]}")
        first.setdefault(title, row.no)


class _Planner:
    def __init__(self, places: dict[str, int], setting: Setting, doubles: set[str]) -> None:
        self.places, self.setting, self.doubles = places, setting, doubles

    def row(self, line: Line) -> PlannedRow:
        row = PlannedRow(line.no)
        number = line.cells.get(self.places[columns.NUMBER], EMPTY)
        if number.is_empty:
            self._create(row, line)
        else:
            self._find(row, line, number)
        if row.refusals:
            row.kind = REFUSED
        return row

    def _cells(self, line: Line, headers: Any) -> Iterator[tuple[str, str, Cell]]:
        """Yield (header, address, cell) of each of `headers` that the file has; an empty cell is there too."""
        for header in headers:
            if header in self.places:
                place = self.places[header]
                yield header, address(place, line.no), line.cells.get(place, EMPTY)

    def _create(self, row: PlannedRow, line: Line) -> None:
        ours = {header: (where, cell) for header, where, cell in self._cells(line, columns.EXPORTED)}
        if all(cell.is_empty for _, cell in ours.values()):
            return
        row.kind = CREATED
        row.title = self._title(line)
        for header, (where, cell) in ours.items():
            if cell.kind == Kind.BAD:
                row.refuse(where, header, cell.text)
            elif header in FIELDS and (header == columns.TITLE or not cell.is_empty):
                self._read_new(row, where, header, cell)
            elif not cell.is_empty and header in _READ_ONLY and header not in READ_FOR_NEW:
                row.refuse(where, header, _READ_ONLY[header])
        if columns.TITLE not in ours:
            row.refuse(f"Række {line.no}", columns.TITLE, "Et nyt initiativ skal have en titel.")
        read_newcomer(row, ours)
        self._refuse_foreign_agreements(row, ours, None)

    def _title(self, line: Line) -> str:
        """Return the title in the file, "" where it has none."""
        return _readable(line.cells.get(self.places.get(columns.TITLE, -1), EMPTY))

    def _read_new(self, row: PlannedRow, where: str, header: str, cell: Cell) -> None:
        reading = self._read(row, where, header, cell)
        if reading is not None:
            row.values[FIELDS[header].name] = reading.value
            row.cells.append([where, header, "", reading.shown])

    def _read(self, row: PlannedRow, where: str, header: str, cell: Cell) -> Any:
        try:
            return FIELDS[header].read(cell, self.setting)
        except ValidationError as error:
            row.refuse(where, header, error)
            return None

    def _find(self, row: PlannedRow, line: Line, cell: Cell) -> None:
        where = address(self.places[columns.NUMBER], line.no)
        row.number, row.title = _readable(cell).strip(), self._title(line)
        initiative = self.setting.known.initiatives.get(row.number)
        if cell.kind == Kind.BAD:
            row.refuse(where, columns.NUMBER, cell.text)
        elif cell.kind != Kind.TEXT:
            row.refuse(where, columns.NUMBER, _NUMBER_CHANGED)
        elif row.number in self.doubles:
            row.refuse(where, columns.NUMBER, f"Nummer {row.number} står i flere rækker. Behold den ene.")
        elif initiative is None:
            row.refuse(
                where,
                columns.NUMBER,
                "Nummeret findes ikke. Systemet giver numrene: Lad cellen stå tom, når initiativet er nyt.",
            )
        else:
            self._change(row, line, initiative)

    def _change(self, row: PlannedRow, line: Line, initiative: Initiative) -> None:
        row.title, row.version = initiative.title, initiative.version
        cells = {header: (where, cell) for header, where, cell in self._cells(line, columns.EXPORTED)}
        for header, (where, cell) in cells.items():
            if header == columns.NUMBER:
                continue
            old = _shown(columns.EXPORTED[header](initiative))
            if cell.kind == Kind.BAD:
                row.refuse(where, header, cell.text)
            elif _same(text_of(cell), old):
                continue
            elif header not in FIELDS:
                row.refuse(where, header, f"{_READ_ONLY.get(header, 'Kolonnen kan ikke indlæses.')} Her står »{old}«.")
            else:
                self._change_cell(row, initiative, where, header, cell, old)
        if row.values:
            row.kind = CHANGED
            self._refuse_foreign_agreements(row, cells, initiative)
            _refuse_dates_that_cannot_hold(row, cells, initiative)

    def _change_cell(
        self, row: PlannedRow, initiative: Initiative, where: str, header: str, cell: Cell, old: str
    ) -> None:
        one = FIELDS[header]
        reading = self._read(row, where, header, cell)
        if reading is None or reading.value == one.now(initiative):
            return
        if one.run and (why_not := _why_not(one.name, one.run(initiative))):
            row.refuse(where, header, why_not)
            return
        row.values[one.name], row.before[one.name] = reading.value, one.now(initiative)
        new = reading.shown
        if header == columns.LEAD and old == new:  # two people of one name
            before: Any = initiative.lead
            after = self.setting.known.people.by_pk[reading.value]
            old, new = f"{old} ({before.username})", f"{new} ({after.username})"
        row.cells.append([where, header, old, new])

    def _refuse_foreign_agreements(
        self, row: PlannedRow, cells: dict[str, tuple[str, Cell]], initiative: Initiative | None
    ) -> None:
        """An initiative's agreements are under its programme, as on the page where it is edited."""
        if not {"programme_id", "agreements"} & set(row.values):
            return
        known = self.setting.known
        programme_pk = row.values.get("programme_id", initiative.programme_id if initiative else None)
        pks = row.values.get("agreements", [one.pk for one in initiative.agreements.all()] if initiative else [])
        programme = known.programmes.by_pk.get(programme_pk)
        foreign = foreign_agreements(programme, [known.agreements.by_pk[pk] for pk in pks])
        if foreign:
            header = columns.AGREEMENTS if "agreements" in row.values else columns.PROGRAMME
            names = ", ".join(str(one) for one in foreign)
            row.refuse(cells[header][0], header, f"Aftalen hører til et andet program end initiativets: {names}.")


def _readable(cell: Cell) -> str:
    """Return the content of a cell, "" of one that is refused."""
    return "" if cell.kind == Kind.BAD else text_of(cell)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value)


def _same(new: str, old: str) -> bool:
    """Whether the texts are the same as they would be stored."""
    return normalise(new) == normalise(old)


def _why_not(name: str, run: PhaseRun | None) -> str:
    """Say why the date of the run cannot be changed by a file; "" where it can."""
    if run is None:
        return "Initiativet er et forslag og har ingen fase endnu."
    if dating.may_be_filled_in(run, name):
        return ""
    if name == dating.ENDED and run.state == PhaseRun.State.OPEN:
        return "Fasen er i gang. Den afsluttes ved en beslutning om faseovergang."
    return "Datoen følger af beslutningen om faseovergang og kan ikke indlæses."


def _refuse_dates_that_cannot_hold(row: PlannedRow, cells: dict[str, tuple[str, Cell]], initiative: Initiative) -> None:
    """Under the rules of the page where dates are filled in; what was wrong before is not held against the file."""
    changed = {one.name: header for header, one in FIELDS.items() if one.run and one.name in row.values}
    if not changed:
        return
    dated = {name: run.pk for name in changed if (run := RUN_DATES[name](initiative))}
    runs = sorted(initiative.runs.all(), key=lambda run: run.sequence)
    runs = [run for run in runs if run.state != PhaseRun.State.ANNULLED]
    before = {run.pk: dating.dates_of(run) for run in runs}
    after = {pk: dict(known) for pk, known in before.items()}
    for name, pk in dated.items():
        after[pk][name] = as_date(row.values[name])
    there = set(dating.problems(runs, before))
    for (pk, name), sentence in (one for one in dating.problems(runs, after) if one not in there):
        of_the_cell = name if dated.get(name) == pk else next(iter(changed))
        header = changed[of_the_cell]
        row.refuse(cells[header][0], header, sentence)
