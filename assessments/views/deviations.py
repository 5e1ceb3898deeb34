"""The register of fravigelser, and the life of each: written in, followed up, judged in, replaced by."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments import registers
from assessments.actions.follow_up import follow_up, may_follow_up, require_follower
from assessments.follow_up_forms import FollowUpForm
from assessments.models import Assessment, Deviation, DeviationFollowUp, DeviationJudgement
from susi.days import of_any_day, today
from susi.errors import Conflict, Refused
from susi.http import UserRequest, as_file
from susi.models import User
from susi.registers import KINDS, PRINTED_AT_MOST, Extract

PER_PAGE = 50


@require_safe
@of_any_day
def deviation_register(request: UserRequest) -> HttpResponse:
    form, found = _asked(request)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "chosen": form.chosen(request.path),
        "without_any": form.without_any(request.path),
        "sentence": registers.in_a_sentence(found, request.day or today()),
        "page": page,
        "kinds": KINDS,
        "printed_at_most": PRINTED_AT_MOST,
        "day": request.day or today(),
    }
    return render(request, "assessments/deviation_list.html", context)


@require_safe
@of_any_day
def deviation_export(request: UserRequest, kind: str) -> HttpResponseBase:
    """Send what the register shows with the same address. What it does not understand is refused, never left out."""
    if kind not in KINDS:
        raise Http404
    form, found = _asked(request)
    extract = Extract(
        name="fravigelser",
        title="Fravigelser",
        things=("fravigelse", "fravigelser"),
        columns=registers.COLUMNS,
        printed=registers.PRINTED,
        rows=list(found),
        chosen=form.chosen(request.path),
        sorted_by=registers.SORTS[form.order][0],
        day=request.day,
    )
    try:
        form.require_valid()
        return as_file(extract.written(kind), extract.file_name(kind), is_saved=kind != "pdf", rows=len(extract.rows))
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def deviation_detail(request: UserRequest, pk: int) -> HttpResponse:
    deviation = _deviation(request.user, pk)
    request.about = deviation.initiative.number
    if request.method != "POST":
        return _page(request, deviation, FollowUpForm(deviation=deviation))
    require_follower(request.user, deviation)
    form = FollowUpForm(request.POST, deviation=deviation)
    if not form.is_valid():
        return _page(request, deviation, form, status=422)
    try:
        note = follow_up(deviation=deviation, by=request.user, **form.written())
    except Conflict as conflict:
        deviation = _deviation(request.user, pk)
        return _page(request, deviation, form.after_conflict(str(conflict), deviation), status=409)
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
        return _page(request, deviation, form, status=422)
    moved = f" Næste opfølgning er {note.review_on:%d.%m.%Y}." if note.review_on else ""
    messages.success(request, f"Opfølgningen er gemt.{moved}")
    return redirect("registers_deviation", pk)


def _asked(request: UserRequest) -> tuple[registers.DeviationFilter, QuerySet[Deviation]]:
    rows = registers.registered(request.user)
    day = request.day or today()
    form = registers.DeviationFilter(request.GET, rows=rows, day=day)
    form.is_valid()
    return form, form.found(request.user)


def _deviation(user: User, pk: int) -> Deviation:
    """Fetch it with its whole life; what is judged counts when the assessment is approved."""
    judged = DeviationJudgement.objects.filter(assessment__state=Assessment.State.APPROVED).exclude(outcome="")
    rows = registers.registered(user).prefetch_related(
        Prefetch("judgements", judged.select_related("assessment__initiative", "assessment__approved_by")),
        Prefetch("follow_ups", DeviationFollowUp.objects.select_related("written_by")),
        Prefetch("replaced_by", Deviation.objects.visible_to(user).order_by("pk")),
    )
    return get_object_or_404(rows, pk=pk)


def _former(user: User, deviation: Deviation) -> list[Deviation]:
    """Return those it replaces, the oldest first, with their follow-ups: two queries, however many versions."""
    links = dict(Deviation.objects.filter(initiative=deviation.initiative_id).values_list("pk", "replaces"))
    pks: list[int] = []
    before = deviation.replaces_id
    while before and before not in pks:
        pks.append(before)
        before = links.get(before)
    former = Deviation.objects.visible_to(user).filter(pk__in=pks).order_by("pk")
    return list(former.prefetch_related(Prefetch("follow_ups", DeviationFollowUp.objects.select_related("written_by"))))


def _page(request: UserRequest, deviation: Any, form: FollowUpForm, status: int = 200) -> HttpResponse:
    former = _former(request.user, deviation)
    may = deviation.state == Deviation.State.OPEN and may_follow_up(request.user, deviation)
    context = {
        "deviation": deviation,
        "initiative": deviation.initiative,
        "written_in": registers.written_in(deviation),
        "wording": _wording(deviation),
        "former": former,
        "notes": [note for one in [*former, deviation] for note in one.follow_ups.all()],
        "is_due": deviation.state == Deviation.State.OPEN and deviation.review_on <= today(),
        "form": form if may or form.is_bound else None,
    }
    return render(request, "assessments/deviation_detail.html", context, status=status)


def _wording(deviation: Any) -> str:
    """Return what is departed from, as it reads on the track it was written for."""
    if deviation.criterion is None:
        return "Screeningsfasen springes over."
    return str(deviation.criterion.wording_for((deviation.assessment or deviation.decision).to_track))
