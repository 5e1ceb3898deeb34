"""Dates as the agency knows them: to the day, the month or only the year, and how they are written in Danish."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
FIRST_YEAR, LAST_YEAR = 1990, 2100

MONTHS = (
    "januar", "februar", "marts", "april", "maj", "juni",
    "juli", "august", "september", "oktober", "november", "december",
)  # fmt: skip

_FORMS = (
    re.compile(r"(?P<day>\d{1,2})([.-]) ?(?P<month>\d{1,2})\2 ?(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"),
    re.compile(r"(?P<month>\d{1,2})\.(?P<year>\d{4})"),
    re.compile(rf"((?P<day>\d{{1,2}})(?:\.\s*|\s+))?(?P<name>{'|'.join(MONTHS)})\s+(?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})"),
)


class Precision(models.TextChoices):
    DAY = "day", "Dag"
    MONTH = "month", "Måned"
    YEAR = "year", "År"


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date known to the day, the month or the year. What is not known is the first of its kind."""

    date: date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        first = self.date
        if self.precision != Precision.DAY:
            first = first.replace(day=1)
        if self.precision == Precision.YEAR:
            first = first.replace(month=1)
        object.__setattr__(self, "date", first)
        object.__setattr__(self, "precision", Precision(self.precision))

    def __str__(self) -> str:
        return self._written

    @cached_property
    def _written(self) -> str:
        if self.precision == Precision.YEAR:
            return str(self.date.year)
        if self.precision == Precision.MONTH:
            return f"{MONTHS[self.date.month - 1]} {self.date.year}"
        return danish(self.date)


def last_day(partial: PartialDate) -> date:
    """Return the last day `partial` can be: 31.12. of a year. Its `date` is the first."""
    first = partial.date
    if partial.precision == Precision.DAY:
        return first
    month = 12 if partial.precision == Precision.YEAR else first.month
    return first.replace(month=month, day=monthrange(first.year, month)[1])


def danish(day: date) -> str:
    """Return `day` as "02.11.2026". A datetime is taken at its hour in Copenhagen."""
    if isinstance(day, datetime) and day.tzinfo is not None:
        day = day.astimezone(COPENHAGEN)
    return f"{day.day:02}.{day.month:02}.{day.year}"


def danish_moment(moment: datetime) -> str:
    """Return `moment` as "02.11.2026 kl. 14.03", at its hour in Copenhagen."""
    return f"{danish(moment)} kl. {moment.astimezone(COPENHAGEN):%H.%M}"


def read_moment(text: str) -> datetime:
    """Return the moment that `danish_moment` wrote. Raises `ValueError` where it is written in another way."""
    return datetime.strptime(text, "%d.%m.%Y kl. %H.%M").replace(tzinfo=COPENHAGEN)


def parse(text: str) -> PartialDate:
    """Read "02.11.2026", "2-11-2026", "2026-11-02", "2. november 2026", "11.2026", "november 2026" or "2026".

    Raises `ValidationError` with a Danish sentence that says what to write.
    """
    return _parse(text, write="Skriv en dato som 02.11.2026, en måned som 11.2026 eller et årstal som 2026.")


def parse_day(text: str) -> date:
    """Read "02.11.2026", "2-11-2026", "2026-11-02" or "2. november 2026". Raises `ValidationError` as `parse` does."""
    write = "Skriv datoen som 02.11.2026."
    partial = _parse(text, write=write)
    if partial.precision != Precision.DAY:
        raise ValidationError(f"Dagen mangler. {write}", code="invalid")
    return partial.date


def last_moment(day: date) -> datetime:
    """Return the last microsecond of `day` in Copenhagen: what "as of that day" means."""
    return datetime.combine(day, time.max, tzinfo=COPENHAGEN)


def read(row: models.Model, name: str) -> PartialDate | None:
    """Return what the columns `name` and `<name>_precision` of `row` hold together, or None where unknown."""
    day = getattr(row, name)
    return _known(day, getattr(row, f"{name}_precision")) if day else None


@lru_cache(maxsize=5000)
def _known(day: date, precision: str) -> PartialDate:
    """Many rows hold the same dates, which never change."""
    return PartialDate(day, Precision(precision or Precision.DAY))


def write(row: models.Model, name: str, value: PartialDate | None) -> None:
    """Set the columns `name` and `<name>_precision` of `row`; None is unknown and empties both."""
    setattr(row, name, value.date if value else None)
    setattr(row, f"{name}_precision", value.precision if value else "")


def surely_before(name: str, day: date) -> models.Q:
    """Return the condition that the date in the columns `name` and `<name>_precision` is over before `day`, all of it
    where only the month or the year is known."""
    over = {Precision.DAY: day, Precision.MONTH: day.replace(day=1), Precision.YEAR: day.replace(month=1, day=1)}
    condition = models.Q()
    for precision, first_not_over in over.items():
        condition |= models.Q(**{f"{name}_precision": precision, f"{name}__lt": first_not_over})
    return condition


def _parse(text: str, *, write: str) -> PartialDate:
    """Read any of the forms; `write` ends every refusal by saying what to write instead."""
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            break
    else:
        raise ValidationError(f"Det kan ikke læses som en dato. {write}", code="invalid")
    parts = found.groupdict()
    year, month, day = int(parts["year"]), parts.get("month"), parts.get("day")
    if "name" in parts:
        month = MONTHS.index(parts["name"].casefold()) + 1
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(f"Året skal ligge mellem {FIRST_YEAR} og {LAST_YEAR}. {write}", code="year")
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        return PartialDate(date(year, int(month or 1), int(day or 1)), precision)
    except ValueError as error:
        raise ValidationError(f"Den dato findes ikke i kalenderen. {write}", code="impossible") from error


class PartialDateField(forms.Field):
    """One text input for a day, a month or a year. Gives a `PartialDate`, or None when left empty."""

    widget = forms.TextInput(attrs={"class": "susi-input-date"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Dag, måned eller år: 02.11.2026, 11.2026 eller 2026.")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> PartialDate | None:
        if value in self.empty_values:
            return None
        return value if isinstance(value, PartialDate) else parse(value)

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, PartialDate) else value


class DateField(forms.Field):
    """One text input for a day, written as 02.11.2026. Gives a `date`, or None when left empty."""

    widget = forms.TextInput(attrs={"class": "susi-input-date", "placeholder": "dd.mm.åååå"})

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.astimezone(COPENHAGEN).date() if value.tzinfo else value.date()
        return value if isinstance(value, date) else parse_day(value)

    def prepare_value(self, value: Any) -> Any:
        return danish(value) if isinstance(value, date) else value
