"""That personal data is collected elsewhere (domain, rule 23). The data itself never comes here."""

from django.db import models
from simple_history.models import HistoricalRecords

from participants.models.entry import Entry, precision, whole
from participants.models.organisation import Organisation
from participants.rules import Period, Problem, is_backwards
from portfolio.models import PhaseRun
from susi.danish import fold
from susi.dates import read


class DataCollection(Entry):
    """Purpose, legal basis, place and who is responsible: an organisation, or the agency where none is named."""

    DATES = ("collected_from", "collected_to")

    run = models.ForeignKey(PhaseRun, verbose_name="fase", on_delete=models.PROTECT, related_name="data_collections")
    purpose = models.TextField("formål", max_length=1000)
    legal_basis = models.CharField("hjemmel", max_length=300)
    place = models.CharField("opbevares i", max_length=200)
    responsible = models.ForeignKey(
        Organisation, verbose_name="dataansvarlig", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    collected_from = models.DateField("indsamles fra", null=True, blank=True)
    collected_from_precision = precision()
    collected_to = models.DateField("indsamles til", null=True, blank=True)
    collected_to_precision = precision()
    history = HistoricalRecords()

    class Meta(Entry.Meta):
        verbose_name = "indsamling af personoplysninger"
        verbose_name_plural = "indsamlinger af personoplysninger"
        ordering = ["run", "collected_from", "pk"]
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(
                name="collection_dates_have_a_precision", condition=whole("collected_from", "collected_to")
            ),
        ]

    def __str__(self) -> str:
        return f"Personoplysninger i {self.place}"

    def contradictions(self) -> list[Problem]:
        problems: list[Problem] = []
        if is_backwards(Period(read(self, "collected_from"), read(self, "collected_to"))):
            problems.append(("collected_to", "Indsamlingen kan ikke slutte, før den begynder."))
        same = self.others().filter(run=self.run)
        if any((fold(one.purpose), fold(one.place)) == (fold(self.purpose), fold(self.place)) for one in same):
            problems.append(("purpose", "Indsamlingen er allerede registreret. Ret den i stedet."))
        return problems
