"""What waits for a coming agreement, and what takes longer than its phase typically does."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions import decisions
from assessments.phase_times import phase_times
from assessments.statistics import Chosen
from phases.models import Edition
from phases.terms import Outcome, Phase
from portfolio.models import Initiative, PhaseRun
from portfolio.outlook import SHOWN, taking_long, waiting_for_agreement
from susi.dates import Precision
from susi.days import today
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import decide, from_source

pytestmark = pytest.mark.django_db
EVERYTHING = frozenset({Role.MANAGER})  # the roles of somebody who may see it all
TYPICAL = {
    Phase.SCREENING: ("op til 1 år", None, 1),
    Phase.MATURATION: ("fra 2 til 4 år", 2, 4),
    Phase.TRIAL: ("mellem 3 og 5 år", 3, 5),
    Phase.DISSEMINATION: ("2 år", 2, None),
}


def edition(number: str, since: datetime.date, typical: dict[Phase, tuple] = TYPICAL) -> None:
    """Publish an edition that says how long phases typically take."""
    made = Edition.objects.create(number=number, name="Eksempel", valid_from=since, source="Eksempel")
    for phase, (words, shortest, longest) in typical.items():
        made.phase_definitions.create(
            phase=phase, purpose="E", typical_length=words, min_years=shortest, max_years=longest, source="Eksempel"
        )
    made.published_at = timezone.now()
    made.save()


@pytest.fixture(autouse=True)
def in_force() -> None:
    edition("8.0", datetime.date(2021, 1, 1))


def begun(phase: Phase, day: datetime.date | None, precision: str = Precision.DAY) -> Initiative:
    """Return an initiative in a phase that goes on, since `day`."""
    initiative = initiative_in(phase)
    run = initiative.current_run
    run.outcome = run.stated_outcome = Outcome.NOT_ENDED
    run.started_on, run.started_on_precision = day, precision if day else ""
    run.save()
    return initiative


def numbers(initiatives) -> list[str]:
    return [one.number for one in initiatives]


@pytest.mark.parametrize(
    ("phase", "started", "precision", "is_long"),
    [
        (Phase.SCREENING, (2025, 11, 24), Precision.DAY, True),
        (Phase.SCREENING, (2025, 11, 25), Precision.DAY, False),  # a year to the day
        (Phase.SCREENING, (2025, 10, 1), Precision.MONTH, True),
        (Phase.SCREENING, (2025, 11, 1), Precision.MONTH, False),
        (Phase.SCREENING, (2024, 1, 1), Precision.YEAR, True),
        (Phase.SCREENING, (2025, 1, 1), Precision.YEAR, False),
        (Phase.MATURATION, (2022, 11, 24), Precision.DAY, True),
        (Phase.MATURATION, (2023, 1, 1), Precision.DAY, False),
        (Phase.TRIAL, (2021, 11, 24), Precision.DAY, True),
        (Phase.TRIAL, (2022, 1, 1), Precision.DAY, False),
        (Phase.DISSEMINATION, (2024, 11, 24), Precision.DAY, True),
        (Phase.DISSEMINATION, (2025, 1, 1), Precision.DAY, False),
        (Phase.SCREENING, None, "", False),
    ],
)
def test_a_phase_takes_long_when_it_surely_has(phase, started, precision, is_long) -> None:
    initiative = begun(phase, datetime.date(*started) if started else None, precision)
    found = taking_long(EVERYTHING, datetime.date(2026, 11, 25))
    assert (numbers(found.initiatives) == [initiative.number], found.count) == (is_long, int(is_long))


def test_what_may_have_ended_is_not_said_to_take_long() -> None:
    silent = from_source(Phase.MATURATION)
    run = silent.current_run
    run.started_on, run.started_on_precision = datetime.date(2010, 1, 1), Precision.YEAR
    run.save()
    assert taking_long(EVERYTHING, datetime.date(2026, 11, 25)).count == 0


def test_the_counts_lead_to_the_same_ones_in_the_list(client) -> None:
    manager, agreement = person(Role.MANAGER), AgreementFactory(year=2027)
    proposal = initiative_in(None, title="Eksempel: Indstillet forslag")
    decide(proposal, manager, Outcome.RECOMMENDED, agreement=agreement)
    long = begun(Phase.SCREENING, datetime.date(2020, 1, 1))
    client.force_login(manager)
    overview = client.get("/").content.decode()
    for address, initiative in (("?status=waiting", proposal), ("?length=beyond", long)):
        assert f'href="/initiativer/{address}"' in overview
        html = client.get(f"/initiativer/{address}").content.decode()
        assert "<strong>1 initiativ</strong>" in html
        assert initiative.title in html


def test_what_is_typical_is_said_by_the_edition_of_the_day() -> None:
    edition("8.1", datetime.date(2026, 12, 1), TYPICAL | {Phase.SCREENING: ("op til 2 år", None, 2)})
    begun(Phase.SCREENING, datetime.date(2025, 6, 1))
    before, after = (taking_long(EVERYTHING, datetime.date(2026, month, 30)) for month in (11, 12))
    assert (before.count, after.count) == (1, 0)
    of_the_others = "modning fra 2 til 4 år, afprøvning mellem 3 og 5 år og udbredelse 2 år"
    assert before.typical == f"screening op til 1 år, {of_the_others}"
    assert after.typical == f"screening op til 2 år, {of_the_others}"


def test_without_an_edition_nothing_is_longer_than_typical(client) -> None:
    begun(Phase.SCREENING, datetime.date(2015, 1, 1))
    found = taking_long(EVERYTHING, datetime.date(2020, 12, 31))
    assert (found.count, found.typical) == (0, "")


def test_the_page_and_the_statistics_say_what_the_edition_says(client) -> None:
    client.force_login(person(Role.READER))
    html = client.get("/").content.decode()
    assert "Typisk varer screening op til 1 år, modning fra 2 til 4 år," in html
    longest = {one.phase: one.typical.longest_years for one in phase_times(Initiative.objects.all(), Chosen(), today())}
    assert longest == {phase: longest or shortest for phase, (_, shortest, longest) in TYPICAL.items()}


def test_the_leap_day_has_a_year_before_it() -> None:
    begun(Phase.SCREENING, datetime.date(2023, 2, 27))
    assert taking_long(EVERYTHING, datetime.date(2024, 2, 29)).count == 1


def test_what_has_ended_takes_no_longer() -> None:
    from_source(Phase.SCREENING, state=PhaseRun.State.ENDED, outcome=Outcome.STOPPED)
    assert taking_long(EVERYTHING, datetime.date(2040, 1, 1)).count == 0


def test_the_longest_come_first_and_all_are_counted() -> None:
    years = range(2000, 2000 + SHOWN + 3)
    initiatives = [begun(Phase.SCREENING, datetime.date(year, 1, 1)) for year in years]
    found = taking_long(EVERYTHING, datetime.date(2026, 11, 25))
    assert (numbers(found.initiatives), found.count) == (numbers(initiatives[:SHOWN]), len(initiatives))


def test_what_is_recommended_waits_under_the_agreement_named_last() -> None:
    factories.rulebook()
    manager, agreement = person(Role.MANAGER), AgreementFactory(year=2027)
    later = AgreementFactory(year=2028, programme=agreement.programme)
    by_source = from_source(
        Phase.MATURATION, outcome=Outcome.RECOMMENDED, stated_agreement=agreement, title="Eksempel: A"
    )
    unnamed = from_source(Phase.SCREENING, source="Bilag 1, tabel 2", outcome=Outcome.RECOMMENDED)
    proposal, changed = initiative_in(None), initiative_in(None, title="Eksempel: B")
    for one, coming in ((proposal, agreement), (changed, agreement), (changed, later)):
        decide(one, manager, Outcome.RECOMMENDED, agreement=coming)
    initiative_in(Phase.SCREENING)
    with CaptureQueriesContext(connection) as queries:
        waiting, count = waiting_for_agreement(EVERYTHING)
    assert len(queries) == 1
    assert count == 4
    assert {group.agreement: set(numbers(group.initiatives)) for group in waiting} == {
        "": {unnamed.number},
        str(agreement): {by_source.number, proposal.number},
        str(later): {changed.number},
    }

    reversed_one = changed.decisions.in_force().get(agreement=later)
    decisions.reverse_decision(decision=reversed_one, by=manager, reason="Eksempel")
    assert str(later) not in {group.agreement for group in waiting_for_agreement(EVERYTHING)[0]}


def test_a_proposal_is_found_by_what_was_decided_of_it(client) -> None:
    factories.rulebook()
    manager, agreement = person(Role.MANAGER), AgreementFactory(year=2027)
    proposal, other = initiative_in(None, title="Eksempel: Forslag"), initiative_in(None)
    decide(proposal, manager, Outcome.RECOMMENDED, agreement=agreement)
    client.force_login(manager)
    told = client.get("/initiativer/?outcome=recommended").context["page"].object_list
    assert [one.pk for one in told] == [proposal.pk]
    given_up = initiative_in(None, title="Eksempel: Opgivet")
    decide(given_up, manager, Outcome.STOPPED, reason="Der er ingen finansiering")
    stopped = client.get("/initiativer/?outcome=stopped").context["page"].object_list
    assert [one.pk for one in stopped] == [given_up.pk]
    sentence = f"Forslaget er indstillet til {agreement}."
    assert sentence in client.get(f"/initiativer/{proposal.number}/").content.decode()
    assert "er indstillet til" not in client.get(f"/initiativer/{other.number}/").content.decode()
