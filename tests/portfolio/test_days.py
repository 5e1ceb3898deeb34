"""Pages as of a day: the list and the overview, which days can be asked for, and what is said of the others."""

import datetime

import pytest

from phases.terms import Phase
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.days import known_since
from susi.roles import Role
from tests.factories import ProgrammeFactory, initiative_in, person

pytestmark = pytest.mark.django_db
MARCH = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=COPENHAGEN)
JUNE = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=COPENHAGEN)
NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=COPENHAGEN)


@pytest.fixture(autouse=True)
def renamed_in_june():
    with clock_at(MARCH):
        initiative = initiative_in(Phase.SCREENING, title="Eksempel: Det gamle navn")
    with clock_at(JUNE):
        initiative.title = "Eksempel: Det nye navn"
        initiative.save()
    with clock_at(NOW):
        yield


def get(client, address: str, status: int = 200) -> str:
    client.force_login(person(Role.READER))
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("day", "title"), [("02.03.2026", "gamle"), ("31.05.2026", "gamle"), ("2026-06-01", "nye"), ("", "nye")]
)
def test_the_list_shows_the_day_asked_for(client, day: str, title: str) -> None:
    html = get(client, f"/initiativer/?dag={day}")
    assert f"Eksempel: Det {title} navn" in html
    assert html.count("Sådan stod porteføljen") == bool(day)


def test_so_does_the_overview_without_what_needs_me_now(client) -> None:
    client.force_login(person(Role.MANAGER))
    then, now = (client.get(f"/?dag={day}").content.decode() for day in ("02.03.2026", ""))
    assert "Sådan stod porteføljen den 02.03.2026" in then
    assert "Kræver din handling" in now
    assert "Kræver din handling" not in then


def test_the_rest_of_the_view_is_kept(client) -> None:
    html = get(client, "/initiativer/?q=navn&phase=screening&dag=02.03.2026")
    assert '<input type="hidden" name="q" value="navn">' in html
    assert 'href="/initiativer/?q=navn&amp;phase=screening"' in html  # back to today


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("01.03.2026", "Systemets første oplysning er fra 02.03.2026."),
        ("26.11.2026", "Dagen er ikke kommet endnu."),
        ("31.02.2026", "Den dato findes ikke i kalenderen."),
        ("2026", "Dagen mangler."),
        ("i går", "Skriv datoen som 02.11.2026."),
    ],
)
def test_another_day_is_refused_with_the_reason_and_nothing_is_lost(client, day: str, reason: str) -> None:
    html = get(client, f"/initiativer/?q=navn&dag={day}", status=422)
    assert reason in html
    assert f'value="{day}"' in html
    assert '<input type="hidden" name="q" value="navn">' in html
    assert "Eksempel: Det" not in html


def test_the_first_day_is_that_of_what_the_settings_name(settings) -> None:
    assert known_since() == MARCH.date()
    settings.PAST_BEGINS_WITH = "portfolio.Programme"
    assert known_since() is None
    with clock_at(JUNE):
        ProgrammeFactory()
    assert known_since() == JUNE.date()


def test_today_is_the_present(client) -> None:
    assert "Sådan stod" not in get(client, "/initiativer/?dag=25.11.2026")
