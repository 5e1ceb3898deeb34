"""Who takes part in which phase, and the rounds of udbredelse (domain, rule 22)."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from participants import rules
from participants.models.entry import Entry, precision, whole
from participants.models.organisation import Organisation
from participants.rules import Period, Problem
from participants.terms import ParticipantRole, Progress
from phases.terms import Phase
from portfolio.models import PhaseRun
from susi.dates import read

_DATES = ("started_on", "ended_on", "dropped_out_on", "readiness_on", "plan_on")


class Round(Entry):
    """A round of udbredelse, with the three phases of implementation Drejebogen names ("Socialstyrelsens
    implementeringsstøtte"): forberedelse, forandring, forankring."""

    DATES = ("preparation_from", "change_from", "anchoring_from", "ended_on")

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="rounds")
    no = models.PositiveSmallIntegerField("runde nr.")
    preparation_from = models.DateField("forberedelsesfasen begynder", null=True, blank=True)
    preparation_from_precision = precision()
    change_from = models.DateField("forandringsfasen begynder", null=True, blank=True)
    change_from_precision = precision()
    anchoring_from = models.DateField("forankringsfasen begynder", null=True, blank=True)
    anchoring_from_precision = precision()
    ended_on = models.DateField("runden slutter", null=True, blank=True)
    ended_on_precision = precision()
    note = models.TextField("bemærkning", blank=True, max_length=1000)
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "runde"
        verbose_name_plural = "runder"
        ordering = ["run", "no"]
        constraints = [
            *Entry.Meta.constraints,
            models.UniqueConstraint(
                fields=["run", "no"], condition=Q(annulled_at__isnull=True), name="one_round_of_each_number"
            ),
            models.CheckConstraint(
                name="round_dates_have_a_precision",
                condition=whole("preparation_from", "change_from", "anchoring_from", "ended_on"),
            ),
        ]

    def __str__(self) -> str:
        return f"Runde {self.no}"

    def contradictions(self) -> list[Problem]:
        label = {field: str(self._meta.get_field(field).verbose_name).capitalize() for field in self.DATES}  # type: ignore[union-attr]
        problems = rules.out_of_order([(field, label[field], read(self, field)) for field in self.DATES])
        if self.run.phase != Phase.DISSEMINATION:
            problems.append(("run", "Runder hører til udbredelsesfasen. Vælg den."))
        if self.others().filter(run=self.run, no=self.no).exists():
            problems.append(("no", f"Fasen har allerede en runde {self.no}. Vælg et andet nummer, eller ret den."))
        if self.pk and Participation.objects.in_force().filter(round=self.pk).exclude(run=self.run).exists():
            problems.append(("run", "Runden har deltagere i en anden fase. Flyt dem først."))
        return problems


