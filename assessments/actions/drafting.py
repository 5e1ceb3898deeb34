"""Writing an assessment. Every save keeps what was written, also when two people write."""

from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from assessments.contents import Contents
from assessments.inputs import CriterionInput, DeviationInput
from assessments.models import Assessment, Deviation, DeviationJudgement, EntryJudgement, Rating, Reference
from assessments.search import refresh_search_text
from phases.gates import TrackChange, needs_weighing, track_change
from phases.machine import phases_after
from phases.models import Criterion, Edition, EntryCondition
from phases.terms import Ground, Phase, Stage
from portfolio.access import require_writer
from portfolio.actions import lock
from portfolio.models import Initiative
from susi.errors import Conflict, Refused
from susi.history import save_quietly, save_with_reason
from susi.models import User
from susi.roles import Role
from work.actions.track_choice import weighing_of


class SavedByAnother(Conflict):
    """Somebody saved the same text since it was read. Nothing is written; the page shows both texts."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            "En anden har gemt den samme tekst, mens du skrev. Din tekst er ikke gået tabt: "
            "Sammenlign de to, og vælg, hvad der skal stå."
        )


def refuse_if_moved_on(initiative: Initiative, seen: int | None) -> None:
    """Raise `Conflict` where the phase is another than the page was about: `seen` is the key of its run, 0 of a
    proposal, None where no page was."""
    if seen not in (None, initiative.current_run_id or 0):
        raise Conflict("Initiativet er i en anden fase, end da du åbnede siden. Der er ikke påbegyndt noget.")


@transaction.atomic
def start_assessment(
    *, initiative: Initiative, by: User, to_phase: str, to_track: str, seen: int | None = None
) -> Assessment:
    """Begin the assessment of the transition to `to_phase` on `to_track` under the edition in force.

    `seen` is what `refuse_if_moved_on` takes. The conclusion of the worksheet on the three ways on, where there is one,
    is what its weighing begins with.

    Raises `NotAllowed`, `Conflict` where one is under way or the phase is another than was `seen`, or `Refused` where
    the phase cannot follow or no track is chosen.
    """
    initiative = lock(initiative)
    require_writer(by, initiative)
    refuse_if_moved_on(initiative, seen)
    edition = Edition.objects.current()
    _refuse_impossible_target(initiative, edition, to_phase, to_track)
    if initiative.assessments.open().exists():
        raise Conflict("Der er allerede en SUSI-vurdering i gang for initiativet. Fortsæt på den.")
    assessment = Assessment(
        initiative=initiative,
        run=initiative.current_run,
        no=following(initiative.assessments.all(), "no"),
        document_no=following(initiative.assessments.all(), "document_no"),
        edition=edition,
        from_stage=initiative.phase,
        from_track=initiative.track,
        to_phase=to_phase,
        to_track=to_track,
        created_by=by,
        created_at=timezone.now(),
    )
    weighing = weighing_of(assessment.run) if needs_weighing(assessment.from_stage, assessment.from_track) else None
    if weighing:
        assessment.weighing_way, assessment.weighing_text = weighing.way, weighing.reason
    save_with_reason(assessment, by=by, reason="Påbegyndt")
    if weighing and weighing.reason:
        assessment.writers.add(weighing.saved_by)  # whose text it is
    return assessment


def preview_target(*, assessment: Assessment, to_phase: str, to_track: str) -> TrackChange:
    """Return which ratings would carry over, be judged anew and fall away; nothing is written."""
    after = Criterion.objects.for_gate(assessment.edition, to_phase, to_track)
    return track_change(
        {criterion.code: criterion.wording_for(assessment.to_track) for criterion in assessment.criteria()},
        {criterion.code: criterion.wording_for(to_track) for criterion in after},
    )


@transaction.atomic
def change_target(*, assessment: Assessment, by: User, to_phase: str, to_track: str) -> TrackChange:
    """Change phase or track aimed at. Ratings of criteria worded otherwise are cleared, their reasoning stays.

    Raises `NotAllowed`, `Conflict` (no longer a draft) or `Refused` (a correction, or an impossible target).
    """
    assessment = lock_draft(assessment, by)
    if assessment.is_correction:
        raise Refused("En rettelse ændrer teksten, aldrig faseovergangen.")
    _refuse_impossible_target(assessment.initiative, assessment.edition, to_phase, to_track)
    change = preview_target(assessment=assessment, to_phase=to_phase, to_track=to_track)
    for criterion in assessment.criteria().filter(code__in=change.judged_anew):
        # Also where nothing is written yet: whoever has the old wording open must not save over the new one.
        rating, _ = Rating.objects.get_or_create(assessment=assessment, criterion=criterion)
        rating.value = ""
        rating.version += 1
        rating.save()
    assessment.to_phase, assessment.to_track = to_phase, to_track
    save_with_reason(assessment, by=by, reason="Faseovergang eller spor ændret")
    assessment.writers.add(by)
    return change


@transaction.atomic
def save_criterion(
    *, assessment: Assessment, criterion: Criterion, by: User, version: int, written: CriterionInput
) -> Rating:
    """Save what is written of one criterion, however incomplete.

    `version` is the one the writer read (0 for nothing yet). Raises `NotAllowed`, `Conflict` where it is no longer a
    draft, `SavedByAnother`, or `Refused` where the criterion is of another edition, phase or track.
    """
    assessment = lock_draft(assessment, by)
    if not assessment.criteria().filter(pk=criterion.pk).exists():
        raise Refused("Kriteriet hører ikke til denne SUSI-vurdering.")
    rating, _ = Rating.objects.get_or_create(assessment=assessment, criterion=criterion)
    if rating.version != version:
        raise SavedByAnother(rating.version)
    rating.value, rating.reasoning = written.value, written.reasoning
    rating.version += 1
    rating.saved_by, rating.saved_at = by, timezone.now()
    rating.save()
    rating.references.all().delete()
    Reference.objects.bulk_create(
        Reference(
            rating=rating,
            title=reference.title,
            link=reference.link,
            case_document=reference.case_document,
            page=reference.page,
        )
        for reference in written.references
    )
    _save_deviation(assessment, criterion, written.deviation)
    _note_save(assessment, by)
    return rating


@transaction.atomic
def save_conclusion(*, assessment: Assessment, by: User, version: int, **values: Any) -> Assessment:
    """Save the concluding texts and choices (`CONCLUSION_FIELDS`). Raises as `save_criterion` does."""
    assessment = lock_draft(assessment, by)
    _advance(assessment, "conclusion_version", version)
    for name in CONCLUSION_FIELDS:
        if name in values:
            setattr(assessment, name, values[name])
    _note_save(assessment, by, *CONCLUSION_FIELDS, "conclusion_version")
    return assessment


CONCLUSION_FIELDS = [
    "verdict",
    "conclusion",
    "recommendation",
    "recommendation_text",
    "weighing_way",
    "weighing_text",
    "fast_track",
    "fast_track_text",
    "change_note",
]


@transaction.atomic
def save_entry(
    *,
    assessment: Assessment,
    by: User,
    version: int,
    judged: dict[EntryCondition, tuple[bool | None, str]],
    model_deviation: DeviationInput | None = None,
) -> Assessment:
    """Save how the conditions for entering the model are judged, and the fravigelse where screening is left out.

    `judged` gives (met, note) per condition. Raises as `save_criterion` does.
    """
    assessment = lock_draft(assessment, by)
    _advance(assessment, "entry_version", version)
    for condition, (met, note) in judged.items():
        if condition.edition_id != assessment.edition_id:
            raise Refused("Betingelsen hører ikke til denne SUSI-vurdering.")
        EntryJudgement.objects.update_or_create(
            assessment=assessment, condition=condition, defaults={"met": met, "note": note}
        )
    if model_deviation is not None:
        _save_deviation(assessment, None, model_deviation)
    _note_save(assessment, by, "entry_version")
    return assessment


@transaction.atomic
def save_former_deviations(
    *, assessment: Assessment, by: User, version: int, judged: dict[Deviation, tuple[str, str]]
) -> Assessment:
    """Save how earlier fravigelser have gone: (outcome, text) for each. Raises as `save_criterion` does."""
    assessment = lock_draft(assessment, by)
    _advance(assessment, "former_version", version)
    to_judge = {former.deviation.pk for former in Contents(assessment).former_deviations}
    for deviation, (outcome, text) in judged.items():
        if deviation.pk not in to_judge:
            raise Refused("Fravigelsen hører ikke til denne SUSI-vurdering.")
        DeviationJudgement.objects.update_or_create(
            assessment=assessment, deviation=deviation, defaults={"outcome": outcome, "text": text}
        )
    _note_save(assessment, by, "former_version")
    return assessment


def lock_draft(assessment: Assessment, by: User) -> Assessment:
    """Fetch the assessment anew with its row locked, for writing by `by`.

    Raises `NotAllowed`, or `Conflict` where it has been submitted, approved or annulled meanwhile.
    """
    assessment = lock_assessment(assessment)
    require_writer(by, assessment.initiative)
    if not assessment.is_editable:
        raise Conflict(f"SUSI-vurderingen er {assessment.state_phrase} og kan ikke ændres. Din tekst er ikke gemt.")
    return assessment


def lock_assessment(assessment: Assessment) -> Assessment:
    """Fetch the assessment anew, its initiative's row locked first and then its own; inside a transaction.

    Every action locks in that order: what a decision does to the initiative and its runs is then seen whole.
    """
    lock(assessment.initiative)
    locked = Assessment.objects.select_for_update(of=("self",))
    return locked.select_related("initiative__current_run", "edition", "run", "corrects").get(pk=assessment.pk)


def _refuse_impossible_target(initiative: Initiative, edition: Edition, to_phase: str, to_track: str) -> None:
    possible = [phase for phase in phases_after(initiative.phase) if phase != Phase.SCREENING]
    if initiative.phase == Stage.DISSEMINATION:
        raise Refused("Udbredelse er den sidste fase. Der foretages ikke SUSI-vurdering af udbredelsesinitiativer.")
    if initiative.phase == Stage.ENDED:
        raise Refused("Initiativet er afsluttet. Der kan ikke påbegyndes en ny SUSI-vurdering.")
    if to_phase not in possible:
        raise Refused("Initiativet kan ikke overgå til den fase. Vælg en senere fase end den nuværende.")
    if edition.has_tracks and not to_track:
        raise Refused("Vælg spor. Fra SUSI 2.0 følger initiativet spor 1 eller spor 2.")


def _save_deviation(assessment: Assessment, criterion: Criterion | None, written: DeviationInput) -> None:
    refuse_owner_who_cannot_act(written)
    deviation = assessment.deviations.filter(criterion=criterion, state=Deviation.State.DRAFT).first()
    if deviation is None:
        if written.is_empty:
            return
        deviation = Deviation(assessment=assessment, initiative=assessment.initiative, criterion=criterion)
    fill_deviation(deviation, written)
    deviation.skip_history_when_saving = True  # type: ignore[attr-defined]
    deviation.save()


def refuse_owner_who_cannot_act(written: DeviationInput) -> None:
    """Raise `Refused` where the fravigelse is given to somebody who neither writes nor decides."""
    if written.owner and not written.owner.roles & {Role.LEAD, Role.MANAGER}:
        raise Refused(f"{written.owner} kan ikke være ansvarlig: Vælg en initiativansvarlig eller en leder.")


def fill_deviation(deviation: Deviation, written: DeviationInput) -> None:
    """Set the fields of `deviation` to what is written."""
    grounds = set(written.grounds)
    for ground in Ground:
        setattr(deviation, ground.value, ground.value in grounds)
    deviation.reason, deviation.handling = written.reason, written.handling
    deviation.owner, deviation.review_on = written.owner, written.review_on


def _advance(assessment: Assessment, counter: str, version: int) -> None:
    if getattr(assessment, counter) != version:
        raise SavedByAnother(getattr(assessment, counter))
    setattr(assessment, counter, version + 1)


def _note_save(assessment: Assessment, by: User, *fields: str) -> None:
    assessment.saved_at = timezone.now()
    refresh_search_text(assessment)
    save_quietly(assessment, fields=["saved_at", "search_text", *fields])
    assessment.writers.add(by)


def following(rows: QuerySet, field: str) -> int:
    """Return the number after the highest `field` of `rows`; 1 where there are none."""
    return (rows.aggregate(last=Max(field))["last"] or 0) + 1
