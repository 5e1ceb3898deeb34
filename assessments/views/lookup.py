"""The one way the pages fetch an assessment: within what the person may see."""

from django.shortcuts import get_object_or_404

from assessments.models import Assessment
from susi.models import User


def find_assessment(user: User, number: str, no: int) -> Assessment:
    """Return the assessment with what every page of it needs. Raises `Http404` where `user` may not see it."""
    assessments = Assessment.objects.visible_to(user).select_related(
        *("initiative__current_run", "initiative__lead", "initiative__programme", "edition", "run", "corrects"),
        *("submitted_by", "returned_by", "approved_by", "annulled_by", "created_by"),
    )
    return get_object_or_404(assessments, initiative__number=number, no=no)
