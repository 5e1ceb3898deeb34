"""In which years an initiative is known to run: the whole truth table, and what holds whatever the dates."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.years import YEARS_AHEAD, YEARS_BACK, Mark, Span, State, columns, mark, marks
from susi.dates import PartialDate, parse

TODAY = 2024
YEARS = range(2019, 2029)
LETTERS = {Mark.RUNS: "K", Mark.EXPECTED: "F", Mark.UNKNOWN: "?", Mark.NOT: "."}
OPEN, ENDED, NOT_STATED = State.OPEN, State.ENDED, State.NOT_STATED


def span(state: State, started: str = "", ended: str = "", expected: str = "") -> Span:
    return Span(state, *(parse(text) if text else None for text in (started, ended, expected)))


def row(*spans: Span) -> str:
    return "".join(LETTERS[one] for one in marks(spans, YEARS, today=TODAY))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # 2019 … 2028, today in 2024
        (span(OPEN), "??????????"),
        (span(OPEN, "2021"), "..KKKK????"),
        (span(OPEN, "2021", expected="2026"), "..KKKKFF.."),
        (span(OPEN, "2021", expected="2024"), "..KKKK...."),
        (span(OPEN, "2021", expected="2023"), "..KKKK????"),  # a plan that has passed says nothing
        (span(OPEN, "2024", expected="2024"), ".....K...."),
        (span(OPEN, expected="2026"), "?????FFF.."),
        (span(OPEN, expected="2024"), "?????F...."),
        (span(OPEN, expected="2022"), "??????????"),
        (span(OPEN, "2010"), "KKKKKK????"),
        (span(ENDED), "??????...."),
        (span(ENDED, "2021"), "..K???...."),
        (span(ENDED, ended="2022"), "???K......"),
        (span(ENDED, "2020", "2022"), ".KKK......"),
        (span(ENDED, "2022", "2022"), "...K......"),
        (span(ENDED, "2010", "2012"), ".........."),
        (span(ENDED, "12.2020", "01.01.2021"), ".KK......."),  # a month and a day are in their year
        (span(ENDED, expected="2027"), "??????...."),  # it has ended: what was planned no longer counts
        (span(NOT_STATED), "??????????"),
        (span(NOT_STATED, "2021"), "..K???????"),
        (span(NOT_STATED, "2021", expected="2026"), "..K??FFF.."),
        (span(NOT_STATED, expected="2022"), "??????????"),
    ],
)
def test_what_is_known_of_each_year(known: Span, expected: str) -> None:
    assert row(known) == expected


def test_several_phases_are_one_initiative() -> None:
    assert row(span(ENDED, "2019", "2021"), span(OPEN, "2021", expected="2025")) == "KKKKKKF..."
    assert row(span(ENDED, ended="2021"), span(OPEN, "2023")) == "??K.KK????"
    assert row() == ".........."


dates = st.none() | st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1)).map(PartialDate)
spans = st.one_of(
    st.builds(Span, st.just(State.ENDED), dates, dates, dates),
    st.builds(Span, st.sampled_from([State.OPEN, State.NOT_STATED]), dates, st.none(), dates),
)


@given(spans, st.integers(2000, 2040), st.integers(2005, 2035))
def test_nothing_is_shaded_that_no_date_speaks_of(one: Span, year: int, today: int) -> None:
    found = mark(one, year, today=today)
    if found == Mark.RUNS:
        assert one.started or one.ended
        assert not one.started or one.started.date.year <= year
        assert year <= max(today, *one.years())
    if found == Mark.EXPECTED:
        assert one.expected_end
        assert today <= year <= one.expected_end.date.year
    if found == Mark.NOT:
        assert one.years() or (one.state == State.ENDED and year > today)


@pytest.mark.parametrize(
    ("named", "since", "first", "last", "left_out"),
    [
        ([], 2017, 2017, 2024, False),
        ([2016, 2026], 2017, 2016, 2026, False),
        ([], None, 2024, 2024, False),
        ([2022], None, 2022, 2024, False),
        ([2000, 2090], 2017, TODAY - YEARS_BACK, TODAY + YEARS_AHEAD, True),
    ],
)
def test_the_columns_reach_from_the_first_year_that_matters_to_the_last(named, since, first, last, left_out) -> None:
    shown = columns(named, since=since, today=TODAY)
    assert (shown.years[0], shown.years[-1], shown.left_out) == (first, last, left_out)
