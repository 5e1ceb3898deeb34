"""Taking in the municipalities and regions from a fixture. What is there already is kept, differences are told."""

from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from participants.models import Organisation, RegionPeriod
from participants.terms import BY_LAW
from susi.danish import fold
from susi.history import save_with_reason
from susi.loading import Fixture, Report, RowForm, field_of

FIXTURE = settings.BASE_DIR / "fixtures" / "organisations.json"
_REASON = "Indlæst fra listen over kommuner og regioner"
_COMPARED = ["kind", "code", "name", "valid_from", "valid_to"]


class _Day(forms.CharField):
    """A day as 2027-01-01; empty is None."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise ValidationError("Skal være en dato som 2027-01-01.") from error


class OrganisationRow(RowForm):
    named_by = "key"
    key = forms.SlugField()
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in sorted(BY_LAW)])
    code = field_of(Organisation, "code")
    name = field_of(Organisation, "name")
    valid_from = _Day(required=False)
    valid_to = _Day(required=False)
    successor = forms.CharField(required=False)
    source = forms.CharField(max_length=300)


class RegionRow(RowForm):
    named_by = "municipality"
    municipality = forms.SlugField()
    region = forms.SlugField()
    valid_from = _Day()
    valid_to = _Day(required=False)
    source = forms.CharField(max_length=300)


def load_organisations(path: Path = FIXTURE) -> Report:
    """Create what the fixture has and the database lacks, and report on what is there.

    Raises `FixtureRefused` where the fixture is broken or a name in it is in use for another organisation; nothing is
    written then.
    """
    fixture = Fixture(path)
    organisations, regions = fixture.rows("organisations", OrganisationRow), fixture.rows("regions", RegionRow)
    keys = {row["key"] for row in organisations}
    fixture.refuse_doubles(organisations, "key")
    fixture.refuse_doubles(organisations, "name")
    fixture.refuse_doubles(regions, "municipality", "valid_from")
    taken = dict(Organisation.objects.values_list("folded_name", "key"))
    for row in organisations:
        fixture.refuse_dangling(row, "successor", keys)
        if taken.get(fold(row["name"]), row["key"]) != row["key"]:
            fixture.refuse(row.place, f"name »{row['name']}« er i brug til en anden organisation i systemet.")
    for row in regions:
        fixture.refuse_dangling(row, "municipality", keys)
        fixture.refuse_dangling(row, "region", keys)
    fixture.refuse_if_broken()
    with transaction.atomic():
        return _take_in(organisations, regions)


def _take_in(organisations: list[Any], regions: list[Any]) -> Report:
    report = Report()
    here = {one.key: one for one in Organisation.objects.exclude(key=None)}
    for row in organisations:  # one that takes the place of another stands before it
        values = {name: row[name] for name in (*_COMPARED, "source")}
        if row["key"] in here:
            report.keep(here[row["key"]], row.place, {name: row[name] for name in _COMPARED})
            continue
        organisation = Organisation(key=row["key"], successor=here.get(row["successor"]), **values)
        _create(report, organisation)
        here[row["key"]] = organisation
    there = {(one.municipality_id, one.valid_from): one for one in RegionPeriod.objects.all()}
    for row in regions:
        municipality, region = here[row["municipality"]], here[row["region"]]
        period = there.get((municipality.pk, row["valid_from"]))
        if period:
            report.kept[RegionPeriod] += 1
            report.compare(row.place, "region", period.region_id, region.pk)
            report.compare(row.place, "til", period.valid_to, row["valid_to"])
            continue
        values = {name: row[name] for name in ("valid_from", "valid_to", "source")}
        _create(report, RegionPeriod(municipality=municipality, region=region, **values))
    return report


def _create(report: Report, instance: Any) -> None:
    save_with_reason(instance, by=None, reason=_REASON)
    report.create(instance)
