"""An ended initiative carried on by a new one (videreførelse). Two that merge are two rows with the same target."""

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import cache

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from susi.prepared import Prepared


class ContinuationQuerySet(models.QuerySet["Continuation"]):
    def in_force(self) -> "ContinuationQuerySet":
        return self.filter(is_annulled=False)

    def lineage_of(self, initiative_pk: int) -> list[int]:
        """Return the primary keys of everything the initiative continues, nearest first, in one query."""
        return self.lineages_of([initiative_pk])[initiative_pk]

    def lineages_of(
        self, initiative_pks: Iterable[int], pairs: Iterable[tuple[int, int]] | None = None
    ) -> dict[int, list[int]]:
        """Return `lineage_of` each of the initiatives, by primary key, in one query for them all; none with `pairs`."""
        predecessors = linked((after, before) for before, after in (every_link() if pairs is None else pairs))
        return {pk: [one for one in reached([pk], predecessors) if one != pk] for pk in initiative_pks}

    def continuing(self, initiative_pks: Iterable[int]) -> list[int]:
        """Return the primary keys of everything that continues any of the initiatives, nearest first, in one query.

        What has one of them in its `lineage_of`.
        """
        return reached(initiative_pks, linked(every_link()))


def every_link() -> list[tuple[int, int]]:
    """Return everything that is linked, as (from, to) by primary key, in one query."""
    return _every_link().rows()


@cache
def _every_link() -> Prepared:
    return Prepared(Continuation.objects.in_force().values_list("from_initiative_id", "to_initiative_id"))


def linked(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Return what `pairs`, each (near, far), lead to from each near one, in their order."""
    links: dict[int, list[int]] = defaultdict(list)
    for near_pk, far_pk in pairs:
        links[near_pk].append(far_pk)
    return links


def reached(start: Iterable[int], links: dict[int, list[int]]) -> list[int]:
    """Return what is reached from any of `start` along `links` (`linked`), nearest first, each once.

    What it starts from is there only where the links go in a ring.
    """
    found: dict[int, None] = {}
    waiting = deque(far_pk for pk in set(start) for far_pk in links.get(pk, []))
    while waiting:
        pk = waiting.popleft()
        if pk not in found:
            found[pk] = None
            waiting.extend(links.get(pk, []))
    return list(found)


class Continuation(models.Model):
    """A link in the lineage, made by a decision or stated by a source. `cited_title` is how the source names it.

    `is_split`: the one it leads from goes on itself, and a selection of its core elements is taken to spor 1 in the
    other (Drejebogen, Formål med modningsfasen). Otherwise the one it leads from has ended.
    """

    from_initiative = models.ForeignKey(
        "portfolio.Initiative", verbose_name="fra", on_delete=models.PROTECT, related_name="continued_in"
    )
    to_initiative = models.ForeignKey(
        "portfolio.Initiative", verbose_name="videreført i", on_delete=models.PROTECT, related_name="continues"
    )
    decision = models.ForeignKey(
        "portfolio.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="continuations"
    )
    source = models.CharField("kilde", max_length=300, blank=True)
    cited_title = models.CharField("titel, som kilden skriver den", max_length=300, blank=True)
    is_split = models.BooleanField("udskilt", default=False)
    is_annulled = models.BooleanField("annulleret", default=False)
    history = HistoricalRecords()

    objects = ContinuationQuerySet.as_manager()

    class Meta:
        verbose_name = "videreførelse"
        verbose_name_plural = "videreførelser"
        constraints = [
            models.UniqueConstraint(
                fields=["from_initiative", "to_initiative"],
                condition=Q(is_annulled=False),
                name="continued_once_in_the_same",
            ),
            models.CheckConstraint(name="not_in_itself", condition=~Q(from_initiative=F("to_initiative"))),
            models.CheckConstraint(
                name="continuation_by_decision_or_source",
                condition=(Q(decision__isnull=False) & Q(source="")) | (Q(decision__isnull=True) & ~Q(source="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_initiative} → {self.to_initiative}"

    @property
    def title(self) -> str:
        """The target's title as the source cites it, else as it is."""
        return self.cited_title or self.to_initiative.title
