"""The agreement's year: what is recommended for a coming agreement, what is sought, and what came of it."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments import coming
from assessments.actions.settling import TO_SETTLE, may_set_amount, set_amount, settle
from assessments.coming_forms import AmountForm, SettlementForm
from portfolio.access import require_role
from portfolio.models import Agreement, AgreementEntry, Initiative
from susi.errors import Conflict, NotAllowed, Refused
from susi.http import UserRequest, as_file, texts_in
from susi.kroner import kroner
from susi.registers import KINDS, PRINTED_AT_MOST, Extract
from susi.roles import Role

_GONE = "Et initiativ er ikke længere indstillet til aftalen. Der er ikke afgjort noget. Se listen efter."


@require_safe
def coming_agreements(request: UserRequest) -> HttpResponse:
    years, unnamed = coming.years(request.user)
    return render(request, "assessments/coming_list.html", {"years": years, "unnamed": unnamed})


@require_safe
def coming_agreement(request: UserRequest, pk: int) -> HttpResponse:
    year = coming.year_of(_agreement(pk), request.user)
    is_manager = request.user.has_role(Role.MANAGER)
    mine = set(Initiative.objects.writable_by(request.user).values_list("pk", flat=True))
    context = {
        "year": year,
        "agreement": year.agreement,
        "is_manager": is_manager,
        "writable": {line.initiative.pk for line in year.waiting if is_manager or line.initiative.pk in mine},
        "printed_at_most": PRINTED_AT_MOST,
    }
    return render(request, "assessments/coming_detail.html", context)


@require_safe
def coming_export(request: UserRequest, pk: int, kind: str) -> HttpResponseBase:
    """Send the list one takes into the negotiation, with what is settled of it already."""
    if kind not in KINDS:
        raise Http404
    year = coming.year_of(_agreement(pk), request.user)
    agreement = year.agreement
    extract = Extract(
        name=f"kommende-aftale_{agreement.programme.key}-{agreement.year}",
        title=f"Indstillet til {agreement}",
        things=("initiativ", "initiativer"),
        columns=coming.COLUMNS,
        printed=coming.PRINTED,
        rows=year.lines,
        more={"Søgt i alt": _in_all(year), **({"Prioriteret i alt": kroner(year.prioritised)} if year.settled else {})},
    )
    try:
        return as_file(extract.written(kind), extract.file_name(kind), is_saved=kind != "pdf", rows=len(extract.rows))
    except Refused as refusal:
        return render(request, "portfolio/export_refused.html", {"sentences": refusal.sentences}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def coming_amount(request: UserRequest, pk: int, number: str) -> HttpResponse:
    agreement = _agreement(pk)
    initiative = get_object_or_404(Initiative.objects.visible_to(request.user), number=number)
    if not may_set_amount(request.user, initiative):
        raise NotAllowed("Kun ledere og de, der skriver på initiativet, kan skrive det søgte beløb.")
    entry = _entry(initiative, agreement)
    if request.method != "POST":
        return _amount_page(request, initiative, agreement, AmountForm.of(entry))
    form = AmountForm.of(entry, request.POST)
    if not form.is_valid():
        return _amount_page(request, initiative, agreement, form, status=422)
    try:
        saved = set_amount(initiative=initiative, agreement=agreement, by=request.user, **form.cleaned_data)
    except Conflict as conflict:
        form = form.after_conflict(_entry(initiative, agreement), str(conflict))
        return _amount_page(request, initiative, agreement, form, status=409)
    except Refused as refused:
        form.add_error(None, list(refused.sentences))
        return _amount_page(request, initiative, agreement, form, status=422)
    amount = f"Det søgte beløb for {initiative.number} er"
    messages.success(request, f"{amount} gemt." if saved.sought is not None else f"{amount} gemt som ikke oplyst.")
    return redirect("registers_coming_agreement", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def coming_settle(request: UserRequest, pk: int) -> HttpResponse:
    """Settle the year in one act: all the rows, or none."""
    require_role(request.user, Role.MANAGER, TO_SETTLE)
    year = coming.year_of(_agreement(pk), request.user)
    if request.method != "POST":
        return _settle_page(request, SettlementForm(year.agreement, year.waiting))
    form = SettlementForm(year.agreement, year.waiting, request.POST)
    is_valid = form.is_valid()
    if form.was_overtaken:
        return _settle_page(request, form.after_conflict(year.waiting), (_GONE,), status=409)
    if not is_valid:
        return _settle_page(request, form, status=422)
    try:
        decisions = settle(agreement=year.agreement, by=request.user, wanted=form.wanted())
    except Conflict as conflict:
        now = coming.year_of(year.agreement, request.user)
        return _settle_page(request, form.after_conflict(now.waiting), conflict.sentences, status=409)
    except Refused as refused:
        return _settle_page(request, form, refused.sentences, status=422)
    one = len(decisions) == 1
    messages.success(request, f"Aftalen er afgjort: {len(decisions)} beslutning{'' if one else 'er'} er registreret.")
    return redirect("registers_coming_agreement", pk)


def _agreement(pk: int) -> Agreement:
    return get_object_or_404(Agreement.objects.select_related("programme"), pk=pk)


def _entry(initiative: Initiative, agreement: Agreement) -> AgreementEntry | None:
    return AgreementEntry.objects.filter(initiative=initiative, agreement=agreement).first()


def _in_all(year: coming.Year) -> str:
    return f"{kroner(year.sought)}{f' ({year.unstated} uden oplyst beløb)' if year.unstated else ''}"


def _amount_page(
    request: UserRequest, initiative: Initiative, agreement: Agreement, form: AmountForm, status: int = 200
) -> HttpResponse:
    context = {"initiative": initiative, "agreement": agreement, "form": form}
    return render(request, "assessments/coming_amount.html", context, status=status)


def _settle_page(
    request: UserRequest, form: SettlementForm, refused: tuple[str, ...] = (), status: int = 200
) -> HttpResponse:
    """Show the form, and beside it what was written of rows that wait no more."""
    kept = {str(field.value() or "").strip() for row in form.rows for field in row}
    written = [text for text in texts_in(request.POST) if text not in kept]
    problems = form.problems() if form.data is not None else []
    context = {
        "form": form,
        "agreement": form.agreement,
        "refused": refused,
        "problems": problems,
        "written": written,
    }
    return render(request, "assessments/coming_settle.html", context, status=status)
