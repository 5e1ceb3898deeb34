"""The initiative: a funded piece of development work, a row of Bilag 1."""

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from phases.machine import PhaseMachine
from phases.terms import Outcome, Phase, Stage, Track, run_together
from portfolio.models.continuation import Continuation, every_link
from portfolio.models.phase_run import PhaseRun
from portfolio.models.programme import Agreement, Programme, TargetGroup
from portfolio.standing import Standing, standing
from susi.danish import search_words, sort_key
from susi.models import User
from susi.prepared import GivenKeys, Prepared
from susi.roles import Role

_TRACKS, _STANDINGS = ({str(code): str(label) for code, label in terms.choices} for terms in (Track, Standing))


class PhaseNotShownByRuns(Exception):
    """The initiative says another phase than its runs do. Only a decision or a source moves a phase."""


def shown_to(roles: frozenset[Role], of: str = "") -> Q:
    """Return the condition that a person with `roles` may see an initiative, or a row of its history: everything with
    a role, but proposals only for those who work with them. `of` is the lookup to the initiative ("initiative__")."""
    if roles & {Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR}:
        return Q()
    return ~Q(**{f"{of}phase": Stage.PROPOSAL}) if Role.READER in roles else Q(pk__in=[])


def written_on_by(user: User, of: str = "") -> Q:
    """Return the condition that `user` may write on an initiative: as lead or member or stand-in for one, with the
    role for it."""
    return worked_on_by(user, of) if user.has_role(Role.LEAD) else Q(pk__in=[])


def worked_on_by(user: User, of: str = "") -> Q:
    """Return the condition that `user`, or somebody the user stands in for, is lead or member of an initiative.

    A query that is kept is kept by `user.acts_for` too, which may be others tomorrow.
    """
    led = Initiative.objects.filter(lead__in=user.acts_for).order_by().values("pk")
    worked_on = Initiative.members.through.objects.filter(user__in=user.acts_for).values("initiative")
    return Q(**{f"{of}pk__in": led.union(worked_on, all=True)})  # one list of keys, which the database finds by index


