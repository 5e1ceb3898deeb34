"""Fast track of knowledge in one initiative: the answers, and the products."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portfolio.models import PhaseRun
from susi.http import UserRequest
from work.access import may_pass_on, require_passer_on
from work.actions import fast_track as actions
from work.editing import answer
from work.fast_track import answered_of, products_of
from work.involvement_forms import AnnulForm
from work.knowledge_forms import AnswerForm, ProductForm
from work.models import FastTrackAnswer, KnowledgeProduct
from work.views.lookup import find_initiative, find_run


@require_safe
def knowledge(request: UserRequest, number: str) -> HttpResponse:
    initiative = find_initiative(request.user, number)
    products = list(products_of(initiative))
    phases = answered_of(initiative, request.user)
    context = {
        "initiative": initiative,
        "phases": [(one, [product for product in products if product.run_id == one.run.pk]) for one in phases],
        "may_write": may_pass_on(request.user, initiative),
    }
    return render(request, "work/knowledge.html", context)


def fast_track(request: UserRequest, number: str, sequence: int) -> HttpResponse:
    """Answer the question on a phase that no SUSI-vurdering answers."""
    run = _run_to_write(request, number, sequence)
    here = next((one for one in answered_of(run.initiative, request.user) if one.run.pk == run.pk), None)
    if here is None:
        raise Http404

    def make(data: Any) -> AnswerForm:
        return AnswerForm(data, stored=FastTrackAnswer.objects.filter(run=run).first())

    def show(form: AnswerForm, status: int) -> HttpResponse:
        saved = FastTrackAnswer.history.filter(run=run).select_related("history_user").first()
        return _page(request, "work/fast_track_answer.html", run, form, status, here=here, saved=saved)

    return answer(
        request,
        make=make,
        save=lambda form: actions.answer_fast_track(run=run, by=request.user, **form.written()),
        show=show,
        done=lambda: _done(request, number, "Svaret om fast track af viden er gemt."),
    )


def product_create(request: UserRequest, number: str, sequence: int) -> HttpResponse:
    run = _run_to_write(request, number, sequence)
    return answer(
        request,
        make=ProductForm,
        save=lambda form: actions.add_product(run=run, by=request.user, **form.values),
        show=lambda form, status: _page(request, "work/product.html", run, form, status),
        done=lambda: _done(request, number, "Produktet er oprettet."),
    )


def product_edit(request: UserRequest, number: str, pk: int) -> HttpResponse:
    product = _product_to_write(request, number, pk)

    def make(data: Any) -> ProductForm:
        return ProductForm(data, stored=KnowledgeProduct.objects.get(pk=pk))

    def show(form: ProductForm, status: int) -> HttpResponse:
        saved = product.history.select_related("history_user").first()
        return _page(request, "work/product.html", product.run, form, status, product=product, saved=saved)

    return answer(
        request,
        make=make,
        save=lambda form: actions.edit_product(product=product, by=request.user, **form.written()),
        show=show,
        done=lambda: _done(request, number, "Produktet er gemt."),
    )


def product_annul(request: UserRequest, number: str, pk: int) -> HttpResponse:
    product = _product_to_write(request, number, pk)
    return answer(
        request,
        make=AnnulForm,
        save=lambda form: actions.annul_product(product=product, by=request.user, **form.cleaned_data),
        show=lambda form, status: _page(request, "work/product_annul.html", product.run, form, status, product=product),
        done=lambda: _done(request, number, "Produktet er annulleret og bliver stående med din begrundelse."),
    )


def _run_to_write(request: UserRequest, number: str, sequence: int) -> PhaseRun:
    run = find_run(request.user, number, sequence)
    require_passer_on(request.user, run.initiative)
    return run


def _product_to_write(request: UserRequest, number: str, pk: int) -> KnowledgeProduct:
    initiative = find_initiative(request.user, number)
    require_passer_on(request.user, initiative)
    products = KnowledgeProduct.objects.select_related("run")
    product: KnowledgeProduct = get_object_or_404(products, run__initiative=initiative, pk=pk)
    product.run.initiative = initiative
    return product


def _done(request: UserRequest, number: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("work:knowledge", number)


def _page(request: UserRequest, template: str, run: PhaseRun, form: Any, status: int, **context: Any) -> HttpResponse:
    context |= {"initiative": run.initiative, "run": run, "form": form}
    return render(request, template, context, status=status)
