"""Answering whether knowledge takes the fast track, and keeping the products that pass it on."""

from django.db import transaction
from django.utils import timezone

from phases.fast_track import is_asked_of
from portfolio.actions import lock
from portfolio.models import PhaseRun
from susi import second_click
from susi.dates import PartialDate, write
from susi.days import today
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from work.access import require_passer_on
from work.models import FastTrackAnswer, KnowledgeProduct
from work.models.fast_track import runs_with_fast_track

SAVED_BY_ANOTHER = "En anden har gemt imens. Det, du skrev, står her endnu. Sammenlign, og gem igen."
_State = KnowledgeProduct.State


@transaction.atomic
def answer_fast_track(*, run: PhaseRun, by: User, version: int, answer: bool, reason: str) -> FastTrackAnswer:
    """Answer on the phase itself, where no SUSI-vurdering of it does, whether the new knowledge is passed on now.

    Raises `NotAllowed`, `Conflict` where somebody answered since `version` was read (0: nobody had), or `Refused` where
    the phase is not over, or the question is answered in a SUSI-vurdering or belongs there.
    """
    lock(run.initiative)
    require_passer_on(by, run.initiative)
    found = runs_with_fast_track(by).filter(pk=run.pk).first()
    if found is None:
        raise Refused("Spørgsmålet om fast track stilles efter screening, modning og afprøvning.")
    if found.state != PhaseRun.State.ENDED:
        raise Refused("Fasen er i gang. Svaret gives i SUSI-vurderingen, når fasen slutter.")
    if found.assessed_answer is not None:
        raise Refused("Spørgsmålet er besvaret i den godkendte SUSI-vurdering.")
    if not reason.strip():
        raise Refused("Begrund svaret.")
    row = FastTrackAnswer.objects.filter(run=run).first() or FastTrackAnswer(run=run)
    if row.version != version:
        raise Conflict(SAVED_BY_ANOTHER)
    row.answer, row.reason, row.version = answer, reason, row.version + 1
    row.saved_by, row.saved_at = by, timezone.now()
    save_with_reason(row, by=by, reason="Fast track af viden besvaret")
    return row


@transaction.atomic
def add_product(
    *,
    run: PhaseRun,
    by: User,
    title: str,
    audience: str,
    channel: str,
    planned_for: PartialDate | None = None,
    published_on: PartialDate | None = None,
    link: str = "",
) -> KnowledgeProduct:
    """Add a product that passes the knowledge of the phase on, planned or published already.

    Raises `NotAllowed`, `Conflict` where the person has just added one of that title (a second click), or `Refused`.
    """
    lock(run.initiative)
    require_passer_on(by, run.initiative)
    run = PhaseRun.objects.select_related("initiative").get(pk=run.pk)
    if not is_asked_of(run.phase) or not run.has_begun:
        raise Refused("Viden formidles fra en screening, en modning eller en afprøvning, der er begyndt.")
    product = KnowledgeProduct(run=run, created_by=by, created_at=timezone.now())
    _fill(product, title, audience, channel, planned_for, published_on, link)
    same = run.knowledge_products.in_force().filter(created_by=by, title=title, channel=channel)
    if same.filter(created_at__gt=product.created_at - second_click.WITHIN).exists():
        raise Conflict("Produktet er allerede oprettet. Der er ikke oprettet to.")
    save_with_reason(product, by=by, reason="Vidensprodukt oprettet")
    return product


@transaction.atomic
def edit_product(
    *,
    product: KnowledgeProduct,
    by: User,
    version: int,
    title: str,
    audience: str,
    channel: str,
    planned_for: PartialDate | None = None,
    published_on: PartialDate | None = None,
    link: str = "",
) -> KnowledgeProduct:
    """Change a product; a day of publishing makes it published.

    Raises `NotAllowed`, `Conflict` where somebody saved since `version` was read, or `Refused` where it is annulled.
    """
    product = _locked(product, by)
    if product.state == _State.ANNULLED:
        raise Refused("Produktet er annulleret og kan ikke ændres. Opret et nyt.")
    if product.version != version:
        raise Conflict(SAVED_BY_ANOTHER)
    _fill(product, title, audience, channel, planned_for, published_on, link)
    product.version += 1
    save_with_reason(product, by=by, reason="Vidensprodukt rettet")
    return product


@transaction.atomic
def annul_product(*, product: KnowledgeProduct, by: User, reason: str) -> KnowledgeProduct:
    """Annul a product that comes to nothing or was a mistake; it stays with the reason.

    Raises `NotAllowed`, `Conflict` where it is annulled already, or `Refused` without a reason.
    """
    product = _locked(product, by)
    if product.state == _State.ANNULLED:
        raise Conflict("Produktet er allerede annulleret.")
    if not reason.strip():
        raise Refused("Skriv, hvorfor produktet annulleres.")
    product.state, product.annulment_reason = _State.ANNULLED, reason
    product.version += 1
    save_with_reason(product, by=by, reason="Vidensprodukt annulleret")
    return product


def _locked(product: KnowledgeProduct, by: User) -> KnowledgeProduct:
    lock(product.run.initiative)
    require_passer_on(by, product.run.initiative)
    return KnowledgeProduct.objects.select_for_update(of=("self",)).get(pk=product.pk)


def _fill(
    product: KnowledgeProduct,
    title: str,
    audience: str,
    channel: str,
    planned_for: PartialDate | None,
    published_on: PartialDate | None,
    link: str,
) -> None:
    if published_on and published_on.date > today():
        raise Refused("Dagen for formidlingen er ikke kommet endnu. Skriv den som planlagt i stedet.")
    if link and not link.startswith("https://"):
        raise Refused("Skriv linket som https://…")
    product.title, product.audience, product.channel, product.link = title, audience, channel, link
    write(product, "planned_for", planned_for)
    write(product, "published_on", published_on)
    product.state = _State.PUBLISHED if published_on else _State.PLANNED