@cache
def _begun() -> Prepared:
    """The query of the phases some initiatives have begun."""
    begun = PhaseRun.objects.filter(
        initiative__in=GivenKeys("initiatives"), state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED]
    )
    return Prepared(begun.order_by().values_list("initiative", "phase"))


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def visible_to(self, user: User) -> "InitiativeQuerySet":
        return self.visible_by(user.roles)

    def visible_by(self, roles: frozenset[Role]) -> "InitiativeQuerySet":
        return self.filter(shown_to(roles))

    def writable_by(self, user: User) -> "InitiativeQuerySet":
        return self.filter(written_on_by(user))

    def worked_on_by(self, user: User) -> "InitiativeQuerySet":
        return self.filter(worked_on_by(user))

    def with_open_deviations(self) -> "InitiativeQuerySet":
        """Return the initiatives with open fravigelser: their own or those of what they continue.

        The rule of `open_in_lineage` of the fravigelser, asked the other way round.
        """
        fravigelser: Any = Initiative._meta.get_field("deviations").related_model
        own = fravigelser.objects.open().order_by().values("initiative")
        inherited = Continuation.objects.continuing(own.distinct().values_list("initiative", flat=True))
        return self.filter(Q(pk__in=own) | Q(pk__in=inherited))

    def with_standing(self) -> "InitiativeQuerySet":
        """Fetch along what a list needs to say where each initiative stands, in a constant number of queries."""
        return (
            self.annotate(standing=standing())
            .select_related("programme", "lead", "current_run")
            .prefetch_related("agreements__programme", "runs")
        )

    def phases_run_by(self, pks: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return by primary key the phases begun by each initiative or by those it continues, in two queries."""
        lineages = {pk: {pk, *continued} for pk, continued in Continuation.objects.lineages_of(pks).items()}
        phases = set(_begun().rows(initiatives=set().union(*lineages.values())))
        return {pk: frozenset(phase for owner, phase in phases if owner in lineage) for pk, lineage in lineages.items()}


class Initiative(PhaseMachine):
    """Where it stands is told by its runs; `phase` and `current_run` are guarded copies for lists and filters."""

    number = models.CharField("nummer", max_length=12, unique=True, editable=False)
    source_key = models.CharField("kildens nøgle", max_length=50, unique=True, null=True, blank=True, editable=False)
    title = models.CharField("titel", max_length=300)
    programme = models.ForeignKey(
        Programme, verbose_name="program", null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    agreements = models.ManyToManyField(Agreement, verbose_name="aftaler", blank=True, related_name="initiatives")
    target_groups = models.ManyToManyField(
        TargetGroup, verbose_name="målgrupper", blank=True, related_name="initiatives"
    )
    funding = models.CharField("anden finansieringskilde", max_length=200, blank=True)
    problem = models.TextField("det sociale problem", blank=True, max_length=4000)
    description = models.TextField("indsatsen", blank=True, max_length=4000)
    case_number = models.CharField("journalnummer", max_length=50, blank=True)
    counts_as = models.PositiveSmallIntegerField("tæller som", default=1)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="initiativansvarlig",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_initiatives",
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="medarbejdere", blank=True, related_name="initiatives"
    )
    current_run = models.OneToOneField(
        "portfolio.PhaseRun",
        verbose_name="nuværende eller seneste fase",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    version = models.PositiveIntegerField("version", default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("oprettet", auto_now_add=True)
    sort_key = models.CharField(max_length=200, editable=False, db_index=True, default="")
    search_text = models.TextField(editable=False, default="")
    history = HistoricalRecords(m2m_fields=[agreements, target_groups, members])

    objects = InitiativeQuerySet.as_manager()
    chain: "Iterable[Initiative]" = ()

    class Meta:
        verbose_name = "initiativ"
        verbose_name_plural = "initiativer"
        ordering = ["sort_key", "number"]
        indexes = [
            # All that is counted of everyone: the table itself is long, for its texts.
            models.Index(fields=["phase"], include=["id", "current_run", "counts_as"], name="initiative_counted")
        ]
        constraints = [
            models.CheckConstraint(
                name="phase_has_a_run",
                condition=Q(phase__in=[Stage.PROPOSAL, Stage.ENDED]) | Q(current_run__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_has_no_run", condition=~Q(phase=Stage.PROPOSAL) | Q(current_run__isnull=True)
            ),
            models.CheckConstraint(name="counts_as_at_least_one", condition=Q(counts_as__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_phase_the_runs_do_not_show()
        self.sort_key = sort_key(self.title)
        self.search_text = search_words(
            " ".join([self.number, self.title, self.problem, self.description, self.funding, self.case_number])
        )
        super().save(*args, **kwargs)

    def _refuse_phase_the_runs_do_not_show(self) -> None:
        stage, run = self.standing_by_runs()
        if (self.phase, self.current_run_id) != (stage, run.pk if run else None):
            raise PhaseNotShownByRuns(
                f"{self.number}: fasen kan kun ændres ved en beslutning om faseovergang. "
                f"Faserne viser {Stage(stage).label}, ikke {Stage(self.phase).label}."
            )

    def standing_by_runs(self) -> tuple[str, PhaseRun | None]:
        """Return the stage and the present (or last) run as the runs and decisions in the database show them."""
        runs = list(self.runs.in_force().order_by("sequence")) if self.pk else []
        open_runs = [run for run in runs if run.state == PhaseRun.State.OPEN]
        if open_runs:
            return open_runs[0].phase, open_runs[0]
        begun = [run for run in runs if run.state == PhaseRun.State.ENDED]
        if begun:
            return Stage.ENDED, begun[-1]
        stopped = self.pk and self.decisions.in_force().filter(outcome=Outcome.STOPPED).exists()
        return (Stage.ENDED if stopped else Stage.PROPOSAL), None

    def phases_run(self) -> frozenset[str]:
        """Return the phases begun by the initiative or by those it continues, from the `chain` its page has fetched
        (`portfolio.whole`) where that tells of them all.
        """
        fetched = {one.pk: one for one in self.chain}
        if fetched.keys() >= set(self.lineage):
            runs = (run for pk in self.lineage for run in fetched[pk].runs.all())
            return frozenset(run.phase for run in runs if run.has_begun)
        return frozenset(phase for _, phase in _begun().rows(initiatives=self.lineage))

    @cached_property
    def lineage(self) -> list[int]:
        """The primary keys of itself and of everything it continues, nearest first."""
        return [self.pk, *Continuation.objects.lineages_of([self.pk], self.all_links)[self.pk]]

    @cached_property
    def all_links(self) -> list[tuple[int, int]]:
        """`every_link`, read once by whatever a page asks of the initiative's chain."""
        return every_link()

    @property
    def is_proposal(self) -> bool:
        return self.phase == Stage.PROPOSAL

    @property
    def has_ended(self) -> bool:
        return self.phase == Stage.ENDED

    @property
    def track(self) -> str:
        return self.current_run.track if self.current_run else ""

    @property
    def runs_together(self) -> list[PhaseRun]:
        """The runs the present one is run together with, in order and with itself among them."""
        if self.current_run is None:
            return []
        together = [run for run in self.runs.all() if run.is_run_together_with(self.current_run)]
        return [self.current_run if run == self.current_run else run for run in together]

    @property
    def first_run(self) -> PhaseRun | None:
        """The first of those run together with the present one: when it began is when they began."""
        return next(iter(self.runs_together), None)

    @property
    def phases_together(self) -> list[Phase]:
        """The phases the present run is run together with, in order; several for "Screening/modning"."""
        return [Phase(run.phase) for run in self.runs_together]

    @property
    def phase_label(self) -> str:
        """The phase as Bilag 1 writes it, joined where two are run together: "Screening/modning". "" for a proposal."""
        return run_together(self.phases_together)

    @property
    def track_label(self) -> str:
        if self.track:
            return _TRACKS[self.track]
        if self.current_run is None or self.current_run.phase == Phase.SCREENING:
            return ""
        return "Spor ikke oplyst"

    @property
    def standing_label(self) -> str:
        """How it stands in a word, where it was fetched `with_standing`."""
        return _STANDINGS[self.standing]  # type: ignore[attr-defined]

    def agreement_names(self) -> str:
        """The agreements as Bilag 1 writes them: "UIP 2017, 2018, 2019"."""
        return short_agreement_names(self.agreements.all())


def short_agreement_names(agreements: Iterable[Agreement]) -> str:
    """Return "UIP 2017, 2018" for agreements of one programme; "" for none."""
    years = sorted(agreement.year for agreement in agreements)
    return f"UIP {', '.join(str(year) for year in years)}" if years else ""


class StatusNote(models.Model):
    """A dated short text on how it goes. Never changed: a new one is written."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="status_notes")
    text = models.TextField("status", max_length=1000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("skrevet")

    class Meta:
        verbose_name = "status"
        verbose_name_plural = "statusser"
        ordering = ["-written_at", "-pk"]

    def __str__(self) -> str:
        return self.text
