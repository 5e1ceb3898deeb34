"""Midnight and summer time in Denmark: what day it is, what is due, what a past day showed, and when the clock calls.

In 2026 the clocks go forward on 29.03. at 2 o'clock and back on 25.10. at 3.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from celery.schedules import crontab

from desk.owed import Urgency, owed_by
from phases.terms import Phase
from portfolio.actions import edit_initiative
from portfolio.models import Initiative
from susi.celery import app
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.days import today
from susi.past import as_of, moment_of
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, noon, person
from tests.visitor import Visitor

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
A_DAY = timedelta(days=1)
# The last second of the day in Denmark, in universal time: the day before the change, the day itself, the day after
ENDS = [
    (SPRING - A_DAY, datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)),
    (SPRING, datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)),
    (SPRING + A_DAY, datetime(2026, 3, 30, 21, 59, 59, tzinfo=UTC)),
    (AUTUMN - A_DAY, datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC)),
    (AUTUMN, datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)),
    (AUTUMN + A_DAY, datetime(2026, 10, 26, 22, 59, 59, tzinfo=UTC)),
    (date(2026, 12, 31), datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)),
]
A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("day", "end"), ENDS)
def test_the_day_ends_at_midnight_in_denmark(day: date, end: datetime) -> None:
    with clock_at(end):
        assert today() == day
    with clock_at(end + A_SECOND):
        assert today() == day + A_DAY
        assert moment_of(day).replace(microsecond=0) == end


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "end"), ENDS)
def test_a_past_day_shows_what_stood_at_its_midnight(day: date, end: datetime) -> None:
    with clock_at(noon(day - 2 * A_DAY)):
        initiative = initiative_in(Phase.SCREENING, title="Eksempel: Før")
    for moment, title in ((end, "Eksempel: Til sidst"), (end + A_SECOND, "Eksempel: Dagen efter")):
        with clock_at(moment):
            initiative = edit_initiative(
                initiative=initiative, by=initiative.lead, version=initiative.version, title=title
            )
    with clock_at(noon(day + 3 * A_DAY)):
        told = []
        for asked in (day - A_DAY, day, day + A_DAY):
            with as_of(moment_of(asked)):
                told.append(Initiative.objects.get(pk=initiative.pk).title)
        page = Visitor(initiative.lead).opens(f"/initiativer/?dag={day:%d.%m.%Y}")
    assert told == ["Eksempel: Før", "Eksempel: Til sidst", "Eksempel: Dagen efter"]
    page.reads("Eksempel: Til sidst").does_not_read("Eksempel: Dagen efter")


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "end"), ENDS)
def test_what_is_due_is_late_from_the_next_midnight(day: date, end: datetime) -> None:
    factories.rulebook()
    manager = person(Role.MANAGER)
    with clock_at(noon(day - 10 * A_DAY)):
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    initiative.deviations.update(review_on=day)
    for moment, is_late in ((end, False), (end + A_SECOND, True)):
        with clock_at(moment):
            [review] = [one for one in owed_by(initiative.lead).owed if one.kind == "review"]
        assert (review.urgency == Urgency.OVERDUE) is is_late


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_the_clock_calls_once_at_its_hour_on_the_days_around_the_change(change: date) -> None:
    """The nightly and the weekday job, over six days."""
    days = [change + no * A_DAY for no in range(-2, 4)]
    called = {name: list(calls(entry["schedule"], days)) for name, entry in app.conf.beat_schedule.items()}
    assert called["case files"] == [f"{day:%d.%m.} 03.30" for day in days]
    assert called["digests"] == [f"{day:%d.%m.} 07.00" for day in days if day.weekday() < 5]


def calls(schedule: crontab | float, days: list[date]) -> Iterator[str]:
    """Yield when, by the clock in Denmark, beat asks for the job; looked at every five minutes."""
    if not isinstance(schedule, crontab):
        return
    now = last = datetime.combine(days[0], datetime.min.time(), tzinfo=COPENHAGEN).astimezone(UTC)
    while (local := now.astimezone(COPENHAGEN)).date() <= days[-1]:
        if asked_at(schedule, now).is_due(last.astimezone(COPENHAGEN)).is_due:
            yield f"{local:%d.%m. %H.%M}"
            last = now
        now += timedelta(minutes=5)


def asked_at(schedule: crontab, now: datetime) -> crontab:
    """Return the schedule as beat reads it at the moment `now`."""
    parts = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
    values = {name: getattr(schedule, f"_orig_{name}") for name in parts}
    return crontab(**values, nowfun=lambda: now.astimezone(app.timezone), app=app)
