"""New rows with a phase: initiatives begun before the system, with their source in place of a decision (rule 13)."""

from django.core.exceptions import ValidationError

from phases.terms import Outcome, Phase, SusiStatement, Track
from portfolio import columns, dating
from portfolio.imports.fields import as_date, text_of, words
from portfolio.imports.rows import PlannedRow
from portfolio.imports.table import Cell, Kind
from portfolio.models import PhaseRun
from susi.danish import fold

READ_FOR_NEW = (columns.PHASE, columns.TRACK, columns.SOURCE, columns.OUTCOME, columns.SUSI)
_OF_A_PHASE = (columns.TRACK, columns.SOURCE, columns.OUTCOME, columns.SUSI,
               columns.STARTED, columns.ENDED, columns.EXPECTED_END)  # fmt: skip
_DATES = {
    dating.STARTED: columns.STARTED,
    dating.ENDED: columns.ENDED,
    dating.EXPECTED_END: columns.EXPECTED_END,
}
_OUTCOMES = (Outcome.NOT_ENDED, Outcome.FINAL)
_UNKNOWN_TRACK = "spor ikke oplyst"


def read_newcomer(row: PlannedRow, ours: dict[str, tuple[str, Cell]]) -> None:
    """Read what the new `row` says of a phase into its values, or refuse it. Without a phase it is a proposal."""
    given = {header: cell for header, (_, cell) in ours.items() if not cell.is_empty and cell.kind != Kind.BAD}
    if columns.PHASE not in given:
        for header in (header for header in _OF_A_PHASE if header in given):
            row.refuse(ours[header][0], header, "Skriv også fasen. Uden en fase oprettes initiativet som forslag.")
        return
    where = {header: place for header, (place, _) in ours.items()}
    for header, name, read in (
        (columns.PHASE, "phases", _phases),
        (columns.TRACK, "track", _track),
        (columns.SOURCE, "source", _source),
        (columns.OUTCOME, "outcome", _outcome),
        (columns.SUSI, "susi", _susi),
    ):
        if header not in given:
            row.values[name] = ""
            continue
        try:
            row.values[name] = read(given[header])
        except ValidationError as error:
            row.refuse(where[header], header, error)
        else:
            row.cells.append([where[header], header, "", text_of(given[header]).strip()])
    if columns.SOURCE not in given:
        row.refuse(
            where.get(columns.SOURCE, where[columns.PHASE]),
            columns.SOURCE,
            "En fase begynder ved en beslutning. Er initiativet begyndt før systemet, skal kilden skrives i stedet.",
        )
    if not row.refusals:
        _refuse_contradictions(row, where)


def _refuse_contradictions(row: PlannedRow, where: dict[str, str]) -> None:
    """Find fault with what the cells say of each other."""
    values, last = row.values, row.values["phases"][-1]
    ended = values.get("ended_on")
    is_dissemination = last == Phase.DISSEMINATION
    if last == Phase.SCREENING and values["track"]:
        row.refuse(where[columns.TRACK], columns.TRACK, "Der er ikke spor i screening.")
    if ended and values["outcome"] == Outcome.NOT_ENDED:
        row.refuse(where[columns.OUTCOME], columns.OUTCOME, "Der står også, hvornår fasen er afsluttet.")
    if ended and values.get("expected_end"):
        row.refuse(where[columns.EXPECTED_END], columns.EXPECTED_END, "Fasen er afsluttet.")
    if not is_dissemination and values["outcome"] == Outcome.FINAL:
        row.refuse(where[columns.OUTCOME], columns.OUTCOME, "Det udfald gælder kun udbredelse.")
    if not is_dissemination and values["susi"] == SusiStatement.FINAL:
        row.refuse(where[columns.SUSI], columns.SUSI, "Det gælder kun udbredelse.")
    run = PhaseRun(phase=last, state=PhaseRun.State.ENDED if ended else PhaseRun.State.OPEN)
    dates = {name: as_date(values.get(name)) for name in dating.NAMES}
    for (_, name), sentence in dating.problems([run], {run.pk: dates}):
        row.refuse(where[_DATES[name]], _DATES[name], sentence)


def _phases(cell: Cell) -> list[str]:
    """Read "Modning", or "Screening/modning" for two run together."""
    labels = {fold(phase.label): phase for phase in Phase}
    said = [part.strip() for part in text_of(cell).split("/")]
    phases = [labels.get(fold(part)) for part in said]
    names = ", ".join(phase.label for phase in Phase)
    if None in phases:
        raise ValidationError(f"»{text_of(cell)}« er ikke en fase. Skriv en af disse: {names}.")
    order = [list(Phase).index(phase) for phase in phases if phase]
    if order != sorted(set(order)):
        raise ValidationError("Skriv faserne i fasemodellens rækkefølge, for eksempel Screening/modning.")
    return [phase.value for phase in phases if phase]


def _track(cell: Cell) -> str:
    said = fold(text_of(cell)).removeprefix("spor ").strip()
    if fold(text_of(cell)) == _UNKNOWN_TRACK:
        return ""
    if said not in Track.values:
        raise ValidationError("Skriv Spor 1, Spor 2 eller Spor ikke oplyst.")
    return said


def _source(cell: Cell) -> str:
    return words(PhaseRun._meta.get_field("source"), cell)


def _outcome(cell: Cell) -> str:
    labels = {fold(outcome.label): outcome for outcome in Outcome}
    outcome = labels.get(fold(text_of(cell)))
    if outcome not in _OUTCOMES:
        names = " eller ".join(one.label for one in _OUTCOMES)
        raise ValidationError(
            f"Ved indlæsning kan udfaldet kun være {names}. Andre udfald registreres som en beslutning om faseovergang."
        )
    return outcome.value


def _susi(cell: Cell) -> str:
    labels = {fold(one.label): one.value for one in SusiStatement}
    said = fold(text_of(cell))
    if said not in labels:
        raise ValidationError(f"Skriv en af disse: {', '.join(one.label for one in SusiStatement)}.")
    return labels[said]
