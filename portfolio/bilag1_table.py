"""Bilag 1 as tables: a row per initiative, a table per programme, and their sums. Page, XLSX and PDF show it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from phases.terms import Phase, run_together
from portfolio import bilag1, survey
from portfolio.course import Leg, legs
from portfolio.models import Initiative, PhaseRun, Programme
from portfolio.standing import Standing
from portfolio.years import Columns, Mark, Span, State, columns, marks
from susi.dates import read

TITLE = "Bilag 1 – Overblik over initiativer"
WITHOUT_PROGRAMME = "Uden program"
INITIATIVE, PHASE, AGREEMENT = "Initiativ", "Fase", "Aftale"
CARRIED_FORWARD = "Hvis afsluttet, er initiativet bragt videre til næste fase?"
SUSI = "Er der foretaget SUSI-vurdering, og er indsatsen i så fald vurderet egnet til ny fase?"
LETTERS = {Mark.RUNS: "K", Mark.EXPECTED: "F", Mark.UNKNOWN: "?", Mark.NOT: ""}
LEGEND = {
    Mark.RUNS: "Initiativet kører i året ifølge sine datoer.",
    Mark.EXPECTED: "Forventes at køre i året: fra den dag, der vises, til den forventede afslutning.",
    Mark.UNKNOWN: "Det er ikke oplyst, om initiativet kører i året. Året for en aftale er ikke en dato.",
    Mark.NOT: "Initiativet kører ikke i året ifølge sine datoer.",
}


@dataclass(frozen=True)
class Stretch:
    """Neighbouring years that look the same; only unknown ones are joined."""

    mark: Mark
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def letter(self) -> str:
        return LETTERS[self.mark]

    @property
    def is_unknown(self) -> bool:
        return self.mark == Mark.UNKNOWN

    @property
    def years(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def short(self) -> str:
        """The year or years as the head of the table writes them: "17'", "17'-26'"."""
        return "-".join(short_year(year) for year in dict.fromkeys([self.first, self.last]))


@dataclass(frozen=True)
class Row:
    initiative: Initiative
    marks: list[Mark]
    first_year: int

    @cached_property
    def text(self) -> dict[str, str]:
        """What the columns of text say, by the names in `bilag1.COLUMNS`."""
        return {name: value(self.initiative) for name, value in bilag1.COLUMNS.items() if name != "programme"}

    @property
    def letters(self) -> list[tuple[Mark, str]]:
        return [(mark, LETTERS[mark]) for mark in self.marks]

    @property
    def stretches(self) -> Iterator[Stretch]:
        year = self.first_year
        for mark, alike in groupby(self.marks):
            length = len(list(alike))
            lengths = [length] if mark == Mark.UNKNOWN else [1] * length
            for one in lengths:
                yield Stretch(mark, year, year + one - 1)
                year += one


@dataclass(frozen=True)
class Sums:
    """What a table, or all of them, sum up to. All but `rows` count an initiative as its row says (`counts_as`)."""

    name: str
    rows: int
    counted: int
    by_phase: Counter[str]
    ended: int
    not_ended: int
    not_stated: int


@dataclass(frozen=True)
class Table:
    no: int
    programme: Programme | None
    rows: list[Row]
    columns: Columns
    sums: Sums

    @property
    def name(self) -> str:
        return self.programme.name if self.programme else WITHOUT_PROGRAMME

    @property
    def full_name(self) -> str:
        return self.programme.full_name if self.programme else ""

    @property
    def heads(self) -> list[tuple[int, str]]:
        """Each year with its head as Bilag 1 prints it: 2017, "17'"."""
        return [(year, short_year(year)) for year in self.columns.years]


@dataclass(frozen=True)
class Overview:
    """The whole of Bilag 1. `phases` are the labels its sums are told by."""

    tables: list[Table]
    total: Sums
    phases: list[str]
    figures: list[survey.Figure]

    @property
    def sums(self) -> list[tuple[Sums, list[int]]]:
        """Each table's sums and those of all, with the numbers by phase in the order of `phases`."""
        every = [table.sums for table in self.tables] + ([self.total] if len(self.tables) > 1 else [])
        return [(one, [one.by_phase[phase] for phase in self.phases]) for one in every]

    @property
    def quotations(self) -> tuple[survey.Quotation, ...]:
        """The figures the survey states without rows; shown beside its rows only."""
        return survey.QUOTATIONS if self.figures else ()

    @property
    def documents(self) -> tuple[str, ...]:
        return survey.DOCUMENTS if self.figures else ()


