"""Recruitment in afprøvning: planned by the power calculation, recruited, completed. Numbers only, never persons."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from participants.models.entry import Entry
from participants.models.organisation import Organisation
from participants.rules import Problem
from phases.terms import Phase
from portfolio.models import PhaseRun

_ONLY_TRIAL = "Rekruttering følges i afprøvningsfasen. Vælg den."


class RecruitmentPlan(Entry):
    """How many citizens the power calculation asks for, and where it stands."""

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="recruitment_plans")
    planned = models.PositiveIntegerField("planlagt antal borgere")
    basis = models.CharField("styrkeberegningen står i", max_length=300)
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "rekrutteringsmål"
        verbose_name_plural = "rekrutteringsmål"
        ordering = ["run", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.UniqueConstraint(
                fields=["run"], condition=Q(annulled_at__isnull=True), name="one_recruitment_plan_in_a_phase"
            ),
            models.CheckConstraint(name="planned_at_least_one", condition=Q(planned__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.planned} borgere"

    def contradictions(self) -> list[Problem]:
        problems: list[Problem] = []
        if self.run.phase != Phase.TRIAL:
            problems.append(("run", _ONLY_TRIAL))
        if self.planned < 1:
            problems.append(("planned", "Skriv et antal på mindst 1."))
        if self.others().filter(run=self.run).exists():
            problems.append(("run", "Fasen har allerede et rekrutteringsmål. Ret det i stedet."))
        return problems


class RecruitmentCount(Entry):
    """A count on a day: of one organisation, or of the whole phase where none is named."""

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="recruitment_counts")
    organisation = models.ForeignKey(
        Organisation, verbose_name="organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    counted_on = models.DateField("optalt")
    recruited = models.PositiveIntegerField("rekrutteret i alt")
    completed = models.PositiveIntegerField("gennemført i alt")
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "optælling"
        verbose_name_plural = "optællinger"
        ordering = ["run", "-counted_on", "organisation__sort_key", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.UniqueConstraint(
                fields=["run", "organisation", "counted_on"],
                condition=Q(annulled_at__isnull=True),
                name="one_count_of_an_organisation_and_day",
            ),
            models.UniqueConstraint(
                fields=["run", "counted_on"],
                condition=Q(annulled_at__isnull=True, organisation__isnull=True),
                name="one_count_of_the_phase_and_day",
            ),
            models.CheckConstraint(name="completed_were_recruited", condition=Q(completed__lte=F("recruited"))),
        ]

    def __str__(self) -> str:
        return f"{self.counted_on:%d.%m.%Y}: {self.recruited} rekrutteret, {self.completed} gennemført"

    def contradictions(self) -> list[Problem]:
        problems: list[Problem] = []
        if self.run.phase != Phase.TRIAL:
            problems.append(("run", _ONLY_TRIAL))
        if self.completed > self.recruited:
            problems.append(("completed", "Der kan ikke have gennemført flere, end der er rekrutteret."))
        if self.counted_on > timezone.localdate():
            problems.append(("counted_on", "Optællingen kan ikke ligge i fremtiden."))
        if self.others().filter(run=self.run, organisation=self.organisation, counted_on=self.counted_on).exists():
            problems.append(("counted_on", "Der er allerede en optælling fra den dag. Ret den i stedet."))
        return problems
