"""What is told of an initiative row by row: the columns of every export of the list, and of the import.

A table of header → function, where a function returns text, a number, a `date` or a `PartialDate`; None is unknown.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import TextChoices

from phases.terms import Outcome, SusiStatement
from susi.dates import PartialDate, read

Told = Any  # a `portfolio.rows.Row`, or an `Initiative` fetched `with_standing`

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
OPEN_DEVIATIONS = "Åbne fravigelser"
STATED = ("System", "Udtrukket", "Viser", "Filtre", "Sorteret efter", "Antal")  # what an export says of itself
SEVERAL = "; "


def _of_present_run(name: str) -> Callable[[Told], PartialDate | None]:
    return lambda one: read(one.current_run, name) if one.current_run else None


def _said_of_present_run(name: str, terms: type[TextChoices]) -> Callable[[Told], str]:
    labels = {"": "", **dict(terms.choices)}
    return lambda one: labels[getattr(one.current_run, name)] if one.current_run else ""


COLUMNS: dict[str, Callable[[Told], Any]] = {
    NUMBER: lambda one: one.number,
    TITLE: lambda one: one.title,
    PHASE: lambda one: one.phase_label,
    TRACK: lambda one: one.track_label,
    STATUS: lambda one: one.standing_label,
    PROGRAMME: lambda one: one.programme.name if one.programme else "",
    AGREEMENTS: lambda one: SEVERAL.join(
        f"{agreement.programme.name} {agreement.year}" for agreement in one.agreements.all()
    ),
    TARGET_GROUPS: lambda one: SEVERAL.join(group.name for group in one.target_groups.all()),
    LEAD: lambda one: str(one.lead or ""),
    FUNDING: lambda one: one.funding,
    CASE_NUMBER: lambda one: one.case_number,
    PROBLEM: lambda one: one.problem,
    DESCRIPTION: lambda one: one.description,
    COUNTS_AS: lambda one: one.counts_as,
    STARTED: lambda one: read(one.first_run, "started_on") if one.first_run else None,
    ENDED: _of_present_run("ended_on"),
    EXPECTED_END: _of_present_run("expected_end"),
    OUTCOME: _said_of_present_run("outcome", Outcome),
    SUSI: _said_of_present_run("susi", SusiStatement),
    SOURCE: lambda one: one.current_run.source if one.current_run else "",
}

# With what is counted for a `Row`. It is told, and compared when it is loaded back, but never changed by a file.
EXPORTED: dict[str, Callable[[Told], Any]] = {**COLUMNS, OPEN_DEVIATIONS: lambda row: row.open_deviations}
