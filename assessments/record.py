"""The assessment as plain data: what is submitted, sealed, shown to the reader and printed.

One structure for page and PDF, made from the database once and from then on read alone. Every label and name is
written out, so that the record reads the same after wordings, names and letterhead have changed.
"""

import hashlib
import json
from typing import Any, TypeAlias

from django.conf import settings

from assessments import work_record
from assessments.contents import Contents, CriterionContents
from assessments.models import Assessment, Deviation, Snapshot
from phases.involvement import asks_about_users
from phases.terms import Phase, Stage, Track
from susi.dates import danish
from susi.models import User
from work.documentation import Documentation
from work.models import DeliverableVersion

SCHEMA = "susi-vurdering/2"
PDF_TEMPLATE = "v2"

Record: TypeAlias = dict[str, Any]


def build(contents: Contents) -> Record:
    """Return the assessment as it stands, without signatures. Draft, submission and seal all start here."""
    assessment = contents.assessment
    in_play = contents.deviations_in_play
    return {
        "schema": SCHEMA,
        "document": {
            "number": assessment.document_number,
            "version": assessment.doc_version,
            "corrects_version": assessment.corrects.doc_version if assessment.corrects else None,
            "change_note": assessment.change_note,
        },
        "initiative": _initiative(assessment),
        "transition": _transition(assessment),
        "edition": {
            "number": assessment.edition.number,
            "name": assessment.edition.name,
            "valid_from": str(assessment.edition.valid_from_date),
        },
        "verdict": _choice(assessment.verdict, assessment.get_verdict_display()),
        "conclusion": assessment.conclusion,
        "recommendation": _choice(assessment.recommendation, assessment.get_recommendation_display()),
        "recommendation_text": assessment.recommendation_text,
        "weighing": {
            "way": _choice(assessment.weighing_way, assessment.get_weighing_way_display()),
            "text": assessment.weighing_text,
            "ways": work_record.ways(contents),
        },
        "track_choice": work_record.track_choice(contents),
        "involvement": work_record.involvement(contents),
        "fast_track": {"answer": assessment.fast_track, "text": assessment.fast_track_text},
        "entry_conditions": [
            {
                "code": row.condition.code,
                "heading": row.condition.heading,
                "text": row.condition.text,
                "met": row.judgement.met,
                "note": row.judgement.note,
            }
            for row in contents.entry
        ],
        "themes": [
            {
                "no": row.theme.no,
                "heading": str(row.theme),
                "criteria": [
                    _criterion(criterion, in_play, contents.documentation.get(criterion.code, []))
                    for criterion in row.criteria
                ],
            }
            for row in contents.themes
        ],
        "deviations": [_deviation(deviation, assessment.to_track) for deviation in in_play],
        "former_deviations": [
            {
                **_deviation(former.deviation, _track_departed_on(former.deviation)),
                "initiative": former.deviation.initiative.number,
                "outcome": _choice(former.judgement.outcome, former.judgement.get_outcome_display()),
                "text": former.judgement.text,
            }
            for former in contents.former_deviations
        ],
        "authors": [_person(user) for user in assessment.writers.order_by("pk")],
        "submitted": None,
        "approved": None,
    }


def submitted(record: Record, *, by: User, moment: str) -> Record:
    """Return the record as handed in by `by`; `moment` is the Danish date and time."""
    return {**record, "submitted": {"by": _person(by), "at": moment}}


def seal(record: Record, *, by: User, moment: str) -> Record:
    """Return the record as approved: with approver, letterhead and the version of the PDF template it is printed by."""
    return {
        **record,
        "approved": {"by": _person(by), "at": moment},
        "letterhead": settings.LETTERHEAD,
        "pdf_template": PDF_TEMPLATE,
    }


def dump(record: Record) -> str:
    """Return the record as JSON, the same text for the same content."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def checksum(data: str) -> str:
    """Return the SHA-256 of the JSON text, in hexadecimal."""
    return hashlib.sha256(data.encode()).hexdigest()


def record_of(assessment: Assessment) -> Record:
    """Return the record to show: sealed when approved, as submitted when submitted, else as it stands."""
    if assessment.is_approved:
        return json.loads(assessment.sealed_data)
    if assessment.state == Assessment.State.SUBMITTED:
        snapshot = latest_snapshot(assessment)
        if snapshot:
            return json.loads(snapshot.data)
    return build(Contents(assessment))


def latest_snapshot(assessment: Assessment) -> Snapshot | None:
    return assessment.snapshots.order_by("-no").first()


def _initiative(assessment: Assessment) -> Record:
    initiative = assessment.initiative
    return {
        "number": initiative.number,
        "title": initiative.title,
        "programme": str(initiative.programme or ""),
        "agreements": [agreement.short_name for agreement in initiative.agreements.all()],
        "funding": initiative.funding,
        "target_groups": [group.name for group in initiative.target_groups.all()],
        "case_number": initiative.case_number,
        "lead": str(initiative.lead or ""),
        "problem": initiative.problem,
    }


def _transition(assessment: Assessment) -> Record:
    return {
        "from_stage": _choice(assessment.from_stage, Stage(assessment.from_stage).label),
        "from_track": _track(assessment.from_track),
        "to_phase": _choice(assessment.to_phase, Phase(assessment.to_phase).label),
        "to_track": _track(assessment.to_track),
    }


def _track(value: str) -> Record:
    return _choice(value, Track(value).label if value else "")


def _criterion(row: CriterionContents, in_play: list[Deviation], documented_by: list[Documentation]) -> Record:
    return {
        "code": row.code,
        "no": row.criterion.no,
        "wording": row.wording,
        "asks_about_users": asks_about_users(row.wording),
        "rating": _choice(row.rating.value, row.rating.get_value_display()),
        "reasoning": row.rating.reasoning,
        "references": [
            {
                "title": reference.title,
                "link": reference.link,
                "case_document": reference.case_document,
                "page": reference.page,
            }
            for reference in row.references
        ],
        "documentation": [_documentation(one, one.latest) for one in documented_by if one.latest],
        "departed_from": row.deviation in in_play,
    }


def _documentation(one: Documentation, version: DeliverableVersion) -> Record:
    """What of the work documents a criterion, in the version there was: where it is, and the file's checksum."""
    return {
        "name": one.title,
        "phase": one.phase.label,
        "initiative": one.number,
        "version": version.no,
        "state": _choice(one.state, one.state_label),
        "case_document": version.case_document,
        "link": version.link,
        "file_name": version.file_name,
        "sha256": version.sha256,
    }


def _track_departed_on(deviation: Deviation) -> str:
    """The track aimed at where the fravigelse was written; it may be another than the one aimed at now."""
    written_in = deviation.assessment or deviation.decision
    return written_in.to_track if written_in else ""


def _deviation(deviation: Deviation, track: str) -> Record:
    wording = deviation.criterion.wording_for(track) if deviation.criterion else ""
    return {
        "criterion": deviation.criterion.code if deviation.criterion else "",
        "subject": deviation.subject,
        "wording": wording or "Screeningsfasen springes over.",
        "grounds": [ground.label for ground in deviation.grounds],
        "reason": deviation.reason,
        "handling": deviation.handling,
        "owner": str(deviation.owner or ""),
        "review_on": danish(deviation.review_on) if deviation.review_on else "",
    }


def _person(user: User) -> Record:
    return {"username": user.username, "name": str(user)}


def _choice(value: str, label: str) -> Record:
    return {"value": value, "label": label or ""}
