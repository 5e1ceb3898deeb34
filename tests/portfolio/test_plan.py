"""The plan against what happened, in words."""

import datetime

import pytest

from phases.terms import Phase, Track
from portfolio.models import PhaseRun
from portfolio.plan import Run, difference, lateness, sentence
from susi.dates import PartialDate, parse

State = PhaseRun.State
TODAY = datetime.date(2026, 11, 25)


def known(text: str) -> PartialDate | None:
    return parse(text) if text else None


def run(state: str = State.OPEN, **values: str) -> Run:
    dates = {name: known(values.pop(name, "")) for name in ("start", "end", "expected_start", "expected_end")}
    return Run(Phase.MATURATION, state, **values, **dates)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        ("01.03.2024", "01.03.2024", "som forventet"),
        ("02.03.2024", "01.03.2024", "1 dag senere end forventet"),
        ("28.02.2024", "01.03.2024", "2 dage tidligere end forventet"),
        ("01.04.2024", "01.03.2024", "1 md. senere end forventet"),
        ("31.05.2024", "01.03.2024", "2 mdr. senere end forventet"),
        ("01.06.2024", "01.03.2024", "3 mdr. senere end forventet"),
        ("01.03.2024", "15.05.2024", "2 mdr. tidligere end forventet"),
        ("31.03.2024", "29.02.2024", "1 md. senere end forventet"),  # 31 days, whatever the month
        ("03.2024", "31.03.2024", "i den forventede måned"),
        ("03.2024", "01.12.2023", "3 mdr. senere end forventet"),
        ("2024", "01.12.2023", "1 år senere end forventet"),  # no more than the year is known
        ("31.12.2024", "2024", "i det forventede år"),
        ("2022", "2024", "2 år tidligere end forventet"),
    ],
)
def test_two_dates_are_compared_in_the_unit_both_are_known_to(actual, expected, words) -> None:
    assert difference(parse(actual), parse(expected)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (run(start="02.03.2026"), "begyndt 02.03.2026, i gang"),
        (run(start="2025"), "begyndt i 2025, i gang"),
        (run(start="03.2025", expected_end="2027"), "begyndt i marts 2025, i gang, forventes afsluttet i 2027"),
        (run(start="2025", expected_end="2026"), "begyndt i 2025, i gang, forventes afsluttet i 2026"),
        (
            run(start="2025", expected_end="08.2026"),
            "begyndt i 2025, i gang, skulle være afsluttet i august 2026, 3 mdr. over",
        ),
        (run(), "begyndelsen er ikke oplyst, i gang"),
        (run(is_silent=True), "datoerne er ikke oplyst"),
        (run(is_silent=True, start="2019"), "begyndt i 2019, det er ikke oplyst, om fasen er afsluttet"),
        (run(State.ENDED), "afsluttet, datoerne er ikke oplyst"),
        (run(State.ENDED, start="2019"), "begyndt i 2019, afsluttet, men det er ikke oplyst, hvornår"),
        (run(State.ENDED, end="2022"), "begyndelsen er ikke oplyst, afsluttet i 2022"),
        (
            run(State.ENDED, start="03.2019", expected_start="01.2019", end="2022", expected_end="2021"),
            "begyndt i marts 2019, 2 mdr. senere end forventet (januar 2019), "
            "afsluttet i 2022, 1 år senere end forventet (2021)",
        ),
        (run(State.ENDED, expected_end="2021"), "afsluttet, men det er ikke oplyst, hvornår (forventet i 2021)"),
        (run(State.PLANNED), "planlagt, datoerne er ikke oplyst"),
        (
            run(State.PLANNED, expected_start="2027", expected_end="06.2029"),
            "planlagt, forventes begyndt i 2027, forventes afsluttet i juni 2029",
        ),
    ],
)
def test_what_is_said_of_a_run(given, words) -> None:
    assert sentence(given, TODAY) == f"Modning: {words}"


def test_the_track_is_named_where_there_is_one() -> None:
    assert run(track=Track.TWO).name == "Modning, spor 2"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (run(start="2025", expected_end="25.11.2026"), ""),  # it has today left
        (run(start="2025", expected_end="24.11.2026"), "1 dag over"),
        (run(State.ENDED, end="06.2026", expected_end="03.2026"), "3 mdr. senere"),
        (run(State.ENDED, end="03.2026", expected_end="03.2026"), "i den forventede måned"),
        (run(State.ENDED, end="03.2026"), ""),
        (run(State.PLANNED, expected_end="2020"), ""),
        (run(is_silent=True, start="2019", expected_end="2020"), ""),
    ],
)
def test_how_the_end_stands_to_the_plan_in_short(given, words) -> None:
    assert lateness(given, TODAY) == words
