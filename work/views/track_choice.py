"""The worksheets of a transition: read by everybody who sees the initiative, filled in by those who write on it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from phases.track_choice import track_is_to_be_chosen, ways_are_to_be_weighed
from portfolio.access import may_write, require_writer
from portfolio.models import Initiative, PhaseRun
from susi.http import UserRequest
from work.actions import track_choice as actions
from work.actions.track_choice import choice_of, weighing_of
from work.editing import answer
from work.models import TrackChoice, WayWeighing
from work.track_choice import (
    criteria_on_tracks,
    edition_in_force,
    missing_of_choice,
    missing_of_weighing,
    next_gate,
    sheets,
    shown_ways,
)
from work.track_choice_forms import TrackChoiceForm, WeighingForm
from work.views.lookup import find_initiative, refuse_writing


@require_safe
def track_choice(request: UserRequest, number: str) -> HttpResponse:
    """Read the worksheet: of the present phase, else the newest one the initiative has."""
    initiative = find_initiative(request.user, number)
    is_now = track_is_to_be_chosen(initiative.phase, initiative.track)
    choice = choice_of(initiative) if is_now else _newest_choice(initiative)
    edition = choice.edition if choice else edition_in_force()
    gate = next_gate(initiative.phase) if is_now else None
    context = {
        "initiative": initiative,
        "choice": choice,
        "sheets": sheets(edition, choice),
        "gate": gate,
        "criteria": criteria_on_tracks(edition, gate) if gate else [],
        "missing": missing_of_choice(choice) if is_now else [],
        "may_write": is_now and may_write(request.user, initiative),
    }
    return render(request, "work/track_choice.html", context)


def track_choice_edit(request: UserRequest, number: str) -> HttpResponse:
    initiative = find_initiative(request.user, number)
    require_writer(request.user, initiative)
    if not track_is_to_be_chosen(initiative.phase, initiative.track):
        refuse_writing(request, "Arket om sporvalg hører til en fase, som initiativet ikke er i mere.")
        return redirect("work:track_choice", number)
    edition, gate = edition_in_force(), next_gate(initiative.phase)

    def make(data: Any) -> TrackChoiceForm:
        choice = choice_of(initiative)
        return TrackChoiceForm(data, sheets=sheets(edition, choice), stored=choice)

    def show(form: TrackChoiceForm, status: int) -> HttpResponse:
        context = {
            "initiative": initiative,
            "form": form,
            "gate": gate,
            "criteria": criteria_on_tracks(edition, gate),
            "saved": _last_saved(TrackChoice, initiative=initiative, run=initiative.current_run),
        }
        return render(request, "work/track_choice_edit.html", context, status=status)

    return answer(
        request,
        make=make,
        save=lambda form: actions.save_track_choice(initiative=initiative, by=request.user, **form.written()),
        show=show,
        done=lambda: _done(request, "work:track_choice", number, "Arket om sporvalg er gemt."),
    )


@require_safe
def weighing(request: UserRequest, number: str) -> HttpResponse:
    """Read the weighing of the three ways: of the present phase, else the newest one the initiative has."""
    initiative = find_initiative(request.user, number)
    is_now = ways_are_to_be_weighed(initiative.phase, initiative.track)
    row = weighing_of(initiative.current_run) if is_now else _newest_weighing(initiative)
    context = {
        "initiative": initiative,
        "weighing": row,
        "ways": shown_ways(row),
        "missing": missing_of_weighing(row) if is_now else [],
        "may_write": is_now and may_write(request.user, initiative),
    }
    return render(request, "work/weighing.html", context)


def weighing_edit(request: UserRequest, number: str) -> HttpResponse:
    initiative = find_initiative(request.user, number)
    require_writer(request.user, initiative)
    run = initiative.current_run
    if run is None or not ways_are_to_be_weighed(initiative.phase, initiative.track):
        refuse_writing(request, "Afvejningen af de tre veje hører til en fase, som initiativet ikke er i mere.")
        return redirect("work:weighing", number)
    run.initiative = initiative

    def make(data: Any) -> WeighingForm:
        row = weighing_of(run)
        return WeighingForm(data, ways=shown_ways(row), stored=row)

    def show(form: WeighingForm, status: int) -> HttpResponse:
        context = {"initiative": initiative, "form": form, "saved": _last_saved(WayWeighing, run=run)}
        return render(request, "work/weighing_edit.html", context, status=status)

    return answer(
        request,
        make=make,
        save=lambda form: actions.save_weighing(run=run, by=request.user, **form.written()),
        show=show,
        done=lambda: _done(request, "work:weighing", number, "Afvejningen af de tre veje er gemt."),
    )


def _newest_choice(initiative: Initiative) -> TrackChoice | None:
    choices = initiative.track_choices.exclude(run__state=PhaseRun.State.ANNULLED)
    return choices.select_related("edition", "saved_by").order_by("-saved_at").first()


def _newest_weighing(initiative: Initiative) -> WayWeighing | None:
    weighings = WayWeighing.objects.filter(run__in=initiative.runs.in_force())
    return weighings.select_related("saved_by").order_by("-saved_at").first()


def _last_saved(model: Any, **of: Any) -> Any:
    return model.history.filter(**of).select_related("history_user").first()


def _done(request: UserRequest, view: str, number: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(view, number)
