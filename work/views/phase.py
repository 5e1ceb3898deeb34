"""The work in the phase an initiative is in: what belongs to it, and how far it is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from phases.models import PhaseDefinition
from phases.terms import Phase
from portfolio.models import Initiative
from susi.http import UserRequest
from work.parts import parts_of


@require_safe
def phase(request: UserRequest, number: str) -> HttpResponse:
    initiatives = Initiative.objects.visible_to(request.user).with_standing()
    initiative = get_object_or_404(initiatives, number=number)
    run = initiative.current_run
    definitions = {one.phase: one for one in PhaseDefinition.objects.in_force(timezone.localdate())}
    context = {
        "initiative": initiative,
        "phase": Phase(run.phase) if run else None,
        "definition": definitions.get(run.phase) if run else None,
        "parts": parts_of(initiative, request.user),
    }
    return render(request, "work/phase.html", context)
