"""What a phase produces, and the versions of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from phases.models import DeliverableType
from portfolio.models import Initiative, PhaseRun


class Deliverable(models.Model):
    """What is registered of one deliverable of a phase run: of a typical one (`type`), or of one's own (`name`).

    A typical one that nobody has registered anything of has no row; `work.deliverables` puts both together. `code` is
    the type's, and finds the row also when another edition of the rulebook is in force.
    """

    class Standing(models.TextChoices):
        RELEVANT = "relevant", "Relevant"
        LEFT_OUT = "left_out", "Udeladt"
        ANNULLED = "annulled", "Annulleret"

    class State(models.TextChoices):
        NOT_BEGUN = "not_begun", "Ikke begyndt"
        IN_PROGRESS = "in_progress", "I gang"
        DONE = "done", "Færdig"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="deliverables")
    run = models.ForeignKey(PhaseRun, on_delete=models.PROTECT, related_name="deliverables")
    type = models.ForeignKey(
        DeliverableType, verbose_name="typisk leverance", null=True, on_delete=models.PROTECT, related_name="+"
    )
    code = models.SlugField("kode", max_length=30)
    name = models.CharField("navn", max_length=200, blank=True)
    standing = models.CharField("relevans", max_length=10, choices=Standing.choices, default=Standing.RELEVANT)
    standing_reason = models.TextField("begrundelse", max_length=2000, blank=True)
    state = models.CharField("tilstand", max_length=12, choices=State.choices, default=State.NOT_BEGUN)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="ansvarlig",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due = models.DateField("frist", null=True, blank=True)
    notes = models.TextField("noter", max_length=4000, blank=True)
    documents = models.JSONField("dokumenterer kriterierne", default=list, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "leverance"
        verbose_name_plural = "leverancer"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "code"], name="deliverable_once_in_a_run"),
            models.CheckConstraint(
                name="deliverable_is_typical_or_named",
                condition=Q(type__isnull=False, name="") | (Q(type__isnull=True) & ~Q(name="")),
            ),
            models.CheckConstraint(
                name="deliverable_left_out_with_reason",
                condition=Q(standing="relevant", standing_reason="")
                | (~Q(standing="relevant") & ~Q(standing_reason="")),
            ),
            models.CheckConstraint(
                name="typical_is_left_out_own_is_annulled",
                condition=Q(standing="relevant")
                | Q(standing="left_out", type__isnull=False)
                | Q(standing="annulled", type__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.type.heading if self.type else self.name

    @property
    def is_relevant(self) -> bool:
        return self.standing == self.Standing.RELEVANT


class DeliverableVersion(models.Model):
    """One version: a file kept here, a document of the case, a link, or several of them. It is never changed.

    The file lies under a random name; `file_name` is what it was called.
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.PROTECT, related_name="versions")
    no = models.PositiveSmallIntegerField("version")
    file = models.FileField("fil", max_length=100, blank=True)
    file_name = models.CharField("filens navn", max_length=200, blank=True)
    size = models.PositiveIntegerField("størrelse", null=True, blank=True)
    sha256 = models.CharField("kontrolsum", max_length=64, blank=True)
    case_document = models.CharField("journalnummer", max_length=50, blank=True)
    link = models.URLField("link", max_length=500, blank=True)
    note = models.CharField("bemærkning", max_length=500, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("tilføjet")
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True)
    annulment_reason = models.TextField("begrundelse for annullering", max_length=2000, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "version af leverance"
        verbose_name_plural = "versioner af leverancer"
        ordering = ["-no"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "no"], name="deliverable_version_no_unique"),
            models.CheckConstraint(
                name="deliverable_version_is_somewhere",
                condition=~Q(file="") | ~Q(case_document="") | ~Q(link=""),
            ),
            models.CheckConstraint(
                name="deliverable_file_is_described",
                condition=Q(file="", file_name="", sha256="", size__isnull=True)
                | (~Q(file="") & ~Q(file_name="") & ~Q(sha256="") & Q(size__isnull=False)),
            ),
            models.CheckConstraint(
                name="deliverable_version_annulled_whole",
                condition=Q(annulled_by__isnull=True, annulled_at__isnull=True, annulment_reason="")
                | (Q(annulled_by__isnull=False, annulled_at__isnull=False) & ~Q(annulment_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.no}"

    @property
    def is_annulled(self) -> bool:
        return self.annulled_at is not None
