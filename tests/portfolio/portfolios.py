"""Portfolios for the tests of the pages."""

import datetime
from typing import Any

from assessments.actions import decisions
from assessments.actions.decisions import DecisionInput
from phases.terms import Outcome, Phase, Track
from portfolio import actions
from portfolio.models import Continuation, Decision, Initiative, PhaseRun, TargetGroup
from portfolio.transitions import follow_runs
from susi.dates import Precision
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, InitiativeFactory, initiative_in, person

DAY = datetime.date(2026, 3, 2)


def anew(initiative: Initiative) -> Initiative:
    return Initiative.objects.get(pk=initiative.pk)


def decide(initiative: Initiative, by: User, outcome: str = Outcome.CONTINUED, **values: Any) -> Decision:
    """Register a decision of `DAY`."""
    initiative = anew(initiative)
    wanted = {"outcome": outcome, "decided_by": Decision.DecidedBy.AGENCY, "decided_on": DAY, **values}
    return decisions.register_decision(
        initiative=initiative, by=by, seen=decisions.last_decision_no(initiative), wanted=DecisionInput(**wanted)
    )


def from_source(
    *phases: Phase, state: str = PhaseRun.State.OPEN, source: str = "Bilag 1, tabel 1, række 7", **stated: Any
) -> Initiative:
    """Return an initiative as a source tells of it: the phases run together, the last in `state`."""
    outcome = stated.pop("outcome", "")
    susi = stated.pop("susi", "")
    track = stated.pop("track", "")
    run_values = {name: stated.pop(name) for name in list(stated) if name.startswith(("stated_", "ended_"))}
    initiative = InitiativeFactory(lead=None, **stated)
    for sequence, phase in enumerate(phases, start=1):
        last = sequence == len(phases)
        PhaseRun.objects.create(
            initiative=initiative,
            sequence=sequence,
            phase=phase,
            track="" if phase == Phase.SCREENING else track,
            state=state if last else PhaseRun.State.ENDED,
            source=source,
            outcome=outcome if last else "",
            stated_outcome=outcome if last else "",
            susi=susi if last else "",
            stated_susi=susi if last else "",
            **(run_values if last else {}),
        )
    follow_runs(initiative, by=None, reason="Indlæst fra uip.json")
    return anew(initiative)


def fully_related(manager: User, lead: User, continued: int = 1) -> Initiative:
    """Return an initiative in modning with one of everything a page may show of it, continuing `continued` others."""
    agreement = AgreementFactory()
    initiative = initiative_in(Phase.SCREENING, lead=lead, programme=agreement.programme)
    initiative.agreements.add(agreement)
    initiative.target_groups.add(TargetGroup.objects.get_or_create(key="voksne", name="Udsatte voksne")[0])
    initiative.members.add(person(Role.LEAD))
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track=Track.ONE, agreement=agreement)
    actions.write_status(initiative=initiative, by=lead, text="Det går efter planen.")
    for _ in range(continued):
        former = from_source(Phase.SCREENING, state=PhaseRun.State.ENDED, outcome=Outcome.CONTINUED)
        Continuation.objects.create(from_initiative=former, to_initiative=initiative, source="Bilag 1, tabel 1")
    return anew(initiative)


def dated(year: int) -> dict[str, Any]:
    """Return the values of a run that ended in `year`."""
    return {"ended_on": datetime.date(year, 1, 1), "ended_on_precision": Precision.YEAR}
