"""Whatever is changed, in whatever order: the portfolio as of a moment is what the present showed then."""

import datetime
from contextlib import suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.actions import decisions
from assessments.models import Assessment, Deviation
from assessments.templatetags.assessments import open_deviations
from phases.terms import DeviationOutcome, Outcome, Phase, Track
from portfolio import actions, bilag1
from portfolio.columns import COLUMNS
from portfolio.filters import InitiativeFilter, phase_model
from portfolio.models import Agreement, Decision, Initiative, Programme, TargetGroup
from susi.clock import clock_at
from susi.dates import COPENHAGEN
from susi.errors import Refused
from susi.models import User
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import decide, from_source

START = datetime.datetime(2026, 4, 1, 9, 0, tzinfo=COPENHAGEN)
STEP = datetime.timedelta(days=1)
WHICH = st.integers(min_value=0, max_value=5)
WORD = st.sampled_from(["Åben dør", "ældre", "Ny titel", "misbrug", "zebra", "Skole"])

EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), WHICH, WORD, WHICH),
        st.tuples(st.just("people"), WHICH, WHICH),
        st.tuples(st.just("rename"), st.sampled_from(["programme", "group", "person"]), WHICH, WORD),
        st.tuples(st.just("move_agreement"), WHICH),
        st.tuples(st.just("approve"), WHICH),
        st.tuples(st.just("go_on"), WHICH),
        st.tuples(st.just("end"), WHICH, st.sampled_from([Outcome.STOPPED, Outcome.AWAITING])),
        st.tuples(st.just("reverse"), WHICH),
        st.tuples(st.just("settle"), WHICH),
    ),
    min_size=4,
    max_size=9,
)

EVERYTHING = [
    ("edit", 0, "ældre", 2),
    ("approve", 0),
    ("rename", "person", 0, "zebra"),
    ("go_on", 0),
    ("people", 0, 2),
    ("rename", "programme", 0, "Åben dør"),
    ("rename", "group", 1, "Skole"),
    ("settle", 0),
    ("move_agreement", 0),
    ("end", 1, Outcome.AWAITING),
    ("end", 1, Outcome.STOPPED),
    ("reverse", 0),
    ("edit", 0, "misbrug", 1),
]


