"""What a browser would send from a page of the administration."""

from typing import Any

from django.http import HttpResponse


def filled_in(response: HttpResponse, **changes: Any) -> dict[str, Any]:
    """Return the values of the form on the page with its inlines, with `changes` over them."""
    context = response.context
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets", ()):
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    return {**sent, **changes}
