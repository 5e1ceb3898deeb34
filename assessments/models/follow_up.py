"""What has been done about a fravigelse between two gates. Judging it is for the next assessment."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from assessments.models.deviation import Deviation


class WrittenOnce(Exception):
    """Something tried to change a follow-up."""


class DeviationFollowUp(models.Model):
    """A dated note on how the handling goes. Never changed: a new one is written.

    It may move the day to look again, from `review_from` to `review_on`, then with a reason.
    """

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="follow_ups")
    text = models.TextField("hvad der er gjort", max_length=4000)
    review_from = models.DateField("opfølgning flyttet fra", null=True, blank=True)
    review_on = models.DateField("opfølgning flyttet til", null=True, blank=True)
    move_reason = models.TextField("hvorfor opfølgningen er flyttet", blank=True, max_length=1000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("skrevet")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "opfølgning på fravigelse"
        verbose_name_plural = "opfølgninger på fravigelser"
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(name="follow_up_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="review_moved_with_a_reason",
                condition=Q(review_from__isnull=True, review_on__isnull=True, move_reason="")
                | (Q(review_from__isnull=False, review_on__isnull=False) & ~Q(move_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and DeviationFollowUp.objects.filter(pk=self.pk).exists():
            raise WrittenOnce("En opfølgning ændres ikke. Der skrives en ny.")
        super().save(*args, **kwargs)
