"""Finding an initiative and its phases as a user may see them."""

from django.shortcuts import get_object_or_404

from portfolio.models import Initiative, PhaseRun
from susi.errors import Gone
from susi.http import UserRequest
from susi.models import User


def find_initiative(user: User, number: str) -> Initiative:
    """Return the initiative with its present phase. Raises `Http404` where `user` may not see it."""
    return get_object_or_404(
        Initiative.objects.visible_to(user).select_related("current_run", "lead").prefetch_related("members"),
        number=number,
    )


def find_run(user: User, number: str, sequence: int) -> PhaseRun:
    """Return a phase of the initiative by its number in the order. Raises `Http404` where `user` may not see it."""
    initiative = find_initiative(user, number)
    run = get_object_or_404(PhaseRun.objects.in_force(), initiative=initiative, sequence=sequence)
    run.initiative = initiative
    return run


def refuse_writing(request: UserRequest, why: str) -> None:
    """Raise `Gone` with the sentence `why` where something was written for what asks for nothing any more."""
    if request.method == "POST":
        raise Gone(why)
