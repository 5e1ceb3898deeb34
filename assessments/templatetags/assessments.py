"""What the pages of the portfolio show of the SUSI-vurderinger."""

from datetime import date
from functools import cache, lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.agenda import Task, agenda_for
from assessments.models import Assessment, Deviation
from assessments.next_step import NextStep, next_step
from assessments.outlook import transitions_ahead
from assessments.under_way import UnderWay
from portfolio.models import Initiative
from susi.days import today
from susi.kroner import kroner
from susi.models import User
from susi.past import require_present
from susi.prepared import Given, GivenKeys, Prepared
from susi.roles import Role

register = template.Library()

register.filter(kroner)
register.simple_tag(agenda_for)
register.simple_tag(next_step)
register.simple_tag(transitions_ahead)


@register.simple_tag
def under_way(user: User, *, is_past: bool) -> UnderWay:
    """Return what is under way for `user`, for all a page tells of it."""
    return UnderWay(user, is_past=bool(is_past))


@register.simple_tag
def task_line(task: Task) -> SafeString:
    """Draw a line of the agenda."""
    return _task_line(task, today())


@lru_cache(maxsize=5000)
def _task_line(task: Task, day: date) -> SafeString:
    """The line serves until the task changes, or the `day`, by which it says how long ago something was."""
    return render_to_string("portfolio/_task.html", {"task": task})


@register.simple_tag
def assessments_of(initiative: Initiative, user: User) -> list[Assessment]:
    """Return the initiative's assessments that `user` may read, newest first; `is_replaced` tells of a newer version.

    Of the present alone: a draft keeps no history (ADR 4).
    """
    require_present("Assessments with their drafts")
    found = _assessments(user, user.roles, user.acts_for).rows(initiative=initiative.pk)
    replaced = {one.corrects_id for one in found if one.is_approved}
    for assessment in found:
        assessment.initiative = initiative  # what has been read of it serves here too
        assessment.is_replaced = assessment.pk in replaced
    return found


@lru_cache(maxsize=500)
def _assessments(user: User, roles: frozenset[Role], acts_for: frozenset[int]) -> Prepared:
    """The query of them, which what `user` is and whom the user acts for decide on."""
    visible = Assessment.objects.readable_by(user).exclude(state=Assessment.State.ANNULLED)
    of_it = visible.filter(initiative=Given("initiative")).select_related("edition", "returned_by")
    return Prepared(of_it.defer("sealed_data", "search_text", "search_words"))


@register.simple_tag
def open_deviations(initiative: Initiative, step: NextStep | None = None) -> list[Deviation]:
    """Return the open fravigelser of the initiative and of those it continues, as `step` has read them if it has."""
    found = step.open_deviations if step else None
    if found is None:
        found = _open_deviations().rows(initiatives=initiative.lineage)
    return sorted(found, key=lambda deviation: (deviation.review_on or date.max, deviation.pk))


@cache
def _open_deviations() -> Prepared:
    return Prepared(Deviation.objects.open_for(GivenKeys("initiatives")).whole())
