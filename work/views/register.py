"""The register of everything that passes knowledge on."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from susi.dates import danish
from susi.days import today
from susi.http import UserRequest, as_file
from work import register
from work.fast_track import open_questions
from work.knowledge_forms import SearchForm

PER_PAGE = 50


@require_safe
def knowledge_register(request: UserRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    products = register.found(request.user, form.cleaned_data if form.is_valid() else {})
    context = {
        "form": form,
        "page": Paginator(products, PER_PAGE).get_page(request.GET.get("page")),
        "open": open_questions(request.user),
        "query": request.GET.urlencode(),
    }
    return render(request, "work/knowledge_register.html", context)


@require_safe
def knowledge_csv(request: UserRequest) -> HttpResponseBase:
    """Send what the register shows with the same address. A choice that cannot be read is refused, never left out."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(
            request,
            "portfolio/export_refused.html",
            {"sentences": ["Et valg i adressen kan ikke læses. Gå tilbage til registret, og vælg igen."]},
            status=422,
        )
    products = list(register.found(request.user, form.cleaned_data))
    return as_file(register.as_csv(products), f"Formidling_af_viden_{danish(today())}.csv", rows=len(products))
