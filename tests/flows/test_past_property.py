"""Whatever is changed, in whatever order: the portfolio as of a moment is what the present showed then."""

import datetime
from contextlib import suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.actions import decisions, review
from assessments.actions.decisions import ContinueIn
from assessments.models import Assessment, Deviation
from assessments.record import latest_snapshot
from assessments.templatetags.assessments import open_deviations
from phases.terms import DeviationOutcome, Outcome, Phase, Track, WayOn
from portfolio import actions, bilag1
from portfolio.columns import COLUMNS
from portfolio.filters import InitiativeFilter, phase_model
from portfolio.models import Agreement, Continuation, Decision, Initiative, Programme, TargetGroup
from susi.clock import clock_at
from susi.dates import COPENHAGEN, danish
from susi.errors import Refused
from susi.models import User
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.markup import Page
from tests.portfolio.portfolios import decide, from_source

START = datetime.datetime(2026, 4, 1, 9, 0, tzinfo=COPENHAGEN)
STEP = datetime.timedelta(days=1)
WHICH = st.integers(min_value=0, max_value=7)
PAGES = ["/tidslinje/?gruppe=agreement", "/statistik/?vis=continued"]
SHAPES = ("circle", "line", "path", "polygon", "rect")
WORD = st.sampled_from(["Åben dør", "ældre", "Ny titel", "misbrug", "zebra", "Skole"])

EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), WHICH, WORD, WHICH),
        st.tuples(st.just("people"), WHICH, WHICH),
        st.tuples(st.just("rename"), st.sampled_from(["programme", "group", "person"]), WHICH, WORD),
        st.tuples(st.just("move_agreement"), WHICH),
        st.tuples(st.sampled_from(["submit", "withdraw", "send_back", "approve"]), WHICH),
        st.tuples(st.just("go_on"), WHICH),
        st.tuples(st.just("merge"), st.sampled_from([5, 6])),
        st.tuples(st.just("split"), st.just(4)),
        st.tuples(st.just("end"), WHICH, st.sampled_from([Outcome.STOPPED, Outcome.AWAITING])),
        st.tuples(st.just("reverse"), WHICH),
        st.tuples(st.just("settle"), WHICH),
    ),
    min_size=4,
    max_size=9,
)

