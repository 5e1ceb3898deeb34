"""From draft to sealed record: submit, withdraw, return, approve, correct, annul."""

import json
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_fsm import can_proceed

from assessments import record, work_record
from assessments.actions.drafting import following, lock_assessment
from assessments.contents import Contents
from assessments.facts import findings_for
from assessments.models import Assessment, Deviation, DeviationJudgement, EntryJudgement, Rating, Reference, Snapshot
from phases.terms import DeviationOutcome, SusiStatement, Verdict
from portfolio.access import require_role, require_writer
from susi.dates import danish_moment
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

TO_SEND_BACK = "sende en SUSI-vurdering tilbage"
SUSI_BY_VERDICT = {
    Verdict.YES: SusiStatement.YES,
    Verdict.PARTLY: SusiStatement.YES_PARTLY,
    Verdict.NO: SusiStatement.YES_NO,
}
STATE_BY_JUDGEMENT = {
    DeviationOutcome.SETTLED: Deviation.State.SETTLED,
    DeviationOutcome.FAILED: Deviation.State.FAILED,
    DeviationOutcome.CONTINUED: Deviation.State.OPEN,
}


@transaction.atomic
def submit(*, assessment: Assessment, by: User) -> Snapshot:
    """Hand the assessment in for approval and keep it whole as a numbered snapshot.

    Raises `NotAllowed`, `Conflict` where it is not a draft any more, or `Refused` with the findings that remain.
    """
    assessment = lock_assessment(assessment)
    require_writer(by, assessment.initiative)
    _refuse_unless(assessment, assessment.mark_submitted, "indsendes")
    _refuse_if_initiative_moved(assessment)
    contents = Contents(assessment)
    findings = findings_for(contents)
    if findings:
        raise Refused(findings=findings)
    now = timezone.now()
    data = record.dump(record.submitted(record.build(contents), by=by, moment=danish_moment(now)))
    snapshot = Snapshot.objects.create(
        assessment=assessment,
        no=following(assessment.snapshots.all(), "no"),
        data=data,
        sha256=record.checksum(data),
        submitted_by=by,
        submitted_at=now,
    )
    assessment.mark_submitted()
    assessment.writers.add(*work_record.writers(contents))
    assessment.submitted_by, assessment.submitted_at = by, now
    save_with_reason(assessment, by=by, reason="Indsendt til godkendelse")
    return snapshot


@transaction.atomic
def withdraw(*, assessment: Assessment, by: User) -> Assessment:
    """Take a submitted assessment back to go on writing. Raises `NotAllowed` or `Conflict`."""
    assessment = lock_assessment(assessment)
    require_writer(by, assessment.initiative)
    _refuse_unless(assessment, assessment.mark_withdrawn, "trækkes tilbage")
    assessment.mark_withdrawn()
    save_with_reason(assessment, by=by, reason="Trukket tilbage")
    return assessment


@transaction.atomic
def send_back(*, assessment: Assessment, by: User, sha256: str, remarks: str) -> Assessment:
    """Return it with what must change. Raises `NotAllowed`, `Conflict`, or `Refused` without remarks."""
    assessment = lock_assessment(assessment)
    require_role(by, Role.MANAGER, TO_SEND_BACK)
    _refuse_unless(assessment, assessment.mark_returned, "sendes tilbage")
    _refuse_another_text(assessment, sha256)
    if not remarks.strip():
        raise Refused("Skriv, hvad der skal ændres.")
    assessment.mark_returned()
    assessment.returned_by, assessment.returned_at = by, timezone.now()
    assessment.return_remarks = remarks
    save_with_reason(assessment, by=by, reason="Sendt tilbage med bemærkninger")
    return assessment


@transaction.atomic
def approve(*, assessment: Assessment, by: User, sha256: str) -> Assessment:
    """Approve and seal the text with the checksum `sha256`, and put its fravigelser in force.

    Raises `NotAllowed` without the role or for one's own text (four eyes), `Conflict` where somebody was first, the
    text is another than the one read, or the initiative has moved.
    """
    assessment = lock_assessment(assessment)
    require_role(by, Role.MANAGER, "godkende en SUSI-vurdering")
    _refuse_unless(assessment, assessment.mark_approved, "godkendes")
    _refuse_own_text(assessment, by)
    snapshot = _refuse_another_text(assessment, sha256)
    _refuse_if_initiative_moved(assessment)
    now = timezone.now()
    sealed = record.seal(json.loads(snapshot.data), by=by, moment=danish_moment(now))
    assessment.mark_approved()
    assessment.approved_by, assessment.approved_at = by, now
    assessment.sealed_data = record.dump(sealed)
    assessment.sealed_sha256 = record.checksum(assessment.sealed_data)
    save_with_reason(assessment, by=by, reason="Godkendt og forseglet")
    _put_deviations_in_force(assessment, by)
    _apply_judgements(assessment, by)
    _state_verdict_on_run(assessment, by)
    transaction.on_commit(lambda: _make_pdf_soon(assessment.pk), robust=True)
    return assessment


