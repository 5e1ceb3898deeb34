"""What a decision rests on."""

from django.db import models
from django.db.models import Q

from assessments.models.assessment import Assessment
from phases.models import EntryCondition
from portfolio.models import Decision
from susi.dates import COPENHAGEN


class DecisionGround(models.Model):
    """An assessment a decision rests on. A merger rests on several."""

    COMES_WITH = "decision"  # for `susi.past`

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="grounds")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="decision_grounds")

    class Meta:
        verbose_name = "grundlag for beslutning"
        verbose_name_plural = "grundlag for beslutninger"
        constraints = [
            models.UniqueConstraint(fields=["decision", "assessment"], name="assessment_once_per_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.assessment}"

    @property
    def is_approved_later(self) -> bool:
        """Whether the decision is dated before the assessment was approved: a meeting may come before its paper."""
        approved_at = self.assessment.approved_at
        return approved_at is not None and self.decision.decided_on < approved_at.astimezone(COPENHAGEN).date()


class EntryJudgement(models.Model):
    """Whether a condition for entering the model is met, judged in an assessment or by the decision to begin."""

    condition = models.ForeignKey(EntryCondition, on_delete=models.PROTECT, related_name="judgements")
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="entry_judgements"
    )
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="entry_judgements"
    )
    met = models.BooleanField("opfyldt", null=True)
    note = models.TextField("bemærkning", blank=True, max_length=4000)

    class Meta:
        verbose_name = "vurdering af betingelse"
        verbose_name_plural = "vurderinger af betingelser"
        ordering = ["condition__no"]
        constraints = [
            models.CheckConstraint(
                name="entry_judged_in_assessment_or_decision",
                condition=Q(assessment__isnull=False, decision__isnull=True)
                | Q(assessment__isnull=True, decision__isnull=False, met__isnull=False),
            ),
            models.UniqueConstraint(fields=["condition", "assessment"], name="entry_judged_once_per_assessment"),
            models.UniqueConstraint(fields=["condition", "decision"], name="entry_judged_once_per_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.condition}: {'opfyldt' if self.met else 'ikke opfyldt'}"
