"""The fravigelse: how a criterion, or the model itself, is departed from by følg-eller-forklar."""

from collections.abc import Container
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from assessments.models.assessment import Assessment
from phases.models import Criterion
from phases.terms import DeviationOutcome, Ground
from portfolio.models import Initiative
from susi.danish import search_words
from susi.models import User
from susi.prepared import GivenKeys


class DeviationQuerySet(models.QuerySet["Deviation"]):
    def open(self) -> "DeviationQuerySet":
        """Return the fravigelser in force and not yet judged settled or failed."""
        return self.filter(state=Deviation.State.OPEN)

    def open_for(self, initiative_pks: list[int] | GivenKeys) -> "DeviationQuerySet":
        """Return the open ones of the given initiatives."""
        return self.open().filter(initiative__in=initiative_pks)

    def open_in_lineage(self, initiative: Initiative) -> "DeviationQuerySet":
        """Return the open ones of the initiative and of those it continues."""
        return self.open_for(initiative.lineage)

    def visible_to(self, user: User) -> "DeviationQuerySet":
        """Return those that are or were in force, on what `user` may see: nothing that is only being written."""
        return self.were_in_force().filter(initiative__in=Initiative.objects.visible_to(user).order_by().values("pk"))

    def were_in_force(self) -> "DeviationQuerySet":
        """Return those that are or were in force: also what fell with a decision that was reversed."""
        was_in_force = Q(state__in=[*Deviation.IN_FORCE, Deviation.State.REPLACED])
        return self.filter(was_in_force | Q(state=Deviation.State.ANNULLED, decision__isnull=False))

    def whole(self) -> "DeviationQuerySet":
        """Fetch along what a page shows of each: the criterion, the person, and where it was written."""
        return self.select_related("criterion", "owner", "initiative", "assessment__initiative", "decision__initiative")

    def in_force(self) -> "DeviationQuerySet":
        """Return those approved with their assessment or decision that nothing has taken the place of since."""
        return self.filter(state__in=Deviation.IN_FORCE)


class FrozenDeviation(Exception):
    """Something tried to change the text of a fravigelse that is in force."""


class Deviation(models.Model):
    """Written in an assessment or a decision; in force from its approval, and frozen then.

    `criterion` is empty for a departure from the phase model itself (screening left out). What becomes of it is
    judged in the next assessment (`DeviationJudgement`); `state` is the judgement in force.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Under udarbejdelse"
        OPEN = "open", "Åben"
        SETTLED = "settled", "Afklaret"
        FAILED = "failed", "Håndteringen lykkedes ikke"
        REPLACED = "replaced", "Erstattet af rettet version"
        ANNULLED = "annulled", "Annulleret"

    IN_FORCE = (State.OPEN, State.SETTLED, State.FAILED)
    TEXT = (
        "criterion_id", "professional", "political", "practical", "reason", "handling", "owner_id", "review_on",
    )  # fmt: skip

    initiative = models.ForeignKey("portfolio.Initiative", on_delete=models.PROTECT, related_name="deviations")
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="deviations"
    )
    decision = models.ForeignKey(
        "portfolio.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="deviations"
    )
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="deviations")
    professional = models.BooleanField(Ground.PROFESSIONAL.label, default=False)
    political = models.BooleanField(Ground.POLITICAL.label, default=False)
    practical = models.BooleanField(Ground.PRACTICAL.label, default=False)
    reason = models.TextField("begrundelse", blank=True, max_length=4000)
    handling = models.TextField("håndtering", blank=True, max_length=4000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="ansvarlig",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deviations",
    )
    review_on = models.DateField("følges op den", null=True, blank=True)
    state = models.CharField("tilstand", max_length=10, choices=State.choices, default=State.DRAFT)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    search_text = models.TextField(editable=False, blank=True, default="")
    history = HistoricalRecords()
    review_is_moved = False  # set by the follow-up that moves `review_on`, the one part of a fravigelse that can move

    objects = DeviationQuerySet.as_manager()

    class Meta:
        verbose_name = "fravigelse"
        verbose_name_plural = "fravigelser"
        ordering = ["pk"]
        indexes = [models.Index(fields=["review_on"], condition=Q(state="open"), name="deviation_to_review")]
        constraints = [
            models.CheckConstraint(
                name="deviation_of_assessment_or_decision",
                condition=Q(assessment__isnull=False, decision__isnull=True)
                | Q(assessment__isnull=True, decision__isnull=False),
            ),
            models.CheckConstraint(
                name="deviation_in_force_is_whole",
                condition=Q(state__in=["draft", "annulled"])
                | (
                    ~Q(reason="")
                    & ~Q(handling="")
                    & Q(owner__isnull=False, review_on__isnull=False)
                    & (Q(professional=True) | Q(political=True) | Q(practical=True))
                ),
            ),
            models.UniqueConstraint(
                fields=["assessment", "criterion"],
                condition=~Q(state="annulled"),
                name="one_deviation_per_criterion",
            ),
            models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(criterion__isnull=True, assessment__isnull=False) & ~Q(state="annulled"),
                name="one_deviation_from_the_model",
            ),
        ]

    def __str__(self) -> str:
        return f"Fravigelse fra {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_frozen()
        self.search_text = search_words(f"{self.reason} {self.handling}")
        super().save(*args, **kwargs)

    def _refuse_if_frozen(self) -> None:
        """What is in force keeps its text; only what became of it (`state`), and when to look again, may change."""
        kept = [name for name in self.TEXT if name != "review_on" or not self.review_is_moved]
        before = Deviation.objects.exclude(state=self.State.DRAFT).filter(pk=self.pk).values(*kept).first()
        if before and before != {name: getattr(self, name) for name in kept}:
            raise FrozenDeviation(f"{self} er godkendt, og teksten kan ikke ændres.")

    def is_open_in(self, lineage: Container[int]) -> bool:
        """Whether it is one of `open_for` the initiatives with these primary keys."""
        return self.state == self.State.OPEN and self.initiative_id in lineage

    @property
    def subject(self) -> str:
        """What is departed from, in running text."""
        return departed_from(self.criterion.code if self.criterion else None)

    @property
    def grounds(self) -> list[Ground]:
        return [ground for ground in Ground if getattr(self, ground.value)]


def departed_from(criterion: str | None) -> str:
    """Return what is departed from, in running text: the criterion with this code, or the phase model itself."""
    return f"kriterie {criterion}" if criterion else "fasemodellen"


class DeviationJudgement(models.Model):
    """How it went with an earlier fravigelse, judged in a later assessment; counts when that is approved."""

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="judgements")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="judgements")
    outcome = models.CharField("hvordan er det gået", max_length=10, choices=DeviationOutcome.choices, blank=True)
    text = models.TextField("bemærkning", blank=True, max_length=4000)

    class Meta:
        verbose_name = "vurdering af fravigelse"
        verbose_name_plural = "vurderinger af fravigelser"
        constraints = [
            models.UniqueConstraint(fields=["deviation", "assessment"], name="one_judgement_per_assessment"),
        ]

    def __str__(self) -> str:
        return f"{self.deviation}: {self.get_outcome_display() or 'ikke vurderet'}"
