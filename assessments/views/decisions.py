"""The decision on a transition: registering it, reading it, and reversing a wrong one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions.decisions import (
    ground_shown,
    last_decision_no,
    obstacles_to_reversal,
    refuse_if_overtaken,
    register_decision,
    reverse_decision,
)
from assessments.consequences import consequences_of, consequences_of_reversal, what_now_holds
from assessments.decision_forms import DecisionForm, ReversalForm, texts_in
from assessments.models import Deviation
from portfolio.access import require_role
from portfolio.models import Decision, Initiative
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from susi.models import User
from susi.roles import Role

TO_REGISTER, TO_REVERSE = "registrere en beslutning", "omgøre en beslutning"


@require_http_methods(["GET", "POST"])
def decision_create(request: UserRequest, number: str) -> HttpResponse:
    initiative = _initiative(request.user, number)
    require_role(request.user, Role.MANAGER, TO_REGISTER)
    if request.method != "POST":
        return _create_page(request, initiative, DecisionForm(initiative=initiative))
    form = DecisionForm(request.POST, initiative=initiative)
    is_valid = form.is_valid()
    try:
        refuse_if_overtaken(initiative, form.cleaned_data.get("seen"), last_decision_no(initiative))
        if not is_valid:
            form.tell_what_else()
            return _create_page(request, initiative, form, status=422)
        decision = register_decision(initiative=initiative, by=request.user, wanted=form.wanted(), **form.seen_there)
    except Conflict as conflict:
        return _create_page_after_conflict(request, number, conflict)
    except Refused as refused:
        form.refuse(refused)
        return _create_page(request, initiative, form, status=422)
    decision = _decision(request.user, number, decision.no)
    messages.success(request, f"Beslutningen er registreret. {what_now_holds(decision)}")
    return redirect("assessments:decision_detail", number, decision.no)


@require_safe
def decision_detail(request: UserRequest, number: str, no: int) -> HttpResponse:
    decision = _decision(request.user, number, no)
    context = {
        "decision": decision,
        "initiative": decision.initiative,
        "own_deviations": [(deviation, _wording(deviation, decision)) for deviation in decision.deviations.all()],
        "consequences": consequences_of(decision),
        "visible": _visible_to(request.user, decision),
        "may_reverse": request.user.has_role(Role.MANAGER) and not decision.is_reversed,
    }
    return render(request, "assessments/decision_detail.html", context)


@require_http_methods(["GET", "POST"])
def decision_reverse(request: UserRequest, number: str, no: int) -> HttpResponse:
    decision = _decision(request.user, number, no)
    require_role(request.user, Role.MANAGER, TO_REVERSE)
    if request.method != "POST":
        if decision.is_reversed:
            messages.info(request, "Beslutningen er allerede omgjort.")
            return redirect("assessments:decision_detail", number, no)
        return _reverse_page(request, decision, ReversalForm())
    form = ReversalForm(request.POST)
    if not form.is_valid():
        return _reverse_page(request, decision, form, status=422)
    try:
        reverse_decision(decision=decision, by=request.user, reason=form.cleaned_data["reason"])
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        return _reverse_page(request, _decision(request.user, number, no), form, status=409)
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
        return _reverse_page(request, decision, form, status=422)
    messages.success(request, "Beslutningen er omgjort. Alt, hvad den gjorde, er taget tilbage.")
    return redirect("assessments:decision_detail", number, no)


def _create_page(
    request: UserRequest, initiative: Initiative, form: DecisionForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    latest = initiative.decisions.in_force().select_related("initiative").order_by("-no").first()
    context = {"initiative": initiative, "form": form, "latest": latest, **context}
    return render(request, "assessments/decision_create.html", context, status=status)


def _create_page_after_conflict(request: UserRequest, number: str, conflict: Conflict) -> HttpResponse:
    """Show what now stands, with everything typed; sent again from there, it is a decision made knowing that."""
    initiative = _initiative(request.user, number)
    sent: QueryDict = request.POST.copy()
    newest = str(last_decision_no(initiative))
    came_second = sent.get("seen") != newest
    sent["seen"], sent["seen_ground"] = newest, str(ground_shown(initiative))
    form = DecisionForm(sent, initiative=initiative)
    context = {"conflict": str(conflict), "came_second": came_second, "typed": texts_in(sent)}
    return _create_page(request, initiative, form, status=409, **context)


def _reverse_page(request: UserRequest, decision: Decision, form: ReversalForm, *, status: int = 200) -> HttpResponse:
    context = {
        "decision": decision,
        "initiative": decision.initiative,
        "form": form,
        "consequences": consequences_of_reversal(decision),
        "obstacles": [] if decision.is_reversed else obstacles_to_reversal(decision),
        "visible": _visible_to(request.user, decision),
    }
    return render(request, "assessments/decision_reverse.html", context, status=status)


def _wording(deviation: Deviation, decision: Decision) -> str:
    """Return what is departed from, as it reads on the track decided."""
    if deviation.criterion is None:
        return "Screeningsfasen springes over."
    return deviation.criterion.wording_for(decision.to_track)


def _initiative(user: User, number: str) -> Initiative:
    visible = Initiative.objects.visible_to(user).select_related("programme", "current_run")
    return get_object_or_404(visible, number=number)


def _decision(user: User, number: str, no: int) -> Decision:
    """Fetch the decision with everything its page shows."""
    initiatives = Initiative.objects.visible_to(user).filter(number=number)
    decisions = (
        Decision.objects.select_related(
            "initiative__current_run", "agreement__programme", "registered_by", "reversed_by"
        )
        .as_read_by(user)
        .prefetch_related(
            "initiative__runs",
            "runs__initiative",
            "opened_runs__initiative",
            "planned_runs__initiative",
            "closed_runs__initiative",
            "continuations__from_initiative",
            "continuations__to_initiative",
            "grounds__assessment__initiative",
            "grounds__assessment__approved_by",
            "deviations__criterion",
            "deviations__owner",
            "deviations__initiative",
            "entry_judgements__condition",
        )
    )
    return get_object_or_404(decisions.filter(initiative__in=initiatives), no=no)


def _visible_to(user: User, decision: Decision) -> set[int]:
    """Return the keys of the initiatives on the page that `user` may open: a reader sees no proposals."""
    runs = [*decision.opened_runs.all(), *decision.planned_runs.all(), *decision.closed_runs.all()]
    named = {decision.initiative_id, *(run.initiative_id for run in runs)}
    for link in decision.continuations.all():
        named |= {link.from_initiative_id, link.to_initiative_id}
    return set(Initiative.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))