@transaction.atomic
def correct(*, assessment: Assessment, by: User) -> Assessment:
    """Begin a corrected version of an approved assessment, with everything copied. Both stay.

    Raises `NotAllowed`, or `Conflict` where it is not the newest approved version or another one is under way.
    """
    assessment = lock_assessment(assessment)
    require_writer(by, assessment.initiative)
    refuse_uncorrectable(assessment)
    versions = assessment.initiative.assessments.filter(document_no=assessment.document_no)
    correction = Assessment(
        corrects=assessment,
        no=following(assessment.initiative.assessments.all(), "no"),
        doc_version=following(versions, "doc_version"),
        created_by=by,
        created_at=timezone.now(),
        **{name: getattr(assessment, name) for name in _COPIED},
    )
    save_with_reason(correction, by=by, reason=f"Rettelse af version {assessment.doc_version}")
    correction.writers.set([*assessment.writers.all(), by])
    _copy_contents(assessment, correction)
    return correction


_COPIED = [
    "initiative",
    "run",
    "document_no",
    "edition",
    "from_stage",
    "from_track",
    "to_phase",
    "to_track",
    "verdict",
    "conclusion",
    "recommendation",
    "recommendation_text",
    "weighing_way",
    "weighing_text",
    "fast_track",
    "fast_track_text",
    "search_text",
]


@transaction.atomic
def annul(*, assessment: Assessment, by: User, reason: str) -> Assessment:
    """Give up a draft, with a reason. Its writers and managers may. Raises `NotAllowed`, `Conflict` or `Refused`."""
    assessment = lock_assessment(assessment)
    if not by.has_role(Role.MANAGER):
        require_writer(by, assessment.initiative)
    refuse_unannullable(assessment)
    if not reason.strip():
        raise Refused("Skriv, hvorfor SUSI-vurderingen annulleres.")
    assessment.mark_annulled()
    assessment.annulled_by, assessment.annulled_at = by, timezone.now()
    assessment.annulment_reason = reason
    save_with_reason(assessment, by=by, reason="Annulleret")
    for deviation in assessment.deviations.filter(state=Deviation.State.DRAFT):
        deviation.state = Deviation.State.ANNULLED
        save_with_reason(deviation, by=by, reason="SUSI-vurderingen annulleret")
    return assessment


def refuse_uncorrectable(assessment: Assessment) -> None:
    """Raise `Conflict` where it is not the newest approved version or another one is under way; the page asks too."""
    if not Assessment.objects.latest_approved().filter(pk=assessment.pk).exists():
        raise Conflict("Kun den nyeste godkendte version kan rettes.")
    if assessment.initiative.assessments.open().exists():
        raise Conflict("Der er allerede en SUSI-vurdering i gang for initiativet. Afslut den først.")


def refuse_unannullable(assessment: Assessment) -> None:
    """Raise `Conflict` where it is not a draft; the page asks too."""
    _refuse_unless(assessment, assessment.mark_annulled, "annulleres")


def may_approve(user: User, assessment: Assessment) -> bool:
    """Whether `user` may approve it as far as role and four eyes go; asked by the page."""
    return user.has_role(Role.MANAGER) and not _has_written(user, assessment)


def _has_written(user: User, assessment: Assessment) -> bool:
    return assessment.submitted_by_id == user.pk or assessment.writers.filter(pk=user.pk).exists()


def _refuse_own_text(assessment: Assessment, by: User) -> None:
    if _has_written(by, assessment):
        raise NotAllowed("Du har selv skrevet på denne version. En anden leder skal godkende den (fire øjne).")


def _refuse_unless(assessment: Assessment, mark: Callable[[], None], what: str) -> None:
    if not can_proceed(mark):
        raise Conflict(f"SUSI-vurderingen kan ikke {what}: Den er {assessment.state_phrase}.")


def _refuse_another_text(assessment: Assessment, sha256: str) -> Snapshot:
    snapshot = record.latest_snapshot(assessment)
    if snapshot is None or snapshot.sha256 != sha256:
        raise Conflict("Teksten er indsendt på ny, siden du læste den. Læs den nye udgave, før du tager stilling.")
    return snapshot


def _refuse_if_initiative_moved(assessment: Assessment) -> None:
    """A correction concerns the past; any other assessment must be about the run that is still open."""
    if not assessment.is_correction and assessment.run_id != assessment.initiative.current_run_id:
        raise Conflict("Initiativet har skiftet fase, siden SUSI-vurderingen blev påbegyndt. Annullér den.")


