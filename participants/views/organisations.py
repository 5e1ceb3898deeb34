"""The organisations: the list, the page of one with what it takes part in, and the forms."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from participants import load
from participants.actions import organisations
from participants.models import Application, Organisation
from participants.organisation_forms import LoadForm, OrganisationForm
from participants.terms import OrganisationKind
from participants.views.portfolio import words
from portfolio.models import PhaseRun
from susi.danish import fold
from susi.errors import Conflict, Refused
from susi.http import UserRequest

PER_PAGE = 50


@require_safe
def organisation_list(request: UserRequest) -> HttpResponse:
    found = Organisation.objects.select_related("successor")
    kind, q = request.GET.get("kind", ""), request.GET.get("q", "")[:200]
    if kind in OrganisationKind:
        found = found.filter(kind=kind)
    for word in fold(q.replace("\x00", "")).split():
        found = found.filter(folded_name__contains=word)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": OrganisationKind.choices,
        "kind": kind,
        "q": q,
        "may_keep": organisations.may_keep_organisations(request.user),
    }
    return render(request, "participants/organisation_list.html", context)


@require_safe
def organisation(request: UserRequest, pk: int) -> HttpResponse:
    one = _found(pk)
    chosen = LoadForm(request.GET).chosen()
    context = {
        "organisation": one,
        **_parts(load.participations(request.user, programme=chosen["programme"], phase=chosen["phase"]), one),
        "chosen": words(chosen),
        "regions": one.regions.select_related("region").order_by("valid_from"),
        "applications": Application.objects.in_force()
        .visible_to(request.user)
        .filter(organisation=one, call__annulled_at__isnull=True)
        .exclude(call__run__state=PhaseRun.State.ANNULLED)
        .select_related("call__run__initiative")
        .order_by("-call__announced_on", "call", "pk"),
        "may_keep": organisations.may_keep_organisations(request.user),
    }
    return render(request, "participants/organisation.html", context)


def _parts(found: Any, one: Organisation) -> dict[str, Any]:
    """Return the participations of `one`: those of today, and the former."""
    today = timezone.localdate()
    rows = found.filter(organisation=one).select_related("run__initiative", "organisation", "round")
    rows = sorted(rows, key=lambda row: (row.run.initiative.sort_key, row.run.sequence, row.pk))
    now = [row for row in rows if row.is_present(today)]
    return {
        "now": now,
        "former": [row for row in rows if row not in now],
        "initiatives_now": len({row.run.initiative_id for row in now}),
        "initiatives_ever": len({row.run.initiative_id for row in rows}),
    }


def organisation_create(request: UserRequest) -> HttpResponse:
    """Create an organisation, and go back to the form it was missing on: `?til=` names its path."""
    organisations.require_keeper(request.user)
    if request.method != "POST":
        return _form_page(request, OrganisationForm())
    form = OrganisationForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        one = organisations.create_organisation(by=request.user, **form.values())
    except Refused as refused:
        return _refused(request, form, refused)
    messages.success(request, f"{one} er oprettet og kan nu vælges som deltager.")
    back = request.GET.get("til", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("participants:organisation", one.pk)


def organisation_edit(request: UserRequest, pk: int) -> HttpResponse:
    one = _found(pk)
    organisations.require_keeper(request.user)
    if request.method != "POST":
        return _form_page(request, OrganisationForm(instance=one), one)
    form = OrganisationForm(request.POST, instance=one)
    if not form.is_valid():
        return _form_page(request, form, _found(pk), status=422)
    try:
        organisations.edit_organisation(
            organisation=one, by=request.user, version=form.cleaned_data["version"], **form.values()
        )
    except Conflict:
        return _form_page(request, form.after_conflict(), _found(pk), status=409)
    except Refused as refused:
        return _refused(request, form, refused, _found(pk))
    messages.success(request, "Organisationen er gemt.")
    return redirect("participants:organisation", pk)


def _found(pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.select_related("successor"), pk=min(pk, 2**31))


def _refused(
    request: UserRequest, form: OrganisationForm, refused: Refused, one: Organisation | None = None
) -> HttpResponse:
    for sentence in refused.sentences:
        form.add_error(None, sentence)
    return _form_page(request, form, one, status=422)


def _form_page(
    request: UserRequest, form: OrganisationForm, one: Organisation | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "organisation": one}
    if one and form.differences is not None:
        context["saved"] = one.history.select_related("history_user").first()
    return render(request, "participants/organisation_form.html", context, status=status)
