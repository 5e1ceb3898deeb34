"""Registering, correcting and annulling an entry of any kind."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from participants.actions import entries
from participants.entry_forms import AnnulForm, EntryForm
from participants.kinds import KINDS, Kind
from participants.models import Application, Call, Entry
from participants.views.initiative import initiative_of
from portfolio.access import require_writer
from portfolio.models import Initiative
from susi.errors import Conflict, Refused
from susi.http import UserRequest

_LARGEST_KEY = 2**31
_ITS_OWN = ("organisation", "version", "granted", "reason", "recruited", "completed")  # not the same of the next


def entry_create(request: UserRequest, number: str, slug: str) -> HttpResponse:
    initiative, kind = initiative_of(request, number), _kind(slug)
    require_writer(request.user, initiative)
    entry = _new(request, initiative, kind)
    if request.method != "POST":
        initial = {name: text for name, text in request.GET.items() if name != "version"}
        return _form_page(request, initiative, kind, kind.form(instance=entry, initiative=initiative, initial=initial))
    form = kind.form(request.POST, instance=entry, initiative=initiative)
    if not form.is_valid():
        return _form_page(request, initiative, kind, form, status=422)
    try:
        entries.register(entry=_new(request, initiative, kind), by=request.user, **form.values())
    except Refused as refused:
        return _refused(request, initiative, kind, form, refused)
    if "again" in request.POST:
        messages.success(request, f"{kind.saved} Registrér den næste.")
        return redirect(f"{request.path}?{_for_the_next(request, form)}")
    return _saved(request, initiative, kind)


def entry_edit(request: UserRequest, number: str, slug: str, pk: int) -> HttpResponse:
    initiative, kind, entry = _found(request, number, slug, pk)
    if request.method != "POST":
        return _form_page(request, initiative, kind, kind.form(instance=entry, initiative=initiative), entry)
    form = kind.form(request.POST, instance=entry, initiative=initiative)
    if not form.is_valid():
        return _form_page(request, initiative, kind, form, entry, status=422)
    stored = _stored(kind, entry)
    try:
        entries.edit(entry=stored, by=request.user, version=form.cleaned_data["version"], **form.values())
    except Conflict as conflict:
        if _stored(kind, entry).is_annulled:
            return _refused(request, initiative, kind, form, conflict, entry, status=409)
        return _form_page(request, initiative, kind, form.after_conflict(), entry, status=409)
    except Refused as refused:
        return _refused(request, initiative, kind, form, refused, entry)
    return _saved(request, initiative, kind)


def entry_annul(request: UserRequest, number: str, slug: str, pk: int) -> HttpResponse:
    initiative, kind, entry = _found(request, number, slug, pk)
    form = AnnulForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            entries.annul(entry=entry, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            for sentence in refused.sentences:
                form.add_error(None, sentence)
            status = 409 if isinstance(refused, Conflict) else 422
        else:
            messages.success(request, "Registreringen er annulleret og står nederst på siden med begrundelsen.")
            return redirect("participants:of_initiative", number)
    elif request.method == "POST":
        status = 422
    context = {"initiative": initiative, "kind": kind, "entry": entry, "form": form}
    return render(request, "participants/entry_annul.html", context, status=status)


def _for_the_next(request: UserRequest, form: EntryForm) -> str:
    """Return the query that fills in the next form as this one, but for whom it is about."""
    typed = {name: request.POST.get(name, "") for name in form.fields if name not in _ITS_OWN}
    kept = {"pulje": request.GET.get("pulje", ""), **typed}
    return urlencode({name: text for name, text in kept.items() if text})


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def _found(request: UserRequest, number: str, slug: str, pk: int) -> tuple[Initiative, Kind, Entry]:
    initiative, kind = initiative_of(request, number), _kind(slug)
    entry = get_object_or_404(kind.model.objects.of(initiative), pk=min(pk, _LARGEST_KEY))
    require_writer(request.user, initiative)
    return initiative, kind, entry


def _stored(kind: Kind, entry: Entry) -> Entry:
    """Fetch the entry anew: the form has written into the one it was given."""
    stored: Entry = kind.model.objects.get(pk=entry.pk)
    return stored


def _new(request: UserRequest, initiative: Initiative, kind: Kind) -> Entry:
    """Return an empty entry; an application belongs to the pulje that ?pulje= names."""
    if kind.model is not Application:
        return kind.model()
    pk = request.GET.get("pulje", "")
    calls = Call.objects.in_force().of(initiative).select_related("run__initiative")
    call = get_object_or_404(calls, pk=min(int(pk), _LARGEST_KEY) if pk.isdecimal() else 0)
    return Application(call=call)


def _refused(
    request: UserRequest,
    initiative: Initiative,
    kind: Kind,
    form: EntryForm,
    refused: Refused,
    entry: Entry | None = None,
    status: int = 422,
) -> HttpResponse:
    for sentence in refused.sentences:
        form.add_error(None, sentence)
    return _form_page(request, initiative, kind, form, entry, status=status)


def _saved(request: UserRequest, initiative: Initiative, kind: Kind) -> HttpResponse:
    messages.success(request, kind.saved)
    return redirect(f"{reverse('participants:of_initiative', args=[initiative.number])}#{kind.anchor}")


def _form_page(
    request: UserRequest,
    initiative: Initiative,
    kind: Kind,
    form: EntryForm,
    entry: Entry | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "initiative": initiative,
        "kind": kind,
        "entry": entry,
        "form": form,
        "heading": kind.edit if entry else kind.new,
        "may_go_on": entry is None and "organisation" in form.fields,
        "call": form.instance.call if isinstance(form.instance, Application) else None,
        "has_no_phase": "run" in form.fields and not form.fields["run"].queryset,  # type: ignore[attr-defined]
        "needs_organisation": any(name in form.fields for name in ("organisation", "responsible")),
    }
    if entry and form.differences is not None:
        context["saved"] = kind.model.history.filter(id=entry.pk).select_related("history_user").first()  # type: ignore[attr-defined]
    return render(request, "participants/entry_form.html", context, status=status)
