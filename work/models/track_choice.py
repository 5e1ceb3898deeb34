"""The worksheets of the transition: choosing the track, and weighing the three ways on after modning in spor 2."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from phases.models import Edition
from phases.terms import Track, WayOn
from phases.track_choice import ChoiceFacts, WeighedWay, choice_missing, weighing_missing
from portfolio.models import Initiative, PhaseRun

_LONGEST = 4000


class TrackChoice(models.Model):
    """The worksheet at the end of screening, or of a proposal that leaves it out (`run` is empty).

    `fits` is a list of rows with `track`, `wording` of the characteristic as the edition had it, `fit` and `note`.
    """

    initiative = models.ForeignKey(
        Initiative, verbose_name="initiativ", on_delete=models.PROTECT, related_name="track_choices"
    )
    run = models.OneToOneField(
        PhaseRun, verbose_name="fase", null=True, blank=True, on_delete=models.PROTECT, related_name="track_choice"
    )
    edition = models.ForeignKey(Edition, verbose_name="regelsæt", on_delete=models.PROTECT, related_name="+")
    fits = models.JSONField("kendetegn", default=list)
    knowledge_goal = models.TextField("vidensmål for den næste fase", blank=True, max_length=_LONGEST)
    is_prepared = models.BooleanField("er den næste fase velforberedt?", null=True, blank=True)
    preparation = models.TextField("forberedelse", blank=True, max_length=_LONGEST)
    track = models.CharField("spor", max_length=1, choices=Track.choices, blank=True)
    reason = models.TextField("begrundelse", blank=True, max_length=_LONGEST)
    version = models.PositiveIntegerField("version", default=0, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("sidst gemt")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "sporvalg"
        verbose_name_plural = "sporvalg"
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(run__isnull=True), name="one_track_choice_of_a_proposal"
            ),
        ]

    def __str__(self) -> str:
        return f"Sporvalg: {self.get_track_display() or 'ikke truffet'}"

    @property
    def facts(self) -> ChoiceFacts:
        return ChoiceFacts(
            track=self.track,
            reason=self.reason,
            knowledge_goal=self.knowledge_goal,
            is_prepared=self.is_prepared,
            preparation=self.preparation,
            fits={track: [row["fit"] for row in self.fits if row["track"] == track] for track in Track},
        )

    @property
    def missing(self) -> list[str]:
        return choice_missing(self.facts)


class WayWeighing(models.Model):
    """The three ways on after modning in spor 2, side by side. `ways` is a list of rows with `way`, `pros`, `cons` and
    `gain` (resources and knowledge gained)."""

    run = models.OneToOneField(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="way_weighing")
    ways = models.JSONField("veje", default=list)
    way = models.CharField("vej videre", max_length=10, choices=WayOn.choices, blank=True)
    reason = models.TextField("begrundelse", blank=True, max_length=_LONGEST)
    version = models.PositiveIntegerField("version", default=0, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("sidst gemt")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "afvejning af de tre veje"
        verbose_name_plural = "afvejninger af de tre veje"

    def __str__(self) -> str:
        return f"Afvejning: {self.get_way_display() or 'ikke afsluttet'}"

    @property
    def weighed(self) -> list[WeighedWay]:
        """The three ways in their order, empty where nothing is written."""
        rows: dict[str, Any] = {row["way"]: row for row in self.ways}
        return [WeighedWay(**rows.get(way, {"way": way})) for way in WayOn.values]

    @property
    def missing(self) -> list[str]:
        return weighing_missing(self.weighed, self.way, self.reason)
