"""What a page is asked about: the initiatives the filters of the address choose, in the order it says.

The list, its exports, the timeline and the other pages with "filters as in the list" all ask here.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet

from portfolio.filters import InitiativeFilter
from portfolio.models import Initiative
from susi.http import UserRequest


@dataclass(frozen=True)
class Selection:
    """`initiatives` are filtered and sorted, fetched `with_standing`.

    `chosen` says in words what is filtered by: a list of `label`, `words` and `without`, the address of the same page
    without that filter. `sorted_by` says the order. Where `is_valid` is false the `form` says what was not understood,
    and that filter is left out: a page shows the form, an export refuses.
    """

    initiatives: QuerySet[Initiative]
    form: forms.Form
    chosen: list[dict[str, str]]
    sorted_by: str
    is_valid: bool


def selection(request: UserRequest) -> Selection:
    """Return what `request` asks for of the initiatives its user may see, as of its day (`susi.days.of_any_day`)."""
    visible: Any = Initiative.objects.visible_to(request.user).with_standing()
    asked = InitiativeFilter(request.GET, queryset=visible, request=request)
    return Selection(
        initiatives=asked.qs,
        form=asked.form,
        chosen=asked.chosen(),
        sorted_by=asked.sorted_by(),
        is_valid=asked.is_valid(),
    )
