"""The timeline: initiatives as bars by phase over the years."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from portfolio.filters import InitiativeFilter
from portfolio.selection import selection
from portfolio.timeline_rows import Grouping, timeline_of
from susi.days import of_any_day, today
from susi.forms import Form
from susi.http import UserRequest


class GroupingForm(Form):
    """What the timeline is grouped by; by programme where nothing is chosen."""

    gruppe = forms.ChoiceField(label="Gruppér efter", choices=Grouping.choices, required=False)

    @property
    def grouping(self) -> Grouping:
        chosen = self.cleaned_data.get("gruppe") if self.is_valid() else ""
        return Grouping(chosen or Grouping.PROGRAMME)


@require_safe
@of_any_day
def timeline(request: UserRequest) -> HttpResponse:
    selected = selection(request)
    grouping = GroupingForm({"gruppe": request.GET.get("gruppe", Grouping.PROGRAMME)})
    day = request.day or today()
    return render(
        request,
        "portfolio/timeline.html",
        {
            "selection": selected,
            "form": selected.form,
            "total": selected.total,
            "grouping": grouping["gruppe"],
            "timeline": timeline_of(
                selected.initiatives, by=grouping.grouping, today=day, page=request.GET.get("page")
            ),
            "today": day,
            "list_of": _list_of(request, grouping.grouping),
        },
    )


def _list_of(request: UserRequest, grouping: Grouping) -> str:
    """Return the address of the list of a group, less its value; "" where the list cannot be asked for it as well."""
    if request.GET.get(grouping) or grouping not in InitiativeFilter.base_filters:
        return ""
    kept = [name for name in request.GET if request.GET[name] and name not in ("page", "gruppe", grouping)]
    asked = urlencode([*((name, str(request.GET[name])) for name in kept), (grouping.value, "")])
    return f"{reverse('portfolio:initiative_list')}?{asked}"
