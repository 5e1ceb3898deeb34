"""The one way the pages fetch an assessment: within what the person may see."""

from functools import lru_cache

from django.db.models import CharField, IntegerField
from django.http import Http404

from assessments.models import Assessment
from susi.models import User
from susi.past import require_present
from susi.prepared import Given, Prepared
from susi.roles import Role


def find_assessment(user: User, number: str, no: int) -> Assessment:
    """Return the assessment with what every page of it needs. Raises `Http404` where `user` may not see it.

    Of the present alone: a draft keeps no history (ADR 4).
    """
    require_present("An assessment with its draft")
    found = _assessments(user, user.roles, user.acts_for).rows(number=number, no=no)
    if not found:
        raise Http404
    return found[0]


@lru_cache(maxsize=500)
def _assessments(user: User, roles: frozenset[Role], acts_for: frozenset[int]) -> Prepared:
    """The query of one, which what `user` is and whom the user acts for decide on."""
    visible = Assessment.objects.readable_by(user).select_related(
        *("initiative__current_run", "initiative__lead", "initiative__programme", "edition", "run", "corrects"),
        *("submitted_by", "returned_by", "approved_by", "annulled_by", "created_by"),
    )
    return Prepared(visible.filter(initiative__number=Given("number", CharField()), no=Given("no", IntegerField())))
