"""Fast track of knowledge: the answer where no SUSI-vurdering gives it, and the products that pass knowledge on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from simple_history.models import HistoricalRecords

from phases.fast_track import PHASES, Channel
from portfolio.models import Initiative, PhaseRun
from susi.danish import fold
from susi.dates import PartialDate, Precision, read
from susi.models import User


class FastTrackAnswer(models.Model):
    """Whether the knowledge of a phase is to be passed on now, answered on the phase itself.

    Where a SUSI-vurdering of the phase is approved, the answer stands in it and is not given here.
    """

    run = models.OneToOneField(
        PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="fast_track_answer"
    )
    answer = models.BooleanField("skal den nye viden formidles nu?")
    reason = models.TextField("begrundelse", max_length=4000)
    version = models.PositiveIntegerField("version", default=0, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("sidst gemt")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "svar om fast track"
        verbose_name_plural = "svar om fast track"
        constraints = [
            models.CheckConstraint(name="fast_track_answer_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"Fast track efter {self.run.get_phase_display().lower()}: {'ja' if self.answer else 'nej'}"


class KnowledgeProductQuerySet(models.QuerySet["KnowledgeProduct"]):
    def visible_to(self, user: User) -> "KnowledgeProductQuerySet":
        """Return the products of initiatives `user` may see."""
        return self.filter(run__initiative__in=Initiative.objects.visible_to(user).order_by().values("pk"))

    def in_force(self) -> "KnowledgeProductQuerySet":
        """Return those that are not annulled, nor their phase (its decision was reversed)."""
        return self.exclude(state=KnowledgeProduct.State.ANNULLED).exclude(run__state=PhaseRun.State.ANNULLED)


class KnowledgeProduct(models.Model):
    """One product that passes the knowledge of a phase on: what, to whom, through which channel, and when."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planlagt"
        PUBLISHED = "published", "Formidlet"
        ANNULLED = "annulled", "Annulleret"

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="knowledge_products")
    title = models.CharField("titel", max_length=300)
    audience = models.CharField("til hvem?", max_length=300)
    channel = models.CharField("kanal", max_length=12, choices=Channel.choices)
    planned_for = models.DateField("planlagt til", null=True, blank=True)
    planned_for_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    published_on = models.DateField("formidlet", null=True, blank=True)
    published_on_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    link = models.URLField("link", max_length=500, blank=True)
    state = models.CharField("tilstand", max_length=10, choices=State.choices, default=State.PLANNED, editable=False)
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=1000)
    version = models.PositiveIntegerField("version", default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("oprettet")
    search_text = models.TextField(editable=False, default="")
    history = HistoricalRecords(excluded_fields=["search_text"])

    objects = KnowledgeProductQuerySet.as_manager()

    class Meta:
        verbose_name = "vidensprodukt"
        verbose_name_plural = "vidensprodukter"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="product_dates_have_a_precision",
                condition=Q(planned_for__isnull=True, planned_for_precision="")
                | (Q(planned_for__isnull=False) & ~Q(planned_for_precision="")),
            ),
            models.CheckConstraint(
                name="product_published_with_its_date",
                condition=Q(state="annulled")
                | (Q(state="published", published_on__isnull=False) & ~Q(published_on_precision=""))
                | Q(state="planned", published_on__isnull=True, published_on_precision=""),
            ),
            models.CheckConstraint(
                name="product_annulled_with_reason",
                condition=(Q(state="annulled") & ~Q(annulment_reason=""))
                | (~Q(state="annulled") & Q(annulment_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = fold(" ".join([self.title, self.audience, self.get_channel_display(), self.link]))
        super().save(*args, **kwargs)

    @property
    def planned(self) -> PartialDate | None:
        return read(self, "planned_for")

    @property
    def published(self) -> PartialDate | None:
        return read(self, "published_on")


def runs_with_fast_track(user: User) -> Any:
    """Return the phases of initiatives `user` may see whose knowledge may take the fast track, begun and in force.

    Each with `assessed_answer` of the newest approved SUSI-vurdering of it and `products`, the number in force.
    """
    assessments: Any = Initiative._meta.get_field("assessments").related_model
    newest = assessments.objects.latest_approved().filter(run=OuterRef("pk")).order_by("-document_no")
    products = KnowledgeProduct.objects.in_force().filter(run=OuterRef("pk")).order_by().values("run")
    return (
        PhaseRun.objects.filter(
            initiative__in=Initiative.objects.visible_to(user).order_by().values("pk"),
            phase__in=PHASES,
            state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED],
        )
        .select_related("initiative", "fast_track_answer")
        .annotate(
            assessed_answer=Subquery(newest.values("fast_track")[:1]),
            assessed_no=Subquery(newest.values("no")[:1]),
            products=Subquery(products.annotate(number=models.Count("pk")).values("number")),
        )
    )
