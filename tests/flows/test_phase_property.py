"""Whatever people do, in whatever order, the phase is what the recorded decisions say.

The oracle reads the decisions alone and knows nothing of the gate rules or the machine.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.actions import decisions, drafting, review
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.contents import Contents
from phases.machine import phases_after
from phases.terms import DeviationOutcome, Outcome, Phase, Recommendation, Track, Verdict, WayOn
from portfolio.actions import create_initiative
from portfolio.models import Continuation, Decision, Initiative
from susi.errors import Refused
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, deviation_input, initiative_in, person
from tests.portfolio.portfolios import from_source

DAY = datetime.date(2026, 1, 5)
WHICH = st.integers(min_value=0, max_value=11)
TRACKS = st.sampled_from(Track)
WHERE = st.sampled_from(ContinueIn)

GO_ON = st.tuples(st.just("go_on"), WHICH, WHICH, TRACKS, WHERE, st.booleans())
MERGE = st.tuples(st.just("merge"), WHICH, WHICH, WHICH, TRACKS, WHERE)
REVERSE = st.tuples(st.just("reverse"), WHICH)
EACH = [
    *(GO_ON, GO_ON, MERGE, MERGE, REVERSE, REVERSE),
    st.tuples(st.just("begin"), WHICH, WHICH, TRACKS),
    st.tuples(st.just("begin_two_phases"), WHICH, TRACKS),
    st.tuples(st.just("recommend"), WHICH, TRACKS),
    st.tuples(st.just("wait"), WHICH),
    st.tuples(st.just("stop"), WHICH, st.booleans()),
    st.tuples(st.just("take_back"), WHICH, WHICH, TRACKS),
    st.tuples(st.just("leap"), WHICH, st.sampled_from(Phase), TRACKS),
]
IN_ANY_ORDER = st.permutations(EACH).flatmap(lambda commands: st.tuples(*commands))
AT_LEAST = {
    "go_on": 15,
    "merge": 8,
    "reverse": 8,
    "begin": 10,
    "begin_two_phases": 10,
    "recommend": 10,
    "wait": 10,
    "stop": 10,
    "take_back": 8,
}
done: Counter[str] = Counter()


def phase_by_decisions(initiative: Initiative, begun_in: str, in_force: Iterable[Decision]) -> str:
    """Recompute the phase from the recorded decisions in force, in the order they were made."""
    phase = begun_in
    for decision in in_force:
        links = decision.continuations.all()
        left = {link.from_initiative_id for link in links}
        entered = {link.to_initiative_id for link in links} or {decision.initiative_id}
        if decision.outcome == "stopped":
            left = {decision.initiative_id}
        if initiative.pk in left:
            phase = "ended"
        elif decision.outcome == "continued" and initiative.pk in entered:
            phase = decision.to_phase
    return phase


class NothingToDo(Exception):
    """The portfolio holds nothing the command is for."""


class World:
    """A small portfolio and the people who act on it. Numbers choose among what a command is possible for."""

    def __init__(self) -> None:
        self.edition = factories.rulebook()
        self.manager = person(Role.MANAGER)
        begun = [
            initiative_in(None, number="2020-001"),
            initiative_in(Phase.SCREENING, number="2020-002"),
            initiative_in(Phase.MATURATION, number="2020-003"),
            initiative_in(Phase.MATURATION, Track.TWO, number="2020-004"),
            initiative_in(Phase.TRIAL, number="2020-005"),
            from_source(Phase.MATURATION, state="ended", outcome=Outcome.STOPPED, number="2020-006"),
        ]
        self.begun_in = {initiative.pk: str(initiative.phase) for initiative in begun}

    def begin(self, which: int, place: int, track: Track) -> None:
        """Begin a proposal in any phase; one later than screening has its assessment."""
        initiative = self.proposal(which)
        phase = _chosen(place, Phase)
        if phase != Phase.SCREENING:
            self.assess(initiative, phase, track)
        self.decide(initiative, Outcome.CONTINUED, to_phase=phase, to_track=track, entry=self.conditions())

    def begin_two_phases(self, which: int, track: Track) -> None:
        """Begin a proposal in screening and modning run together."""
        self.decide(
            self.proposal(which),
            Outcome.CONTINUED,
            to_phase=Phase.SCREENING,
            then_phase=Phase.MATURATION,
            then_track=track,
            entry=self.conditions(),
        )

    def go_on(self, which: int, place: int, track: Track, where: ContinueIn, is_advised_against: bool) -> None:
        """Assess and decide that one goes on: in itself, a new one or one that is there already."""
        initiative = self.pick(which, lambda one: one.phase in _MAY_GO_ON)
        self.carry_on([initiative], place, track, where, is_advised_against=is_advised_against)

    def merge(self, which: int, other: int, place: int, track: Track, where: ContinueIn) -> None:
        """Assess two and decide that they go on as one."""
        first = self.pick(which, lambda one: one.phase in _MAY_GO_ON)
        second = self.pick(other, lambda one: one.phase in _MAY_GO_ON and one != first)
        self.carry_on([first, second], place, track, where)

    def carry_on(
        self,
        initiatives: list[Initiative],
        place: int,
        track: Track,
        where: ContinueIn,
        *,
        is_advised_against: bool = False,
    ) -> None:
        possible = set.intersection(*(set(phases_after(one.phase)) for one in initiatives))
        phase = _chosen(place, [phase for phase in Phase if phase in possible])
        existing = None
        if where == ContinueIn.EXISTING:
            existing = self.pick(place, lambda one: one not in initiatives and one.phase in possible)
            phase, track = Phase(existing.phase), Track(existing.track or track)
        for one in initiatives:
            self.assess(one, phase, track, recommends_stop=is_advised_against)
        self.decide(
            initiatives[0],
            Outcome.CONTINUED,
            to_phase=phase,
            to_track=track,
            merged=initiatives[1:],
            continue_in=where,
            new_title="Eksempel: nyt" if where == ContinueIn.NEW else "",
            existing=existing,
            departure_reason="Besluttet alligevel." if is_advised_against else "",
        )

    def recommend(self, which: int, track: Track) -> None:
        """Recommend one for a coming agreement; it stays where it is."""
        initiative = self.pick(which, lambda one: one.is_proposal or one.phase in _MAY_GO_ON)
        if not initiative.is_proposal:
            self.assess(initiative, phases_after(initiative.phase)[0], track)
        self.decide(initiative, Outcome.RECOMMENDED, agreement=AgreementFactory())

    def wait(self, which: int) -> None:
        self.decide(self.pick(which, lambda one: not one.has_ended), Outcome.AWAITING, reason="Afventer andre.")

    def stop(self, which: int, is_assessed: bool) -> None:
        """Stop one in mid-phase, perhaps against an assessment that recommends to go on."""
        initiative = self.pick(which, lambda one: not one.has_ended)
        if is_assessed and initiative.phase in _MAY_GO_ON:
            self.assess(initiative, phases_after(initiative.phase)[0], Track.ONE)
        values = {"reason": "Problemet er løst.", "departure_reason": "Bevillingen bortfaldt."}
        self.decide(initiative, Outcome.STOPPED, **values)

    def reverse(self, which: int) -> None:
        decision = _chosen(which, Decision.objects.in_force().order_by("-pk"))
        decisions.reverse_decision(decision=decision, by=self.manager, reason="Fortrudt.")

    def take_back(self, which: int, place: int, track: Track) -> None:
        """Decide that one goes on, and reverse it."""
        self.go_on(which, place, track, ContinueIn.NEW, is_advised_against=False)
        self.reverse(0)

    def leap(self, which: int, phase: Phase, track: Track) -> None:
        """Try what may be impossible: any phase for anyone, on no assessment."""
        self.decide(self.pick(which, lambda one: True), Outcome.CONTINUED, to_phase=phase, to_track=track)

    def pick(self, which: int, is_fit: Callable[[Initiative], bool]) -> Initiative:
        return _chosen(which, [one for one in Initiative.objects.order_by("pk") if is_fit(one)])

    def proposal(self, which: int) -> Initiative:
        try:
            return self.pick(which, lambda one: one.is_proposal)
        except NothingToDo:
            return create_initiative(by=person(Role.LEAD), title="Eksempel: forslag")

    def assess(self, initiative: Initiative, phase: Phase, track: Track, *, recommends_stop: bool = False) -> None:
        """Take an assessment of the initiative all the way to its approval."""
        initiative = Initiative.objects.get(pk=initiative.pk)
        lead = initiative.lead
        draft = factories.draft_of(initiative, to_phase=phase, to_track=track)
        if initiative.is_proposal:
            drafting.save_entry(
                assessment=draft, by=lead, version=0, judged=self.conditions(), model_deviation=deviation_input(lead)
            )
        if former := Contents(draft).former_deviations:
            judged = {row.deviation: (DeviationOutcome.SETTLED, "Afklaret.") for row in former}
            drafting.save_former_deviations(assessment=draft, by=lead, version=0, judged=judged)
        factories.rate_all(draft, lead)
        way = {Track.ONE: WayOn.TRIAL_TRACK_ONE, Track.TWO: WayOn.TRIAL_TRACK_TWO}[track]
        against = {"recommendation": Recommendation.STOP, "verdict": Verdict.NO} if recommends_stop else {}
        factories.conclude(draft, lead, weighing_way=way, weighing_text="De tre veje er afvejet.", **against)
        snapshot = review.submit(assessment=draft, by=lead)
        review.approve(assessment=draft, by=self.manager, sha256=snapshot.sha256)

    def decide(self, initiative: Initiative, outcome: Outcome, **values) -> None:
        if values.get("to_phase") == Phase.SCREENING:
            values["to_track"] = ""
        wanted = DecisionInput(outcome=outcome, decided_by="agency", decided_on=DAY, **values)
        seen = decisions.last_decision_no(initiative)
        decisions.register_decision(initiative=initiative, by=self.manager, seen=seen, wanted=wanted)

    def conditions(self):
        return dict.fromkeys(self.edition.entry_conditions.all(), (True, ""))

    def check(self) -> None:
        """Compare every initiative with the decisions, and every continuation with the initiatives."""
        in_force = list(Decision.objects.filter(reversed_at=None).order_by("pk").prefetch_related("continuations"))
        links = Continuation.objects.filter(is_annulled=False)
        causes_to_have_ended = {
            *(pk for pk, stage in self.begun_in.items() if stage == "ended"),
            *(decision.initiative_id for decision in in_force if decision.outcome == "stopped"),
            *(link.from_initiative_id for link in links),
        }
        for initiative in Initiative.objects.prefetch_related("runs"):
            expected = phase_by_decisions(initiative, self.begun_in.get(initiative.pk, "proposal"), in_force)
            assert initiative.phase == expected, initiative
            open_runs = [run.phase for run in initiative.runs.all() if run.state == "open"]
            assert open_runs == ([] if expected in ("proposal", "ended") else [expected]), initiative
            assert expected != "ended" or initiative.pk in causes_to_have_ended, initiative
        for link in links.select_related("decision", "from_initiative").prefetch_related("to_initiative__runs"):
            assert link.decision in in_force, link
            assert link.from_initiative.phase == "ended", link
            begun = [run.phase for run in link.to_initiative.runs.all() if run.state in ("open", "ended")]
            assert link.decision.to_phase in begun, link


Chosen = TypeVar("Chosen")
_MAY_GO_ON = [Phase.SCREENING, Phase.MATURATION, Phase.TRIAL]


def _chosen(which: int, among: Iterable[Chosen]) -> Chosen:
    options = list(among)
    if not options:
        raise NothingToDo
    return options[which % len(options)]


@pytest.mark.slow
class TestPhaseFollowsDecisions(TestCase):
    @classmethod
    def tearDownClass(cls) -> None:
        """A test that is refused everything would prove nothing."""
        super().tearDownClass()
        assert {name: count for name, count in AT_LEAST.items() if done[name] < count} == {}, done

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(IN_ANY_ORDER)
    def test_in_any_order(self, tried) -> None:
        world = World()
        for name, *arguments in tried:
            try:
                with transaction.atomic():
                    getattr(world, name)(*arguments)
            except NothingToDo:
                event(f"{name}: nothing to do")
            except Refused:
                event(f"{name}: refused")
            else:
                event(f"{name}: done")
                done[name] += 1
            world.check()
