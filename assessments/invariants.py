"""What always holds of SUSI-vurderinger, their seals and fravigelser; see `susi.invariants`."""

import json
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Subquery

from assessments.actions.review import SUSI_BY_VERDICT
from assessments.models import Assessment, DecisionGround, Deviation, DeviationFollowUp, Snapshot
from assessments.record import checksum, latest_snapshot
from phases.terms import Phase, Verdict
from portfolio.models import PhaseRun
from susi.files import CHUNK, sha256_of
from susi.invariants import Breach, Invariant


def seals_are_whole() -> Iterator[Breach]:
    """The sealed data have the checksum of the approval, are what was submitted, and say what the row says."""
    approved = Assessment.objects.approved().select_related("initiative").order_by("pk")
    for assessment in approved.iterator(chunk_size=20):
        about = _name(assessment)
        if checksum(assessment.sealed_data) != assessment.sealed_sha256:
            yield Breach(about, "De forseglede data passer ikke til kontrolsummen fra godkendelsen.")
            continue
        sealed, snapshot = json.loads(assessment.sealed_data), latest_snapshot(assessment)
        if snapshot is None or _handed_in(json.loads(snapshot.data)) != _handed_in(sealed):
            yield Breach(about, "De forseglede data er ikke dem, der blev indsendt til godkendelse.")
        if _said_by_row(assessment) != _said_by_seal(sealed):
            yield Breach(about, "Oplysningerne på siden er andre end i de forseglede data.")


def _handed_in(record: dict) -> dict:
    """Return the record without what `record.seal` adds."""
    return {key: value for key, value in record.items() if key not in ("approved", "letterhead", "pdf_template")}


def _said_by_row(assessment: Assessment) -> list[object]:
    return [assessment.document_number, assessment.doc_version, assessment.verdict, assessment.conclusion]


def _said_by_seal(sealed: dict) -> list[object]:
    try:
        document = sealed["document"]
        return [document["number"], document["version"], sealed["verdict"]["value"], sealed["conclusion"]]
    except (KeyError, TypeError):  # no record of ours
        return []


def snapshots_are_whole() -> Iterator[Breach]:
    """What was submitted is what has the checksum of the submission."""
    snapshots = Snapshot.objects.select_related("assessment__initiative").order_by("pk")
    for snapshot in snapshots.iterator(chunk_size=20):
        if checksum(snapshot.data) != snapshot.sha256:
            yield Breach(_name(snapshot.assessment), f"Indsendelse {snapshot.no} passer ikke til sin kontrolsum.")


def documents_are_whole() -> Iterator[Breach]:
    """The stored PDF is byte for byte the one that was made. That it is there at all is asked by `susi.invariants`."""
    for assessment in Assessment.objects.select_related("initiative").order_by("pk").iterator(chunk_size=CHUNK):
        about = _name(assessment)
        if bool(assessment.pdf) != bool(assessment.pdf_sha256):
            yield Breach(about, "PDF'en og dens kontrolsum er der ikke begge.")
        elif assessment.pdf and not assessment.is_approved:
            yield Breach(about, "Der er gemt en PDF af noget, der ikke er godkendt.")
        elif assessment.pdf and sha256_of(assessment.pdf.name) not in (assessment.pdf_sha256, ""):
            yield Breach(about, "PDF'en er ændret, siden den blev dannet.")


def approved_by_another() -> Iterator[Breach]:
    """Whoever wrote on a version or handed it in did not approve it (four eyes)."""
    wrote = Assessment.writers.through.objects.filter(assessment=OuterRef("pk"), user=OuterRef("approved_by"))
    approved = Assessment.objects.approved().select_related("initiative").order_by("pk")
    for assessment in approved.annotate(is_writer=Exists(wrote)).iterator(chunk_size=CHUNK):
        if assessment.is_writer or assessment.approved_by_id == assessment.submitted_by_id:
            yield Breach(_name(assessment), "SUSI-vurderingen er godkendt af en, der selv har skrevet på den.")


