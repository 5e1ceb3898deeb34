"""What was submitted, kept whole."""

from django.conf import settings
from django.db import models

from assessments.models.assessment import Assessment


class Snapshot(models.Model):
    """The assessment as it was submitted, numbered. Approval names its hash, so nobody approves an unread text."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="snapshots")
    no = models.PositiveSmallIntegerField("nr.")
    data = models.TextField("indhold (JSON)")
    sha256 = models.CharField("kontrolsum", max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("indsendt")

    class Meta:
        verbose_name = "indsendt udgave"
        verbose_name_plural = "indsendte udgaver"
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["assessment", "no"], name="snapshot_no_unique")]

    def __str__(self) -> str:
        return f"{self.assessment}, indsendelse {self.no}"
