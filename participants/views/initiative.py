"""Who takes part in one initiative: the page, its map, and the one act that takes in the selected applicants."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from participants import denmark, load, overview
from participants.actions.entries import take_in_selected
from participants.kinds import KINDS, SLUG_OF
from participants.models import Call
from portfolio.access import may_write
from portfolio.models import Initiative
from susi.errors import Refused
from susi.http import UserRequest


def initiative_of(request: UserRequest, number: str) -> Initiative:
    """Return the initiative as far as the person may see it, else 404."""
    initiatives = Initiative.objects.visible_to(request.user).select_related("current_run", "programme")
    return get_object_or_404(initiatives, number=number)


@require_safe
def of_initiative(request: UserRequest, number: str) -> HttpResponse:
    initiative = initiative_of(request, number)
    pages, annulled = overview.of_initiative(initiative)
    context = {
        "initiative": initiative,
        "pages": pages,
        "annulled": [(KINDS[SLUG_OF[type(entry)]], entry) for entry in annulled],
        "may_write": bool(pages) and may_write(request.user, initiative),
    }
    return render(request, "participants/of_initiative.html", context)


@require_safe
def map_of_initiative(request: UserRequest, number: str) -> HttpResponse:
    initiative = initiative_of(request, number)
    rows = load.loads(request.user, initiative=initiative)
    context = {
        "initiative": initiative,
        "map": denmark.draw(rows),
        "rows": [row for row in rows if row.ever],
        "reach": load.reach(rows),
    }
    return render(request, "participants/map_of_initiative.html", context)


@require_POST
def call_take_in(request: UserRequest, number: str, pk: int) -> HttpResponse:
    """Register the selected applicants as participants."""
    initiative = initiative_of(request, number)
    call = get_object_or_404(Call.objects.of(initiative).select_related("run__initiative"), pk=pk)
    try:
        new = take_in_selected(call=call, by=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        names = ", ".join(str(one.organisation) for one in new)
        messages.success(request, f"Registreret som deltagere: {names}. Skriv periode og rolle på dem.")
    return redirect(reverse("participants:of_initiative", args=[number]) + "#deltagere")
