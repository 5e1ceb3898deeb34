"""An initiative's place in an agreement's year: what is sought for it, and what came of the negotiation."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from portfolio.models.decision import Decision
from portfolio.models.initiative import Initiative
from portfolio.models.programme import Agreement


class AgreementEntry(models.Model):
    """Amounts are whole kroner; empty is not stated. A `result` stands as long as its decision is in force."""

    class Result(models.TextChoices):
        PRIORITISED = "prioritised", "Prioriteret"
        NEXT = "next", "Faldt ud, indstilles til en senere aftale"
        STOPPED = "stopped", "Faldt ud, videreføres ikke"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="agreement_entries")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="entries")
    sought = models.PositiveBigIntegerField("søgt beløb (kr.)", null=True, blank=True)
    note = models.TextField("bemærkning til forhandlingen", blank=True, max_length=2000)
    prioritised = models.PositiveBigIntegerField("prioriteret beløb (kr.)", null=True, blank=True)
    result = models.CharField("udfald", max_length=12, choices=Result.choices, blank=True)
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="agreement_entries"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField("afgjort", null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "indstilling til en aftale"
        verbose_name_plural = "indstillinger til aftaler"
        ordering = ["agreement", "initiative"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "agreement"], name="one_entry_per_initiative_and_agreement"),
            models.CheckConstraint(
                name="settled_by_a_decision",
                condition=Q(
                    result="",
                    decision__isnull=True,
                    settled_by__isnull=True,
                    settled_at__isnull=True,
                    prioritised__isnull=True,
                )
                | (~Q(result="") & Q(decision__isnull=False, settled_by__isnull=False, settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="amount_only_where_prioritised",
                condition=Q(prioritised__isnull=True) | Q(result="prioritised"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative.number} til {self.agreement}"

    @property
    def is_settled(self) -> bool:
        return self.decision is not None and not self.decision.is_reversed
