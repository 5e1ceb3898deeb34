"""Stand-ins: who stands in for whom, to name one and to end it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from desk.actions import stand_ins as actions
from desk.forms import StandInForm
from susi.dates import danish
from susi.errors import Conflict, NotAllowed, Refused
from susi.http import UserRequest
from susi.models import StandIn
from susi.roles import Role


def stand_ins(request: UserRequest) -> HttpResponse:
    """Show who stands in for whom now and later, and take a new one."""
    if request.method != "POST":
        return _page(request, _form(request))
    if not actions.may_name_any(request.user):
        raise NotAllowed("Du har ikke en rolle, som nogen kan være stedfortræder i.")
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        named = actions.name_stand_in(by=request.user, **form.named())
    except Refused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return _page(request, form, status=409 if isinstance(refused, Conflict) else 422)
    period = f"fra {danish(named.from_day)} til {danish(named.to_day)}"
    messages.success(request, f"{named.stand_in} er stedfortræder for {named.person} {period}.")
    return redirect("desk:stand_ins")


@require_POST
def stand_in_end(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(StandIn.objects.select_related("person", "stand_in"), pk=pk)
    try:
        actions.end_stand_in(stand_in=found, by=request.user)
        messages.success(request, f"{found.stand_in} er ikke længere stedfortræder for {found.person}.")
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    return redirect("desk:stand_ins")


def _for_others(request: UserRequest) -> bool:
    return request.user.has_role(Role.MANAGER) or request.user.may_administer


def _form(request: UserRequest, data: dict | None = None) -> StandInForm:
    return StandInForm(data, user=request.user, for_others=_for_others(request))


def _page(request: UserRequest, form: StandInForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "may_name": actions.may_name_any(request.user),
        "for_others": _for_others(request),
        "stand_ins": StandIn.objects.not_over().select_related("person", "stand_in"),
    }
    return render(request, "desk/stand_ins.html", context, status=status)
