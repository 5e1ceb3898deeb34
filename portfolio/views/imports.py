"""Indlæsninger: upload a file, see what it would do, confirm it, take it back. For administrators alone."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portfolio.access import require_role
from portfolio.import_forms import ConfirmForm, TakeBackForm, UploadForm
from portfolio.imports import carrying_out
from portfolio.imports.carrying_out import TO_IMPORT
from portfolio.imports.rows import CHANGED, CREATED, REFUSED
from portfolio.imports.table import MAX_BYTES, Unreadable
from portfolio.imports.taking_back import edited_since, refuse_unless_in_force, take_back
from portfolio.models import Initiative, PortfolioImport
from susi.errors import Conflict, Refused
from susi.http import UserRequest, as_file
from susi.roles import Role

State = PortfolioImport.State
PER_PAGE = 50
SHOW = "vis"
_KINDS = {REFUSED: "afviste", CHANGED: "aendrede", CREATED: "nye"}


@require_http_methods(["GET", "POST"])
def import_list(request: UserRequest) -> HttpResponse:
    require_role(request.user, Role.ADMINISTRATOR, TO_IMPORT)
    if request.method != "POST":
        return _list_page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        made = carrying_out.upload(by=request.user, file_name=file.name, content=file.read(MAX_BYTES + 1))
    except Unreadable as unreadable:
        form.add_error("file", str(unreadable))
        return _list_page(request, form, status=422)
    return redirect("portfolio:import_detail", made.pk)


@require_safe
def import_detail(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, _import(request, pk))


@require_POST
def import_confirm(request: UserRequest, pk: int) -> HttpResponse:
    made = _import(request, pk)
    form = ConfirmForm(request.POST, has_same_titles=bool(made.same_titles))
    try:
        carrying_out.refuse_if_handled(made)
        if not form.is_valid():
            return _page(request, made, form, status=422)
        made = carrying_out.confirm(
            portfolio_import=made,
            by=request.user,
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            same_titles=form.cleaned_data.get("same_titles", False),
        )
    except Refused as refused:
        return _refused_page(request, pk, form, refused)
    messages.success(request, f"Filen er indlæst: {_counted(made)}. Indlæsningen kan tages tilbage samlet.")
    return redirect("portfolio:import_detail", pk)


@require_POST
def import_discard(request: UserRequest, pk: int) -> HttpResponse:
    made = _import(request, pk)
    try:
        carrying_out.discard(portfolio_import=made, by=request.user)
    except Conflict as conflict:
        messages.warning(request, str(conflict))
        return redirect("portfolio:import_detail", pk)
    messages.success(request, f"Filen {made.file_name} er kasseret. Der er ikke ændret noget i porteføljen.")
    return redirect("portfolio:import_list")


@require_POST
def import_take_back(request: UserRequest, pk: int) -> HttpResponse:
    made = _import(request, pk)
    form = TakeBackForm(request.POST)
    try:
        refuse_unless_in_force(made)
        if not form.is_valid():
            return _page(request, made, form, status=422)
        take_back(portfolio_import=made, by=request.user, reason=form.cleaned_data["reason"])
    except Refused as refused:
        return _refused_page(request, pk, form, refused)
    messages.success(request, "Indlæsningen er taget tilbage. Alt, hvad den ændrede, er som før.")
    return redirect("portfolio:import_detail", pk)


@require_safe
def import_template(request: UserRequest) -> HttpResponseBase:
    require_role(request.user, Role.ADMINISTRATOR, TO_IMPORT)
    from portfolio.imports import template

    return as_file(template.workbook(), "skabelon-til-indlaesning.xlsx")


@require_safe
def import_present(request: UserRequest) -> HttpResponseBase:
    """The template with a row for every initiative, to be corrected and loaded back."""
    require_role(request.user, Role.ADMINISTRATOR, TO_IMPORT)
    visible = list(Initiative.objects.visible_to(request.user).with_standing().prefetch_related("target_groups"))
    from portfolio.imports import template

    return as_file(template.workbook(visible), "initiativer-til-rettelse.xlsx", rows=len(visible))


def _import(request: UserRequest, pk: int) -> PortfolioImport:
    require_role(request.user, Role.ADMINISTRATOR, TO_IMPORT)
    people = ("uploaded_by", "confirmed_by", "taken_back_by", "discarded_by")
    return get_object_or_404(PortfolioImport.objects.select_related(*people), pk=pk)


def _list_page(request: UserRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    imports = PortfolioImport.objects.select_related("uploaded_by").defer("table", "plan", "written")
    page = Paginator(imports, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portfolio/import_list.html", {"form": form, "page": page}, status=status)


def _refused_page(request: UserRequest, pk: int, form: ConfirmForm | TakeBackForm, refused: Refused) -> HttpResponse:
    """Show the import as it is now and why it was not done, with what was typed where it can still be done."""
    made = _import(request, pk)
    waited_for = State.CHECKED if isinstance(form, ConfirmForm) else State.CONFIRMED
    if made.state != waited_for:
        return _page(request, made, status=409, refusal=" ".join(refused.sentences))
    if isinstance(form, ConfirmForm):
        data = {**form.data.dict(), "seen": carrying_out.digest(made.plan)}  # type: ignore[attr-defined]
        form = ConfirmForm(data, has_same_titles=bool(made.same_titles))
    for sentence in refused.sentences:
        form.add_error(None, sentence)
    return _page(request, made, form, status=409 if isinstance(refused, Conflict) else 422)


def _page(
    request: UserRequest,
    made: PortfolioImport,
    form: ConfirmForm | TakeBackForm | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    if form is None and made.may_be_confirmed:
        form = ConfirmForm(has_same_titles=bool(made.same_titles), initial={"seen": carrying_out.digest(made.plan)})
    in_force = made.state == State.CONFIRMED
    edited = edited_since(made.written) if in_force else []
    rows = _rows(made)
    counts = {REFUSED: made.refused_count, CHANGED: made.changed_count, CREATED: made.created_count}
    chosen = _chosen(request, counts)
    context: dict[str, Any] = {
        "made": made,
        "refusal": refusal,
        "form": form or (TakeBackForm() if in_force and not edited else None),
        "in_force": in_force,
        "edited": edited[:PER_PAGE],
        "edited_more": max(len(edited) - PER_PAGE, 0),
        "same_titles": made.same_titles,
        "kinds": [(kind, _KINDS[kind], counts[kind]) for kind in counts if counts[kind]],
        "chosen": chosen,
        "page": Paginator([row for row in rows if row["kind"] == chosen], PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portfolio/import_detail.html", context, status=status)


def _chosen(request: UserRequest, counts: dict[str, int]) -> str:
    """Return the kind of rows asked for, else the first there are any of: what is refused comes first."""
    asked = next((kind for kind, name in _KINDS.items() if name == request.GET.get(SHOW)), "")
    return asked if counts.get(asked) else next((kind for kind in counts if counts[kind]), REFUSED)


def _rows(made: PortfolioImport) -> list[dict[str, Any]]:
    """Return the rows of the plan, those written with the number they were given and whether its page is there."""
    done = made.state in (State.CONFIRMED, State.TAKEN_BACK)
    written = iter(made.written)
    rows = []
    for row in made.plan["rows"]:
        number = next(written)["number"] if done else row["number"]
        is_gone = row["kind"] == CREATED and made.state == State.TAKEN_BACK
        rows.append({**row, "number": number, "has_page": bool(number) and not is_gone and row["kind"] != REFUSED})
    return rows


def _counted(made: PortfolioImport) -> str:
    created = f"{made.created_count} {'initiativ' if made.created_count == 1 else 'initiativer'} oprettet"
    return f"{created}, {made.changed_count} ændret"