EVERYTHING = [
    ("edit", 0, "ældre", 2),
    ("submit", 0),
    ("withdraw", 0),
    ("submit", 0),
    ("send_back", 0),
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
    ("split", 4),
    ("reverse", 0),
    ("merge", 5),
    ("edit", 7, "Åben dør", 2),
    ("reverse", 0),
    ("submit", 2),
    ("withdraw", 2),
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
                initiative_in(Phase.MATURATION, Track.TWO, number="2020-005", lead=self.leads[1]),
                initiative_in(Phase.SCREENING, number="2020-006", lead=self.leads[2]),
                initiative_in(Phase.SCREENING, number="2020-007", lead=self.leads[0]),
            ]
            self.keys = [one.pk for one in begun]
            for ready in (4, 5, 6):  # to split and to merge
                self.do_approve(ready)

    def act(self, name: str, *values: Any) -> None:
        self.now += STEP
        with clock_at(self.now), suppress(Refused):  # what the rules refuse changes nothing
            getattr(self, f"do_{name}")(*values)

    def seen_by(self, viewers: list[User]) -> dict[User, tuple[dict[str, Any], dict[str, Any]]]:
        """Return what each of them is shown now."""
        with clock_at(self.now):
            return {viewer: (shown(viewer), pages(viewer)) for viewer in viewers}

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

    def do_submit(self, which: int) -> Assessment | None:
        """Hand in what is under way, or else write it."""
        initiative = self._initiative(which)
        if initiative.lead is None or initiative.has_ended or self._approved(initiative):
            return None
        under_way = initiative.assessments.open().first()
        if under_way is None:
            return self._written(initiative)
        if under_way.is_editable:
            review.submit(assessment=under_way, by=initiative.lead)
        return under_way

    def _written(self, initiative: Initiative) -> Assessment:
        is_second = initiative.phase == Phase.MATURATION
        to_phase, code = (Phase.TRIAL, "A1.1") if is_second else (Phase.MATURATION, "M1.1")
        to_track = initiative.track or Track.ONE
        weighed = {"weighing_way": WayOn.TRIAL_TRACK_TWO, "weighing_text": "Afvejet."} if to_track == Track.TWO else {}
        return factories.submitted(initiative, to_phase=to_phase, to_track=to_track, departed=(code,), **weighed)

    def do_withdraw(self, which: int) -> None:
        submitted = self._under_way(which)
        if submitted:
            review.withdraw(assessment=submitted, by=submitted.initiative.lead)

    def do_send_back(self, which: int) -> None:
        submitted = self._under_way(which)
        if submitted:
            sha256 = latest_snapshot(submitted).sha256
            review.send_back(assessment=submitted, by=self.manager, sha256=sha256, remarks="Eksempel")

    def _under_way(self, which: int) -> Assessment | None:
        return self._initiative(which).assessments.open().first()

    def do_approve(self, which: int) -> None:
        submitted = self.do_submit(which)
        if submitted:
            review.approve(assessment=submitted, by=self.manager, sha256=latest_snapshot(submitted).sha256)

    def _approved(self, initiative: Initiative) -> Assessment | None:
        return Assessment.objects.approved().filter(initiative=initiative, run=initiative.current_run).first()

    def do_go_on(self, which: int, **values: Any) -> None:
        initiative = self._initiative(which)
        approved = self._approved(initiative)
        if approved:
            decide(initiative, self.manager, to_phase=approved.to_phase, to_track=approved.to_track, **values)

    def do_split(self, which: int) -> None:
        self.do_go_on(which, split_title="Eksempel: udvalget")
        self._keep_new()

    def do_merge(self, which: int) -> None:
        """Let it go on in a new initiative, together with the others of its phase that are ready to."""
        initiative = self._initiative(which)
        others = Initiative.objects.filter(phase=initiative.phase).exclude(pk=initiative.pk)
        merged = [one for one in others if self._approved(one)]
        self.do_go_on(
            which, merged=merged, continue_in=ContinueIn.NEW, new_title="Samlet", agreement=self.agreements[0]
        )
        self._keep_new()

    def _keep_new(self) -> None:
        self.keys = list(Initiative.objects.order_by("pk").values_list("pk", flat=True))

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
        "assessments": {(one.initiative.number, one.no): one.state for one in Assessment.objects.visible_to(viewer)},
    }


def pages(viewer: User, day: datetime.date | None = None) -> dict[str, Any]:
    """Return what is read and drawn in each section of the timeline and the statistics."""
    browser = Client()
    browser.force_login(viewer)
    found = {}
    for address in PAGES:
        answer = browser.get(f"{address}&dag={danish(day)}" if day else address)
        sections = [one for one in Page(answer.content.decode()).root.all("section") if one.get("aria-labelledby")]
        assert sections, address
        found[address] = [
            # that a day is today is said of today alone
            (one.text.replace("I dag ", ""), [shape.attributes for shape in one.all(*SHAPES)])
            for one in sections
        ]
    return found


@pytest.mark.slow
class TestThePast(TestCase):
    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    @given(edits=EDITS)
    @example(edits=EVERYTHING)
    def test_shows_what_the_present_showed(self, edits: list[tuple]) -> None:
        world = World()
        viewers = [world.manager, person(Role.READER)]
        seen = [(world.now, world.seen_by(viewers))]
        for edit in edits:
            world.act(*edit)
            seen.append((world.now, world.seen_by(viewers)))
        if edits == EVERYTHING:
            for edit, ((_, before), (_, after)) in zip(edits, pairwise(seen), strict=True):
                assert before[world.manager] != after[world.manager], f"{edit} does not show"
            assert sorted(Continuation.objects.values_list("is_split", flat=True)) == [False, False, True]
        with clock_at(world.now + STEP):
            for viewer in viewers:
                readable_today = shown(viewer)["assessments"]
                for moment, then in seen:
                    of_it, on_pages = then[viewer]
                    # Rights are those of today: a text withdrawn since stays withdrawn.
                    readable = {key: state for key, state in of_it["assessments"].items() if key in readable_today}
                    with as_of(moment):
                        assert shown(viewer) == {**of_it, "assessments": readable}
                    assert pages(viewer, moment.date()) == on_pages
