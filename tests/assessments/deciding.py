"""What the tests of the decision page need: an assessed initiative, and what a manager's browser sends."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assessments.actions import decisions
from phases.terms import Outcome, Phase, Track
from portfolio.models import Initiative
from susi.models import User
from tests import factories
from tests.factories import initiative_in


def assessed(manager: User, **values: Any) -> Initiative:
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, **values)
    return anew(initiative)


def anew(initiative: Initiative) -> Initiative:
    return Initiative.objects.get(pk=initiative.pk)


def address(initiative: Initiative) -> str:
    return reverse("assessments:decision_create", args=[initiative.number])


def sent(initiative: Initiative, outcome: str = Outcome.CONTINUED, **values: Any) -> dict[str, Any]:
    """What the form sends."""
    common = {
        "seen": decisions.last_decision_no(initiative),
        "seen_ground": decisions.ground_shown(initiative),
        "outcome": outcome,
        "decided_by": "agency",
        "decided_on": "02.03.2026",
    }
    if outcome == Outcome.CONTINUED:
        common |= {"to_phase": Phase.MATURATION, "to_track": Track.ONE, "continue_in": "same"}
    return common | values


def register(page: Client, initiative: Initiative, outcome: str = Outcome.CONTINUED, **values: Any) -> HttpResponse:
    return page.post(address(initiative), sent(initiative, outcome, **values), follow=True)
