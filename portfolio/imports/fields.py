"""How the cell of each column that can be changed is read: into a value as the plan stores it, and as people see it.

Every function raises `ValidationError` with a Danish sentence about the cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from portfolio import columns
from portfolio.imports.known import Known, Names
from portfolio.imports.table import Cell, Kind
from portfolio.models import Initiative, PhaseRun
from susi.dates import FIRST_YEAR, LAST_YEAR, PartialDate, Precision, danish, parse, read
from susi.forms import TooLong
from susi.roles import Role
from susi.text import clean_text, normalise, one_line

_BECAME_A_DATE = (
    "Cellen indeholder en dato. Et nummer som 2026-01 kan være blevet til en dato i regnearket. "
    "Formatér cellen som tekst, og skriv indholdet igen."
)
_CHOICES_SHOWN = 12


@dataclass(frozen=True)
class Reading:
    """A value as JSON, and the text that shows it."""

    value: Any
    shown: str


@dataclass(frozen=True)
class Setting:
    """What the cells are read against: the rows of the database, and how the workbook counts its days."""

    known: Known
    first_day: str


@dataclass(frozen=True)
class Field:
    """A column that can be changed: `name` on the initiative or, where there is one, on the run that `run` gives."""

    name: str
    read: Callable[[Cell, Setting], Reading]
    now: Callable[[Initiative], Any]
    run: Callable[[Initiative], PhaseRun | None] | None = None


def text_of(cell: Cell) -> str:
    """Return the content of a cell as text, whatever kind it is."""
    if cell.kind == Kind.DATE:
        return danish(date.fromisoformat(cell.text))
    return cell.text.replace(".", ",") if cell.kind == Kind.NUMBER else cell.text


def as_stored(value: PartialDate | None) -> list[str] | None:
    """Return a date as the plan stores it."""
    return [value.date.isoformat(), str(value.precision)] if value else None


def as_date(stored: list[str] | None) -> PartialDate | None:
    """Return the date that `as_stored` gave."""
    return PartialDate(date.fromisoformat(stored[0]), Precision(stored[1])) if stored else None


def words(column: Any, cell: Cell) -> str:
    """Read text for the model's `column`, under the checks of every form: one line where the column has one."""
    if cell.kind == Kind.DATE:
        raise ValidationError(_BECAME_A_DATE)
    tidy = normalise if isinstance(column, models.TextField) else one_line
    text = clean_text(tidy(text_of(cell)))
    if column.max_length:
        TooLong(column.max_length)(text)
    return text


def day_of(cell: Cell, setting: Setting) -> PartialDate | None:
    """Read a date: a real one, text in any form `susi.dates` reads, a year, or a spreadsheet's number of a day."""
    if cell.is_empty:
        return None
    if cell.kind == Kind.DATE:
        return parse(cell.text)
    if cell.kind == Kind.NUMBER and "." not in cell.text:
        number = int(cell.text)
        if not FIRST_YEAR <= number <= LAST_YEAR and setting.first_day and 0 < number < 100_000:
            return parse((date.fromisoformat(setting.first_day) + timedelta(days=number)).isoformat())
    return parse(cell.text)


def found(names: Names, said: str) -> Any:
    """Return the one object called `said`. Refuses none and several, naming what there is."""
    candidates = names.find(said)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        who = ", ".join(getattr(candidate, "username", str(candidate)) for candidate in candidates)
        raise ValidationError(f"Flere hedder »{said}«. Skriv en af disse: {who}.")
    raise ValidationError(f"»{said}« findes ikke. {_offer(names)}")


def _offer(names: Names) -> str:
    if not names.choices:
        return "Der er ingen at vælge mellem i systemet endnu."
    more = len(names.choices) - _CHOICES_SHOWN
    rest = f" og {more} til, som står i skabelonens vejledning" if more > 0 else ""
    return f"Skriv en af disse: {', '.join(names.choices[:_CHOICES_SHOWN])}{rest}."


