"""What initiatives are funded under, and whom they are for."""

from collections.abc import Iterable

from django.db import models
from simple_history.models import HistoricalRecords


class Programme(models.Model):
    """A development and investment programme (UIP)."""

    key = models.SlugField("nøgle", unique=True)
    name = models.CharField("navn", max_length=100, unique=True)
    full_name = models.CharField("fulde navn", max_length=200, blank=True)
    since = models.PositiveSmallIntegerField("siden (år)", null=True, blank=True)
    source = models.CharField("kilde", max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "program"
        verbose_name_plural = "programmer"
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return self.name


class Agreement(models.Model):
    """The yearly political agreement that funds initiatives: programme and year. "UIP 2019" exists in both."""

    programme = models.ForeignKey(
        Programme, verbose_name="program", on_delete=models.PROTECT, related_name="agreements"
    )
    year = models.PositiveSmallIntegerField("år")
    source = models.CharField("kilde", max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "aftale"
        verbose_name_plural = "aftaler"
        ordering = ["programme", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year"],
                name="one_agreement_per_programme_and_year",
                violation_error_message="Programmet har allerede en aftale for det år.",
            ),
            models.CheckConstraint(
                condition=models.Q(year__gte=1990, year__lte=2100),
                name="agreement_year_is_plausible",
                violation_error_message="Skriv et årstal mellem 1990 og 2100.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.short_name} ({self.programme})"

    @property
    def short_name(self) -> str:
        """The agreement as Bilag 1 names it, without the programme: "UIP 2019"."""
        return f"UIP {self.year}"


def foreign_agreements(programme: Programme | None, agreements: Iterable[Agreement]) -> list[Agreement]:
    """Return those of `agreements` that are under another programme than the initiative's."""
    return [agreement for agreement in agreements if agreement.programme != programme]


class TargetGroup(models.Model):
    """One of the three main target groups of the social area."""

    key = models.SlugField("nøgle", unique=True)
    name = models.CharField("navn", max_length=100, unique=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "målgruppe"
        verbose_name_plural = "målgrupper"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
