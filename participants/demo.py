"""Examples of participants, played through the real actions. Everything is made up and belongs to an "Eksempel"."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from participants.actions import entries, organisations
from participants.kinds import KINDS
from participants.loading import load_organisations
from participants.models import Application, Call, Organisation
from portfolio.models import Initiative
from susi.dates import PartialDate
from susi.models import User

FIXTURE = settings.BASE_DIR / "fixtures" / "demo_participants.json"


def play(initiatives: dict[str, Initiative], at: Callable[[int], AbstractContextManager[None]]) -> None:
    """Register what the fixture tells of `initiatives` (by key), each step by the lead, `at` so many days ago."""
    if not Organisation.objects.exists():
        load_organisations()
    fixture = json.loads(Path(FIXTURE).read_text(encoding="utf-8"))
    today = timezone.localdate()

    def read(model: Any, name: str, value: Any) -> Any:
        if name == "counted_on":
            return today - timedelta(days=value)
        return PartialDate(today - timedelta(days=value)) if name in model.DATES else value

    with at(fixture["organisations_ago"]):
        for row in fixture["organisations"]:
            organisations.create_organisation(by=_lead(initiatives[row["for"]]), kind=row["kind"], name=row["name"])
    for step in fixture["steps"]:
        initiative = initiatives[step["initiative"]]
        model = KINDS[step["do"]].model
        with at(step["ago"]):
            for row in step["rows"]:
                values = {name: read(model, name, value) for name, value in row.items()}
                if "organisation" in values:
                    values["organisation"] = Organisation.objects.get(name=values["organisation"])
                _register(model, initiative, step["phase"], values)


def _register(model: Any, initiative: Initiative, phase: str, values: dict[str, Any]) -> None:
    run = initiative.runs.in_force().get(phase=phase)
    about: dict[str, Any] = {"call": Call.objects.get(run=run)} if model is Application else {"run": run}
    entries.register(entry=model(**about), by=_lead(initiative), **values)


def _lead(initiative: Initiative) -> User:
    lead = Initiative.objects.get(pk=initiative.pk).lead
    if lead is None:
        raise ValueError(f"{initiative} has nobody to write on it.")
    return lead