def _text_field(name: str, *, required: bool = False) -> Field:
    column = Initiative._meta.get_field(name)

    def read_words(cell: Cell, setting: Setting) -> Reading:
        text = words(column, cell)
        if required and not text:
            raise ValidationError("Titlen kan ikke være tom.")
        return Reading(text, text)

    return Field(name, read_words, lambda initiative: getattr(initiative, name))


def _read_count(cell: Cell, setting: Setting) -> Reading:
    text = cell.text.strip()
    if not text.isdecimal() or len(text) > 3 or int(text) < 1:
        raise ValidationError("Skriv et helt tal fra 1 til 999.")
    return Reading(int(text), str(int(text)))


def _read_programme(cell: Cell, setting: Setting) -> Reading:
    if cell.is_empty:
        return Reading(None, "")
    programme = found(setting.known.programmes, text_of(cell))
    return Reading(programme.pk, programme.name)


def _read_lead(cell: Cell, setting: Setting) -> Reading:
    if cell.is_empty:
        return Reading(None, "")
    people = setting.known.people
    said = text_of(cell)
    # Of several with the name, the one who may be responsible is meant; the offer "Navn (brugernavn)" is read too.
    named = said.rpartition("(")[2].rstrip(")") if said.endswith(")") else said
    candidates = people.find(said) or people.find(named)
    with_role = [person for person in candidates if person.may_lead]
    if candidates and not with_role:
        raise ValidationError(f"{candidates[0]} har ikke rollen {Role.LEAD.value}. {_offer(people)}")
    lead = with_role[0] if len(with_role) == 1 else found(people, said)
    return Reading(lead.pk, str(lead))


def _several(names: Callable[[Known], Names], shown: Callable[[Any], str]) -> Callable[[Cell, Setting], Reading]:
    def read_several(cell: Cell, setting: Setting) -> Reading:
        said = [part.strip() for part in text_of(cell).split(columns.SEVERAL.strip()) if part.strip()]
        objects = {one.pk: one for part in said for one in [found(names(setting.known), part)]}
        return Reading(sorted(objects), columns.SEVERAL.join(shown(one) for one in objects.values()))

    return read_several


def _keys(name: str) -> Callable[[Initiative], list[int]]:
    return lambda initiative: sorted(one.pk for one in getattr(initiative, name).all())


def _run_date(name: str, run_of: Callable[[Initiative], PhaseRun | None]) -> Field:
    def read_day(cell: Cell, setting: Setting) -> Reading:
        day = day_of(cell, setting)
        return Reading(as_stored(day), str(day or ""))

    def now(initiative: Initiative) -> list[str] | None:
        run = run_of(initiative)
        return as_stored(read(run, name)) if run else None

    return Field(name, read_day, now, run_of)


FIELDS: dict[str, Field] = {
    columns.TITLE: _text_field("title", required=True),
    columns.PROGRAMME: Field("programme_id", _read_programme, lambda initiative: initiative.programme_id),
    columns.AGREEMENTS: Field(
        "agreements",
        _several(lambda known: known.agreements, lambda one: f"{one.programme.name} {one.year}"),
        _keys("agreements"),
    ),
    columns.TARGET_GROUPS: Field(
        "target_groups", _several(lambda known: known.target_groups, lambda one: one.name), _keys("target_groups")
    ),
    columns.LEAD: Field("lead_id", _read_lead, lambda initiative: initiative.lead_id),
    columns.FUNDING: _text_field("funding"),
    columns.CASE_NUMBER: _text_field("case_number"),
    columns.PROBLEM: _text_field("problem"),
    columns.DESCRIPTION: _text_field("description"),
    columns.COUNTS_AS: Field("counts_as", _read_count, lambda initiative: initiative.counts_as),
    columns.STARTED: _run_date("started_on", attrgetter("first_run")),
    columns.ENDED: _run_date("ended_on", attrgetter("current_run")),
    columns.EXPECTED_END: _run_date("expected_end", attrgetter("current_run")),
}
RELATIONS = ("agreements", "target_groups")
RUN_DATES = {field.name: field.run for field in FIELDS.values() if field.run}
