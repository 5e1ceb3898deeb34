"""An initiative's time in one phase. The open run is the truth about where the initiative stands."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from phases.terms import Outcome, Phase, SusiStatement, Track
from susi.dates import Precision


def _whole(field: str) -> Q:
    """Both the date and its precision, or neither."""
    unknown = Q(**{f"{field}__isnull": True, f"{field}_precision": ""})
    return unknown | (Q(**{f"{field}__isnull": False}) & ~Q(**{f"{field}_precision": ""}))


class PhaseRunQuerySet(models.QuerySet["PhaseRun"]):
    def in_force(self) -> "PhaseRunQuerySet":
        return self.exclude(state=PhaseRun.State.ANNULLED)


class PhaseRun(models.Model):
    """Opened by exactly one decision or one source, closed by a decision (or ended already in the source).

    `stated_*` is what a source says of the run and never changes by what is decided here. `outcome` and `susi` are
    what holds now: of the latest decision and assessment, else of the source. `expected_*` is the plan.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planlagt"
        OPEN = "open", "I gang"
        ENDED = "ended", "Afsluttet"
        ANNULLED = "annulled", "Annulleret"

    initiative = models.ForeignKey("portfolio.Initiative", on_delete=models.PROTECT, related_name="runs")
    sequence = models.PositiveSmallIntegerField("rækkefølge")
    phase = models.CharField("fase", max_length=20, choices=Phase.choices)
    track = models.CharField("spor", max_length=1, choices=Track.choices, blank=True)
    state = models.CharField("tilstand", max_length=10, choices=State.choices)
    started_on = models.DateField("begyndt", null=True, blank=True)
    started_on_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    ended_on = models.DateField("afsluttet", null=True, blank=True)
    ended_on_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    expected_start = models.DateField("forventet begyndelse", null=True, blank=True)
    expected_start_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    expected_end = models.DateField("forventet afslutning", null=True, blank=True)
    expected_end_precision = models.CharField(max_length=5, choices=Precision.choices, blank=True)
    planned_by = models.ForeignKey(
        "portfolio.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="planned_runs"
    )
    opened_by = models.ForeignKey(
        "portfolio.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="opened_runs"
    )
    closed_by = models.ForeignKey(
        "portfolio.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="closed_runs"
    )
    source = models.CharField("kilde", max_length=300, blank=True)
    stated_outcome = models.CharField("udfald ifølge kilden", max_length=12, choices=Outcome.choices, blank=True)
    stated_reason = models.TextField("begrundelse ifølge kilden", blank=True)
    stated_agreement = models.ForeignKey(
        "portfolio.Agreement",
        verbose_name="kommende aftale ifølge kilden",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    stated_susi = models.CharField(
        "SUSI-vurdering ifølge kilden", max_length=12, choices=SusiStatement.choices, blank=True
    )
    stated_susi_note = models.TextField("bemærkning til SUSI-vurdering ifølge kilden", blank=True)
    outcome = models.CharField("udfald", max_length=12, choices=Outcome.choices, blank=True, db_index=True)
    susi = models.CharField("SUSI-vurdering", max_length=12, choices=SusiStatement.choices, blank=True)
    history = HistoricalRecords()

    objects = PhaseRunQuerySet.as_manager()

    class Meta:
        verbose_name = "faseforløb"
        verbose_name_plural = "faseforløb"
        ordering = ["initiative", "sequence"]
        indexes = [
            # What is asked of the present phases of everyone; most phases are over.
            models.Index(
                fields=["id"],
                include=["state", "outcome", "source", "planned_by", "opened_by"],
                condition=Q(state="open"),
                name="run_open",
            ),
            # What is run together with it.
            models.Index(
                fields=["initiative"],
                include=["id", "state", "phase", "track", "source", "planned_by", "opened_by"],
                condition=~Q(state="annulled"),
                name="run_in_force",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "sequence"], name="run_sequence_unique"),
            models.UniqueConstraint(fields=["initiative"], condition=Q(state="open"), name="one_open_run"),
            models.CheckConstraint(
                name="begun_by_one_decision_or_one_source",
                condition=Q(state__in=["planned", "annulled"])
                | (Q(opened_by__isnull=False) & Q(source=""))
                | (Q(opened_by__isnull=True) & ~Q(source="")),
            ),
            models.CheckConstraint(
                name="planned_by_a_decision",
                condition=~Q(state="planned") | Q(planned_by__isnull=False, opened_by__isnull=True, source=""),
            ),
            models.CheckConstraint(
                name="ended_by_decision_or_source",
                condition=~Q(state="ended") | Q(closed_by__isnull=False) | ~Q(source=""),
            ),
            models.CheckConstraint(
                name="open_is_not_closed", condition=~Q(state__in=["open", "planned"]) | Q(closed_by__isnull=True)
            ),
            models.CheckConstraint(
                name="track_unknown_only_in_screening_or_from_source",
                condition=~Q(track="") | Q(phase="screening") | ~Q(source="") | Q(state__in=["planned", "annulled"]),
            ),
            models.CheckConstraint(name="no_track_in_screening", condition=~Q(phase="screening") | Q(track="")),
            models.CheckConstraint(
                name="run_dates_have_a_precision",
                condition=_whole("started_on") & _whole("ended_on"),
            ),
            models.CheckConstraint(
                name="expected_dates_have_a_precision",
                condition=_whole("expected_start") & _whole("expected_end"),
            ),
            models.CheckConstraint(
                name="run_ends_after_it_starts",
                condition=Q(started_on__isnull=True)
                | Q(ended_on__isnull=True)
                | ~Q(started_on_precision="day", ended_on_precision="day")
                | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="stated_only_by_a_source",
                condition=~Q(source="") | Q(stated_outcome="", stated_susi="", stated_reason="", stated_susi_note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()} ({self.initiative.number})"

    @property
    def has_begun(self) -> bool:
        return self.state in (self.State.OPEN, self.State.ENDED)

    def is_run_together_with(self, other: "PhaseRun") -> bool:
        """Whether one decision or one source began both in the same initiative (a run is together with itself)."""
        if self.pk == other.pk:
            return True
        if self.state == self.State.ANNULLED or self.initiative_id != other.initiative_id:
            return False
        if self.source:
            return self.source == other.source
        return self._funded_by == other._funded_by

    @property
    def _funded_by(self) -> int | None:
        return self.planned_by_id or self.opened_by_id
