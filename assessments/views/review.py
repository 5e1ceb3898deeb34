"""Reading an assessment, and what is done with it as a whole: hand in, take back, approve, return, correct, give up."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from assessments.actions import review
from assessments.addresses import with_addresses
from assessments.contents import Contents
from assessments.differences import differences
from assessments.facts import findings_for
from assessments.forms import AnnulForm, RemarksForm
from assessments.models import Assessment
from assessments.models.assessment import awaiting_decision
from assessments.reading import reading_of
from assessments.record import Record
from assessments.views.lookup import find_assessment
from phases.terms import RatingValue
from portfolio.access import may_write, require_role, require_writer
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from susi.roles import Role


@require_GET
def detail(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _page(request, find_assessment(request.user, number, no))


@require_POST
def submit(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _act(
        request,
        find_assessment(request.user, number, no),
        lambda assessment: review.submit(assessment=assessment, by=request.user),
        "SUSI-vurderingen er indsendt til godkendelse. Den kan trækkes tilbage, indtil en leder har taget stilling.",
    )


@require_POST
def withdraw(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _act(
        request,
        find_assessment(request.user, number, no),
        lambda assessment: review.withdraw(assessment=assessment, by=request.user),
        "SUSI-vurderingen er trukket tilbage og er igen en kladde. Indsend den, når den er klar.",
    )


@require_POST
def approve(request: UserRequest, number: str, no: int) -> HttpResponse:
    return _act(
        request,
        find_assessment(request.user, number, no),
        lambda assessment: review.approve(assessment=assessment, by=request.user, sha256=_sha256(request)),
        _approved,
    )


def _approved(assessment: Assessment) -> str:
    """Say what comes next: of a correction, the decision may be made already."""
    awaits = Assessment.objects.filter(awaiting_decision(), pk=assessment.pk).exists()
    then = "Næste skridt er at registrere beslutningen om faseovergang." if awaits else "Den nye version gælder nu."
    return f"SUSI-vurderingen er godkendt og forseglet. {then}"


@require_POST
def send_back(request: UserRequest, number: str, no: int) -> HttpResponse:
    assessment = find_assessment(request.user, number, no)
    require_role(request.user, Role.MANAGER, review.TO_SEND_BACK)
    form = RemarksForm(request.POST)
    if not form.is_valid():
        return _page(request, assessment, status=422, remarks_form=form)
    return _act(
        request,
        assessment,
        lambda assessment: review.send_back(
            assessment=assessment, by=request.user, sha256=_sha256(request), remarks=form.cleaned_data["remarks"]
        ),
        "SUSI-vurderingen er sendt tilbage. Dine bemærkninger står øverst i kladden.",
        remarks_form=form,
    )


def correct(request: UserRequest, number: str, no: int) -> HttpResponse:
    assessment = find_assessment(request.user, number, no)
    require_writer(request.user, assessment.initiative)
    if request.method != "POST":
        return _ask(request, assessment, review.refuse_uncorrectable, "assessments/assessment_correct.html")
    try:
        correction = review.correct(assessment=assessment, by=request.user)
    except Refused as refused:
        return _refused(request, assessment, refused)
    messages.success(
        request,
        f"Version {correction.doc_version} er oprettet som kladde. Version {assessment.doc_version} gælder, "
        "indtil den nye er godkendt.",
    )
    return redirect("assessments:conclusion", number, correction.no)


def annul(request: UserRequest, number: str, no: int) -> HttpResponse:
    assessment = find_assessment(request.user, number, no)
    if not request.user.has_role(Role.MANAGER):
        require_writer(request.user, assessment.initiative)
    template = "assessments/assessment_annul.html"
    if request.method != "POST":
        return _ask(request, assessment, review.refuse_unannullable, template, form=AnnulForm())
    form, came_second = AnnulForm(request.POST), False
    if form.is_valid():
        try:
            review.annul(assessment=assessment, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error(None, list(refused.sentences))
            came_second = isinstance(refused, Conflict)
        else:
            messages.success(request, "Kladden er annulleret. Begrundelsen er gemt.")
            return redirect("portfolio:initiative_detail", number)
    context = {**_subject(assessment), "form": form, "came_second": came_second}
    return render(request, template, context, status=409 if came_second else 422)


def _ask(
    request: UserRequest,
    assessment: Assessment,
    refuse: Callable[[Assessment], None],
    template: str,
    **context: Any,
) -> HttpResponse:
    """Show the page before the act, or lead back to the assessment with why it cannot be done."""
    try:
        refuse(assessment)
    except Conflict as conflict:
        messages.info(request, str(conflict))
        return redirect("assessments:detail", assessment.initiative.number, assessment.no)
    return render(request, template, {**_subject(assessment), **context})


def _act(
    request: UserRequest,
    assessment: Assessment,
    action: Callable[[Assessment], Any],
    message: str | Callable[[Assessment], str],
    **context: Any,
) -> HttpResponse:
    """Do it and say what comes next, or show the page again with why it could not be done."""
    try:
        action(assessment)
    except Refused as refused:
        return _refused(request, assessment, refused, **context)
    messages.success(request, message if isinstance(message, str) else message(assessment))
    return redirect("assessments:detail", assessment.initiative.number, assessment.no)


def _refused(request: UserRequest, assessment: Assessment, refused: Refused, **context: Any) -> HttpResponse:
    status = 409 if isinstance(refused, Conflict) else 422
    now = find_assessment(request.user, assessment.initiative.number, assessment.no)
    return _page(request, now, status=status, refused=refused, **context)


def _page(request: UserRequest, assessment: Assessment, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render the assessment as it is to be read: sealed, as submitted, or as the draft stands."""
    user = request.user
    writes, manages = may_write(user, assessment.initiative), user.has_role(Role.MANAGER)
    contents = Contents(assessment)
    reading = reading_of(contents, with_submissions=writes or manages)
    changes = differences(reading.before, reading.record) if reading.before else []
    context = {
        "remarks_form": RemarksForm(),
        **_subject(assessment),
        "record": reading.record,
        "counts": _counts(reading.record),
        "facts": _facts(reading.record),
        "sha256": reading.sha256,
        "before_name": reading.before_name,
        "changes": {change.key: change for change in changes},
        "may_write": writes,
        "may_manage": manages,
        "may_approve": review.may_approve(user, assessment),
        "versions": _versions(assessment, user),
        **context,
    }
    if assessment.is_editable:
        context["missing"] = with_addresses(contents, findings_for(contents))
    if assessment.is_approved:
        context |= _standing(assessment)
    return render(request, "assessments/assessment_detail.html", context, status=status)


