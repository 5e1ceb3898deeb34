"""Forms that two may fill in at once: nothing that was typed is lost, and both texts stay on the screen."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict

from susi.errors import Conflict, Refused
from susi.forms import Form, as_read, name_of
from susi.http import UserRequest
from susi.pdf_fonts import unprintable_characters


def refuse_unprintable(text: str) -> None:
    """Raise `ValidationError` where `text` holds what the SUSI-vurdering's fonts lack: it is printed there."""
    if characters := unprintable_characters(text):
        raise ValidationError(f"Teksten indeholder tegn, der ikke kan trykkes: {characters}. Erstat dem.")


class VersionedForm(Form):
    """A form over something stored; `version` is the one the writer read.

    `differences` is None but after a conflict: then (label, mine, theirs) of each text that is not the same.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    differences: list[tuple[str, str, str]] | None = None

    def written(self) -> dict[str, Any]:
        """Return what was written, by the names the action takes, with the version."""
        return dict(self.cleaned_data)

    def name_of(self, field: Any) -> str:
        """Return what `field` is called away from the form."""
        return name_of(field)

    def differences_from(self, stored: "VersionedForm") -> list[tuple[str, str, str]]:
        pairs = zip(self.visible_fields(), stored.visible_fields(), strict=True)
        texts = [(self.name_of(mine), as_read(mine), as_read(theirs)) for mine, theirs in pairs]
        return [(label, mine, theirs) for label, mine, theirs in texts if mine != theirs]


def typed_over_stored(make: Callable[[Any], Any], data: Any) -> VersionedForm:
    """Return the form with what was typed, to be saved over what is stored now, and what differs from that.

    `make` makes the form of what was sent (None: of what is stored), over what is stored now.
    """
    stored = make(None)
    again = MultiValueDict(data.lists())
    again["version"] = str(stored["version"].value())
    form: VersionedForm = make(again)
    form.differences = form.differences_from(stored)
    return form


def answer(
    request: UserRequest,
    *,
    make: Callable[[Any], Any],
    save: Callable[[Any], Any],
    show: Callable[[Any, int], HttpResponse],
    done: Callable[[], HttpResponse],
) -> HttpResponse:
    """Answer a page with one form: `show` it, `save` what was sent, and be `done`.

    What is refused or overtaken is shown with the form as it was filled in.
    """
    if request.method != "POST":
        return show(make(None), 200)
    form = make(request.POST)
    if not form.is_valid():
        return show(form, 422)
    try:
        save(form)
    except Conflict as conflict:
        if isinstance(form, VersionedForm):
            return show(typed_over_stored(make, request.POST), 409)
        form.add_error(None, str(conflict))
        return show(form, 409)
    except Refused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return show(form, 422)
    return done()
