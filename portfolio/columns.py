"""What is told of an initiative row by row: the columns of every export of the list, and of the import.

A table of header → function, where a function returns text, a number, a `date` or a `PartialDate`; None is unknown.
"""

from collections.abc import Callable
from typing import Any

from portfolio.models import Initiative
from susi.dates import PartialDate, read

NUMBER = "Nummer"
TITLE = "Titel"
PHASE = "Fase"
TRACK = "Spor"
STATUS = "Status"
PROGRAMME = "Program"
AGREEMENTS = "Aftaler"
TARGET_GROUPS = "Målgrupper"
LEAD = "Initiativansvarlig"
FUNDING = "Anden finansieringskilde"
CASE_NUMBER = "Journalnummer"
PROBLEM = "Det sociale problem"
DESCRIPTION = "Indsatsen"
COUNTS_AS = "Tæller som"
STARTED = "Begyndt"
ENDED = "Afsluttet"
EXPECTED_END = "Forventet afsluttet"
OUTCOME = "Udfald"
SUSI = "SUSI-vurdering"
SOURCE = "Kilde"
SEVERAL = "; "


def _of_present_run(name: str) -> Callable[[Initiative], PartialDate | None]:
    return lambda initiative: read(initiative.current_run, name) if initiative.current_run else None


def _said_of_present_run(name: str) -> Callable[[Initiative], str]:
    return lambda one: str(getattr(one.current_run, f"get_{name}_display")()) if one.current_run else ""


COLUMNS: dict[str, Callable[[Initiative], Any]] = {
    NUMBER: lambda initiative: initiative.number,
    TITLE: lambda initiative: initiative.title,
    PHASE: lambda initiative: initiative.phase_label,
    TRACK: lambda initiative: initiative.track_label,
    STATUS: lambda initiative: initiative.standing_label,
    PROGRAMME: lambda initiative: initiative.programme.name if initiative.programme else "",
    AGREEMENTS: lambda initiative: SEVERAL.join(
        f"{agreement.programme.name} {agreement.year}" for agreement in initiative.agreements.all()
    ),
    TARGET_GROUPS: lambda initiative: SEVERAL.join(group.name for group in initiative.target_groups.all()),
    LEAD: lambda initiative: str(initiative.lead or ""),
    FUNDING: lambda initiative: initiative.funding,
    CASE_NUMBER: lambda initiative: initiative.case_number,
    PROBLEM: lambda initiative: initiative.problem,
    DESCRIPTION: lambda initiative: initiative.description,
    COUNTS_AS: lambda initiative: initiative.counts_as,
    STARTED: _of_present_run("started_on"),
    ENDED: _of_present_run("ended_on"),
    EXPECTED_END: _of_present_run("expected_end"),
    OUTCOME: _said_of_present_run("outcome"),
    SUSI: _said_of_present_run("susi"),
    SOURCE: lambda initiative: initiative.current_run.source if initiative.current_run else "",
}
