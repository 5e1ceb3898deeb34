"""What lengthens a phase, each with its reason: extension, pause, and running past the typical length (rule 15)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from portfolio.models.phase_run import PhaseRun
from susi.dates import Precision, read


class PhaseExtension(models.Model):
    """A forlængelse: the phase is expected to end later than was planned. Never changed; a later one goes further."""

    run = models.ForeignKey(PhaseRun, on_delete=models.PROTECT, related_name="extensions")
    end_before = models.DateField("forventet afslutning før")
    end_before_precision = models.CharField(max_length=5, choices=Precision.choices)
    end_after = models.DateField("ny forventet afslutning")
    end_after_precision = models.CharField(max_length=5, choices=Precision.choices)
    reason = models.TextField("begrundelse", max_length=4000)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField("registreret")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "forlængelse"
        verbose_name_plural = "forlængelser"
        ordering = ["registered_at", "pk"]
        constraints = [
            models.CheckConstraint(name="extended_with_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"Forlængelse af {self.run}"

    @property
    def words(self) -> str:
        """How far: "fra 2027 til marts 2028"."""
        return f"fra {read(self, 'end_before')} til {read(self, 'end_after')}"


class PhasePauseQuerySet(models.QuerySet["PhasePause"]):
    def in_force(self) -> "PhasePauseQuerySet":
        return self.filter(annulled_at__isnull=True)


class PhasePause(models.Model):
    """A time in which no work was done in the phase. `until` is the first day of work again; empty while it lasts."""

    run = models.ForeignKey(PhaseRun, on_delete=models.PROTECT, related_name="pauses")
    since = models.DateField("pause fra")
    until = models.DateField("genoptaget", null=True, blank=True)
    reason = models.TextField("begrundelse", max_length=4000)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField("registreret")
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True)
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=4000)
    history = HistoricalRecords()

    objects = PhasePauseQuerySet.as_manager()

    class Meta:
        verbose_name = "pause"
        verbose_name_plural = "pauser"
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(name="paused_with_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="resumed_after_it_was_paused", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(until__isnull=True, annulled_at__isnull=True),
                name="one_open_pause_per_run",
            ),
            models.CheckConstraint(
                name="pause_annulled_with_a_reason",
                condition=Q(annulled_by__isnull=True, annulled_at__isnull=True, annulment_reason="")
                | (Q(annulled_by__isnull=False, annulled_at__isnull=False) & ~Q(annulment_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Pause i {self.run}"

    @property
    def is_annulled(self) -> bool:
        return self.annulled_at is not None

    @property
    def lasts(self) -> bool:
        return self.until is None and not self.is_annulled


class LengthReason(models.Model):
    """The special reason (særlig begrundelse) for a phase that takes longer than typical: asked for once."""

    run = models.OneToOneField(PhaseRun, on_delete=models.PROTECT, related_name="length_reason")
    text = models.TextField("særlig begrundelse", max_length=4000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("skrevet")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "særlig begrundelse for længden"
        verbose_name_plural = "særlige begrundelser for længden"
        constraints = [
            models.CheckConstraint(name="length_reason_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text
