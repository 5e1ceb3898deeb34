"""The judgement of one criterion, and the knowledge behind it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models.assessment import Assessment
from phases.models import Criterion
from phases.terms import RatingValue


class Rating(models.Model):
    """One row per criterion. `version` counts the saves: a save over a newer one is refused.

    Drafts keep no history; what was submitted is kept whole in the snapshots.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="ratings")
    value = models.CharField("vurdering", max_length=8, choices=RatingValue.choices, blank=True)
    reasoning = models.TextField("begrundelse", blank=True, max_length=8000)
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "vurdering af kriterie"
        verbose_name_plural = "vurderinger af kriterier"
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_rating_per_criterion"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.get_value_display() or 'ikke vurderet'}"


class Reference(models.Model):
    """Where the knowledge behind a rating is found: a link or a document of the case, and the page."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="references")
    title = models.CharField("titel", max_length=300)
    link = models.URLField("link", max_length=500, blank=True)
    case_document = models.CharField("journalnummer", max_length=50, blank=True)
    page = models.CharField("side", max_length=50, blank=True)

    class Meta:
        verbose_name = "henvisning"
        verbose_name_plural = "henvisninger"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(name="reference_has_a_title", condition=~Q(title=""))]

    def __str__(self) -> str:
        return self.title
