"""What was found outside the strategy: the register, the answer to a proposal, and to what never became one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions import outside as actions
from assessments.actions.outside import TO_FIND_OUTSIDE
from assessments.outside_forms import AnnulAnswerForm, AnswerForm, OutsideFilter, UnknownProposalForm
from phases.models import Edition, EntryCondition
from portfolio import search
from portfolio.access import require_role
from portfolio.models import Initiative, OutsideStrategy
from portfolio.outside import answers_like
from susi.errors import Conflict, Refused
from susi.http import UserRequest, as_file
from susi.registers import KINDS, PRINTED_AT_MOST, Extract
from susi.roles import Role

PER_PAGE = 50
COLUMNS: dict[str, Any] = {
    "Forslag": lambda row: row.title,
    "Initiativ": lambda row: row.decision.initiative.number if row.decision else "",
    "Foreslået af": lambda row: row.proposed_by,
    "Hvad det gik ud på": lambda row: row.description,
    "Ikke opfyldt": lambda row: "; ".join(one.heading for one in row.conditions.all()),
    "Begrundelse": lambda row: row.reason,
    "Henvist til": lambda row: row.referred_to,
    "Besluttet": lambda row: row.decided_on,
    "Besluttet af": lambda row: row.get_decided_by_display(),
}
PRINTED = {"Forslag": 18, "Ikke opfyldt": 20, "Begrundelse": 24, "Henvist til": 14, "Besluttet": 8, "Besluttet af": 12}


@require_safe
def outside_register(request: UserRequest) -> HttpResponse:
    """Show the answers that were given; everybody with a role may know them."""
    form, found = _asked(request)
    context = {
        "form": form,
        "chosen": form.chosen(request.path),
        "without_any": form.without_any(request.path),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "printed_at_most": PRINTED_AT_MOST,
        "is_manager": request.user.has_role(Role.MANAGER),
    }
    return render(request, "assessments/outside_list.html", context)


@require_safe
def outside_export(request: UserRequest, kind: str) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    form, found = _asked(request)
    extract = Extract(
        name="uden-for-strategien",
        title="Uden for strategien",
        things=("forslag", "forslag"),
        columns=COLUMNS,
        printed=PRINTED,
        rows=list(found),
        chosen=form.chosen(request.path),
    )
    try:
        form.require_valid()
        return as_file(extract.written(kind), extract.file_name(kind), is_saved=kind != "pdf", rows=len(extract.rows))
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def outside_create(request: UserRequest) -> HttpResponse:
    """Keep the answer to what never became a proposal here."""
    require_role(request.user, Role.MANAGER, TO_FIND_OUTSIDE)
    if request.method != "POST":
        return _answer_page(request, UnknownProposalForm())
    form = UnknownProposalForm(request.POST)
    return _answered(request, form, lambda: actions.keep_answer(by=request.user, wanted=form.wanted()))


@require_http_methods(["GET", "HEAD", "POST"])
def outside_proposal(request: UserRequest, number: str) -> HttpResponse:
    """End a proposal because it lies outside the strategy."""
    initiative = get_object_or_404(Initiative.objects.visible_to(request.user), number=number)
    require_role(request.user, Role.MANAGER, TO_FIND_OUTSIDE)
    if request.method != "POST":
        return _answer_page(request, AnswerForm(initiative=initiative))
    form = AnswerForm(request.POST, initiative=initiative)
    return _answered(
        request,
        form,
        lambda: actions.find_proposal_outside(
            initiative=initiative, by=request.user, seen=form.cleaned_data["seen"], wanted=form.wanted()
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def outside_annul(request: UserRequest, pk: int) -> HttpResponse:
    """Take back an answer that no decision carries."""
    answer = get_object_or_404(OutsideStrategy.objects.in_force().filter(decision__isnull=True), pk=pk)
    require_role(request.user, Role.MANAGER, TO_FIND_OUTSIDE)
    if request.method != "POST":
        return render(request, "assessments/outside_annul.html", {"answer": answer, "form": AnnulAnswerForm()})
    form = AnnulAnswerForm(request.POST)
    try:
        if form.is_valid():
            actions.annul_answer(answer=answer, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "Svaret er annulleret og står ikke i registret længere.")
            return redirect("registers_outside")
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
    return render(request, "assessments/outside_annul.html", {"answer": answer, "form": form}, status=422)


def _asked(request: UserRequest) -> tuple[OutsideFilter, Any]:
    answers = OutsideStrategy.objects.in_force() if request.user.roles else OutsideStrategy.objects.none()
    rows = answers.select_related("decision__initiative").prefetch_related("conditions")
    years = sorted({day.year for day in rows.values_list("decided_on", flat=True)}, reverse=True)
    conditions = {one.code: one for one in EntryCondition.objects.filter(outside__isnull=False).order_by("pk")}
    form = OutsideFilter(request.GET, years=years, conditions=list(conditions.values()))
    form.is_valid()
    chosen = form.cleaned_data
    for word in search.words_of(chosen.get("q") or ""):
        rows = rows.filter(search_text__contains=word)
    if chosen.get("condition"):
        with_it = OutsideStrategy.conditions.through.objects.filter(entrycondition__code=chosen["condition"])
        rows = rows.filter(pk__in=with_it.values("outsidestrategy"))
    if chosen.get("year"):
        rows = rows.filter(decided_on__year=chosen["year"])
    return form, rows


def _answered(request: UserRequest, form: AnswerForm, act: Callable[[], OutsideStrategy]) -> HttpResponse:
    if not form.is_valid():
        return _answer_page(request, form, status=422)
    try:
        answer = act()
    except Conflict as conflict:
        return _answer_page(request, form.after_conflict(str(conflict)), status=409)
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
        return _answer_page(request, form, status=422)
    messages.success(request, f"Svaret er gemt. Det vises, når et forslag ligner »{answer.title}«.")
    return redirect("registers_outside")


def _answer_page(request: UserRequest, form: AnswerForm, status: int = 200) -> HttpResponse:
    title = form.initiative.title if form.initiative else str(form["title"].value() or "")
    context = {
        "form": form,
        "initiative": form.initiative,
        "earlier": answers_like(title) if title else [],
        "conditions": Edition.objects.current().entry_conditions.all(),
    }
    return render(request, "assessments/outside_answer.html", context, status=status)
