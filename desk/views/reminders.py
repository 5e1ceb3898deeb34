"""What one is told by mail."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from desk.actions import reminders as actions
from desk.forms import RemindersForm
from desk.models import Digest, ReminderChoice
from susi.errors import Conflict
from susi.http import UserRequest


def reminders(request: UserRequest) -> HttpResponse:
    choice = ReminderChoice.objects.filter(person=request.user).first()
    if request.method != "POST":
        return _page(request, RemindersForm(choice=choice))
    form = RemindersForm(request.POST, choice=choice)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        actions.choose_reminders(by=request.user, **form.cleaned_data)
    except Conflict as conflict:
        stored = ReminderChoice.objects.filter(person=request.user).first()
        again = RemindersForm(form.over(stored), choice=stored)
        again.add_error(None, str(conflict))
        return _page(request, again, status=409)
    messages.success(request, "Dine påmindelser er gemt.")
    return redirect("desk:reminders")


def _page(request: UserRequest, form: RemindersForm, status: int = 200) -> HttpResponse:
    last = Digest.objects.filter(person=request.user, state=Digest.State.SENT).first()
    return render(request, "desk/reminders.html", {"form": form, "last": last}, status=status)
