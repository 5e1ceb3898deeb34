"""A row tells what the initiative itself does, however many there are, and as of any day."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Deviation
from assessments.templatetags.assessments import open_deviations
from phases.models import Edition
from phases.terms import Outcome, Phase, SusiStatement, Track
from portfolio import rows as rows_module
from portfolio.columns import COLUMNS
from portfolio.models import Continuation, Initiative, PhaseRun, TargetGroup
from portfolio.rows import Row, rows
from susi.dates import Precision
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, InitiativeFactory, ProgrammeFactory, initiative_in, person
from tests.portfolio.portfolios import dated, decide, from_source, fully_related

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


def everything() -> Any:
    return Initiative.objects.with_standing()


def by_number() -> dict[str, Row]:
    return {row.number: row for row in rows(everything())}


def continued(former: Initiative, new: Initiative, **values: Any) -> Continuation:
    return Continuation.objects.create(from_initiative=former, to_initiative=new, source="Eksempel", **values)


def departing(initiative: Initiative, number: int = 1, state: str = Deviation.State.OPEN) -> None:
    """Give the initiative as many fravigelser in one decision."""
    decision = decide(initiative, person(Role.MANAGER), outcome=Outcome.AWAITING, reason="Eksempel")
    for _ in range(number):
        Deviation.objects.create(
            initiative=initiative, decision=decision, practical=True, reason="Eksempel", handling="Eksempel",
            owner=initiative.lead or person(Role.LEAD), review_on=datetime.date(2027, 1, 1), state=state,
        )  # fmt: skip


def test_a_row_says_in_every_column_what_the_initiative_says() -> None:
    fully_related(person(Role.MANAGER), person(Role.LEAD), continued=2)
    from_source(Phase.SCREENING, Phase.MATURATION, track=Track.TWO, outcome=Outcome.RECOMMENDED)
    from_source(
        Phase.TRIAL, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED, susi=SusiStatement.YES_NO, **dated(2021)
    )
    from_source(Phase.MATURATION)
    together = from_source(Phase.SCREENING, Phase.MATURATION, Phase.TRIAL)
    for sequence, year in ((1, 2019), (2, 2020), (3, 2021)):
        together.runs.filter(sequence=sequence).update(
            started_on=datetime.date(year, 1, 1), started_on_precision=Precision.YEAR
        )
    initiative_in(Phase.DISSEMINATION, funding="SSA-reserven", case_number="19/1", counts_as=3)
    proposal = InitiativeFactory(programme=ProgrammeFactory(since=2019), problem="a\nb", description="c")
    proposal.agreements.set([AgreementFactory(year=2024), AgreementFactory(year=2020, programme=proposal.programme)])
    proposal.target_groups.set([TargetGroup.objects.create(key=key, name=key.upper()) for key in ("b", "a")])

    told = by_number()

    assert len(told) == Initiative.objects.count() == 9
    for initiative in everything():
        row = told[initiative.number]
        assert {header: value(row) for header, value in COLUMNS.items()} == {
            header: value(initiative) for header, value in COLUMNS.items()
        }
    assert told[proposal.number].current_run is None
    assert str(COLUMNS["Begyndt"](told[together.number])) == "2019"


def test_rows_keep_the_order_of_the_list() -> None:
    for title in ("Ål", "zebra", "Æble", "abe"):
        InitiativeFactory(title=title)
    assert [row.title for row in rows(everything())] == ["abe", "zebra", "Æble", "Ål"]
    assert [row.title for row in rows(everything().order_by("-sort_key"))] == ["Ål", "Æble", "zebra", "abe"]


def test_open_deviations_are_counted_as_on_the_initiatives_page() -> None:
    """A merger, a split, a chain and an annulled link; what is settled or a draft does not count."""
    first, second, merged, left, right, apart = (initiative_in(Phase.SCREENING) for _ in range(6))
    departing(first, 2)
    departing(second)
    departing(left)
    departing(apart, state=Deviation.State.SETTLED)
    for former, new in ((first, merged), (second, merged), (merged, left), (merged, right), (first, right)):
        continued(former, new)
    continued(first, apart, is_annulled=True)

    told = by_number()

    counted = [told[one.number].open_deviations for one in (first, second, merged, left, right, apart)]
    assert counted == [2, 1, 3, 4, 3, 0]
    assert counted == [len(open_deviations(one)) for one in (first, second, merged, left, right, apart)]


def test_a_row_of_the_past_says_what_was_then() -> None:
    initiative = InitiativeFactory(title="Før", programme=ProgrammeFactory(name="Programmet før"))
    initiative.agreements.add(AgreementFactory(year=2020, programme=initiative.programme))
    before = by_number()[initiative.number]
    moment = timezone.now()

    initiative.title = "Efter"
    initiative.save()
    initiative.agreements.set([AgreementFactory(year=2021)])
    initiative.programme.name = "Programmet efter"
    initiative.programme.save()
    initiative_in(Phase.SCREENING)

    with as_of(moment):
        then = list(rows(everything()))
    assert [{header: value(row) for header, value in COLUMNS.items()} for row in then] == [
        {
            header: {"Program": "Programmet før", "Aftaler": "Programmet før 2020"}.get(header, value(before))
            for header, value in COLUMNS.items()
        }
    ]
    assert by_number()[initiative.number].title == "Efter"


def test_the_number_of_queries_does_not_follow_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        initiative_in(Phase.SCREENING).agreements.add(AgreementFactory())
    with CaptureQueriesContext(connection) as few:
        assert len(list(rows(everything()))) == 3
    for _ in range(10):
        initiative_in(Phase.MATURATION, programme=ProgrammeFactory()).agreements.add(AgreementFactory())
    with CaptureQueriesContext(connection) as many:
        assert len(list(rows(everything()))) == 13
    assert len(few) == len(many)

    monkeypatch.setattr(rows_module, "AT_A_TIME", 5)
    assert [row.number for row in rows(everything())] == [one.number for one in everything()]


def test_a_run_whose_end_is_known_to_the_month_keeps_that() -> None:
    values = {"ended_on": datetime.date(2021, 5, 1), "ended_on_precision": Precision.MONTH}
    from_source(Phase.TRIAL, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED, **values)
    (row,) = rows(everything())
    assert str(COLUMNS["Afsluttet"](row)) == "maj 2021"
