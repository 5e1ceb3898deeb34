"""User involvement: its page, the strategy of a phase, and the log."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portfolio.access import may_write, require_writer
from portfolio.models import PhaseRun
from susi.http import UserRequest
from work.actions import involvement as actions
from work.editing import answer
from work.involvement import involvement_of
from work.involvement_forms import AnnulForm, EventForm, StrategyForm
from work.models import InvolvementEvent, InvolvementStrategy
from work.views.lookup import find_initiative, find_run


@require_safe
def involvement(request: UserRequest, number: str) -> HttpResponse:
    initiative = find_initiative(request.user, number)
    context = {
        "initiative": initiative,
        "phases": involvement_of(initiative),
        "may_write": may_write(request.user, initiative),
    }
    return render(request, "work/involvement.html", context)


def strategy(request: UserRequest, number: str, sequence: int) -> HttpResponse:
    run = _run_to_write(request, number, sequence)

    def stored() -> InvolvementStrategy | None:
        return InvolvementStrategy.objects.filter(run=run).first()

    def show(form: StrategyForm, status: int) -> HttpResponse:
        saved = InvolvementStrategy.history.filter(run=run).select_related("history_user").first()
        return _page(request, "work/involvement_strategy.html", run, form, status, saved=saved)

    def save(form: StrategyForm) -> None:
        actions.save_strategy(run=run, by=request.user, **form.written())

    return answer(
        request,
        make=lambda data: StrategyForm(data, run=run, stored=stored()),
        save=save,
        show=show,
        done=lambda: _done(request, number, "Strategien for brugerinddragelse er gemt."),
    )


def log(request: UserRequest, number: str, sequence: int) -> HttpResponse:
    """Log what took place in a phase."""
    run = _run_to_write(request, number, sequence)
    return answer(
        request,
        make=EventForm,
        save=lambda form: actions.log_involvement(run=run, by=request.user, **form.cleaned_data),
        show=lambda form, status: _page(request, "work/involvement_log.html", run, form, status),
        done=lambda: _done(request, number, "Det er skrevet i loggen."),
    )


def annul(request: UserRequest, number: str, pk: int) -> HttpResponse:
    initiative = find_initiative(request.user, number)
    require_writer(request.user, initiative)
    event = get_object_or_404(
        InvolvementEvent.objects.select_related("run__initiative"), run__initiative=initiative, pk=pk
    )
    return answer(
        request,
        make=AnnulForm,
        save=lambda form: actions.annul_involvement(event=event, by=request.user, **form.cleaned_data),
        show=lambda form, status: _page(request, "work/involvement_annul.html", event.run, form, status, event=event),
        done=lambda: _done(request, number, "Det er annulleret og bliver stående i loggen med din begrundelse."),
    )


def _run_to_write(request: UserRequest, number: str, sequence: int) -> PhaseRun:
    run = find_run(request.user, number, sequence)
    require_writer(request.user, run.initiative)
    return run


def _done(request: UserRequest, number: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("work:involvement", number)


def _page(request: UserRequest, template: str, run: PhaseRun, form: Any, status: int, **context: Any) -> HttpResponse:
    context |= {"initiative": run.initiative, "run": run, "form": form}
    return render(request, template, context, status=status)
