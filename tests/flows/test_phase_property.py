"""Whatever people try, in whatever order, the phase is what the recorded decisions say.

The oracle reads the decisions alone and knows nothing of the gate rules or the machine.
"""

import contextlib
import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.actions import decisions
from assessments.actions.decisions import ContinueIn, DecisionInput
from phases.terms import Outcome, Phase, Recommendation, Stage, Track, Verdict
from portfolio.models import Decision, Initiative
from susi.errors import Refused
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person

DAY = datetime.date(2026, 1, 5)
WHICH = st.integers(min_value=0, max_value=2)
PHASES = st.sampled_from(Phase)
TRACKS = st.sampled_from(Track)

commands = st.one_of(
    st.tuples(st.just("approve"), WHICH, PHASES, TRACKS, st.booleans()),
    st.tuples(st.just("continue"), WHICH, PHASES, TRACKS, st.sampled_from(ContinueIn), WHICH),
    st.tuples(st.just("merge"), WHICH, WHICH, PHASES, TRACKS),
    st.tuples(st.just("begin_together"), WHICH, PHASES, PHASES),
    st.tuples(st.just("wait"), WHICH),
    st.tuples(st.just("stop"), WHICH),
    st.tuples(st.just("reverse"), WHICH),
)


def phase_by_decisions(initiative: Initiative, begun_in: str) -> str:
    """Recompute the phase from the recorded decisions in force, in the order they were made."""
    phase = begun_in
    for decision in Decision.objects.filter(reversed_at=None).order_by("pk"):
        continued = decision.continuations.all()
        mine = initiative.pk == decision.initiative_id or initiative.pk in {
            run.initiative_id for run in decision.runs.all()
        }
        if decision.outcome == "continued" and initiative.pk in {link.to_initiative_id for link in continued}:
            phase = phase if phase == decision.to_phase else decision.to_phase
        elif mine and decision.outcome == "continued":
            leaves = initiative.pk in {link.from_initiative_id for link in continued}
            phase = "ended" if leaves else decision.to_phase
        elif mine and decision.outcome == "stopped":
            phase = "ended"
    return phase


class World:
    """A small portfolio and the people who act on it."""

    def __init__(self) -> None:
        self.edition = factories.rulebook()
        self.manager = person(Role.MANAGER)
        begun = [None, Phase.SCREENING, Phase.MATURATION]
        self.begun_in = {initiative_in(phase).pk: phase.value if phase else "proposal" for phase in begun}

    def pick(self, which: int) -> Initiative:
        pks = list(Initiative.objects.order_by("pk").values_list("pk", flat=True))
        return Initiative.objects.get(pk=pks[which % len(pks)])

    def approve(self, which, phase, track, recommends_stop):
        initiative = self.pick(which)
        values = {"recommendation": Recommendation.STOP, "verdict": Verdict.NO} if recommends_stop else {}
        factories.approved(initiative, manager=self.manager, to_phase=phase, to_track=track, **values)

    def decide(self, initiative, outcome, **values):
        wanted = DecisionInput(outcome=outcome, decided_by="agency", decided_on=DAY, reason="Fordi", **values)
        seen = decisions.last_decision_no(initiative)
        decisions.register_decision(initiative=initiative, by=self.manager, seen=seen, wanted=wanted)

    def entry(self):
        return dict.fromkeys(self.edition.entry_conditions.all(), (True, ""))

    def continue_(self, which, phase, track, where, other):
        existing = self.pick(other) if where == ContinueIn.EXISTING else None
        self.decide(
            self.pick(which),
            Outcome.CONTINUED,
            to_phase=phase,
            to_track="" if phase == Phase.SCREENING else track,
            continue_in=where,
            new_title="Eksempel: nyt",
            existing=existing,
            entry=self.entry(),
            departure_reason="Besluttet alligevel",
        )

    def merge(self, which, other, phase, track):
        self.decide(
            self.pick(which),
            Outcome.CONTINUED,
            to_phase=phase,
            to_track=track,
            merged=[self.pick(other)],
            continue_in=ContinueIn.NEW,
            new_title="Eksempel: begge",
        )

    def begin_together(self, which, phase, then):
        self.decide(
            self.pick(which),
            Outcome.CONTINUED,
            to_phase=phase,
            to_track="" if phase == Phase.SCREENING else Track.ONE,
            then_phase=then,
            then_track=Track.ONE,
            entry=self.entry(),
        )

    def wait(self, which):
        self.decide(self.pick(which), Outcome.AWAITING)

    def stop(self, which):
        self.decide(self.pick(which), Outcome.STOPPED)

    def reverse(self, which):
        made = list(Decision.objects.order_by("-pk"))
        if made:
            decision = made[which % len(made)]
            decisions.reverse_decision(decision=decision, by=self.manager, reason="Fortrudt")

    def check(self) -> None:
        for initiative in Initiative.objects.all():
            expected = phase_by_decisions(initiative, self.begun_in.get(initiative.pk, "proposal"))
            assert initiative.phase == expected, initiative
            open_runs = [run.phase for run in initiative.runs.filter(state="open")]
            assert open_runs == ([] if expected in (Stage.PROPOSAL, Stage.ENDED) else [expected])


@pytest.mark.slow
class TestPhaseFollowsDecisions(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.lists(commands, min_size=3, max_size=10))
    def test_in_any_order(self, tried):
        world = World()
        for name, *arguments in tried:
            with contextlib.suppress(Refused):
                getattr(world, "continue_" if name == "continue" else name)(*arguments)
            world.check()
