"""Who can take part: municipalities, regions and others, each valid for a period."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from participants.terms import BY_LAW, OrganisationKind
from susi.danish import fold, sort_key


def valid_on(day: date, prefix: str = "") -> Q:
    """Return the condition that something with a period of validity is valid on `day`."""
    begun = Q(**{f"{prefix}valid_from__isnull": True}) | Q(**{f"{prefix}valid_from__lte": day})
    return begun & (Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day}))


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def valid_on(self, day: date) -> "OrganisationQuerySet":
        return self.filter(valid_on(day))

    def municipalities(self, day: date) -> "OrganisationQuerySet":
        """Return the municipalities there are on `day`."""
        return self.valid_on(day).filter(kind=OrganisationKind.MUNICIPALITY)


class Organisation(models.Model):
    """`key` names the ones of the fixture. `code` is the official one; empty where there is none or it is unknown."""

    key = models.SlugField("nøgle", unique=True, null=True, blank=True, editable=False)
    kind = models.CharField("type", max_length=20, choices=OrganisationKind.choices, db_index=True)
    code = models.CharField("kode", max_length=10, blank=True)
    name = models.CharField("navn", max_length=200)
    valid_from = models.DateField("findes fra", null=True, blank=True)
    valid_to = models.DateField("ophørt", null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name="afløst af", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    source = models.CharField("kilde", max_length=300, blank=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)
    folded_name = models.CharField(max_length=200, editable=False, default="")
    sort_key = models.CharField(max_length=200, editable=False, db_index=True, default="")
    history = HistoricalRecords()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        verbose_name_plural = "organisationer"
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["folded_name"], name="organisation_name_unique"),
            models.UniqueConstraint(fields=["kind", "code"], condition=~Q(code=""), name="organisation_code_unique"),
            models.CheckConstraint(
                name="organisation_ends_after_it_begins",
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded_name, self.sort_key = fold(self.name), sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def is_by_law(self) -> bool:
        return self.kind in BY_LAW


class RegionPeriod(models.Model):
    """The region a municipality lies in, for a period. On any day it is one at most."""

    municipality = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="regions")
    region = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="municipalities")
    valid_from = models.DateField("fra")
    valid_to = models.DateField("til", null=True, blank=True)
    source = models.CharField("kilde", max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "regionstilhør"
        verbose_name_plural = "regionstilhør"
        ordering = ["municipality", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "valid_from"], name="one_region_from_a_day"),
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(valid_to__isnull=True), name="one_region_without_end"
            ),
            models.CheckConstraint(
                name="region_period_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.region}"


def regions_on(day: date) -> dict[int, str]:
    """Return the name of the region of each municipality (by key) on `day`, in one query."""
    return dict(RegionPeriod.objects.filter(valid_on(day)).order_by().values_list("municipality", "region__name"))
