"""User involvement in a phase: the strategy for it, and the log of what took place."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from phases.involvement import strategy_missing, strategy_parts
from portfolio.models import PhaseRun
from susi.dates import PartialDate, Precision, read

_LONGEST = 4000


def _text(label: str) -> Any:
    return models.TextField(label, blank=True, max_length=_LONGEST)


class InvolvementStrategy(models.Model):
    """Whom to involve in the phase, how and why (Drejebogen, Brugerinddragelse). Which parts it has depends on the
    phase: `phases.involvement`."""

    run = models.OneToOneField(
        PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="involvement_strategy"
    )
    whom = _text("hvem inddrages?")
    how = _text("hvordan inddrages de?")
    design = _text("i evalueringsdesignet")
    interpretation = _text("i fortolkningen af resultaterne")
    reason = _text("hvorfor sådan?")
    premise = _text("præmissen for inddragelsen")
    ethics = _text("etiske overvejelser")
    representation = _text("formel repræsentation i projektorganisationen")
    version = models.PositiveIntegerField("version", default=0, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("sidst gemt")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "strategi for brugerinddragelse"
        verbose_name_plural = "strategier for brugerinddragelse"

    def __str__(self) -> str:
        return f"Strategi for brugerinddragelse i {self.run.get_phase_display().lower()}"

    @property
    def texts(self) -> dict[str, str]:
        """The texts by name, in the order of the phase."""
        return {name: getattr(self, name) for name in strategy_parts(self.run.phase)}

    @property
    def missing(self) -> list[str]:
        return strategy_missing(self.run.phase, self.texts)


class InvolvementEventQuerySet(models.QuerySet["InvolvementEvent"]):
    def in_force(self) -> "InvolvementEventQuerySet":
        return self.filter(annulled_at__isnull=True)


class InvolvementEvent(models.Model):
    """Something that took place, with which groups, and what it changed. Never changed itself: a mistake is annulled.

    Citizens are told of as groups, never by name.
    """

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="involvement_events")
    happened_on = models.DateField("hvornår")
    happened_on_precision = models.CharField(max_length=5, choices=Precision.choices)
    what = models.TextField("hvad fandt sted?", max_length=1000)
    groups = models.CharField("med hvem?", max_length=300)
    changed = models.TextField("hvad ændrede det?", max_length=2000, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("skrevet")
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True)
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=1000)
    history = HistoricalRecords()

    objects = InvolvementEventQuerySet.as_manager()

    class Meta:
        verbose_name = "brugerinddragelse"
        verbose_name_plural = "brugerinddragelse"
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="involvement_is_told_whole",
                condition=~Q(what="") & ~Q(groups="") & ~Q(happened_on_precision=""),
            ),
            models.CheckConstraint(
                name="involvement_annulled_with_reason",
                condition=Q(annulled_by__isnull=True, annulled_at__isnull=True, annulment_reason="")
                | (Q(annulled_by__isnull=False, annulled_at__isnull=False) & ~Q(annulment_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.what}"

    @property
    def day(self) -> PartialDate | None:
        return read(self, "happened_on")

    @property
    def is_annulled(self) -> bool:
        return self.annulled_at is not None
