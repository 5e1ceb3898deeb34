"""What the background worker does."""

from assessments.models import Assessment
from assessments.pdf import ensure_pdf
from susi.celery import app


@app.task
def make_pdf(assessment_pk: int) -> None:
    """Make the PDF of an approved assessment. Called twice, the second call finds it there."""
    ensure_pdf(Assessment.objects.get(pk=assessment_pk))
