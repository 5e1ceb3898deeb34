"""The length of an initiative's phases, and what is done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portfolio import lengthening
from portfolio.access import may_date, require_dater
from portfolio.length_forms import AnnulPauseForm, ExtensionForm, LengthForm, PauseForm, ReasonForm, ResumeForm
from portfolio.lengths import stays
from portfolio.models import Initiative, PhasePause
from susi.errors import Conflict, Refused
from susi.http import UserRequest


@dataclass(frozen=True)
class Act:
    """Something done about the length: `button` says what happens, `done` what happened."""

    heading: str
    button: str
    done: str
    form: type[LengthForm]
    action: Callable[..., Any]


ACTS = {
    "forlaeng": Act("Forlæng fasen", "Forlæng fasen", "Fasen er forlænget.", ExtensionForm, lengthening.extend),
    "pause": Act("Sæt fasen på pause", "Sæt på pause", "Fasen er sat på pause.", PauseForm, lengthening.pause),
    "genoptag": Act("Genoptag fasen", "Genoptag fasen", "Fasen er genoptaget.", ResumeForm, lengthening.resume),
    "begrundelse": Act(
        "Skriv den særlige begrundelse",
        "Gem begrundelsen",
        "Den særlige begrundelse er gemt.",
        ReasonForm,
        lengthening.give_reason,
    ),
}
_ANNUL = Act("Annullér pausen", "Annullér pausen", "Pausen er annulleret.", AnnulPauseForm, lengthening.annul_pause)


@require_safe
def initiative_length(request: UserRequest, number: str) -> HttpResponse:
    initiative = _initiative(request, number)
    found = stays(initiative)
    present = next((stay for stay in found if stay.facts.is_going_on), None)
    context = {
        "initiative": initiative,
        "stays": found,
        "present": present,
        "may_date": bool(found) and may_date(request.user, initiative),
    }
    return render(request, "portfolio/initiative_length.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def initiative_length_act(request: UserRequest, number: str, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    return _act(request, number, ACTS[act])


@require_http_methods(["GET", "HEAD", "POST"])
def initiative_length_annul(request: UserRequest, number: str, pk: int) -> HttpResponse:
    pause = get_object_or_404(PhasePause, pk=pk, run__initiative__number=number)
    return _act(request, number, _ANNUL, pause=pause)


def _act(request: UserRequest, number: str, act: Act, **about: Any) -> HttpResponse:
    initiative = _initiative(request, number)
    require_dater(request.user, initiative)
    if request.method != "POST":
        return _page(request, initiative, act, act.form(initiative=initiative), **about)
    form = act.form(request.POST, initiative=initiative)
    if not form.is_valid():
        return _page(request, initiative, act, form, status=422, **about)
    try:
        act.action(initiative=initiative, by=request.user, **about, **form.cleaned_data)
    except Conflict as conflict:
        initiative = _initiative(request, number)
        return _page(request, initiative, act, form.after_conflict(initiative, str(conflict)), status=409, **about)
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
        return _page(request, initiative, act, form, status=422, **about)
    messages.success(request, act.done)
    return redirect("portfolio:initiative_length", number)


def _initiative(request: UserRequest, number: str) -> Initiative:
    return get_object_or_404(Initiative.objects.visible_to(request.user).with_standing(), number=number)


def _page(
    request: UserRequest,
    initiative: Initiative,
    act: Act,
    form: LengthForm,
    status: int = 200,
    pause: PhasePause | None = None,
) -> HttpResponse:
    present = next((stay for stay in stays(initiative) if stay.facts.is_going_on), None)
    context = {"initiative": initiative, "act": act, "form": form, "present": present, "pause": pause}
    return render(request, "portfolio/initiative_length_act.html", context, status=status)
