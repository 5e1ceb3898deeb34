"""One initiative: its page, and the forms that change it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portfolio import actions, course, lineage
from portfolio.access import may_date, may_have_case_file, may_write, require_role, require_writer
from portfolio.forms import EditForm, InitiativeForm, PeopleForm, StatusForm
from portfolio.models import Initiative, OutsideStrategy
from portfolio.outside import answers_like
from portfolio.whole import newest_status, whole
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from susi.roles import Role


@require_safe
def initiative_detail(request: UserRequest, number: str) -> HttpResponse:
    return _page(request, whole(request.user, number), StatusForm())


def status_write(request: UserRequest, number: str) -> HttpResponse:
    """Write a new status; it is asked for on the initiative's own page."""
    if request.method != "POST":
        return redirect("portfolio:initiative_detail", number)
    initiative = whole(request.user, number)
    require_writer(request.user, initiative)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return _page(request, initiative, form, status=422)
    try:
        actions.write_status(initiative=initiative, by=request.user, text=form.cleaned_data["text"])
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        return _page(request, initiative, form, status=409)
    messages.success(request, "Status er gemt og vises øverst på initiativets side.")
    return redirect("portfolio:initiative_detail", number)


def initiative_create(request: UserRequest) -> HttpResponse:
    require_role(request.user, Role.LEAD, "oprette initiativer")
    if request.method != "POST":
        return _create_page(request, InitiativeForm())
    form = InitiativeForm(request.POST)
    if not form.is_valid():
        return _create_page(request, form, status=422)
    if earlier := _answers_not_seen(request, form):
        return _create_page(request, form, status=422, earlier=earlier)
    try:
        initiative = actions.create_initiative(by=request.user, **form.values())
    except Conflict as conflict:
        form.add_error("title", str(conflict))
        return _create_page(request, form, status=409)
    messages.success(
        request,
        f"Forslaget er oprettet med nummer {initiative.number}, og du er initiativansvarlig. "
        "Det begynder, når en leder har registreret beslutningen om det.",
    )
    return redirect("portfolio:initiative_detail", initiative.number)


def initiative_edit(request: UserRequest, number: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative.objects.visible_to(request.user), number=number)
    require_writer(request.user, initiative)
    if request.method != "POST":
        return _edit_page(request, initiative, EditForm(instance=initiative))
    form = EditForm(request.POST, instance=initiative)
    if not form.is_valid():
        return _edit_page(request, initiative, form, status=422)
    try:
        actions.edit_initiative(
            initiative=initiative,
            by=request.user,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            **form.values(),
        )
    except Conflict:
        return _edit_page(request, initiative, form.after_conflict(), status=409)
    messages.success(request, "Stamoplysningerne er gemt.")
    return redirect("portfolio:initiative_detail", number)


def initiative_people(request: UserRequest, number: str) -> HttpResponse:
    initiative = get_object_or_404(Initiative.objects.visible_to(request.user), number=number)
    is_manager = request.user.has_role(Role.MANAGER)
    if not is_manager:
        require_writer(request.user, initiative)
    if request.method != "POST":
        form = PeopleForm(initiative=initiative, may_change_lead=is_manager)
        return _people_page(request, initiative, form)
    form = PeopleForm(request.POST, initiative=initiative, may_change_lead=is_manager)
    if not form.is_valid():
        return _people_page(request, initiative, form, status=422)
    try:
        actions.set_people(initiative=initiative, by=request.user, **form.people())
    except Conflict as conflict:
        return _people_page(request, initiative, form.after_conflict(str(conflict)), status=409)
    except Refused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return _people_page(request, initiative, form, status=422)
    messages.success(request, "Initiativansvarlig og medarbejdere er gemt.")
    return redirect("portfolio:initiative_detail", number)


def _answers_not_seen(request: UserRequest, form: InitiativeForm) -> list[OutsideStrategy]:
    """Return the answers given to proposals like this one, where the page has not shown every one of them."""
    earlier = answers_like(form.cleaned_data["title"])
    seen = set(request.POST.getlist("answer_seen"))
    return [] if {str(answer.pk) for answer in earlier} <= seen else earlier


def _create_page(request: UserRequest, form: InitiativeForm, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "portfolio/initiative_create.html", {"form": form, **context}, status=status)


def _people_page(request: UserRequest, initiative: Initiative, form: PeopleForm, status: int = 200) -> HttpResponse:
    context = {"initiative": initiative, "form": form}
    return render(request, "portfolio/initiative_people.html", context, status=status)


def _edit_page(request: UserRequest, initiative: Initiative, form: InitiativeForm, status: int = 200) -> HttpResponse:
    context = {
        "initiative": initiative,
        "form": form,
        "saved": initiative.history.select_related("history_user").first(),
    }
    return render(request, "portfolio/initiative_edit.html", context, status=status)


def _page(request: UserRequest, initiative: Any, status_form: StatusForm, status: int = 200) -> HttpResponse:
    """Show the initiative's page, with `status_form` as it was filled in."""
    return render(
        request,
        "portfolio/initiative_detail.html",
        {
            "initiative": initiative,
            "legs": course.legs(initiative),
            "lineage": lineage.chain_of(initiative, request.user, initiative.chain, initiative.links),
            "decisions": initiative.decisions_about,
            "status_note": newest_status(initiative),
            "status_form": status_form,
            "may_write": may_write(request.user, initiative),
            "may_date": initiative.current_run is not None and may_date(request.user, initiative),
            "may_have_case_file": may_have_case_file(request.user, initiative),
            "may_set_people": may_write(request.user, initiative) or request.user.has_role(Role.MANAGER),
        },
        status=status,
    )
