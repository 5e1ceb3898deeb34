"""The case file of an initiative: what is in it, what is exempt, and how far the making of it is."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from desk.actions import case_files, exemptions
from desk.case_file.document import Document
from desk.case_file.documents import contents_of
from desk.forms import ExemptionForm
from desk.models import CaseFile, Exemption
from portfolio.access import require_case_file
from portfolio.models import Initiative
from susi.errors import Conflict, Refused
from susi.http import UserRequest, as_file


def case_file(request: UserRequest, number: str) -> HttpResponse:
    """Show what the case file holds, and take the order to make one."""
    initiative = _initiative(request, number)
    if request.method == "POST":
        ordered = case_files.order_case_file(initiative=initiative, by=request.user)
        return redirect("desk:case_file_detail", number, ordered.pk)
    contents = contents_of(initiative)
    sections = [
        (section.name, [(one, contents.exempt.get(one.ref), contents.ground_of(one)) for one in section.documents])
        for section in contents.sections
    ]
    context = {
        "initiative": initiative,
        "sections": sections,
        "left_out": len([one for one in contents.documents if contents.ground_of(one)]),
        "may_exempt": exemptions.may_exempt(request.user, initiative),
        "case_files": CaseFile.objects.filter(initiative=initiative).select_related("ordered_by")[:10],
    }
    return render(request, "desk/case_file.html", context)


@require_safe
def case_file_detail(request: UserRequest, number: str, pk: int) -> HttpResponse:
    return render(request, "desk/case_file_detail.html", _made(request, number, pk))


@require_POST
def case_file_step(request: UserRequest, number: str, pk: int) -> HttpResponse:
    """Take one step where no worker does, and show how far it is: the part of the page, or the page without scripts."""
    context = _made(request, number, pk)
    if not settings.PDF_IN_BACKGROUND:
        context["case_file"] = case_files.make_step(context["case_file"])
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/_case_file_progress.html", context)
    return redirect("desk:case_file_detail", number, pk)


@require_GET
def case_file_fetch(request: UserRequest, number: str, pk: int) -> HttpResponseBase:
    context = _made(request, number, pk)
    found: CaseFile = context["case_file"]
    if not found.is_ready or found.has_expired:
        return render(request, "desk/case_file_detail.html", {**context, "is_gone": found.has_expired}, status=409)
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        return render(request, "desk/case_file_detail.html", {**context, "is_gone": True}, status=409)
    return as_file(content, found.file_name)


def exempt(request: UserRequest, number: str, kind: str, key: str) -> HttpResponse:
    initiative = _initiative(request, number)
    exemptions.require_exempter(request.user, initiative)
    document = next((one for one in contents_of(initiative).documents if one.ref == (kind, key)), None)
    if document is None:
        messages.warning(request, "Dokumentet findes ikke i sagens akter.")
        return redirect("desk:case_file", number)
    form = ExemptionForm(request.POST or None)
    if request.method != "POST":
        return _exempt_page(request, initiative, document, form)
    if not form.is_valid():
        return _exempt_page(request, initiative, document, form, status=422)
    try:
        exemptions.exempt(initiative=initiative, kind=kind, key=key, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _exempt_page(request, initiative, document, form, status=409 if isinstance(refused, Conflict) else 422)
    messages.success(
        request,
        f"{document.title} er undtaget fra aktindsigt. Akter, der er dannet før, kan ikke længere hentes.",
    )
    return redirect("desk:case_file", number)


@require_POST
def exemption_lift(request: UserRequest, number: str, pk: int) -> HttpResponse:
    initiative = _initiative(request, number)
    found = get_object_or_404(Exemption.objects.select_related("initiative"), pk=pk, initiative=initiative)
    try:
        exemptions.lift(exemption=found, by=request.user)
        messages.success(request, f"{found.title} udleveres nu sammen med resten af sagens akter.")
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    return redirect("desk:case_file", number)


def _initiative(request: UserRequest, number: str) -> Initiative:
    initiatives = Initiative.objects.visible_to(request.user).select_related("lead", "programme")
    initiative = get_object_or_404(initiatives.prefetch_related("members"), number=number)
    require_case_file(request.user, initiative)
    return initiative


def _made(request: UserRequest, number: str, pk: int) -> dict:
    initiative = _initiative(request, number)
    found = get_object_or_404(CaseFile.objects.select_related("ordered_by"), pk=pk, initiative=initiative)
    return {"initiative": initiative, "case_file": found}


def _exempt_page(
    request: UserRequest, initiative: Initiative, document: Document, form: ExemptionForm, status: int = 200
) -> HttpResponse:
    context = {"initiative": initiative, "document": document, "form": form}
    return render(request, "desk/exempt.html", context, status=status)
