"""Registering that a member of staff has left: what is handed over first, what it means, and the act."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from desk.actions import leaving
from desk.forms import LeavingForm
from susi.errors import Conflict, Refused
from susi.http import UserRequest
from susi.leaving import names_of
from susi.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def register_left(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    leaving.require_may_register(request.user, person)
    if request.method != "POST":
        return _page(request, person, LeavingForm())
    form, called = LeavingForm(request.POST), str(person)
    if not form.is_valid():
        return _page(request, person, form, status=422)
    try:
        person = leaving.register_left(person=person, by=request.user)
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    except Refused:  # the page says what is to be handed over
        return _page(request, person, LeavingForm(), status=422)
    else:
        messages.success(request, f"{called} er registreret som fratrådt og hedder nu {person}.")
    return redirect("admin:susi_user_change", person.pk)


def _page(request: UserRequest, person: User, form: LeavingForm, status: int = 200) -> HttpResponse:
    names = names_of(person.pk)
    context = {
        "person": person,
        "form": form,
        "called": f"{names['first_name']} {names['last_name']}",
        "to_hand_over": leaving.to_hand_over(person),
        "falls_to_others": leaving.falls_to_others(person),
    }
    return render(request, "desk/left.html", context, status=status)