class World:
    """A few initiatives, and everything that can be changed about them, each change a day after the one before."""

    def __init__(self) -> None:
        self.now = START
        with clock_at(self.now):
            factories.rulebook()
            self.manager = person(Role.MANAGER)
            self.leads = [person(Role.LEAD, last_name=f"Eksempel {no}") for no in range(3)]
            self.programmes = [factories.ProgrammeFactory() for _ in range(2)]
            self.groups = [TargetGroup.objects.create(key=f"g{no}", name=f"Eksempelgruppe {no}") for no in range(2)]
            self.agreements = [
                AgreementFactory(programme=one, year=2021 + no) for no, one in enumerate(self.programmes)
            ]
            begun = [
                initiative_in(Phase.SCREENING, number="2020-001", lead=self.leads[0], programme=self.programmes[0]),
                initiative_in(Phase.MATURATION, number="2020-002", lead=self.leads[1]),
                initiative_in(None, number="2020-003", lead=self.leads[2]),
                from_source(Phase.SCREENING, Phase.MATURATION, number="2020-004", programme=self.programmes[1]),
            ]
            self.keys = [one.pk for one in begun]

    def act(self, name: str, *values: Any) -> None:
        self.now += STEP
        with clock_at(self.now), suppress(Refused):  # what the rules refuse changes nothing
            getattr(self, f"do_{name}")(*values)

    def _initiative(self, which: int) -> Initiative:
        return Initiative.objects.get(pk=self.keys[which % len(self.keys)])

    def do_edit(self, which: int, word: str, group: int) -> None:
        initiative = self._initiative(which)
        if initiative.lead is None:
            return
        actions.edit_initiative(
            initiative=initiative,
            by=initiative.lead,
            version=initiative.version,
            title=f"Eksempel: {word}",
            problem=f"Om {word}",
            agreements=self.agreements[: group % 3],
            target_groups=self.groups[: group % 3],
            programme=self.programmes[group % 2],
        )

    def do_people(self, which: int, who: int) -> None:
        initiative = self._initiative(which)
        lead = self.leads[who % 3]
        actions.set_people(
            initiative=initiative, by=self.manager, version=initiative.version, lead=lead, members=self.leads[: who % 3]
        )

    def do_rename(self, kind: str, which: int, word: str) -> None:
        if kind == "person":
            someone = User.objects.get(pk=self.leads[which % 3].pk)
            someone.last_name = word
        else:
            rows = Programme.objects if kind == "programme" else TargetGroup.objects
            someone = rows.order_by("pk")[which % 2]
            someone.name = f"{word} {someone.pk} {self.now:%d%m}"
        someone.save()

    def do_move_agreement(self, which: int) -> None:
        agreement = Agreement.objects.order_by("pk")[which % 2]
        agreement.year += 5
        agreement.save()

    def do_approve(self, which: int) -> None:
        initiative = self._initiative(which)
        following = {Phase.SCREENING: Phase.MATURATION, Phase.MATURATION: Phase.TRIAL}.get(initiative.phase)
        if following and initiative.lead and not initiative.assessments.exists():
            code = "M1.1" if following == Phase.MATURATION else "A1.1"
            factories.approved(initiative, manager=self.manager, to_phase=following, departed=(code,))

    def do_go_on(self, which: int) -> None:
        initiative = self._initiative(which)
        approved = Assessment.objects.approved().filter(initiative=initiative, run=initiative.current_run).first()
        if approved:
            decide(initiative, self.manager, to_phase=approved.to_phase, to_track=Track.ONE)

    def do_end(self, which: int, outcome: str) -> None:
        initiative = self._initiative(which)
        if not initiative.has_ended:
            decide(initiative, self.manager, outcome, reason="Eksempel på en begrundelse")

    def do_reverse(self, which: int) -> None:
        decision = Decision.objects.in_force().order_by("-registered_at", "-pk").first()
        if decision:
            decisions.reverse_decision(decision=decision, by=self.manager, reason="Eksempel på en omgørelse")

    def do_settle(self, which: int) -> None:
        deviation = Deviation.objects.filter(state=Deviation.State.OPEN).first()
        if deviation:
            deviation.state = DeviationOutcome.SETTLED
            deviation.save()


def shown(viewer: User) -> dict[str, Any]:
    """Return what the pages show: the list with every column, Bilag 1, the phase model, searches and fravigelser."""
    visible = Initiative.objects.visible_to(viewer).with_standing()
    request: Any = SimpleNamespace(user=viewer, day=None, path="/")
    return {
        "list": [[str(value(one)) for value in COLUMNS.values()] for one in visible],
        "members": {one.number: sorted(map(str, one.members.all())) for one in visible},
        "bilag1": [[value(one) for value in bilag1.COLUMNS.values()] for one in bilag1.initiatives()],
        "model": phase_model(viewer.roles),
        "found": [one.number for one in InitiativeFilter({"q": "ældre"}, queryset=visible, request=request).qs],
        "in modning": [
            one.number for one in InitiativeFilter({"phase": "maturation"}, queryset=visible, request=request).qs
        ],
        "deviations": {one.number: [str(deviation) for deviation in open_deviations(one)] for one in visible},
        "assessments": sorted(
            (one.initiative.number, one.no, one.state) for one in Assessment.objects.visible_to(viewer)
        ),
    }


@pytest.mark.slow
class TestThePast(TestCase):
    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    @given(edits=EDITS)
    @example(edits=EVERYTHING)
    def test_shows_what_the_present_showed(self, edits: list[tuple]) -> None:
        world = World()
        reader = person(Role.READER)
        seen = [(world.now, shown(world.manager), shown(reader))]
        for edit in edits:
            world.act(*edit)
            seen.append((world.now, shown(world.manager), shown(reader)))
        if edits == EVERYTHING:
            assert all(before[1] != after[1] for before, after in pairwise(seen))  # every change shows
        for moment, to_manager, to_reader in seen:
            with as_of(moment):
                assert shown(world.manager) == to_manager
                assert shown(reader) == to_reader
