"""Every filter, search and order of the list, in any combination, against asking each initiative in turn."""

import datetime
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Assessment, Deviation
from assessments.templatetags.assessments import open_deviations
from phases.models import Edition, PhaseDefinition
from phases.terms import Outcome, Phase, Stage
from portfolio import search, sorting
from portfolio.models import Continuation, Decision, Initiative, PhaseRun, TargetGroup
from portfolio.selection import selection
from portfolio.standing import Standing
from susi.danish import fold, sort_key
from susi.dates import Precision
from susi.models import User
from susi.roles import Role
from tests.factories import AgreementFactory, person, rulebook
from tests.portfolio.portfolios import from_source

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = datetime.date(2026, 11, 2)
WORDS = ["Ærø", "øl", "ÅBEN", "bolig", "Boligstøtte", "æbleØ", "100%", "a_b", "unge"]
PHASES = [(Phase.SCREENING,), (Phase.MATURATION,), (Phase.TRIAL,), (Phase.DISSEMINATION,)]
PHASES += [(Phase.SCREENING, Phase.MATURATION)]


class Portfolio:
    """Twelve initiatives, what hangs by them drawn by `chance`."""

    def __init__(self) -> None:
        self.chance = random.Random(20261102)  # noqa: S311
        self.edition: Edition = rulebook()
        PhaseDefinition.objects.bulk_create(
            PhaseDefinition(
                edition=self.edition, phase=phase, purpose="E", typical_length="1 år", max_years=1, source="E"
            )
            for phase in Phase
        )
        names = [("Åse", "Dam"), ("Aage", "Holm"), ("Bo", "Øst"), ("Zita", "Ærø")]
        self.people = [person(Role.LEAD, first_name=first, last_name=last) for first, last in names]
        self.manager, self.reader = person(Role.MANAGER), person(Role.READER)
        self.agreements = [AgreementFactory(year=year) for year in (2019, 2021)]
        self.agreements.append(AgreementFactory(programme=self.agreements[0].programme, year=2021))
        self.groups = [TargetGroup.objects.create(key=f"g{no}", name=f"Gruppe {no}") for no in range(2)]
        for no in range(12):
            self._initiative(no)
        initiatives = list(Initiative.objects.order_by("pk"))
        for before, after in [(0, 4), (1, 4), (4, 5), (5, 6), (5, 7), (8, 9)]:  # a merger, a chain, a split
            Continuation.objects.create(
                from_initiative=initiatives[before],
                to_initiative=initiatives[after],
                source="Eksempel",
                is_annulled=before == 8,
            )
        for initiative in initiatives:
            self._texts_of(initiative)

    def pick(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def text(self) -> str:
        return " ".join(self.chance.sample(WORDS, self.chance.randint(0, 3)))

    def _initiative(self, no: int) -> None:
        programme = self.pick(None, self.agreements[0].programme, self.agreements[1].programme)
        values = {"title": f"{self.pick('Zone', 'Ål', 'Aal', 'Ære')} {self.text()}", "programme": programme}
        values |= {"problem": self.text(), "description": self.text(), "funding": self.pick("", "SSA-reserven")}
        if no % 6 == 5:
            initiative = Initiative.objects.create(number=f"2026-{no:03d}", **values)
        else:
            initiative = from_source(
                *self.pick(*PHASES),
                number=f"{2020 + no % 3}-{no:03d}",
                state=self.pick(PhaseRun.State.OPEN, PhaseRun.State.OPEN, PhaseRun.State.ENDED),
                outcome=self.pick("", Outcome.NOT_ENDED, Outcome.RECOMMENDED, Outcome.STOPPED),
                track=self.pick("", "1", "2"),
                **values,
            )
            self._expect(initiative.current_run)
        initiative.lead = self.pick(None, *self.people)
        initiative.save()
        initiative.members.set(self.chance.sample(self.people, self.pick(0, 1)))
        initiative.agreements.set(self.chance.sample(self.agreements, self.pick(0, 1, 3)))
        initiative.target_groups.set(self.chance.sample(self.groups, self.pick(0, 1, 2)))

    def _expect(self, run: PhaseRun) -> None:
        end = self.pick(None, datetime.date(2026, 11, 1), TODAY, datetime.date(2026, 10, 1), datetime.date(2025, 1, 1))
        run.expected_end, run.expected_end_precision = end, self.pick(*Precision) if end else ""
        begun = self.pick(None, datetime.date(2020, 1, 1), datetime.date(2026, 10, 1))
        run.started_on, run.started_on_precision = begun, Precision.DAY if begun else ""
        run.save()

    def _texts_of(self, initiative: Initiative) -> None:
        states = [] if initiative.number.endswith(("3", "7")) else self.chance.sample(list(Assessment.State), 2)
        for no, state in enumerate(states, start=1):
            self._assessment(initiative, no, state)
        decision = Decision.objects.create(
            initiative=initiative, no=1, outcome=Outcome.AWAITING, decided_by="agency", decided_on=TODAY,
            registered_by=self.manager, registered_at=timezone.now(),
        )  # fmt: skip
        if self.pick(True, False):
            Deviation.objects.create(
                initiative=initiative, decision=decision, professional=True, owner=self.manager, review_on=TODAY,
                reason=self.text() or "x", handling=self.text() or "x", state=self.pick(*Deviation.State),
            )  # fmt: skip

    def _assessment(self, initiative: Initiative, no: int, state: str) -> None:
        by, now = self.manager, timezone.now()
        values: dict[str, Any] = {"submitted": {"submitted_by": by, "submitted_at": now}}.get(state, {})
        if state == Assessment.State.RETURNED:
            values = {"returned_by": by, "return_remarks": "x"}
        if state == Assessment.State.APPROVED:
            values = {"submitted_by": by, "submitted_at": now, "approved_by": by, "approved_at": now}
            values |= {"sealed_data": "x", "sealed_sha256": "x"}
        if state == Assessment.State.ANNULLED:
            values = {"annulled_by": by, "annulment_reason": "x"}
        if no == 2 and state in Assessment.OPEN and initiative.assessments.filter(state__in=Assessment.OPEN).exists():
            return
        Assessment.objects.create(
            initiative=initiative, no=no, document_no=no, edition=self.edition, from_stage=Stage.SCREENING,
            to_phase=Phase.MATURATION, state=state, created_by=by, created_at=now, search_text=fold(self.text()),
            **values,
        )  # fmt: skip


def present_runs(initiative: Initiative) -> list[PhaseRun]:
    current = initiative.current_run
    return [run for run in initiative.runs.all() if current and run.is_run_together_with(current)]


def may_read(user: User, assessment: Assessment) -> bool:
    if assessment.state == Assessment.State.ANNULLED:
        return False
    if assessment.state in Assessment.READABLE or user.has_role(Role.MANAGER):
        return True
    return user.has_role(Role.LEAD) and works_on(user, assessment.initiative)


def works_on(user: User, initiative: Initiative) -> bool:
    return initiative.lead == user or user in initiative.members.all()


def texts(user: User, initiative: Initiative) -> str:
    own = [initiative.number, initiative.title, initiative.problem, initiative.description, initiative.funding]
    read = [one.search_text for one in initiative.assessments.all() if may_read(user, one)]
    hidden = (Deviation.State.DRAFT, Deviation.State.REPLACED, Deviation.State.ANNULLED)
    explained = [f"{one.reason} {one.handling}" for one in initiative.deviations.all() if one.state not in hidden]
    return fold("\n".join([*own, *read, *explained]))


def in_phase_and_track(initiative: Initiative, phase: str, track: str) -> bool:
    if phase == Stage.PROPOSAL:
        return initiative.phase == phase and not track
    wanted = {"": lambda run: True, "unknown": lambda run: not run.track and run.phase != Phase.SCREENING}
    asked = wanted.get(track, lambda run: run.track == track)
    return any((not phase or run.phase == phase) and asked(run) for run in present_runs(initiative))


def overdue(run: PhaseRun | None) -> bool:
    if run is None or run.state != PhaseRun.State.OPEN or run.expected_end is None:
        return False
    places = {Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}[Precision(run.expected_end_precision)]
    return run.expected_end.timetuple()[:places] < TODAY.timetuple()[:places]


def expected_end(initiative: Initiative, value: str) -> bool:
    run = initiative.current_run
    if value == "overdue":
        return overdue(run) and initiative.standing != Standing.UNKNOWN  # type: ignore[attr-defined]
    return run is not None and run.state == PhaseRun.State.OPEN and run.expected_end is None


def taking_long(initiative: Initiative) -> bool:
    """A year is typical for every phase here."""
    run = initiative.current_run
    goes_on = run is not None and run.state == PhaseRun.State.OPEN and initiative.standing != Standing.UNKNOWN  # type: ignore[attr-defined]
    return goes_on and run.started_on is not None and run.started_on < TODAY.replace(year=TODAY.year - 1)


def on_its_way(user: User, initiative: Initiative) -> bool:
    """No decision here rests on an assessment, and none is of a run, so that an approved one is of a proposal."""
    undecided = (Assessment.State.APPROVED,) if initiative.is_proposal else ()
    ahead = (*Assessment.OPEN, *undecided)
    return any(one.state in ahead and may_read(user, one) for one in initiative.assessments.all())


def stands(initiative: Initiative, value: str) -> bool:
    if value == "not_ended":
        return initiative.phase != Stage.ENDED
    if value == "waiting":
        run = initiative.current_run
        return initiative.phase != Stage.ENDED and run is not None and run.outcome == Outcome.RECOMMENDED
    return initiative.standing == value  # type: ignore[attr-defined]


def outcome(initiative: Initiative, value: str) -> bool:
    if initiative.current_run:
        return (initiative.current_run.outcome or "unknown") == value
    decisions = [one for one in initiative.decisions.all() if one.reversed_at is None]
    return bool(decisions) and decisions[-1].outcome == value


RULES: dict[str, Callable[[User, Initiative, str], bool]] = {
    "q": lambda user, one, value: all(word in texts(user, one) for word in fold(value).split()),
    "status": lambda user, one, value: stands(one, value),
    "deviations": lambda user, one, value: bool(open_deviations(one)) == (value == "yes"),
    "programme": lambda user, one, value: (one.programme.key if one.programme else "none") == value,
    "agreement": lambda user, one, value: value in ([str(row.pk) for row in one.agreements.all()] or ["none"]),
    "year": lambda user, one, value: value in [str(row.year) for row in one.agreements.all()],
    "target_group": lambda user, one, value: value in ([row.key for row in one.target_groups.all()] or ["none"]),
    "lead": lambda user, one, value: works_on(user, one) if value == "me" else str(one.lead_id or "none") == value,
    "outcome": lambda user, one, value: outcome(one, value),
    "funding": lambda user, one, value: bool(one.funding) == (value == "yes"),
    "expected_end": lambda user, one, value: expected_end(one, value),
    "length": lambda user, one, value: taking_long(one),
    "transition": lambda user, one, value: on_its_way(user, one),
}  # fmt: skip


def brute_force(user: User, chosen: dict[str, str]) -> list[Initiative]:
    found = []
    for one in Initiative.objects.visible_to(user).with_standing():
        asked = {name: value for name, value in chosen.items() if value and name in RULES}
        place = chosen.get("phase", ""), chosen.get("track", "")
        if (not any(place) or in_phase_and_track(one, *place)) and all(
            RULES[name](user, one, value) for name, value in asked.items()
        ):
            found.append(one)
    return found


def position(one: Initiative, column: str) -> Any:
    """What the list is sorted by; None comes last, either way."""
    years = [row.year for row in one.agreements.all()]
    return {
        "title": one.sort_key,
        "number": one.number,
        "phase": (list(Stage).index(one.current_run.phase) if one.current_run else 0, of_track(one) or 9),
        "track": of_track(one),
        "programme": sort_key(one.programme.name) if one.programme else None,
        "agreement": min(years, default=None),
        "status": list(Standing).index(one.standing),  # type: ignore[attr-defined]
        "lead": (sort_key(str(one.lead)), one.lead.pk) if one.lead else None,
    }[column]


def of_track(one: Initiative) -> int | None:
    return {"": None, "Spor ikke oplyst": 3}.get(one.track_label, int(one.track or 0))


def request_of(user: User, chosen: dict[str, str]) -> Any:
    request: Any = RequestFactory().get("/initiativer/")
    request.GET = QueryDict(mutable=True)
    request.GET.update(chosen)
    request.user, request.day = user, TODAY
    return request


@pytest.fixture
def portfolio() -> Portfolio:
    return Portfolio()


def offered(portfolio: Portfolio) -> st.SearchStrategy[dict[str, str]]:
    """Any of the choices the form offers, few at a time, and a few words."""
    form = selection(request_of(portfolio.manager, {})).form
    of_lists = {
        field.name: st.sampled_from([str(value) for value, _ in field.field.choices])
        for field in form
        if field.name not in ("q", "sort")
    }
    words = st.lists(st.sampled_from([*WORDS, "a", "bo", "2021-", "ssa"]), max_size=3).map(" ".join)
    one = st.sampled_from(sorted(of_lists)).flatmap(lambda name: st.tuples(st.just(name), of_lists[name]))
    return st.tuples(st.lists(one, max_size=3), words).map(lambda drawn: {**dict(drawn[0]), "q": drawn[1]})


def test_every_combination_of_filters_finds_what_asking_one_by_one_finds(portfolio) -> None:
    users = [portfolio.manager, portfolio.reader, *portfolio.people[:2]]

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(user=st.sampled_from(users), chosen=offered(portfolio))
    def check(user: User, chosen: dict[str, str]) -> None:
        selected = selection(request_of(user, chosen))
        assert selected.is_valid, selected.form.errors
        expected = brute_force(user, chosen)
        assert [one.pk for one in selected.initiatives] == [
            one.pk for one in sorted(expected, key=lambda one: (one.sort_key, one.number))
        ]
        assert selected.total.rows == len(expected)
        for one in selected.wider():
            assert one["hits"] == len(brute_force(user, {**chosen, one["name"]: ""})), one["label"]
        words = dict.fromkeys(chosen["q"].split())
        fewer = {word: " ".join(one for one in words if one != word) for word in words if len(words) > 1}
        found = {word: len(brute_force(user, {**chosen, "q": text})) for word, text in fewer.items()}
        assert {one["word"]: one["hits"] for one in selected.without_a_word()} == {
            word: hits for word, hits in found.items() if hits
        }

    check()


def test_an_empty_result_says_which_word_to_leave_out(client, portfolio) -> None:
    client.force_login(portfolio.manager)
    title = Initiative.objects.order_by("pk")[0].title.split()[0]
    page = client.get("/initiativer/", {"q": f"{title} findesikke", "status": "", "page": "1"}).content.decode()
    address = f"/initiativer/?{urlencode({'q': title})}"
    assert f'<a href="{address}">Søg uden ordet »findesikke«</a>' in page
    assert f"Søg uden ordet »{title}«" not in page  # that finds nothing, either
    assert "Søg uden ordet" not in client.get("/initiativer/", {"q": "findesikke"}).content.decode()
    many = " ".join(f"findesikke{no}" for no in range(6))
    assert "Søg uden ordet" not in client.get("/initiativer/", {"q": f"{title} {many}"}).content.decode()


def test_every_choice_of_every_filter_alone(portfolio) -> None:
    form = selection(request_of(portfolio.manager, {})).form
    for name in [*RULES, "phase", "track"]:
        hits = {"": {one.number for one in brute_force(portfolio.manager, {})}}
        for value in WORDS if name == "q" else [str(value) for value, _ in form.fields[name].choices]:
            chosen = {name: value}
            hits[value] = {one.number for one in selection(request_of(portfolio.manager, chosen)).initiatives}
            assert hits[value] == {one.number for one in brute_force(portfolio.manager, chosen)}, (name, value)
        assert len({frozenset(found) for found in hits.values()}) > 1, f"the portfolio cannot tell {name} apart"


def test_every_order(portfolio) -> None:
    for sort, _ in sorting.CHOICES:
        column, down = sort.removeprefix("-"), sort.startswith("-")
        listed = list(selection(request_of(portfolio.manager, {"sort": sort})).initiatives)
        ties = sorted(listed, key=lambda one: (one.sort_key, one.number))
        places = {one.pk: position(one, column) for one in ties}
        known = [one for one in ties if places[one.pk] is not None]
        unknown = [one for one in ties if places[one.pk] is None]
        known.sort(key=lambda one: places[one.pk], reverse=down)
        assert [one.number for one in listed] == [one.number for one in [*known, *unknown]], sort


def test_the_thousandth_initiative_of_a_year_comes_after_its_999th() -> None:
    for number in ("2026-1000", "2026-999", "2027-001", "2026-001"):
        Initiative.objects.create(number=number, title="Samme titel")
    user = person(Role.MANAGER)
    numbers = [one.number for one in selection(request_of(user, {"sort": "number"})).initiatives]
    assert numbers == ["2026-001", "2026-999", "2026-1000", "2027-001"]


def test_a_word_that_is_part_of_another_is_asked_once() -> None:
    assert search.words_of("Bolig  boligstøtte ÆBLE æble") == ["boligstøtte", "æble"]
    assert search.words_of("  ") == []


def test_a_huge_number_of_hits_is_no_more_queries(portfolio, django_assert_num_queries) -> None:
    user = portfolio.manager
    _ = user.roles, user.acts_for
    for word, queries in {"a": 1, "findesikke": 1, "unge": 2 if connection.vendor == "postgresql" else 1}.items():
        with django_assert_num_queries(queries):
            search.holding([word], user)
    rows = list(Initiative.objects.all())
    with django_assert_num_queries(2):
        search.places(rows, ["øl", "unge"], user)


def test_places_say_where_each_word_stands(portfolio) -> None:
    """Every word that neither number nor title shows is shown once, or the three places are full."""
    user, words = portfolio.manager, ["øl", "unge"]
    rows = list(selection(request_of(user, {"q": " ".join(words)})).initiatives)
    assert rows
    for one, places in ((one, search.places(rows, words, user)[one.pk]) for one in rows):
        for word in words:
            in_sight = word in fold(f"{one.number} {one.title}")
            told = any(word in fold(f"{place.before}{place.word}{place.after}") for place in places)
            assert in_sight or told, (one, word)
