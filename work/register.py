"""The register of everything that passes knowledge on, across the portfolio: what is found, and as a file."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from phases.terms import Phase
from susi.danish import fold
from susi.dates import danish
from susi.days import today
from susi.exports import danish_csv
from susi.models import User
from work.models import KnowledgeProduct

COLUMNS = {
    "Initiativ": lambda product: product.run.initiative.number,
    "Initiativets titel": lambda product: product.run.initiative.title,
    "Viden fra": lambda product: Phase(product.run.phase).label,
    "Produkt": lambda product: product.title,
    "Til hvem": lambda product: product.audience,
    "Kanal": lambda product: product.get_channel_display(),
    "Tilstand": lambda product: product.get_state_display(),
    "Planlagt til": lambda product: str(product.planned or ""),
    "Formidlet": lambda product: str(product.published or ""),
    "Link": lambda product: product.link,
}


def found(user: User, wanted: dict[str, Any]) -> QuerySet[KnowledgeProduct]:
    """Return the products that `user` may see and that fit everything `wanted` (by the fields of `SearchForm`).

    Every word of `q` stands somewhere in the product or its initiative. What is annulled is left out.
    """
    products = KnowledgeProduct.objects.visible_to(user).in_force().select_related("run__initiative")
    for word in fold(wanted.get("q") or "").split():
        products = products.filter(Q(search_text__contains=word) | Q(run__initiative__search_text__contains=word))
    same = {"channel": "channel", "phase": "run__phase", "state": "state", "programme": "run__initiative__programme"}
    chosen = {column: wanted[name] for name, column in same.items() if wanted.get(name)}
    return products.filter(**chosen)


def as_csv(products: list[KnowledgeProduct]) -> Iterator[str]:
    """Return the products as a CSV text that Danish Excel opens as a table."""

    def notes() -> list[str]:
        return [f"Formidling af viden, trukket {danish(today())}", f"{len(products)} produkter"]

    return danish_csv(COLUMNS, products, notes)