def corrections_follow_their_versions() -> Iterator[Breach]:
    """A correction is the next version of the same document."""
    corrections = Assessment.objects.filter(corrects__isnull=False).select_related("initiative").order_by("pk")
    ours = {"corrects__initiative": F("initiative"), "corrects__document_no": F("document_no")}
    for assessment in corrections.exclude(**ours, corrects__doc_version__lt=F("doc_version")).iterator():
        yield Breach(_name(assessment), "Rettelsen hører ikke til det dokument, den siger, at den retter.")


def deviations_are_frozen() -> Iterator[Breach]:
    """The text of a fravigelse is the one that was put in force: the first row of its history after the draft. The day
    to look again is the one its newest follow-up that moved it moved it to."""
    in_force = Deviation.objects.exclude(state=Deviation.State.DRAFT).select_related("criterion", "initiative")
    moved = DeviationFollowUp.objects.filter(deviation=OuterRef("pk"), review_on__isnull=False).order_by("-pk")
    in_force = in_force.annotate(moved_to=Subquery(moved.values("review_on")[:1])).order_by("pk")
    for deviation in in_force.iterator(chunk_size=CHUNK):
        history = deviation.history.exclude(state__in=[Deviation.State.DRAFT, Deviation.State.ANNULLED])
        text = history.order_by("history_date", "history_id").values(*Deviation.TEXT).first()
        if text and deviation.moved_to:
            text["review_on"] = deviation.moved_to
        if text is None and deviation.state != Deviation.State.ANNULLED:
            yield Breach(deviation.initiative.number, f"{deviation} er i kraft, men historikken siger det ikke.")
        elif text and text != {name: getattr(deviation, name) for name in Deviation.TEXT}:
            yield Breach(deviation.initiative.number, f"{deviation} er ændret, efter at den trådte i kraft.")


def deviations_rest_on_what_is_in_force() -> Iterator[Breach]:
    """A fravigelse in force was approved with its assessment or is of a decision in force."""
    in_force = Deviation.objects.in_force().select_related("criterion", "initiative", "assessment", "decision")
    for deviation in in_force.order_by("pk").iterator(chunk_size=CHUNK):
        assessment, decision = deviation.assessment, deviation.decision
        if (assessment and not assessment.is_approved) or (decision and decision.is_reversed):
            yield Breach(deviation.initiative.number, f"{deviation} er i kraft, men det, den står i, er det ikke.")


def decisions_rest_on_what_is_approved() -> Iterator[Breach]:
    """The grounds of a decision are approved."""
    grounds = DecisionGround.objects.exclude(assessment__state=Assessment.State.APPROVED)
    for ground in grounds.select_related("decision__initiative", "assessment__initiative").order_by("pk").iterator():
        about = f"{ground.decision.initiative.number}-{ground.decision.no}"
        yield Breach(about, f"Beslutningen bygger på {_name(ground.assessment)}, som ikke er godkendt.")


def runs_say_what_was_concluded() -> Iterator[Breach]:
    """What a run says of its SUSI-vurdering is the verdict of the newest one approved."""
    runs = PhaseRun.objects.in_force().select_related("initiative").order_by("pk")
    approved = Assessment.objects.approved().filter(run=OuterRef("pk"))
    for run in runs.filter(Exists(approved)).iterator(chunk_size=CHUNK):
        newest = run.assessments.approved().order_by("-document_no", "-doc_version").first()
        if newest and run.susi != SUSI_BY_VERDICT.get(Verdict(newest.verdict)):
            about, phase = run.initiative.number, Phase(run.phase).definite
            yield Breach(about, f"Det, der står om SUSI-vurdering af {phase}, er ikke konklusionen i {_name(newest)}.")


def _name(assessment: Assessment) -> str:
    return f"{assessment.document_number} v{assessment.doc_version}"


INVARIANTS: tuple[Invariant, ...] = (
    seals_are_whole,
    snapshots_are_whole,
    documents_are_whole,
    approved_by_another,
    corrections_follow_their_versions,
    deviations_are_frozen,
    deviations_rest_on_what_is_in_force,
    decisions_rest_on_what_is_approved,
    runs_say_what_was_concluded,
)
