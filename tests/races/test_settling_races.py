"""An agreement is settled while another manager decides on one of its initiatives: exactly one of them wins."""

import datetime

import pytest

from assessments.actions import decisions
from assessments.actions.settling import RowInput, SettlementInput, settle
from phases.terms import Outcome
from portfolio.models import AgreementEntry, Decision
from susi.errors import Conflict
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide
from tests.races.test_races import at_once, one_won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
DAY = datetime.date(2026, 5, 4)


@pytest.mark.parametrize("_", range(3))
def test_a_settlement_and_a_decision_on_one_of_its_rows(_) -> None:
    factories.rulebook()
    first, second = person(Role.MANAGER), person(Role.MANAGER)
    agreement = AgreementFactory(year=2027)
    rows = [initiative_in(None) for _ in range(2)]
    for one in rows:
        decide(one, first, Outcome.RECOMMENDED, agreement=agreement)
    stopped = AgreementEntry.Result.STOPPED
    wanted = SettlementInput(
        decided_by="agreement_parties",
        decided_on=DAY,
        rows=[RowInput(anew(one), 1, 0, stopped, reason="Eksempel") for one in rows],
    )
    results = at_once(
        lambda: settle(agreement=agreement, by=first, wanted=wanted),
        lambda: decisions.register_decision(
            initiative=rows[1],
            by=second,
            seen=1,
            wanted=decisions.DecisionInput(Outcome.AWAITING, "agency", DAY, reason="Eksempel"),
        ),
    )
    assert one_won(results)
    settled = not isinstance(results[0], Conflict)
    assert AgreementEntry.objects.count() == (2 if settled else 0)
    assert Decision.objects.count() == 2 + (2 if settled else 1)
