"""Which texts of an assessment a person reads, and against which earlier ones."""

import json
from dataclasses import dataclass

from assessments.contents import Contents
from assessments.models import Assessment, Snapshot
from assessments.record import Record, build


@dataclass(frozen=True, slots=True)
class Reading:
    """The record to read, and the checksum that a manager's answer names (only of a submitted one)."""

    record: Record
    sha256: str = ""
    before: Record | None = None
    before_name: str = ""


def reading_of(contents: Contents, *, with_submissions: bool) -> Reading:
    """Return what to read of the assessment and, where there is one, the text it is to be compared with.

    An approved version is compared with the version it corrects. Anything else is compared with what was submitted
    before, if the person may know it (`with_submissions`), else with the version it corrects.
    """
    assessment = contents.assessment
    corrected = assessment.corrects
    before = json.loads(corrected.sealed_data) if corrected else None
    before_name = f"version {corrected.doc_version}" if corrected else ""
    if assessment.is_approved:
        return Reading(json.loads(assessment.sealed_data), "", before, before_name)
    snapshots = list(assessment.snapshots.order_by("-no")[:2])
    present = snapshots.pop(0) if snapshots and assessment.state == Assessment.State.SUBMITTED else None
    if with_submissions and snapshots:
        before, before_name = json.loads(snapshots[0].data), _named(snapshots[0])
    if present is None:
        return Reading(build(contents), "", before, before_name)
    return Reading(json.loads(present.data), present.sha256, before, before_name)


def _named(snapshot: Snapshot) -> str:
    return f"indsendelse nr. {snapshot.no}"
