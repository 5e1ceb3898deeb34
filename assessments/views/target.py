"""Beginning an assessment, and changing the phase and track it aims at."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from assessments.actions import drafting
from assessments.contents import Contents
from assessments.forms import StartForm, TargetForm
from assessments.models import Assessment
from assessments.views.lookup import find_assessment
from phases.gates import TrackChange
from phases.machine import phases_after
from phases.models import Criterion, Edition
from phases.terms import Phase, Track
from phases.track_choice import track_is_to_be_chosen
from portfolio.access import require_writer
from portfolio.models import Initiative
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from work.actions.track_choice import choice_of


def start(request: UserRequest, number: str) -> HttpResponse:
    """Choose phase and track: suggested are the next phase and the present track."""
    initiatives = Initiative.objects.visible_to(request.user).select_related("current_run")
    initiative = get_object_or_404(initiatives, number=number)
    require_writer(request.user, initiative)
    edition = Edition.objects.current()
    phases = [phase for phase in phases_after(initiative.phase) if phase != Phase.SCREENING]
    choice = choice_of(initiative) if track_is_to_be_chosen(initiative.phase, initiative.track) else None
    suggested = {
        "to_phase": phases[0] if phases else "",
        "to_track": choice.track if choice and choice.track else initiative.track,
        "seen": initiative.current_run_id or 0,
    }
    form = StartForm(
        request.POST if request.method == "POST" else None, stage=initiative.phase, edition=edition, initial=suggested
    )
    status = 200
    if request.method == "POST":
        status, is_valid = 422, form.is_valid()
        try:
            drafting.refuse_if_moved_on(initiative, form.cleaned_data.get("seen"))
        except Conflict as conflict:
            messages.warning(request, str(conflict))  # and other phases are offered
            return redirect("assessments:start", number)
        if is_valid:
            try:
                assessment = drafting.start_assessment(
                    initiative=initiative, by=request.user, seen=form.cleaned_data["seen"], **form.target
                )
            except Refused as refused:
                form.add_error(None, list(refused.sentences))
                status = 409 if isinstance(refused, Conflict) else 422
            else:
                messages.success(request, "SUSI-vurderingen er påbegyndt. Vurdér kriterierne ét for ét.")
                return redirect("assessments:gate", number, assessment.no)
    context = {
        "initiative": initiative,
        "edition": edition,
        "form": form,
        "phases": phases,
        "under_way": initiative.assessments.open().first(),
        "choice": choice,
        **_explained(edition, form),
    }
    return render(request, "assessments/assessment_start.html", context, status=status)


def target(request: UserRequest, number: str, no: int) -> HttpResponse:
    """Choose another phase or track, read what becomes of the ratings, and confirm."""
    assessment = find_assessment(request.user, number, no)
    require_writer(request.user, assessment.initiative)
    if not assessment.is_editable or assessment.is_correction:
        return redirect("assessments:detail", number, no)
    present = {"to_phase": assessment.to_phase, "to_track": assessment.to_track}
    sent = request.POST or request.GET or None
    form = TargetForm(sent, stage=assessment.from_stage, edition=assessment.edition, initial=present)
    change, status = None, 200
    if sent is not None and form.is_valid():
        try:
            if request.method == "POST":
                drafting.change_target(assessment=assessment, by=request.user, **form.target)
                messages.success(request, "Faseovergangen er ændret. De kriterier, der skal vurderes, står i listen.")
                return redirect("assessments:gate", number, no)
            change = drafting.preview_target(assessment=assessment, **form.target)
        except Refused as refused:
            form.add_error(None, list(refused.sentences))
            status = 409 if isinstance(refused, Conflict) else 422
    elif sent is not None:
        status = 422
    context = {
        "assessment": assessment,
        "initiative": assessment.initiative,
        "edition": assessment.edition,
        "form": form,
        "is_the_same": change is not None and form.target == present,
        "preview": change and _preview(assessment, change, **form.target),
        "new_target": change and _named(**form.target),
        "choice": Contents(assessment).track_choice,
        **_explained(assessment.edition, form),
    }
    return render(request, "assessments/assessment_target.html", context, status=status)


def _named(*, to_phase: str, to_track: str) -> str:
    """Return the target in running text: "modningsfasen, spor 1"."""
    track = Track(to_track).label.lower() if to_track else ""
    return ", ".join(filter(None, [Phase(to_phase).definite, track]))


def _explained(edition: Edition, form: TargetForm) -> dict[str, list]:
    """Pair each choice of the form with what the edition says of the phase or track."""
    phases = {row.phase: row for row in edition.phase_definitions.all()}
    tracks = {row.track: row for row in edition.track_definitions.all()}
    return {
        "phase_choices": [(one, phases.get(str(one.data["value"]))) for one in form["to_phase"].subwidgets],
        "track_choices": [(one, tracks.get(str(one.data["value"]))) for one in form["to_track"].subwidgets]
        if "to_track" in form.fields
        else [],
    }


def _preview(assessment: Assessment, change: TrackChange, *, to_phase: str, to_track: str) -> list[dict]:
    """Return the three groups of criteria, with wording and present rating of each."""
    ratings = {rating.criterion.code: rating for rating in assessment.ratings.select_related("criterion")}
    after = {row.code: row for row in Criterion.objects.for_gate(assessment.edition, to_phase, to_track)}
    before = {row.code: row for row in assessment.criteria()}

    def rows(codes: list[str], criteria: dict[str, Criterion], track: str) -> list[dict]:
        return [
            {"code": code, "wording": criteria[code].wording_for(track), "rating": ratings.get(code)} for code in codes
        ]

    return [
        {
            "heading": "Følger med",
            "text": "Samme kriterie. Vurderingen står ved magt.",
            "rows": rows(list(change.carried_over), after, to_track),
        },
        {
            "heading": "Skal vurderes på ny",
            "text": "Kriteriet er nyt eller har egen ordlyd. Vurderingen nulstilles, begrundelsen bliver stående.",
            "rows": rows(list(change.judged_anew), after, to_track),
        },
        {
            "heading": "Falder bort",
            "text": "Kriteriet gælder ikke. Begrundelsen kommer igen, hvis du skifter tilbage.",
            "rows": rows(list(change.fallen_away), before, assessment.to_track),
        },
    ]
