"""What the background worker does. Every job may be asked for twice: the second time it finds the work done."""

from assessments.models import Assessment
from assessments.pdf import ensure_pdf
from susi.celery import app


@app.task
def make_pdf(assessment_pk: int) -> None:
    """Make the PDF of an approved assessment. Called twice, the second call finds it there."""
    ensure_pdf(Assessment.objects.get(pk=assessment_pk))


@app.task
def make_missing_pdfs() -> None:
    """Ask for the PDF of every approved assessment that has none: the broker was away, or its queue was lost.

    Asked for by the clock (`CELERY_BEAT_SCHEDULE`). One job each, so that one that cannot be made stops no other.
    """
    for pk in Assessment.objects.approved().filter(pdf="").order_by("pk").values_list("pk", flat=True):
        make_pdf.delay(pk)
