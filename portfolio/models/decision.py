"""The decision on a transition (beslutning om faseovergang): a dated record of its own. Only it moves a phase."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Max, Prefetch, Q
from simple_history.models import HistoricalRecords

from phases.terms import Outcome, Phase, Track
from susi.models import User

if TYPE_CHECKING:
    from portfolio.models.initiative import Initiative
    from susi.prepared import GivenKeys


class DecidedSoFar(NamedTuple):
    """The number of the newest decision, reversed or not (0 for none), and the day of the latest in force."""

    last_no: int
    last_day: date | None


class DecisionQuerySet(models.QuerySet["Decision"]):
    def so_far(self) -> DecidedSoFar:
        """Return what the decisions of one initiative have come to, in one query."""
        last_day = Max("decided_on", filter=Q(reversed_at__isnull=True))
        found = self.aggregate(last_no=Max("no"), last_day=last_day)
        return DecidedSoFar(found["last_no"] or 0, found["last_day"])

    def in_force(self) -> "DecisionQuerySet":
        return self.filter(reversed_at__isnull=True)

    def about(
        self, initiatives: "Iterable[Initiative] | Iterable[int] | models.QuerySet | GivenKeys"
    ) -> "DecisionQuerySet":
        """Return the decisions that concern any of them: made about it, or carrying it or others on."""
        links: Any = Decision._meta.get_field("continuations").related_model
        # Each is found by an index of its own: asked as one, the database reads every decision.
        own = Decision.objects.filter(initiative__in=initiatives).order_by().values("pk")
        of_runs = Decision.runs.through.objects.filter(phaserun__initiative__in=initiatives).values("decision")
        away = links.objects.filter(from_initiative__in=initiatives).order_by().values("decision")
        here = links.objects.filter(to_initiative__in=initiatives).order_by().values("decision")
        return self.filter(pk__in=own.union(of_runs, away, here, all=True))

    def as_read_by(self, user: User) -> "DecisionQuerySet":
        """Fetch along what each awaits as far as `user` may see it: `awaits` is None where a proposal is hidden."""
        initiatives: Any = Decision._meta.get_field("awaits").related_model
        return self.prefetch_related(Prefetch("awaits", initiatives.objects.visible_to(user)))


class Decision(models.Model):
    """Never edited: a wrong decision is reversed by an act of its own, with a reason, and both stay."""

    class DecidedBy(models.TextChoices):
        AGENCY = "agency", "Socialstyrelsen"
        DEPARTMENT = "department", "Departementet"
        AGREEMENT_PARTIES = "agreement_parties", "Aftalepartierne"

    OUTCOMES = [
        (outcome.value, outcome.label)
        for outcome in (Outcome.CONTINUED, Outcome.RECOMMENDED, Outcome.AWAITING, Outcome.STOPPED)
    ]

    initiative = models.ForeignKey(
        "portfolio.Initiative", verbose_name="initiativ", on_delete=models.PROTECT, related_name="decisions"
    )
    no = models.PositiveSmallIntegerField("nr.")
    runs = models.ManyToManyField(
        "portfolio.PhaseRun", verbose_name="faser, der besluttes om", blank=True, related_name="decisions"
    )
    outcome = models.CharField("udfald", max_length=12, choices=OUTCOMES)
    decided_by = models.CharField("besluttet af", max_length=20, choices=DecidedBy.choices)
    decided_on = models.DateField("besluttet den")
    agreement = models.ForeignKey(
        "portfolio.Agreement",
        verbose_name="aftale",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    to_phase = models.CharField("fase, der overgås til", max_length=20, choices=Phase.choices, blank=True)
    to_track = models.CharField("spor, der overgås til", max_length=1, choices=Track.choices, blank=True)
    awaits = models.ForeignKey(
        "portfolio.Initiative",
        verbose_name="afventer initiativ",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="awaited_by",
    )
    reason = models.TextField("begrundelse", blank=True, max_length=4000)
    departure_reason = models.TextField("hvorfor der afviges fra indstillingen", blank=True, max_length=4000)
    added_agreement = models.BooleanField("føjede aftalen til initiativets aftaler", default=False, editable=False)
    set_programme = models.BooleanField("gav initiativet aftalens program", default=False, editable=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField("registreret")
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed_at = models.DateTimeField("omgjort", null=True, blank=True)
    reversal_reason = models.TextField("begrundelse for omgørelse", blank=True, max_length=4000)
    history = HistoricalRecords(m2m_fields=[runs])

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "beslutning om faseovergang"
        verbose_name_plural = "beslutninger om faseovergang"
        ordering = ["-decided_on", "-no"]
        indexes = [models.Index(fields=["-registered_at", "-id"], name="newest_decisions")]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "no"], name="decision_no_unique"),
            models.CheckConstraint(
                name="reversal_is_whole",
                condition=Q(reversed_by__isnull=True, reversed_at__isnull=True, reversal_reason="")
                | (Q(reversed_by__isnull=False, reversed_at__isnull=False) & ~Q(reversal_reason="")),
            ),
            models.CheckConstraint(
                name="phase_exactly_when_continued",
                condition=(Q(outcome="continued") & ~Q(to_phase="")) | (~Q(outcome="continued") & Q(to_phase="")),
            ),
            models.CheckConstraint(name="stop_has_a_reason", condition=~Q(outcome="stopped") | ~Q(reason="")),
            models.CheckConstraint(
                name="recommended_for_an_agreement", condition=~Q(outcome="recommended") | Q(agreement__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Beslutning {self.initiative.number}-{self.no}: {self.get_outcome_display()}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None

    @property
    def awaits_hidden(self) -> bool:
        """Whether it awaits an initiative that the one it was fetched for (`as_read_by`) may not know of."""
        return self.awaits_id is not None and self.awaits is None

    @property
    def sentence(self) -> str:
        """What was decided, in a few words: "Videreføres i modning, spor 1"."""
        return decided(self.outcome, self.to_phase, self.to_track)


def decided(outcome: str, to_phase: str, to_track: str) -> str:
    """Return what was decided, in a few words: "Videreføres i modning, spor 1"."""
    words = str(Outcome(outcome).label)
    if to_phase:
        words += f" i {Phase(to_phase).label.lower()}"
    return f"{words}, {Track(to_track).label.lower()}" if to_phase and to_track else words
