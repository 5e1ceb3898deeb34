"""What was found to be outside the strategy, so that the answer is there when it comes again (rule 2)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from phases.models import EntryCondition
from portfolio.models.decision import Decision
from susi.danish import fold


class OutsideQuerySet(models.QuerySet["OutsideStrategy"]):
    def in_force(self) -> "OutsideQuerySet":
        """Return the answers that stand: neither annulled, nor given by a decision that was reversed."""
        return self.filter(annulled_at__isnull=True, decision__reversed_at__isnull=True)


class OutsideStrategy(models.Model):
    """An answer that was given: which of the conditions for entering the model were not met, why, and where it was
    referred. Of a proposal in the system it comes with the decision that ends it; else nothing but this row is kept.

    Never changed: a mistake is annulled with a reason, or goes with the decision when that is reversed.
    """

    title = models.CharField("forslaget", max_length=300)
    description = models.TextField("hvad det gik ud på", blank=True, max_length=4000)
    proposed_by = models.CharField("foreslået af", blank=True, max_length=200)
    conditions = models.ManyToManyField(
        EntryCondition, verbose_name="betingelser, der ikke er opfyldt", related_name="outside"
    )
    reason = models.TextField("begrundelse", max_length=4000)
    referred_to = models.CharField("henvist til", blank=True, max_length=300)
    decided_by = models.CharField("besluttet af", max_length=20, choices=Decision.DecidedBy.choices)
    decided_on = models.DateField("besluttet den")
    decision = models.OneToOneField(
        Decision,
        verbose_name="beslutning",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="outside",
    )
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField("registreret")
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True)
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=4000)
    search_text = models.TextField(editable=False, default="")
    history = HistoricalRecords(m2m_fields=[conditions])

    objects = OutsideQuerySet.as_manager()

    class Meta:
        verbose_name = "forslag uden for strategien"
        verbose_name_plural = "forslag uden for strategien"
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="outside_with_a_reason", condition=~Q(reason="") & ~Q(title="")),
            models.CheckConstraint(
                name="outside_annulled_with_a_reason",
                condition=Q(annulled_by__isnull=True, annulled_at__isnull=True, annulment_reason="")
                | (Q(annulled_by__isnull=False, annulled_at__isnull=False) & ~Q(annulment_reason="")),
            ),
            models.CheckConstraint(
                name="of_a_decision_is_reversed_with_it",
                condition=Q(decision__isnull=True) | Q(annulled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = fold(
            " ".join([self.title, self.description, self.proposed_by, self.reason, self.referred_to])
        )
        super().save(*args, **kwargs)