def _subject(assessment: Assessment) -> dict[str, Any]:
    return {"assessment": assessment, "initiative": assessment.initiative}


def _counts(record: Record) -> str:
    """Return how many criteria are rated what: "10 opfyldt, 2 delvist opfyldt, 1 ikke vurderet"."""
    values = [criterion["rating"]["value"] for theme in record["themes"] for criterion in theme["criteria"]]
    words = [*RatingValue.choices, ("", "Ikke vurderet")]
    return ", ".join(f"{values.count(value)} {label.lower()}" for value, label in words if value in values)


def _facts(record: Record) -> list[tuple[str, str]]:
    """Return what is to be known of the initiative and of the document itself, as (term, value)."""
    initiative, submitted = record["initiative"], record["submitted"]
    return [
        ("Initiativ", f"{initiative['number']} {initiative['title']}"),
        ("Program eller finansiering", initiative["programme"] or initiative["funding"]),
        ("Aftaler", initiative["agreements"]),
        ("Målgrupper", ", ".join(initiative["target_groups"])),
        ("Journalnummer", initiative["case_number"]),
        ("Initiativansvarlig", initiative["lead"]),
        ("Det sociale problem", initiative["problem"]),
        ("Regelsæt", record["edition"]["name"]),
        ("Skrevet af", ", ".join(author["name"] for author in record["authors"]) or "Ingen endnu"),
        ("Indsendt", f"{submitted['at']} af {submitted['by']['name']}" if submitted else "Ikke indsendt"),
    ]


def _versions(assessment: Assessment, user: Any) -> list[Assessment]:
    """The versions of the document that `user` may read, newest first."""
    document = assessment.initiative.assessments.visible_to(user).filter(document_no=assessment.document_no)
    return list(document.exclude(state=Assessment.State.ANNULLED).select_related("initiative").order_by("-doc_version"))


def _standing(assessment: Assessment) -> dict[str, Any]:
    """What has come of an approved assessment: whether it is the newest version, and what was decided on it."""
    initiative = assessment.initiative
    decided = [ground.decision for ground in assessment.decision_grounds.select_related("decision").order_by("pk")]
    in_force = [decision for decision in decided if not decision.is_reversed]
    newest = Assessment.objects.latest_approved().filter(pk=assessment.pk).exists()
    return {
        "decisions": in_force,
        "is_newest": newest,
        "awaits_decision": newest
        and not in_force
        and not initiative.has_ended
        and assessment.run_id == initiative.current_run_id,
        "correction_under_way": initiative.assessments.open().exists(),
    }


def _sha256(request: UserRequest) -> str:
    return request.POST.get("sha256", "")
