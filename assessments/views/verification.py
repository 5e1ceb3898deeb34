"""Kontrollér et dokument: whether a PDF or a checksum is that of a SUSI-vurdering approved here. It is not kept."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from assessments import verification
from assessments.verification import Answer
from assessments.verification_forms import CHECKSUM, ChecksumForm, FileForm
from susi.access_log import note
from susi.http import UserRequest
from susi.models import AccessEntry


@require_http_methods(["GET", "POST"])
def verify(request: UserRequest) -> HttpResponse:
    """Answer about the file that is sent, or the checksum in the address."""
    if request.method == "POST":
        return _of_file(request)
    if CHECKSUM in request.GET:
        return _of_checksum(request)
    return _page(request)


def _of_file(request: UserRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, file_form=form, status=422)
    note(request, AccessEntry.Kind.CHECKED, request.user)
    answer = verification.of_file(form.cleaned_data["file"], by=request.user)
    return _page(request, answer=answer, about=form.file_name)


def _of_checksum(request: UserRequest) -> HttpResponse:
    form = ChecksumForm(request.GET)
    if not form.is_valid():
        return _page(request, checksum_form=form, status=422)
    note(request, AccessEntry.Kind.CHECKED, request.user)
    answer = verification.of_checksum(form.cleaned_data[CHECKSUM], by=request.user)
    return _page(request, answer=answer, checksum_form=form)


def _page(
    request: UserRequest,
    *,
    file_form: FileForm | None = None,
    checksum_form: ChecksumForm | None = None,
    answer: Answer | None = None,
    about: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "file_form": file_form or FileForm(),
        "checksum_form": checksum_form or ChecksumForm(),
        "answer": answer,
        "about": about,
    }
    return render(request, "assessments/verification.html", context, status=status)
