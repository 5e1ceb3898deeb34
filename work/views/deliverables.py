"""The deliverables of an initiative's phases: the list of each phase, one deliverable, and what is done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from phases.terms import Phase
from portfolio.access import may_write, require_writer
from portfolio.models import Initiative, PhaseRun
from susi.errors import Conflict, Refused
from susi.http import UserRequest, as_file
from work.actions import deliverables as actions
from work.deliverable_forms import OwnForm, PlanForm, ReasonForm, VersionForm
from work.deliverables import Item, item_at, items_of, runs_of, summary
from work.models import DeliverableVersion

ASKS = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def deliverables(request: UserRequest, number: str, run: int | None = None) -> HttpResponse:
    """The deliverables of the phase numbered `run`, of the present one where none is asked for."""
    initiative = _initiative(request, number)
    runs = runs_of(initiative)
    shown = _run(initiative, run) if run is not None else _present(initiative, runs)
    items = items_of(shown) if shown else []
    context = {
        "initiative": initiative,
        "runs": runs,
        "run": shown,
        "phase": Phase(shown.phase) if shown else None,
        "items": items,
        "summary": summary(items),
        "may_write": shown is not None and may_write(request.user, initiative),
    }
    return render(request, "work/deliverables.html", context)


@require_safe
def deliverable(request: UserRequest, number: str, run: int, code: str) -> HttpResponse:
    item = _item(request, number, run, code)
    context = {**_about(item), "may_write": may_write(request.user, item.run.initiative)}
    return render(request, "work/deliverable.html", context)


@ASKS
def deliverable_edit(request: UserRequest, number: str, run: int, code: str) -> HttpResponse:
    item = _item(request, number, run, code)
    require_writer(request.user, item.run.initiative)
    template = "work/deliverable_edit.html"
    if request.method != "POST":
        return render(request, template, {**_about(item), "form": PlanForm(run=item.run, item=item)})
    form = PlanForm(request.POST, run=item.run, item=item)
    if not form.is_valid():
        return render(request, template, {**_about(item), "form": form}, status=422)
    try:
        actions.plan(
            run=item.run, code=code, by=request.user, version=form.cleaned_data["version"], planned=form.planned
        )
    except Conflict:
        return _edited_by_another(request, form, _item(request, number, run, code))
    except Refused as refused:
        return _refused(request, template, form, refused, **_about(item))
    messages.success(request, f"Planen for »{item.title}« er gemt.")
    return _to(item)


@ASKS
def deliverable_add(request: UserRequest, number: str, run: int) -> HttpResponse:
    shown = _run(_initiative(request, number), run)
    require_writer(request.user, shown.initiative)
    template, about = "work/deliverable_add.html", _about_run(shown)
    if request.method != "POST":
        return render(request, template, {**about, "form": OwnForm(run=shown)})
    form = OwnForm(request.POST, run=shown)
    if not form.is_valid():
        return render(request, template, {**about, "form": form}, status=422)
    try:
        row = actions.add_own(run=shown, by=request.user, name=form.cleaned_data["name"], planned=form.planned)
    except Refused as refused:
        return _refused(request, template, form, refused, **about)
    messages.success(request, f"Leverancen »{row.name}« er tilføjet.")
    return redirect("work:deliverable", number, run, row.code)


@ASKS
def deliverable_take_out(request: UserRequest, number: str, run: int, code: str) -> HttpResponse:
    """Leave a typical deliverable out, or annul one's own, with a reason."""
    item = _item(request, number, run, code)
    done = "annulleret" if item.is_own else "udeladt"
    return _with_reason(
        request,
        "work/deliverable_take_out.html",
        item,
        lambda reason: actions.take_out(run=item.run, code=code, by=request.user, reason=reason),
        f"Leverancen »{item.title}« er {done}. Begrundelsen er gemt.",
    )


@require_POST
def deliverable_take_in(request: UserRequest, number: str, run: int, code: str) -> HttpResponse:
    item = _item(request, number, run, code)
    try:
        actions.take_in(run=item.run, code=code, by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"Leverancen »{item.title}« hører nu til fasen.")
    return _to(item)


