"""The document itself, and how two versions of it differ."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.contents import Contents
from assessments.differences import differences as differences_between
from assessments.pdf import draft_pdf, sealed_pdf
from assessments.reading import reading_of
from assessments.views.lookup import find_assessment
from portfolio.access import may_write
from susi.errors import Refused
from susi.http import UserRequest, as_file
from susi.roles import Role


@require_GET
def pdf(request: UserRequest, number: str, no: int) -> HttpResponseBase:
    """Return the sealed document, or what is not yet approved with the watermark "Udkast"; `?hent=1` saves it."""
    assessment = find_assessment(request.user, number, no)
    try:
        document = sealed_pdf(assessment) if assessment.is_approved else draft_pdf(assessment)
    except Refused as refused:
        context = {"assessment": assessment, "initiative": assessment.initiative, "refused": refused}
        return render(request, "assessments/assessment_stopped.html", context, status=409)
    name = assessment.file_name if assessment.is_approved else f"Udkast_{assessment.file_name}"
    return as_file(document, name, is_saved="hent" in request.GET, may_be_kept=assessment.is_approved)


@require_GET
def differences(request: UserRequest, number: str, no: int) -> HttpResponse:
    assessment = find_assessment(request.user, number, no)
    knows = may_write(request.user, assessment.initiative) or request.user.has_role(Role.MANAGER)
    reading = reading_of(Contents(assessment), with_submissions=knows)
    context = {
        "assessment": assessment,
        "initiative": assessment.initiative,
        "before_name": reading.before_name,
        "changes": differences_between(reading.before, reading.record) if reading.before else [],
    }
    return render(request, "assessments/assessment_differences.html", context)
