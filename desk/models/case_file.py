"""The case file (sagens akter): what is handed out on a request for access to documents, and what is kept back."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from portfolio.models import Initiative


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def in_force(self) -> "ExemptionQuerySet":
        return self.filter(lifted_at__isnull=True)


class Exemption(models.Model):
    """That one document of an initiative is not handed out, on which ground and why. Lifted by an act of its own.

    The document is named by its kind and key (`desk.case_file.documents`), so that every kind of document can be
    exempt; `title` is what it was called when it was.
    """

    class Ground(models.TextChoices):
        """The grounds of the Danish act on access to documents (offentlighedsloven, lov nr. 606 af 12.06.2013)."""

        INTERNAL = "internal", "Internt dokument (offentlighedsloven § 23)"
        MINISTER = "minister", "Ministerbetjening (offentlighedsloven § 24)"
        PRIVATE = "private", "Enkeltpersoners private forhold (offentlighedsloven § 30, nr. 1)"
        BUSINESS = "business", "Drifts- eller forretningsforhold (offentlighedsloven § 30, nr. 2)"
        OTHER = "other", "Andre offentlige eller private interesser (offentlighedsloven § 33)"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="exemptions")
    kind = models.CharField("slags", max_length=30)
    key = models.CharField("nøgle", max_length=100)
    title = models.CharField("dokument", max_length=300)
    ground = models.CharField("grundlag", max_length=10, choices=Ground.choices)
    reason = models.TextField("begrundelse", max_length=2000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("undtaget")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField("ophævet", null=True, blank=True)
    history = HistoricalRecords()

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        verbose_name = "undtagelse fra aktindsigt"
        verbose_name_plural = "undtagelser fra aktindsigt"
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "kind", "key"], condition=Q(lifted_at__isnull=True), name="exempt_once"
            ),
            models.CheckConstraint(name="exempt_for_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="exemption_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_ground_display()}"


def _file_name(case_file: Any, name: str) -> str:
    return f"sagsakter/{name}"  # random, so that no address of a file can be guessed


class CaseFile(models.Model):
    """One making of the zip. `plan` is what goes into it, taken down when it was ordered and dropped when it is made;
    `done` of `steps` are made. The file is taken away after some days, the row stays and says what was handed out.
    """

    class State(models.TextChoices):
        MAKING = "making", "Dannes"
        READY = "ready", "Klar"
        FAILED = "failed", "Kunne ikke dannes"
        EXPIRED = "expired", "Slettet igen"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="case_files")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField("bestilt")
    state = models.CharField("tilstand", max_length=7, choices=State.choices, default=State.MAKING)
    plan = models.JSONField("indhold", null=True, blank=True)
    folder = models.CharField("mappe", max_length=40, editable=False)
    steps = models.PositiveIntegerField("trin")
    done = models.PositiveIntegerField("færdige trin", default=0)
    file = models.FileField("fil", upload_to=_file_name, blank=True, editable=False)
    size = models.PositiveBigIntegerField("størrelse", default=0)
    manifest_sha256 = models.CharField("manifestets kontrolsum", max_length=64, blank=True, editable=False)
    documents = models.PositiveIntegerField("dokumenter", default=0)
    left_out = models.PositiveIntegerField("undtagne dokumenter", default=0)
    made_at = models.DateTimeField("dannet", null=True, blank=True)
    expires_on = models.DateField("slettes", null=True, blank=True)
    problem = models.CharField("hvorfor ikke", max_length=500, blank=True)

    class Meta:
        verbose_name = "sagens akter"
        verbose_name_plural = "sagens akter"
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(state="making"), name="one_case_file_made_at_a_time"
            ),
            models.CheckConstraint(
                name="case_file_ready_is_whole",
                condition=~Q(state="ready")
                | (Q(made_at__isnull=False, expires_on__isnull=False) & ~Q(file="") & ~Q(manifest_sha256="")),
            ),
            models.CheckConstraint(name="case_file_plan_while_made", condition=~Q(state="making", plan__isnull=True)),
            models.CheckConstraint(name="case_file_failed_for_a_reason", condition=~Q(state="failed") | ~Q(problem="")),
            models.CheckConstraint(name="case_file_steps", condition=Q(done__lte=F("steps"))),
        ]

    def __str__(self) -> str:
        return f"Sagens akter i {self.initiative.number}"

    @property
    def is_making(self) -> bool:
        return self.state == self.State.MAKING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def last_day(self) -> date | None:
        """The last day it can be fetched."""
        return self.expires_on - timedelta(days=1) if self.expires_on else None

    @property
    def has_expired(self) -> bool:
        """Whether its last day has passed, also where the clock has not taken the file away yet."""
        return self.expires_on is not None and self.expires_on <= timezone.localdate()

    @property
    def percent(self) -> int:
        return 100 * self.done // self.steps if self.steps else 0

    @property
    def file_name(self) -> str:
        day = timezone.localdate(self.made_at) if self.made_at else timezone.localdate()
        return f"Sagsakter_{self.initiative.number}_{day.isoformat()}.zip"