def _put_deviations_in_force(assessment: Assessment, by: User) -> None:
    in_play = {deviation.pk for deviation in Contents(assessment).deviations_in_play}
    replaced = _replaced_by_correction(assessment, by)
    for deviation in assessment.deviations.filter(state=Deviation.State.DRAFT):
        if deviation.pk not in in_play:
            deviation.state = Deviation.State.ANNULLED
        elif deviation.replaces_id in replaced:
            deviation.state = replaced[deviation.replaces_id]
        else:
            deviation.state = Deviation.State.OPEN
        save_with_reason(deviation, by=by, reason="SUSI-vurderingen godkendt")


def _replaced_by_correction(assessment: Assessment, by: User) -> dict[int | None, str]:
    """Take the corrected version's fravigelser out of force. Return what had become of each, by primary key."""
    if assessment.corrects is None:
        return {}
    states: dict[int | None, str] = {}
    live = [Deviation.State.OPEN, Deviation.State.SETTLED, Deviation.State.FAILED]
    for deviation in assessment.corrects.deviations.filter(state__in=live):
        states[deviation.pk] = deviation.state
        deviation.state = Deviation.State.REPLACED
        save_with_reason(deviation, by=by, reason=f"Rettet i version {assessment.doc_version}")
    return states


def _apply_judgements(assessment: Assessment, by: User) -> None:
    """Close the earlier fravigelser that are judged settled or failed.

    A correction passes over what is annulled, and what a later assessment has judged since.
    """
    for judgement in assessment.judgements.select_related("deviation").exclude(outcome=""):
        deviation = _standing_in_for(judgement.deviation)
        state = STATE_BY_JUDGEMENT[DeviationOutcome(judgement.outcome)]
        if deviation.state in (state, Deviation.State.ANNULLED) or _judged_later(judgement, assessment):
            continue
        deviation.state = state
        save_with_reason(deviation, by=by, reason=f"Vurderet i {assessment.document_number}")


def _standing_in_for(deviation: Deviation) -> Deviation:
    """Return the fravigelse of the corrected version that has replaced `deviation`, if one has."""
    while deviation.state == Deviation.State.REPLACED:
        deviation = deviation.replaced_by.exclude(state=Deviation.State.ANNULLED).latest("pk")
    return deviation


def _judged_later(judgement: DeviationJudgement, assessment: Assessment) -> bool:
    later = DeviationJudgement.objects.filter(
        deviation=judgement.deviation,
        assessment__in=Assessment.objects.latest_approved(),
        assessment__document_no__gt=assessment.document_no,
    )
    return assessment.is_correction and later.exclude(outcome="").exists()


def _state_verdict_on_run(assessment: Assessment, by: User) -> None:
    """Let the run say what its newest document concludes."""
    run = assessment.run
    if run is None or run.assessments.approved().filter(document_no__gt=assessment.document_no).exists():
        return
    run.susi = SUSI_BY_VERDICT[Verdict(assessment.verdict)]
    reason = f"SUSI-vurdering {assessment.document_number} godkendt"
    save_with_reason(run, by=by, reason=reason, update_fields=["susi"])


def _make_pdf_soon(assessment_pk: int) -> None:
    """Ask the worker for the PDF where there is one; else it is made when first opened."""
    if settings.PDF_IN_BACKGROUND:
        from assessments.tasks import make_pdf  # most workers never ask, and Celery takes a while to load

        make_pdf.delay(assessment_pk)


def _copy_contents(assessment: Assessment, correction: Assessment) -> None:
    for rating in assessment.ratings.prefetch_related("references"):
        copy = Rating.objects.create(
            assessment=correction,
            criterion=rating.criterion,
            value=rating.value,
            reasoning=rating.reasoning,
            saved_by=rating.saved_by,
            saved_at=rating.saved_at,
        )
        for reference in rating.references.all():
            Reference.objects.create(
                rating=copy,
                title=reference.title,
                link=reference.link,
                case_document=reference.case_document,
                page=reference.page,
            )
    for deviation in assessment.deviations.exclude(state=Deviation.State.ANNULLED):
        Deviation.objects.create(
            assessment=correction,
            initiative=deviation.initiative,
            criterion=deviation.criterion,
            professional=deviation.professional,
            political=deviation.political,
            practical=deviation.practical,
            reason=deviation.reason,
            handling=deviation.handling,
            owner=deviation.owner,
            review_on=deviation.review_on,
            replaces=deviation,
        )
    for entry in assessment.entry_judgements.all():
        EntryJudgement.objects.create(assessment=correction, condition=entry.condition, met=entry.met, note=entry.note)
    for judgement in assessment.judgements.select_related("deviation"):
        DeviationJudgement.objects.create(
            assessment=correction,
            deviation=_standing_in_for(judgement.deviation),
            outcome=judgement.outcome,
            text=judgement.text,
        )
