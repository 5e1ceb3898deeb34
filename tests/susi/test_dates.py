"""Dates to the day, the month or the year."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from susi import dates
from susi.dates import (
    DateField,
    PartialDate,
    PartialDateField,
    Precision,
    danish,
    danish_moment,
    last_day,
    parse,
    read_moment,
)

DAY, MONTH, YEAR = Precision


@pytest.mark.parametrize(
    ("text", "day", "precision", "written"),
    [
        ("02.11.2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("2.11.2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("2026-11-02", date(2026, 11, 2), DAY, "02.11.2026"),
        ("02-11-2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("2. 11. 2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("2. november 2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("31 Marts 2027", date(2027, 3, 31), DAY, "31.03.2027"),
        ("2.november 2026", date(2026, 11, 2), DAY, "02.11.2026"),
        ("augu\u017ft 2026", date(2026, 8, 1), MONTH, "august 2026"),
        (" 02.11.2026 ", date(2026, 11, 2), DAY, "02.11.2026"),
        ("29.02.2024", date(2024, 2, 29), DAY, "29.02.2024"),
        ("11.2026", date(2026, 11, 1), MONTH, "november 2026"),
        ("1.2026", date(2026, 1, 1), MONTH, "januar 2026"),
        ("november 2026", date(2026, 11, 1), MONTH, "november 2026"),
        ("November  2026", date(2026, 11, 1), MONTH, "november 2026"),
        ("2026", date(2026, 1, 1), YEAR, "2026"),
        ("1990", date(1990, 1, 1), YEAR, "1990"),
        ("31.12.2100", date(2100, 12, 31), DAY, "31.12.2100"),
    ],
)
def test_a_date_is_read_and_written(text, day, precision, written) -> None:
    assert parse(text) == PartialDate(day, precision)
    assert str(parse(text)) == written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31.02.2026", "findes ikke i kalenderen"),
        ("29.02.2025", "findes ikke i kalenderen"),
        ("00.11.2026", "findes ikke i kalenderen"),
        ("13.2026", "findes ikke i kalenderen"),
        ("0.2026", "findes ikke i kalenderen"),
        ("2026-13-01", "findes ikke i kalenderen"),
        ("01.01.1989", "mellem 1990 og 2100"),
        ("2101", "mellem 1990 og 2100"),
        ("02.11.26", "kan ikke læses"),
        ("2/11-2026", "kan ikke læses"),
        ("2.11-2026", "kan ikke læses"),
        ("11/02/2026", "kan ikke læses"),
        ("31. februar 2026", "findes ikke i kalenderen"),
        ("november", "kan ikke læses"),
        ("snart", "kan ikke læses"),
        ("010190-1234", "kan ikke læses"),
    ],
)
def test_what_is_not_a_date_is_refused_with_what_to_write(text, says) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse(text)
    assert says in refusal.value.messages[0]
    assert "Skriv en dato som 02.11.2026" in refusal.value.messages[0]
    assert text not in refusal.value.messages[0]


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(Precision))
def test_what_is_written_is_read_back(day, precision) -> None:
    written = PartialDate(day, precision)
    assert parse(str(written)) == written


def test_the_two_columns_are_read_and_written_together() -> None:
    row = SimpleNamespace(started=None, started_precision="")
    assert dates.read(row, "started") is None

    dates.write(row, "started", parse("november 2026"))
    assert (row.started, row.started_precision) == (date(2026, 11, 1), "month")
    assert dates.read(row, "started") == parse("11.2026")

    dates.write(row, "started", None)
    assert (row.started, row.started_precision) == (None, "")


def test_the_last_moment_of_a_day_is_danish() -> None:
    assert dates.last_moment(date(2026, 7, 1)) == datetime(2026, 7, 1, 21, 59, 59, 999999, tzinfo=UTC)
    assert dates.last_moment(date(2026, 12, 1)) == datetime(2026, 12, 1, 22, 59, 59, 999999, tzinfo=UTC)


def test_a_moment_is_written_as_the_danish_day() -> None:
    assert dates.danish(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == "01.07.2026"


class Dates(forms.Form):
    decided = DateField(required=False)
    started = PartialDateField(required=False)


def test_the_fields_give_dates() -> None:
    form = Dates({"decided": "2.11.2026", "started": "11.2026"})
    assert form.is_valid()
    assert form.cleaned_data == {"decided": date(2026, 11, 2), "started": parse("11.2026")}


def test_an_empty_field_gives_none() -> None:
    form = Dates({})
    assert form.is_valid()
    assert form.cleaned_data == {"decided": None, "started": None}


def test_the_fields_show_what_they_were_given_in_danish() -> None:
    form = Dates(initial={"decided": date(2026, 11, 2), "started": parse("11.2026")})
    assert 'value="02.11.2026"' in str(form["decided"])
    assert 'value="november 2026"' in str(form["started"])


def test_a_refused_date_stays_in_its_field() -> None:
    form = Dates({"decided": "31.02.2026", "started": "engang"})
    assert not form.is_valid()
    assert form.errors["decided"] == ["Den dato findes ikke i kalenderen. Skriv datoen som 02.11.2026."]
    assert 'value="31.02.2026"' in str(form["decided"])
    assert 'value="engang"' in str(form["started"])


def test_a_day_needs_a_day() -> None:
    assert Dates({"decided": "2026"}).errors["decided"] == ["Dagen mangler. Skriv datoen som 02.11.2026."]


@pytest.mark.parametrize(("decided", "changed"), [("02.11.2026", False), ("2.11.2026", False), ("03.11.2026", True)])
def test_the_same_date_written_otherwise_is_no_change(decided, changed) -> None:
    form = Dates({"decided": decided}, initial={"decided": date(2026, 11, 2)})
    assert form.has_changed() is changed


@pytest.mark.parametrize(
    ("written", "last"),
    [("02.11.2026", "02.11.2026"), ("02.2024", "29.02.2024"), ("februar 2025", "28.02.2025"), ("2026", "31.12.2026")],
)
def test_the_last_day_a_date_can_be(written, last):
    assert danish(last_day(parse(written))) == last


@pytest.mark.parametrize(
    "moment", [datetime(2026, 11, 2, 13, 3, tzinfo=UTC), datetime(2026, 6, 30, 22, 30, tzinfo=UTC)]
)
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    assert read_moment(danish_moment(moment)) == moment
