"""Organisations and entries for the tests."""

import datetime
from typing import Any

from participants.actions import entries
from participants.denmark import PLACES
from participants.models import (
    Application,
    Call,
    DataCollection,
    Organisation,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    RegionPeriod,
    Round,
)
from portfolio.models import Initiative, PhaseRun
from susi.dates import PartialDate, Precision
from susi.models import User

SINCE = datetime.date(2007, 1, 1)
DAY = PartialDate(datetime.date(2026, 3, 2))


def day(text: str) -> PartialDate:
    """Read "2026", "2026-03" or "2026-03-02"."""
    parts = [int(part) for part in text.split("-")]
    precision = [Precision.YEAR, Precision.MONTH, Precision.DAY][len(parts) - 1]
    return PartialDate(datetime.date(*[*parts, 1, 1][:3]), precision)


def organisation(name: str, kind: str = "provider", **values: Any) -> Organisation:
    return Organisation.objects.create(name=name, kind=kind, **values)


def municipality(name: str = "", **values: Any) -> Organisation:
    """Return a new municipality with a place on the map, in a region."""
    taken = set(Organisation.objects.filter(kind="municipality").values_list("code", flat=True))
    code = next(code for code in PLACES if code not in taken)
    one = organisation(name or f"Kommune {code}", "municipality", code=code, valid_from=SINCE, **values)
    region, _ = Organisation.objects.get_or_create(name="Region Eksempel", kind="region", valid_from=SINCE)
    RegionPeriod.objects.create(municipality=one, region=region, valid_from=SINCE)
    return one


def participation(run: PhaseRun, one: Organisation | None = None, **values: Any) -> Participation:
    """Return a participation as the lead registers it; a municipality unless another is given."""
    values = {"organisation": one or municipality(), "role": "municipality", **values}
    return entries.register(entry=Participation(run=run), by=run.initiative.lead, **values)


def call(run: PhaseRun, **values: Any) -> Call:
    return entries.register(entry=Call(run=run), by=run.initiative.lead, **{"title": "Eksempelpulje", **values})


def application(pulje: Call, one: Organisation | None = None, **values: Any) -> Application:
    values = {"organisation": one or municipality(), **values}
    return entries.register(entry=Application(call=pulje), by=pulje.run.initiative.lead, **values)


def everything(
    initiative: Initiative, trial: Initiative, *, by: User, text: str, size: int, named: str
) -> dict[str, Any]:
    """Register `size` of every kind in an initiative in udbredelse and in one in afprøvning, all texts being `text`.

    Return the first of each kind, by the slug of the kind, and an organisation.
    """
    run, trial_run = initiative.current_run, trial.current_run
    places = [municipality(f"{text} {named}-{no}") for no in range(size)]
    other = organisation(f"{text} leverandør {named}", source=text)
    rounds = [
        entries.register(entry=Round(run=run), by=by, no=no + 1, preparation_from=DAY, note=text) for no in range(size)
    ]
    done = {
        "readiness": "done", "readiness_on": DAY, "readiness_conclusion": text, "readiness_case_number": text,
        "plan": "done", "plan_on": DAY, "plan_case_number": text,
    }  # fmt: skip
    taking_part = [
        participation(run, one, round=rounds[0], started_on=DAY, dropped_out_on=DAY, dropout_reason=text, **done)
        for one in places
    ]
    participation(run, other, role="provider", started_on=DAY)
    pulje = call(run, title=text, announced_on=DAY, deadline=DAY, amount=10**6, case_number=text)
    applications = [
        application(pulje, one, applied_on=DAY, state="selected", granted=1000, reason=text) for one in places
    ]
    plan = entries.register(entry=RecruitmentPlan(run=trial_run), by=by, planned=10, basis=text)
    counted = {"counted_on": DAY.date, "recruited": 2, "completed": 1}
    counts = [
        entries.register(entry=RecruitmentCount(run=trial_run), by=by, organisation=one, **counted) for one in places
    ]
    about = {"legal_basis": text, "responsible": other, "collected_from": DAY}
    collections = [
        entries.register(entry=DataCollection(run=run), by=by, purpose=text, place=f"{text} {no}", **about)
        for no in range(size)
    ]
    for no in range(size):
        wrong = participation(run, other, role="evaluator", started_on=DAY)
        entries.annul(entry=wrong, by=by, reason=f"{text} {no}")
    return {
        "deltager": taking_part[0],
        "pulje": pulje,
        "ansoegning": applications[0],
        "runde": rounds[0],
        "rekrutteringsmaal": plan,
        "optaelling": counts[0],
        "personoplysninger": collections[0],
        "organisation": places[0],
    }
