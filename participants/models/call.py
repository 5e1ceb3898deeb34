"""The pulje: announced, applied for, selected, granted (domain, rule 22)."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from participants.models.entry import Entry, precision, whole
from participants.models.organisation import Organisation
from participants.rules import Problem, is_valid_on, out_of_order
from participants.terms import ApplicationState
from portfolio.models import PhaseRun
from susi.danish import fold
from susi.dates import PartialDate, read


class Call(Entry):
    """A call for applications in a phase. The amount is in whole kroner; unknown where none is stated."""

    DATES = ("announced_on", "deadline")

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="calls")
    title = models.CharField("navn", max_length=200)
    announced_on = models.DateField("udmeldt", null=True, blank=True)
    announced_on_precision = precision()
    deadline = models.DateField("ansøgningsfrist", null=True, blank=True)
    deadline_precision = precision()
    amount = models.PositiveBigIntegerField("beløb", null=True, blank=True)
    case_number = models.CharField("journalnummer", max_length=50, blank=True)
    link = models.CharField("link", max_length=500, blank=True)
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "pulje"
        verbose_name_plural = "puljer"
        ordering = ["run", "announced_on", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(name="call_dates_have_a_precision", condition=whole("announced_on", "deadline")),
        ]

    def __str__(self) -> str:
        return self.title

    def contradictions(self) -> list[Problem]:
        dates = [("announced_on", "Udmeldt"), ("deadline", "Ansøgningsfristen")]
        problems = out_of_order([(field, label, read(self, field)) for field, label in dates])
        if any(fold(other.title) == fold(self.title) for other in self.others().filter(run=self.run)):
            problems.append(("title", "Fasen har allerede en pulje med det navn. Ret den i stedet."))
        return problems


class Application(Entry):
    """An organisation that applied. An amount is granted to the selected only."""

    RUN = "call__run"
    DATES = ("applied_on",)

    call = models.ForeignKey(Call, verbose_name="pulje", on_delete=models.PROTECT, related_name="applications")
    organisation = models.ForeignKey(
        Organisation, verbose_name="ansøger", on_delete=models.PROTECT, related_name="applications"
    )
    applied_on = models.DateField("ansøgt", null=True, blank=True)
    applied_on_precision = precision()
    state = models.CharField(
        "resultat", max_length=12, choices=ApplicationState.choices, default=ApplicationState.RECEIVED
    )
    granted = models.PositiveBigIntegerField("bevilget beløb", null=True, blank=True)
    reason = models.TextField("begrundelse", blank=True, max_length=1000)
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "ansøgning"
        verbose_name_plural = "ansøgninger"
        ordering = ["call", "organisation__sort_key", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(
                name="granted_to_the_selected_only", condition=Q(granted__isnull=True) | Q(state="selected")
            ),
            models.CheckConstraint(name="application_date_has_a_precision", condition=whole("applied_on")),
            models.UniqueConstraint(
                fields=["call", "organisation"],
                condition=Q(annulled_at__isnull=True),
                name="one_application_for_each_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.call})"

    @property
    def phase_run(self) -> PhaseRun:
        return self.call.run

    def contradictions(self) -> list[Problem]:
        problems: list[Problem] = []
        if self.others().filter(call=self.call, organisation=self.organisation).exists():
            problems.append(("organisation", f"{self.organisation} har allerede søgt puljen. Ret ansøgningen."))
        if self.granted is not None and self.state != ApplicationState.SELECTED:
            problems.append(("granted", "Kun en udvalgt ansøger får bevilget et beløb."))
        if self.state == ApplicationState.NOT_SELECTED and not self.reason:
            problems.append(("reason", "Skriv, hvorfor ansøgeren ikke er udvalgt."))
        if not Call.objects.in_force().filter(pk=self.call_id).exists():
            problems.append(("call", "Puljen er annulleret. Registrér den igen, hvis den skal gælde."))
        return problems

    def outlived(self) -> list[Problem]:
        applied: PartialDate | None = read(self, "applied_on")
        one = self.organisation
        if not applied or is_valid_on(one.valid_from, one.valid_to, applied.date):
            return []
        return [("organisation", f"{one} findes ikke på den dag. Vælg en anden organisation.")]
