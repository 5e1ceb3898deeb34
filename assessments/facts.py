"""From rows to the plain values the gate rules judge."""

from datetime import date

from django.utils import timezone

from assessments.addresses import CONCLUSION, ENTRY, FORMER, TITLE
from assessments.contents import Contents, CriterionContents
from assessments.inputs import DeviationInput
from assessments.models import Assessment, Deviation
from phases.gates import (
    AssessmentFacts,
    CriterionFacts,
    DeviationFacts,
    EntryFacts,
    Finding,
    GroundsFacts,
    assessment_findings,
)
from susi.pdf_fonts import unprintable_characters


def findings_for(contents: Contents) -> list[Finding]:
    """Return what stands between the assessment and its submission."""
    return assessment_findings(assessment_facts(contents))


def assessment_facts(contents: Contents) -> AssessmentFacts:
    """Return the facts of the assessment as it stands in the database."""
    assessment = contents.assessment
    return AssessmentFacts(
        stage=assessment.from_stage,
        to_phase=assessment.to_phase,
        to_track=assessment.to_track,
        from_track=assessment.from_track,
        has_tracks=assessment.edition.has_tracks,
        phases_run=contents.phases_run,
        criteria=[criterion_facts(row) for row in contents.criteria],
        entry=_entry_facts(contents),
        model_deviation=deviation_facts(contents.model_deviation),
        unjudged_deviations=[
            f"fravigelsen fra {former.deviation.subject}"
            for former in contents.former_deviations
            if not former.judgement.outcome
        ],
        verdict=assessment.verdict,
        conclusion=assessment.conclusion,
        recommendation=assessment.recommendation,
        weighing_way=assessment.weighing_way,
        weighing_text=assessment.weighing_text,
        fast_track=assessment.fast_track,
        fast_track_text=assessment.fast_track_text,
        is_correction=assessment.is_correction,
        change_note=assessment.change_note,
        unprintable=_unprintable(contents),
    )


def _entry_facts(contents: Contents) -> list[EntryFacts]:
    return [
        EntryFacts(row.condition.code, row.condition.heading, row.judgement.met, row.judgement.note)
        for row in contents.entry
    ]


def criterion_facts(row: CriterionContents) -> CriterionFacts:
    return CriterionFacts(
        code=row.code,
        rating=row.rating.value,
        reasoning=row.rating.reasoning,
        references=len(row.references),
        presumes=row.criterion.presumes,
        deviation=deviation_facts(row.deviation),
    )


def deviation_facts(deviation: Deviation | None) -> DeviationFacts | None:
    """Return the facts of a fravigelse; None where there is none."""
    if deviation is None:
        return None
    return DeviationFacts(
        has_ground=bool(deviation.grounds),
        reason=deviation.reason,
        handling=deviation.handling,
        has_owner=deviation.owner_id is not None,
        has_review_date=deviation.review_on is not None,
        review_date_has_passed=_has_passed(deviation.review_on) and deviation.replaces_id is None,
    )


def _has_passed(day: date | None) -> bool:
    return day is not None and day < timezone.localdate()


def deviation_input_facts(written: DeviationInput) -> DeviationFacts:
    """Return the facts of a fravigelse as a form holds it."""
    return DeviationFacts(
        has_ground=bool(list(written.grounds)),
        reason=written.reason,
        handling=written.handling,
        has_owner=written.owner is not None,
        has_review_date=written.review_on is not None,
        review_date_has_passed=_has_passed(written.review_on),
    )


def grounds_facts(assessment: Assessment) -> GroundsFacts:
    """Return the facts of an approved assessment that a decision may rest on."""
    contents = Contents(assessment)
    in_play = contents.deviations_in_play

    def facts(deviation: Deviation | None) -> DeviationFacts | None:
        return deviation_facts(deviation if deviation in in_play else None)

    return GroundsFacts(
        initiative=assessment.initiative.number,
        to_phase=assessment.to_phase,
        to_track=assessment.to_track,
        recommendation=assessment.recommendation,
        criteria=[
            CriterionFacts(row.code, row.rating.value, row.rating.reasoning, deviation=facts(row.deviation))
            for row in contents.criteria
        ],
        entry=_entry_facts(contents),
        leaves_out_screening=contents.leaves_out_screening,
        model_deviation=facts(contents.model_deviation),
    )


def _unprintable(contents: Contents) -> list[tuple[str, str, str]]:
    """Return (place, where, characters) for each text with characters the document's fonts lack."""
    assessment = contents.assessment
    texts = [
        (TITLE, "Initiativets titel", assessment.initiative.title),
        (CONCLUSION, "Konklusionen", assessment.conclusion),
        (CONCLUSION, "Indstillingen", assessment.recommendation_text),
        (CONCLUSION, "Afvejningen", assessment.weighing_text),
        (CONCLUSION, "Fast track", assessment.fast_track_text),
        (CONCLUSION, "Rettelsen", assessment.change_note),
    ]
    for row in contents.criteria:
        texts.append((row.code, f"Kriterie {row.code}", row.rating.reasoning))
        texts.extend(
            (row.code, f"Henvisningen under kriterie {row.code}", one.title + one.link + one.case_document + one.page)
            for one in row.references
        )
    texts.extend(
        (one.criterion.code if one.criterion else ENTRY, str(one), one.reason + one.handling)
        for one in contents.deviations_in_play
    )
    texts.extend((ENTRY, f"Betingelsen {row.condition.code}", row.judgement.note) for row in contents.entry)
    texts.extend((FORMER, str(former.deviation), former.judgement.text) for former in contents.former_deviations)
    found = ((place, where, unprintable_characters(text)) for place, where, text in texts)
    return [(place, where, characters) for place, where, characters in found if characters]
