"""The document itself, and how two versions of it differ."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.contents import Contents
from assessments.differences import differences as differences_between
from assessments.pdf import draft_pdf, ensure_pdf
from assessments.reading import reading_of
from assessments.views.lookup import find_assessment
from portfolio.access import may_write
from susi.errors import Refused
from susi.http import UserRequest
from susi.roles import Role


@require_GET
def pdf(request: UserRequest, number: str, no: int) -> HttpResponse | FileResponse:
    """Return the sealed document, or what is not yet approved with the watermark "Udkast"; `?hent=1` saves it."""
    assessment = find_assessment(request.user, number, no)
    download = "hent" in request.GET
    if not assessment.is_approved:
        response = HttpResponse(draft_pdf(assessment), content_type="application/pdf")
        kind = "attachment" if download else "inline"
        response["Content-Disposition"] = f'{kind}; filename="Udkast_{assessment.file_name}"'
        response["Cache-Control"] = "no-store"
        return response
    try:
        sealed = ensure_pdf(assessment)
    except Refused as refused:
        context = {"assessment": assessment, "initiative": assessment.initiative, "refused": refused}
        return render(request, "assessments/assessment_stopped.html", context, status=409)
    return FileResponse(
        sealed.pdf.open(), as_attachment=download, filename=assessment.file_name, content_type="application/pdf"
    )


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
