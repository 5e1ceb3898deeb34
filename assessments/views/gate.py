"""The gate room: one section open at a time, saved as it is written."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from assessments.actions.drafting import SavedByAnother
from assessments.addresses import CONCLUSION, ENTRY, FORMER
from assessments.contents import Contents
from assessments.room import Room, former_rating
from assessments.sections import CriterionSection, Section, section_at
from assessments.views.lookup import find_assessment
from phases.involvement import asks_about_users
from portfolio.access import require_writer
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from work.track_choice import shown_ways

_DIGITS = 10
USE = "brug"  # names the documentation to refer to
_NOT_A_DRAFT = "SUSI-vurderingen er ikke længere en kladde. Kopiér teksten, hvis den skal bruges."
_NOT_WHOLE = "Siden kom ikke helt frem, og der er ikke gemt noget. Åbn den igen, og skriv teksten på ny."


@require_GET
def gate(request: UserRequest, number: str, no: int) -> HttpResponse:
    """Go to the first criterion or section where something is missing."""
    assessment = find_assessment(request.user, number, no)
    require_writer(request.user, assessment.initiative)
    return redirect(Room(Contents(assessment), CONCLUSION).first_open.url)


def criterion(request: UserRequest, number: str, no: int, code: str) -> HttpResponse:
    if code in (ENTRY, FORMER, CONCLUSION):
        raise Http404
    return _section(request, number, no, code)


def entry(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _section(request, number, no, ENTRY)


def former(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _section(request, number, no, FORMER)


def conclusion(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _section(request, number, no, CONCLUSION)


def _section(request: UserRequest, number: str, no: int, key: str) -> HttpResponse:
    assessment = find_assessment(request.user, number, no)
    require_writer(request.user, assessment.initiative)
    try:
        section = section_at(Contents(assessment), key, request.POST if request.method == "POST" else None)
    except LookupError as error:
        raise Http404 from error
    if request.method == "POST":
        if isinstance(section, CriterionSection):
            section.use(request.POST.get(USE, ""), request.build_absolute_uri)
        return _save(request, section)
    if not assessment.is_editable:
        label = assessment.get_state_display().lower()
        messages.info(request, f"SUSI-vurderingen er {label} og kan ikke ændres. Her kan du læse den.")
        return redirect("assessments:detail", number, no)
    return _page(request, section, section)


def _save(request: UserRequest, section: Section) -> HttpResponse:
    if not section.is_whole():
        return _stopped(request, section, _NOT_WHOLE, status=400)
    try:
        version = section.save(by=request.user, version=_version(request))
    except SavedByAnother:
        return _saved_by_another(request, section)
    except Conflict as conflict:
        return _stopped(request, section, str(conflict), status=409)
    except Refused as refused:
        return _stopped(request, section, str(refused), status=422)
    return _saved(request, section, version)


def _saved(request: UserRequest, section: Section, version: int) -> HttpResponse:
    """Answer a save: what was not valid is still on the page, with what is wrong with it.

    `version` is that of the text saved. What is stored by now may be somebody else's, who must not be saved over.
    """
    stored = _stored_now(request, section)
    if request.headers.get("X-Autosave"):
        if not section.is_valid():
            return JsonResponse({"errors": section.errors, "version": version}, status=400)
        room = Room(stored.contents, stored.key)
        return JsonResponse(
            {
                "version": version,
                "saved_at": f"{timezone.localtime():%H.%M}",
                "missing_html": render_to_string("assessments/_missing.html", {"room": room}),
                "themes_html": render_to_string("assessments/_themes.html", {"room": room}),
            }
        )
    if not section.is_valid():
        return _page(request, section, stored, status=422, version=version)
    room = Room(stored.contents, stored.key)
    stop = {"next": room.next, "previous": room.previous}.get(request.POST.get("go", ""))
    used = isinstance(section, CriterionSection) and section.used
    return redirect(stop.url if stop else f"{request.path}{'#henvisninger' if used else ''}")


def _saved_by_another(request: UserRequest, section: Section) -> HttpResponse:
    """Show both texts and let the writer choose. The same text twice (a second click) is no conflict."""
    stored = _stored_now(request, section)
    texts = section.differences_from(stored)
    if not texts:
        return _saved(request, section, stored.version)
    conflict = {"texts": texts, "by": stored.saved_by, "at": stored.saved_at, "version": stored.version}
    if request.headers.get("X-Autosave"):
        html = render_to_string("components/conflict.html", conflict)
        return JsonResponse({"html": html}, status=409)
    return _page(request, section, stored, status=409, conflict=conflict)


def _stopped(request: UserRequest, section: Section, why: str, *, status: int) -> HttpResponse:
    """Say why nothing of it can be saved, as when it is no longer a draft; what was typed stays on the page."""
    if not request.headers.get("X-Autosave"):
        return _page(request, section, _stored_now(request, section), status=status, stopped=why)
    if status != 409:
        return JsonResponse({"errors": {"__all__": [why]}}, status=400)
    html = render_to_string("components/alert.html", {"variant": "error", "text": why})
    return JsonResponse({"html": html, "why": _NOT_A_DRAFT}, status=409)


def _stored_now(request: UserRequest, section: Section) -> Section:
    """Return the section as the database holds it after the save."""
    before = section.assessment
    return section_at(Contents(find_assessment(request.user, before.initiative.number, before.no)), section.key)


def _page(
    request: UserRequest, section: Section, stored: Section, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render the room with `section` open: its texts as typed, everything else as `stored`."""
    context = {
        "version": stored.version,
        **context,
        "assessment": stored.assessment,
        "initiative": stored.assessment.initiative,
        "room": Room(stored.contents, section.key),
        "section": section,
        "stored": stored,
        "is_typed": status != 200,
    }
    if isinstance(stored, CriterionSection):
        context["former"] = former_rating(stored.contents, stored.row)
        if asks_about_users(stored.row.wording):
            context["involvement"] = stored.contents.involvement
    if section.key == CONCLUSION and stored.contents.weighing:
        context["ways"] = shown_ways(stored.contents.weighing)
    return render(request, "assessments/gate_room.html", context, status=status)


def _version(request: UserRequest) -> int:
    """Return the version the writer read; one that is not a number is none that was ever read."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < _DIGITS else -1