class Participation(Entry):
    """An organisation that takes part in a phase in a role. `dropped_out_on` is frafald, always with its reason."""

    DATES = _DATES

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="participations")
    organisation = models.ForeignKey(
        Organisation, verbose_name="organisation", on_delete=models.PROTECT, related_name="participations"
    )
    role = models.CharField("rolle", max_length=25, choices=ParticipantRole.choices)
    round = models.ForeignKey(
        Round, verbose_name="runde", null=True, blank=True, on_delete=models.PROTECT, related_name="participations"
    )
    started_on = models.DateField("deltager fra", null=True, blank=True)
    started_on_precision = precision()
    ended_on = models.DateField("deltager til", null=True, blank=True)
    ended_on_precision = precision()
    dropped_out_on = models.DateField("faldet fra", null=True, blank=True)
    dropped_out_on_precision = precision()
    dropout_reason = models.TextField("årsag til frafald", blank=True, max_length=1000)
    readiness = models.CharField("parathedsanalyse", max_length=12, choices=Progress.choices, blank=True)
    readiness_on = models.DateField("dato for parathedsanalyse", null=True, blank=True)
    readiness_on_precision = precision()
    readiness_conclusion = models.TextField("parathedsanalysens konklusion", blank=True, max_length=2000)
    readiness_case_number = models.CharField("parathedsanalysens journalnummer", max_length=50, blank=True)
    plan = models.CharField("implementeringsplan", max_length=12, choices=Progress.choices, blank=True)
    plan_on = models.DateField("dato for implementeringsplan", null=True, blank=True)
    plan_on_precision = precision()
    plan_case_number = models.CharField("implementeringsplanens journalnummer", max_length=50, blank=True)
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "deltager"
        verbose_name_plural = "deltagere"
        ordering = ["run", "organisation__sort_key", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(name="participation_dates_have_a_precision", condition=whole(*_DATES)),
            models.CheckConstraint(
                name="dropout_has_a_reason",
                condition=Q(dropped_out_on__isnull=True, dropout_reason="")
                | (Q(dropped_out_on__isnull=False) & ~Q(dropout_reason="")),
            ),
            models.CheckConstraint(
                name="readiness_told_of_one_that_was_done",
                condition=Q(readiness="done")
                | Q(readiness_on__isnull=True, readiness_conclusion="", readiness_case_number=""),
            ),
            models.CheckConstraint(
                name="plan_told_of_one_that_was_done",
                condition=Q(plan="done") | Q(plan_on__isnull=True, plan_case_number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display().lower()})"

    @property
    def period(self) -> Period:
        """When it takes part: until it ends or drops out, whichever is first known of."""
        return Period(read(self, "started_on"), read(self, "dropped_out_on") or read(self, "ended_on"))

    @property
    def has_dropped_out(self) -> bool:
        return self.dropped_out_on is not None

    def is_present(self, day: date) -> bool:
        """Whether it takes part on `day`, in a phase that is open."""
        if self.is_annulled or self.run.state != PhaseRun.State.OPEN:
            return False
        if self.dropped_out_on and self.dropped_out_on <= day:  # also where only the year of it is known
            return False
        return rules.holds_on(self.period, day)

    def contradictions(self) -> list[Problem]:
        return [*self._period_problems(), *self._told_of_nothing(), *self._relation_problems()]

    def _period_problems(self) -> list[Problem]:
        problems: list[Problem] = []
        dropped, planned = read(self, "dropped_out_on"), Period(read(self, "started_on"), read(self, "ended_on"))
        if rules.is_backwards(planned):
            problems.append(("ended_on", "Deltagelsen kan ikke slutte, før den begynder."))
        if rules.is_backwards(Period(planned.start, dropped)):
            problems.append(("dropped_out_on", "Deltageren kan ikke falde fra, før deltagelsen begynder."))
        return problems

    def outlived(self) -> list[Problem]:
        one = self.organisation
        problem = rules.outside_validity(one.name, one.valid_from, one.valid_to, self.period, timezone.localdate())
        return [problem] if any(problem) else []

    def _told_of_nothing(self) -> list[Problem]:
        """Details of what did not happen, and what happened without its reason."""
        problems: list[Problem] = []
        if self.dropped_out_on and not self.dropout_reason:
            problems.append(("dropout_reason", "Skriv årsagen til frafaldet."))
        if self.dropout_reason and not self.dropped_out_on:
            problems.append(("dropped_out_on", "Skriv, hvornår deltageren faldt fra; et årstal er nok."))
        told = self.readiness_on or self.readiness_conclusion or self.readiness_case_number
        if told and self.readiness != Progress.DONE:
            problems.append(("readiness", "Vælg »Udarbejdet«, eller slet det, du har skrevet om parathedsanalysen."))
        if (self.plan_on or self.plan_case_number) and self.plan != Progress.DONE:
            problems.append(("plan", "Vælg »Udarbejdet«, eller slet det, du har skrevet om implementeringsplanen."))
        return problems

    def _relation_problems(self) -> list[Problem]:
        problems: list[Problem] = []
        if wrong := rules.wrong_role(self.role, self.organisation.kind):
            problems.append(("role", wrong))
        if self.round_id and not Round.objects.in_force().filter(pk=self.round_id, run=self.run_id).exists():
            problems.append(
                ("round", "Runden er annulleret eller hører til en anden fase. Vælg fasen eller runden om.")
            )
        same = self.others().filter(run=self.run, organisation=self.organisation, role=self.role)
        if any(rules.surely_overlap(self.period, other.period) for other in same):
            problems.append(
                ("organisation", f"{self.organisation} deltager allerede i den rolle i den periode. Ret den i stedet.")
            )
        return problems