@ASKS
def version_add(request: UserRequest, number: str, run: int, code: str) -> HttpResponse:
    item = _item(request, number, run, code)
    require_writer(request.user, item.run.initiative)
    template = "work/version_add.html"
    if request.method != "POST":
        return render(request, template, {**_about(item), "form": VersionForm()})
    form = VersionForm(request.POST, request.FILES)
    about = {**_about(item), "file_was_sent": bool(request.FILES)}
    if not form.is_valid():
        return render(request, template, {**about, "form": form}, status=422)
    try:
        version = actions.add_version(run=item.run, code=code, by=request.user, added=form.added)
    except Refused as refused:
        return _refused(request, template, form, refused, **about)
    messages.success(request, f"Version {version.no} af »{item.title}« er gemt.")
    return _to(item)


@ASKS
def version_annul(request: UserRequest, number: str, run: int, code: str, no: int) -> HttpResponse:
    item = _item(request, number, run, code)
    version = _version(item, no)
    return _with_reason(
        request,
        "work/version_annul.html",
        item,
        lambda reason: actions.annul_version(version=version, by=request.user, reason=reason),
        f"Version {no} af »{item.title}« er annulleret. Begrundelsen er gemt.",
        version=version,
    )


@require_safe
def version_file(request: UserRequest, number: str, run: int, code: str, no: int) -> HttpResponseBase:
    """Hand out the file of a version, for saving. An annulled version is no longer handed out."""
    item = _item(request, number, run, code)
    version = _version(item, no)
    if version.is_annulled or not version.file:
        raise Http404
    try:
        content = version.file.open("rb")
    except OSError:
        messages.error(request, f"Filen »{version.file_name}« er ikke, hvor den blev gemt. Kontakt administratoren.")
        return _to(item)
    return as_file(content, version.file_name)


def _initiative(request: UserRequest, number: str) -> Initiative:
    initiatives = Initiative.objects.visible_to(request.user).select_related("lead", "current_run")
    return get_object_or_404(initiatives.prefetch_related("runs"), number=number)


def _present(initiative: Initiative, runs: list[PhaseRun]) -> PhaseRun | None:
    return next((run for run in runs if run.pk == initiative.current_run_id), None)


def _run(initiative: Initiative, sequence: int) -> PhaseRun:
    for run in runs_of(initiative):
        if run.sequence == sequence:
            run.initiative = initiative
            return run
    raise Http404


def _item(request: UserRequest, number: str, run: int, code: str) -> Item:
    item = item_at(_run(_initiative(request, number), run), code)
    if item is None:
        raise Http404
    return item


def _version(item: Item, no: int) -> DeliverableVersion:
    for version in item.versions:
        if version.no == no:
            return version
    raise Http404


def _about(item: Item) -> dict[str, Any]:
    return {**_about_run(item.run), "item": item}


def _about_run(run: PhaseRun) -> dict[str, Any]:
    return {"initiative": run.initiative, "run": run, "phase": Phase(run.phase)}


def _to(item: Item) -> HttpResponse:
    return redirect("work:deliverable", item.run.initiative.number, item.run.sequence, item.code)


def _refused(request: UserRequest, template: str, form: Any, refused: Refused, **context: Any) -> HttpResponse:
    """Show the page again with what was typed, and why it was not done."""
    for sentence in refused.sentences:
        form.add_error(None, sentence)
    status = 409 if isinstance(refused, Conflict) else 422
    return render(request, template, {**context, "form": form}, status=status)


def _edited_by_another(request: UserRequest, form: PlanForm, item: Item) -> HttpResponse:
    """Show both texts and let the writer choose. The same text twice (a second click) is no conflict."""
    texts = form.differences_from(item)
    if not texts:
        return _to(item)
    saved = item.row.history.select_related("history_user").first() if item.row else None
    conflict = {
        "texts": texts,
        "by": saved.history_user if saved else None,
        "at": saved.history_date if saved else None,
    }
    context = {**_about(item), "form": form.over(item), "conflict": conflict}
    return render(request, "work/deliverable_edit.html", context, status=409)


def _with_reason(
    request: UserRequest, template: str, item: Item, act: Callable[[str], Any], message: str, **context: Any
) -> HttpResponse:
    """Ask for the reason; on POST do it and go back to the deliverable."""
    require_writer(request.user, item.run.initiative)
    about = {**_about(item), **context}
    if request.method != "POST":
        return render(request, template, {**about, "form": ReasonForm()})
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, template, {**about, "form": form}, status=422)
    try:
        act(form.cleaned_data["reason"])
    except Refused as refused:
        return _refused(request, template, form, refused, **about)
    messages.success(request, message)
    return _to(item)