def overview(initiatives: Iterable[Initiative], *, day: date, whole: bool = True) -> Overview:
    """Return Bilag 1 of `initiatives`, fetched by `bilag1.begun()` in its order, as it is on `day`.

    The figures of the survey are of the `whole` portfolio, and are not shown beside a part of it.
    """
    found = list(initiatives)
    tables = [_table(no, group[0].programme, group, day) for no, group in enumerate(_by_programme(found), start=1)]
    return Overview(
        tables=tables,
        total=_sums("I alt", found),
        phases=_phases(found),
        figures=survey.figures(found) if whole else [],
    )


def span(leg: Leg) -> Span:
    """Return what is known of the time of phases run together: from the first one's beginning to the last one's end."""
    first, last = leg.runs[0], leg.last
    has_ended = last.state == PhaseRun.State.ENDED
    return Span(
        state=State.ENDED if has_ended else State.OPEN,
        started=read(first, "started_on"),
        ended=read(last, "ended_on") if has_ended else None,
        expected_end=None if has_ended else read(last, "expected_end"),
    )


def short_year(year: int) -> str:
    """Return the year as Bilag 1 writes it over a column: "17'"."""
    return f"{year % 100:02d}'"


def _by_programme(initiatives: list[Initiative]) -> Iterator[list[Initiative]]:
    for _, group in groupby(initiatives, key=lambda initiative: initiative.programme_id):
        yield list(group)


def _table(no: int, programme: Programme | None, initiatives: list[Initiative], day: date) -> Table:
    spans = [_spans(initiative) for initiative in initiatives]
    named = [year for several in spans for one in several for year in one.years()]
    agreed = [agreement.year for initiative in initiatives for agreement in initiative.agreements.all()]
    named += [year for year in agreed if year <= day.year]  # so that what is old has its years, unknown as they are
    shown = columns(named, since=programme.since if programme else None, today=day.year)
    return Table(
        no=no,
        programme=programme,
        rows=[
            Row(initiative, marks(several, shown.years, today=day.year), shown.years[0])
            for initiative, several in zip(initiatives, spans, strict=True)
        ],
        columns=shown,
        sums=_sums(programme.name if programme else WITHOUT_PROGRAMME, initiatives),
    )


def _spans(initiative: Initiative) -> list[Span]:
    spans = [span(leg) for leg in legs(initiative)]
    if initiative.standing == Standing.UNKNOWN and spans:  # type: ignore[attr-defined]
        last = spans[-1]
        spans[-1] = Span(State.NOT_STATED, started=last.started, expected_end=last.expected_end)
    return spans


def _sums(name: str, initiatives: list[Initiative]) -> Sums:
    by_phase: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for initiative in initiatives:
        by_phase[initiative.phase_label] += initiative.counts_as
        by_state[_state(initiative)] += initiative.counts_as
    return Sums(
        name=name,
        rows=len(initiatives),
        counted=by_phase.total(),
        by_phase=by_phase,
        ended=by_state[State.ENDED],
        not_ended=by_state[State.OPEN],
        not_stated=by_state[State.NOT_STATED],
    )


def _state(initiative: Initiative) -> State:
    if initiative.has_ended:
        return State.ENDED
    return State.NOT_STATED if initiative.standing == Standing.UNKNOWN else State.OPEN  # type: ignore[attr-defined]


def _phases(initiatives: list[Initiative]) -> list[str]:
    """Return the labels to sum by: the four phases, and those that are run together, in the order of the phases."""
    order = list(Phase)
    found = {(phase,) for phase in Phase} | {tuple(initiative.phases_together) for initiative in initiatives}
    in_order = sorted(found, key=lambda together: [order.index(phase) for phase in together])
    return [run_together(together) for together in in_order]
