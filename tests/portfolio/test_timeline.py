"""Where everything stands in the figure of the timeline, without a database."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phases.terms import Phase
from portfolio import timeline
from portfolio.models import Initiative, PhaseRun
from portfolio.plan import Run
from portfolio.timeline import LABELS, ROW, SHEET, TOP, WIDTH, Course, Scale, Sheet, scale_of, sheets
from susi.dates import PartialDate, Precision, parse

State = PhaseRun.State
TODAY = datetime.date(2026, 7, 1)
SCALE = Scale(2020, 2029)
END = WIDTH - timeline.RIGHT


def course(*runs: Run, pk: int = 1, **values) -> Course:
    return Course(Initiative(pk=pk, number=f"2026-{pk:03d}", title="Eksempel"), runs, **values)


def run(state: str = State.OPEN, phase: Phase = Phase.TRIAL, *, is_silent: bool = False, **dates: str) -> Run:
    return Run(phase, state, is_silent=is_silent, **{name: parse(text) for name, text in dates.items()})


def row_of(*runs: Run, **values) -> timeline.Row:
    (sheet,) = sheets([course(*runs, **values)], SCALE, TODAY)
    return sheet.rows[0]


def x(text: str) -> int:
    return SCALE.x(parse(text).date)


def test_the_years_are_of_equal_width_and_the_last_day_ends_at_the_edge() -> None:
    assert x("01.01.2020") == LABELS
    assert SCALE.end(datetime.date(2029, 12, 31)) == END
    assert [year for _, _, year in SCALE.years] == [str(year) for year in range(2020, 2030)]
    assert [year for _, _, year in Scale(1990, 2100).years if year] == [str(year) for year in range(1990, 2101, 10)]


@pytest.mark.parametrize(
    ("state", "dates", "outer", "inner"),
    [
        # known to the day: upright edges
        (State.ENDED, {"start": "01.02.2021", "end": "31.03.2022"}, ("01.02.2021", "01.04.2022"), None),
        # to the year: slanted over all of it
        (State.ENDED, {"start": "2021", "end": "2024"}, ("01.01.2021", "01.01.2025"), ("01.01.2022", "01.01.2024")),
        (State.ENDED, {"start": "05.2021", "end": "2024"}, ("01.05.2021", "01.01.2025"), ("01.06.2021", "01.01.2024")),
        # in progress: until today
        (State.OPEN, {"start": "2025"}, ("01.01.2025", "02.07.2026"), ("01.01.2026", "02.07.2026")),
    ],
)
def test_a_run_is_a_bar_over_the_days_it_may_have_lasted(state, dates, outer, inner) -> None:
    (bar,) = row_of(run(state, **dates)).bars
    assert (bar.x1, bar.x2) == tuple(map(x, outer))
    assert (bar.inner1, bar.inner2) == tuple(map(x, inner or outer))
    assert not bar.is_plan


def test_a_run_within_one_year_is_nowhere_certain() -> None:
    (bar,) = row_of(run(State.ENDED, start="2022", end="2022")).bars
    assert (bar.x1, bar.x2) == (x("2022"), x("2023"))
    assert bar.x1 < bar.inner1 == bar.inner2 < bar.x2


def test_what_goes_on_is_drawn_as_a_plan_from_today_until_it_is_expected_to_end() -> None:
    actual, plan = row_of(run(start="01.01.2025", expected_end="2028")).bars
    assert actual.x2 == plan.x1 == x("02.07.2026")
    assert (plan.is_plan, plan.inner2, plan.x2) == (True, x("2028"), x("2029"))
    assert row_of(run(start="01.01.2025", expected_end="2028")).ticks == []


def test_one_that_should_have_ended_has_a_tick_there_and_says_how_long_ago() -> None:
    row = row_of(run(start="01.01.2025", expected_end="03.2026"))
    assert [bar.x2 for bar in row.bars] == [x("02.07.2026")]
    assert [tick.x for tick in row.ticks] == [x("01.04.2026")]
    assert row.late == "4 mdr. over"


def test_an_ended_run_has_ticks_where_it_was_expected_to_begin_and_end() -> None:
    ended = run(State.ENDED, start="01.03.2021", expected_start="01.01.2021", end="2023", expected_end="2022")
    row = row_of(ended)
    assert [tick.x for tick in row.ticks] == [x("01.01.2021"), x("01.01.2023")]
    assert row.late == "1 år senere"


def test_a_planned_run_is_a_plan_alone() -> None:
    (bar,) = row_of(run(State.PLANNED, expected_start="2027", expected_end="2029")).bars
    assert (bar.is_plan, bar.x1, bar.x2) == (True, x("2027"), END)


@pytest.mark.parametrize(
    ("given", "post", "is_plan"),
    [
        (run(State.ENDED, start="2022"), "2022", False),
        (run(State.ENDED, end="2022"), "2023", False),
        (run(State.OPEN, start="2022", is_silent=True), "2022", False),  # never drawn until today
        (run(State.PLANNED, expected_start="2027"), "2027", True),
        (run(State.OPEN, expected_end="2027"), "2028", True),
        (run(State.ENDED, expected_end="2021"), "2022", True),
    ],
)
def test_a_run_with_one_known_date_is_a_mark_there_and_no_bar(given, post, is_plan) -> None:
    row = row_of(given)
    (mark,) = row.marks
    assert row.bars == row.ticks == []
    assert (mark.post, mark.is_plan) == (x(post), is_plan)


def test_the_year_of_an_agreement_is_a_mark_where_no_date_is_known_and_never_a_bar() -> None:
    row = row_of(run(), agreement_years=(2021, 2023))
    assert [diamond.x for diamond in row.diamonds] == [SCALE.x(datetime.date(year, 7, 1)) for year in (2021, 2023)]
    assert row.shapes == row.ticks == []
    assert row_of(run(start="2022"), agreement_years=(2021,)).diamonds == []


def test_phases_one_after_the_other_share_a_line_and_phases_at_once_do_not() -> None:
    first = run(State.ENDED, Phase.SCREENING, start="01.01.2021", end="30.06.2022")
    after, meanwhile = run(start="30.06.2022"), run(start="01.01.2022")
    assert {bar.y for bar in row_of(first, after).bars} == {TOP + 4}
    assert len({bar.y for bar in row_of(first, meanwhile).bars}) == 2
    assert row_of(first, meanwhile).height > ROW


def test_a_link_goes_from_the_end_of_one_to_the_beginning_of_the_other_or_names_it() -> None:
    first = course(run(State.ENDED, start="2020", end="2021"), pk=1, continued_in=((2, "2026-002"), (3, "2026-003")))
    second = course(run(start="2022"), pk=2)
    (sheet,) = sheets([first, second], SCALE, TODAY)
    (link,) = sheet.links
    assert (link.before.course, link.after.course) == (first, second)
    assert link.path.startswith(f"M{x('2022')} ")
    assert link.path.endswith(f" {x('2022') - 2} {sheet.rows[1].middle}")
    assert [onward.words for onward in sheet.onward] == ["→ 2026-003"]


def test_figures_are_no_higher_than_a_page_and_keep_the_order() -> None:
    courses = [course(run(start="2022"), pk=pk) for pk in range(1, 61)]
    made = sheets(courses, SCALE, TODAY)
    assert [len(sheet.rows) for sheet in made] == [27, 27, 6]
    assert [row.course for sheet in made for row in sheet.rows] == courses
    assert all(sheet.height <= TOP + SHEET for sheet in made)
    assert sheets([], SCALE, TODAY) == []


def test_the_years_hold_all_that_is_drawn_and_today() -> None:
    courses = [course(run(start="2019", expected_end="2030")), course(agreement_years=(2017,))]
    assert scale_of(courses, TODAY) == Scale(2017, 2030)
    assert scale_of([], TODAY) == Scale(2026, 2026)
    assert scale_of([course(run(start="2020"), agreement_years=(2017,))], TODAY).first == 2020
    marks = [course(run(State.ENDED, end="2020")), course(run(State.PLANNED, expected_start="2028"))]
    assert scale_of(marks, TODAY) == Scale(2019, 2029)


partial_dates = st.builds(PartialDate, st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)),
                          st.sampled_from(Precision))  # fmt: skip
maybe = st.none() | partial_dates
runs = st.builds(
    Run,
    phase=st.sampled_from(Phase),
    state=st.sampled_from([State.PLANNED, State.OPEN, State.ENDED]),
    start=maybe,
    end=maybe,
    expected_start=maybe,
    expected_end=maybe,
    is_silent=st.booleans(),
)


@pytest.mark.slow
@given(
    st.lists(st.builds(course, runs, runs, agreement_years=st.tuples(st.integers(1990, 2100))), min_size=1, max_size=4),
    st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)),
)
def test_whatever_the_dates_all_is_drawn_within_the_figure_and_begins_before_it_ends(courses, today) -> None:
    scale = scale_of(courses, today)
    for sheet in sheets(courses, scale, today):
        assert LABELS <= sheet.today_x <= END
        for row in sheet.rows:
            assert drawn_soundly(row, sheet)
            assert row.shapes or row.diamonds


def drawn_soundly(row: timeline.Row, sheet: Sheet) -> bool:
    bars = all(LABELS <= bar.x1 <= bar.inner1 <= bar.inner2 <= bar.x2 <= END and bar.x1 < bar.x2 for bar in row.bars)
    marks = all(LABELS <= min(mark.post, mark.tail) < max(mark.post, mark.tail) <= END for mark in row.marks)
    ticks = all(LABELS <= tick.x <= END for tick in row.ticks)
    inside = all(row.y <= shape.y and shape.y + timeline.BAR <= row.y + row.height for shape in row.shapes)
    return bars and marks and ticks and inside and row.y + row.height <= sheet.height
