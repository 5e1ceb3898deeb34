"""A spreadsheet of initiatives taken in (indlæsning): what it holds, what it would do, who confirmed it and why."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


def _all_or_none(state: tuple[str, ...], by: str, at: str, reason: str = "") -> Q:
    """In these states somebody did it at some time (for a reason); in the others nobody did."""
    done = Q(**{f"{by}__isnull": False, f"{at}__isnull": False})
    undone = Q(**{f"{by}__isnull": True, f"{at}__isnull": True})
    if reason:
        done, undone = done & ~Q(**{reason: ""}), undone & Q(**{reason: ""})
    return (Q(state__in=state) & done) | (~Q(state__in=state) & undone)


class PortfolioImport(models.Model):
    """The record of one upload. `table` are the cells as they were read and `plan` what they would do, as shown.

    `written` is what the confirmation wrote, to tell whether somebody has edited it since. The row goes from state to
    state and tells itself who, when and why; so it needs no history.
    """

    class State(models.TextChoices):
        CHECKED = "checked", "Gennemgået, ikke indlæst"
        CONFIRMED = "confirmed", "Indlæst"
        TAKEN_BACK = "taken_back", "Taget tilbage"
        DISCARDED = "discarded", "Kasseret"

    file_name = models.CharField("fil", max_length=200)
    sha256 = models.CharField("filens SHA-256", max_length=64, db_index=True)
    state = models.CharField("tilstand", max_length=10, choices=State.choices, default=State.CHECKED)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("uploadet")
    created_count = models.PositiveIntegerField("oprettes", default=0)
    changed_count = models.PositiveIntegerField("ændres", default=0)
    unchanged_count = models.PositiveIntegerField("uændrede", default=0)
    refused_count = models.PositiveIntegerField("afvises", default=0)
    table = models.JSONField("filens celler")
    plan = models.JSONField("gennemgang")
    written = models.JSONField("det indlæste", default=list)
    reason = models.CharField("begrundelse", max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="indlæst af"
    )
    confirmed_at = models.DateTimeField("indlæst", null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="taget tilbage af"
    )
    taken_back_at = models.DateTimeField("taget tilbage", null=True)
    taken_back_reason = models.CharField("begrundelse for at tage tilbage", max_length=300, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="kasseret af"
    )
    discarded_at = models.DateTimeField("kasseret", null=True)

    class Meta:
        verbose_name = "indlæsning"
        verbose_name_plural = "indlæsninger"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_confirmed_by_somebody",
                condition=_all_or_none(("confirmed", "taken_back"), "confirmed_by", "confirmed_at", "reason"),
            ),
            models.CheckConstraint(
                name="import_taken_back_by_somebody",
                condition=_all_or_none(("taken_back",), "taken_back_by", "taken_back_at", "taken_back_reason"),
            ),
            models.CheckConstraint(
                name="import_discarded_by_somebody",
                condition=_all_or_none(("discarded",), "discarded_by", "discarded_at"),
            ),
            models.CheckConstraint(
                name="import_confirmed_whole", condition=~Q(state__in=["confirmed", "taken_back"]) | Q(refused_count=0)
            ),
        ]

    def __str__(self) -> str:
        return f"Indlæsning af {self.file_name}"

    @property
    def touched_count(self) -> int:
        return self.created_count + self.changed_count

    @property
    def same_titles(self) -> list[dict[str, Any]]:
        """The rows of the plan that would give an initiative the title of another."""
        return [row for row in self.plan["rows"] if row["same_title"]]

    @property
    def may_be_confirmed(self) -> bool:
        """Whether there is something to do, and every cell can be used."""
        return self.state == self.State.CHECKED and self.touched_count > 0 and not self.refused_count
