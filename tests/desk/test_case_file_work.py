"""The work of the phases in the case file: each kind is handed out, and left out everywhere where it is exempt."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.actions import decisions
from assessments.actions.follow_up import follow_up
from assessments.models import Deviation
from desk.actions.exemptions import lift
from desk.case_file.documents import contents_of
from desk.case_file.making import plan_of
from participants.actions import entries
from participants.models import DataCollection, RecruitmentCount, RecruitmentPlan, Round
from phases.terms import Outcome, Phase, Track
from portfolio import lengthening
from portfolio.models import Initiative
from susi.dates import parse, write
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.desk.files import everything, leave_out, lines, made
from tests.factories import initiative_in, person
from tests.participants import making
from tests.portfolio.portfolios import anew, decide
from tests.work import workings
from work.actions import fast_track

pytestmark = pytest.mark.django_db
SECRET = "Kun til internt brug"


@pytest.fixture
def manager() -> User:
    factories.rulebook()
    return person(Role.MANAGER)


def _participants(manager: User) -> Initiative:
    run = initiative_in(Phase.MATURATION, Track.ONE).current_run
    making.participation(run, dropped_out_on=making.DAY, dropout_reason=SECRET)
    return run.initiative


def _pulje(manager: User) -> Initiative:
    run = initiative_in(Phase.MATURATION, Track.ONE).current_run
    pulje = making.call(run, deadline=making.day("2026"), amount=1_500_000)
    making.application(pulje, making.organisation(SECRET))
    wrong = making.application(pulje)
    entries.annul(entry=wrong, by=run.initiative.lead, reason=SECRET)
    return run.initiative


def _annulled_pulje(manager: User) -> Initiative:
    run = initiative_in(Phase.MATURATION, Track.ONE).current_run
    entries.annul(entry=making.call(run), by=run.initiative.lead, reason=SECRET)
    return run.initiative


def _rounds(manager: User) -> Initiative:
    initiative = initiative_in(Phase.DISSEMINATION)
    round_ = Round(run=initiative.current_run)
    entries.register(entry=round_, by=initiative.lead, no=1, change_from=making.day("2026-03"), note=SECRET)
    wrong = entries.register(entry=Round(run=initiative.current_run), by=initiative.lead, no=2)
    entries.annul(entry=wrong, by=initiative.lead, reason=SECRET)
    return initiative


def _recruitment(manager: User) -> Initiative:
    initiative = initiative_in(Phase.TRIAL)
    run, lead = initiative.current_run, initiative.lead
    entries.register(entry=RecruitmentPlan(run=run), by=lead, planned=120, basis=SECRET)
    for day in (1, 2):
        counted = {"counted_on": date(2026, 3, day), "recruited": 40, "completed": 7}
        count = entries.register(entry=RecruitmentCount(run=run), by=lead, **counted)
    entries.annul(entry=count, by=lead, reason=SECRET)
    return initiative


def _collections(manager: User) -> Initiative:
    initiative = initiative_in(Phase.TRIAL)
    about = {"purpose": "Evaluering", "legal_basis": SECRET, "place": f"et system: {SECRET}"}
    entries.register(entry=DataCollection(run=initiative.current_run), by=initiative.lead, **about)
    return initiative


def _track_choice(manager: User) -> Initiative:
    initiative = initiative_in(Phase.SCREENING)
    workings.chosen(initiative, initiative.lead, reason=SECRET)
    return initiative


def _weighing(manager: User) -> Initiative:
    initiative = initiative_in(Phase.MATURATION, Track.TWO)
    workings.weighed(initiative.current_run, initiative.lead, SECRET)
    return initiative


def _fast_track(manager: User) -> Initiative:
    initiative = initiative_in(Phase.SCREENING)
    decide(initiative, manager, Outcome.STOPPED, reason="Eksempel")
    run = initiative.runs.get()
    fast_track.answer_fast_track(run=run, by=initiative.lead, version=0, answer=True, reason=SECRET)
    workings.product(run, initiative.lead, audience=SECRET)
    wrong = workings.product(run, initiative.lead, title=SECRET)
    fast_track.annul_product(product=wrong, by=initiative.lead, reason=SECRET)
    return initiative


def _follow_up(manager: User) -> Initiative:
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
    follow_up(deviation=Deviation.objects.get(), by=initiative.lead, seen=0, text=SECRET)
    return initiative


def _length(manager: User) -> Initiative:
    initiative = initiative_in(Phase.MATURATION, Track.ONE)
    write(initiative.current_run, "expected_end", parse("2026"))
    initiative.current_run.save()

    def do(act: Callable[..., Any], **values: Any) -> Any:
        now = anew(initiative)
        return act(initiative=now, by=now.lead, version=now.version, **values)

    do(lengthening.extend, expected_end=parse("06.2027"), reason=SECRET)
    pause = do(lengthening.pause, since=date(2026, 3, 2), reason=SECRET)
    do(lengthening.annul_pause, pause=pause, reason=SECRET)
    return anew(initiative)


# What there is, the kind of its document, its section, and in how many lines of the history the secret was told.
KINDS: list[tuple[Callable[[User], Initiative], str, str, int]] = [
    (_participants, "participants", "Deltagere", 0),
    (_pulje, "call", "Puljer", 2),
    (_annulled_pulje, "call", "Puljer", 1),
    (_rounds, "rounds", "Runder", 1),
    (_recruitment, "recruitment", "Rekruttering", 1),
    (_collections, "data_collections", "Indsamling af personoplysninger", 1),
    (_track_choice, "track_choice", "Sporvalg og de tre veje videre", 1),
    (_weighing, "weighing", "Sporvalg og de tre veje videre", 1),
    (_fast_track, "fast_track", "Fast track af viden", 4),
    (_follow_up, "follow_up", "Opfølgning på fravigelser", 1),
    (_length, "length", "Fasernes længde", 3),
]


def tables(initiative: Initiative) -> dict[str, list[list[str]]]:
    """The lines of every table of the case file by its heading."""
    plan = plan_of(anew(initiative), contents_of(anew(initiative)))
    return {step["heading"]: step["rows"] for step in plan if step["do"] == "table"}


def told(found: Any) -> int:
    return sum(SECRET in json.dumps(row, ensure_ascii=False) for row in found)


@pytest.mark.parametrize(
    ("build", "kind", "section", "in_history"), KINDS, ids=lambda one: getattr(one, "__name__", "")
)
def test_it_is_handed_out_and_where_it_is_exempt_it_is_nowhere(manager, build, kind, section, in_history) -> None:
    initiative = build(manager)
    before = tables(initiative)
    assert told(before[section])
    assert told(before["Historik"]) == in_history
    exemption = leave_out(initiative, manager, kind)
    after = tables(initiative)
    assert section not in after
    assert [name for name, rows in after.items() if told(rows)] == []
    line = next(row for row in after["Indeks over sagens akter"] if row[0] == section)
    assert line[1:2] + line[3:] == [exemption.title, "Nej", "Internt dokument (offentlighedsloven § 23)"]
    lift(exemption=exemption, by=manager)
    assert tables(initiative) == before


def test_what_the_tables_tell(manager) -> None:
    assert tables(_pulje(manager))["Puljer"] == [
        ["Modning", "Eksempelpulje", "", "Ikke oplyst", "2026", "1.500.000 kr.", "", ""],
        ["Modning", "Eksempelpulje", SECRET, "Ikke oplyst", "", "", "Modtaget", ""],
    ]
    assert tables(_rounds(manager))["Runder"] == [
        ["Runde 1", "Ikke oplyst", "marts 2026", "Ikke oplyst", "Ikke oplyst", SECRET],
    ]
    assert tables(_recruitment(manager))["Rekruttering"] == [
        ["Rekrutteringsmål", "", "Hele fasen", "120", "", SECRET],
        ["Optælling", "01.03.2026", "Hele fasen", "40", "7", ""],
    ]
    initiative = _length(manager)
    assert [row[:5] for row in tables(initiative)["Fasernes længde"]] == [
        ["Modning", "Forlængelse", "2026", "juni 2027", SECRET],
        ["Modning", f"Pause, annulleret: {SECRET}", "02.03.2026", "", SECRET],
    ]
    answer, product, wrong = tables(_fast_track(manager))["Fast track af viden"]
    assert answer[:3] == ["Screening", "Skal den nye viden formidles nu?", f"Ja. {SECRET}"]
    assert product[1:5] == ["Vidensprodukt", "Eksempel: vejledning", SECRET, "Trykt formidling"]
    assert wrong[1] == f"Vidensprodukt, annulleret: {SECRET}"
    choice = tables(_track_choice(manager))["Sporvalg og de tre veje videre"]
    assert choice[0] == ["Sporvalg efter screeningsfasen", "Kendetegn, spor 1: Kendetegn 0", "Passer ikke"]
    answers = ["Ja. Prototypen er drøftet med fire kommuner.", "Spor 2", SECRET]
    assert [row[2] for row in choice[-3:]] == answers


def test_with_the_assessment_go_its_fravigelse_and_the_follow_up_on_that(manager) -> None:
    initiative = _follow_up(manager)
    leave_out(initiative, manager, "assessment")
    after = tables(initiative)
    index = {row[0]: row[3] for row in after["Indeks over sagens akter"]}
    assert [index[name] for name in ("SUSI-vurderinger", "Fravigelser", "Opfølgning på fravigelser")] == ["Nej"] * 3
    assert [row for row in after["Historik"] if "ravigelse" in row[2]] == []


def test_with_a_reversed_decision_goes_the_fravigelse_that_fell_with_it(manager) -> None:
    """The history still tells of it, so it is a document that is left out with its decision."""
    initiative = initiative_in(Phase.SCREENING)
    unexplained = {"departed": ("M1.1",), "explained": False, "verdict": "no", "recommendation": "stop"}
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, **unexplained)
    criterion = initiative.assessments.get().criteria().get(code="M1.1")
    departed = {criterion: factories.deviation_input(manager, reason=SECRET)}
    why = {"departure_reason": "Politisk ønske.", "deviations": departed}
    decision = decide(initiative, manager, to_phase=Phase.MATURATION, to_track="1", **why)
    decisions.reverse_decision(decision=decision, by=manager, reason="Fortrudt.")
    assert tables(initiative)["Fravigelser"][0][-1] == "Annulleret"
    leave_out(initiative, manager, "decision")
    assert [name for name, rows in tables(initiative).items() if told(rows)] == []


def test_the_same_work_gives_the_same_file(manager) -> None:
    initiative = _pulje(manager)
    first, again = made(initiative, manager), made(initiative, manager)
    assert first == again
    assert lines(first, "3_Puljer.csv")[2][2] == SECRET
    leave_out(initiative, manager, "call")
    left = made(initiative, manager)
    assert not any("Puljer" in name for name in left)
    assert SECRET not in everything(left)


def test_it_is_asked_in_a_constant_number_of_queries(manager) -> None:
    spread = initiative_in(Phase.DISSEMINATION)
    trial = initiative_in(Phase.TRIAL, lead=spread.lead)
    making.everything(spread, trial, by=spread.lead, text="Eksempel", size=1, named="a")
    counts = []
    for no in range(2):
        pulje = making.call(spread.current_run, title=f"Pulje {no}")
        for _ in range(1 + no):
            making.application(pulje)
            making.participation(spread.current_run)
        with CaptureQueriesContext(connection) as queries:
            contents_of(anew(spread))
        counts.append(len(queries))
    assert counts[0] == counts[1]
