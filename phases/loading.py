"""Taking in the rulebook from a fixture. An edition that is there already is kept as it is; a new one is published."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from phases.editions import missing_parts, publish
from phases.models import (
    Criterion,
    DeliverableType,
    Edition,
    EntryCondition,
    PhaseDefinition,
    Theme,
    TrackDefinition,
)
from phases.terms import Phase
from susi.dates import PartialDate, PartialDateField
from susi.loading import Fixture, Flag, ListOf, Report, Row, RowForm, field_of


class PhaseRow(RowForm):
    named_by = "phase"
    phase = field_of(PhaseDefinition, "phase")
    purpose = field_of(PhaseDefinition, "purpose")
    typical_length = field_of(PhaseDefinition, "typical_length")
    min_years = field_of(PhaseDefinition, "min_years")
    max_years = field_of(PhaseDefinition, "max_years")
    source = field_of(PhaseDefinition, "source")


class TrackRow(RowForm):
    named_by = "track"
    track = field_of(TrackDefinition, "track")
    name = field_of(TrackDefinition, "name")
    definition = field_of(TrackDefinition, "definition")
    characteristics = ListOf(forms.CharField())
    source = field_of(TrackDefinition, "source")


class ConditionRow(RowForm):
    named_by = "code"
    no = field_of(EntryCondition, "no")
    code = field_of(EntryCondition, "code")
    heading = field_of(EntryCondition, "heading")
    text = field_of(EntryCondition, "text")
    source = field_of(EntryCondition, "source")


class DeliverableRow(RowForm):
    named_by = "code"
    phase = field_of(DeliverableType, "phase")
    no = field_of(DeliverableType, "no")
    code = field_of(DeliverableType, "code")
    letter = field_of(DeliverableType, "letter")
    name = field_of(DeliverableType, "name")
    heading = field_of(DeliverableType, "heading")
    description = field_of(DeliverableType, "description")
    track = field_of(DeliverableType, "track")
    track1_note = field_of(DeliverableType, "track1_note")
    track2_note = field_of(DeliverableType, "track2_note")
    is_weighed = Flag()
    documents = ListOf(forms.CharField(), required=False)
    source = field_of(DeliverableType, "source")


class CriterionRow(RowForm):
    """`track2` is left out in an edition without tracks, `track2_wording` where spor 2 has no wording of its own."""

    named_by = "code"
    may_lack = ("track2", "track2_wording")
    no = field_of(Criterion, "no")
    code = field_of(Criterion, "code")
    track1 = field_of(Criterion, "wording")
    track2 = forms.ChoiceField(choices=Criterion.TrackTwo.choices, required=False)
    track2_wording = field_of(Criterion, "wording_track2")
    presumes = field_of(Criterion, "presumes")
    source = field_of(Criterion, "source")

    def clean(self) -> dict[str, Any]:
        own = self.cleaned_data.get("track2") == Criterion.TrackTwo.OWN
        if own != bool(self.cleaned_data.get("track2_wording")):
            raise ValidationError("track2_wording skal stå der, når og kun når track2 er »own«.")
        return self.cleaned_data


class ThemeRow(RowForm):
    named_by = "heading"
    within = ("criteria",)
    no = field_of(Theme, "no")
    heading = field_of(Theme, "heading")


class GateRow(RowForm):
    named_by = "phase"
    within = ("themes",)
    phase = field_of(Theme, "phase")
    source = field_of(Theme, "source")


class EditionRow(RowForm):
    named_by = "number"
    within = ("phases", "tracks", "entry_conditions", "deliverables", "gates")
    number = field_of(Edition, "number")
    name = field_of(Edition, "name")
    valid_from = PartialDateField()
    has_tracks = Flag()
    source = field_of(Edition, "source")


def load_rulebook(path: Path) -> Report:
    """Create the editions of the fixture that are missing, published, and report on those that are there.

    Raises `FixtureRefused` where the fixture is broken; nothing is written then.
    """
    fixture = Fixture(path)
    editions = [_Edition(fixture, row) for row in fixture.rows("editions", EditionRow)]
    fixture.refuse_if_broken()
    fixture.refuse_doubles([edition.row for edition in editions], "number")
    for edition in editions:
        edition.check(fixture)
    fixture.refuse_if_broken()
    report = Report()
    with transaction.atomic():
        for edition in editions:
            edition.take_in(report)
    return report


class _Edition:
    """An edition of the fixture with its rows, each checked by itself."""

    def __init__(self, fixture: Fixture, row: Row) -> None:
        self.row = row
        self.phases = fixture.rows("phases", PhaseRow, within=row)
        self.tracks = fixture.rows("tracks", TrackRow, within=row)
        self.conditions = fixture.rows("entry_conditions", ConditionRow, within=row)
        self.deliverables = fixture.rows("deliverables", DeliverableRow, within=row)
        self.gates = fixture.rows("gates", GateRow, within=row)
        self.themes = [(gate, theme) for gate in self.gates for theme in fixture.rows("themes", ThemeRow, within=gate)]
        self.criteria = [
            (gate, theme, criterion)
            for gate, theme in self.themes
            for criterion in fixture.rows("criteria", CriterionRow, within=theme)
        ]

    def check(self, fixture: Fixture) -> None:
        """Find fault with what the rows say of each other."""
        criteria = [criterion for _, _, criterion in self.criteria]
        fixture.refuse_doubles(self.phases, "phase")
        fixture.refuse_doubles(self.tracks, "track")
        fixture.refuse_doubles(self.conditions, "no")
        fixture.refuse_doubles([*self.conditions, *criteria], "code")
        fixture.refuse_doubles(self.deliverables, "code")
        fixture.refuse_doubles(self.deliverables, "phase", "no")
        fixture.refuse_doubles(self.gates, "phase")
        for gate in self.gates:
            fixture.refuse_doubles([theme for its_gate, theme in self.themes if its_gate is gate], "no")
        for _, theme in self.themes:
            fixture.refuse_doubles([row for _, its_theme, row in self.criteria if its_theme is theme], "no")
        missing = missing_parts(
            has_tracks=self.row["has_tracks"],
            criteria=[(gate["phase"], criterion["track2"]) for gate, _, criterion in self.criteria],
            conditions=len(self.conditions),
            phases=[row["phase"] for row in self.phases],
            tracks=[row["track"] for row in self.tracks],
        )
        for sentence in missing:
            fixture.refuse(self.row.place, sentence)
        for criterion in criteria:
            if self.row["has_tracks"] != bool(criterion["track2"]):
                fixture.refuse(criterion.place, "track2 skal stå der, når og kun når udgaven har spor.")
        for deliverable in self.deliverables:
            self._check_documents(fixture, deliverable)

    def _check_documents(self, fixture: Fixture, deliverable: Row) -> None:
        """Find fault with a deliverable that documents anything but criteria for entering the next phase."""
        following = Phase(deliverable["phase"]).following
        known = {criterion["code"] for gate, _, criterion in self.criteria if gate["phase"] == following}
        for code in deliverable["documents"]:
            if code not in known:
                fixture.refuse(deliverable.place, f"documents: »{code}« er ikke et kriterie for den næste fase.")

    def take_in(self, report: Report) -> None:
        """Create the edition and publish it, or compare it with the one that is there."""
        valid_from: PartialDate = self.row["valid_from"]
        values = _only(self.row, "name", "has_tracks", "source") | {
            "valid_from": valid_from.date,
            "valid_from_precision": valid_from.precision,
        }
        edition = Edition.objects.filter(number=self.row["number"]).first()
        is_new = edition is None
        if edition is None:
            edition = Edition.objects.create(number=self.row["number"], **values)
            report.create(edition)
        else:
            report.keep(edition, self.row.place, values)
        take = _Taking(report, creating=is_new)
        for row in self.phases:
            take(edition.phase_definitions, row, _only(row, "phase"))
        for row in self.tracks:
            take(edition.track_definitions, row, _only(row, "track"))
        for row in self.conditions:
            take(edition.entry_conditions, row, _only(row, "no"))
        self._take_deliverables(edition, take)
        for gate, theme in self.themes:
            key = {"phase": gate["phase"], "no": theme["no"]}
            in_place = take(edition.themes, theme, key, heading=theme["heading"], source=gate["source"])
            for criterion in [row for _, its_theme, row in self.criteria if its_theme is theme]:
                take.criterion(in_place, criterion)
        if is_new:
            publish(edition)

    def _take_deliverables(self, edition: Edition, take: "_Taking") -> None:
        """Take in the deliverables. An edition of the same source that was published before the rulebook had any gets
        them as a whole: what it says is not changed by that (docs/adr: an edition is completed).
        """
        lacks_them = edition.is_published and edition.source == self.row["source"]
        if lacks_them and self.deliverables and not edition.deliverable_types.exists():
            added = DeliverableType.objects.bulk_create(
                DeliverableType(edition=edition, **row) for row in self.deliverables
            )
            for one in added:
                take.report.create(one)
            return
        for row in self.deliverables:
            take(edition.deliverable_types, row, _only(row, "code"))


class _Taking:
    """Takes rows into an edition that is being created, or compares them with one that is there."""

    def __init__(self, report: Report, *, creating: bool) -> None:
        self.report = report
        self.creating = creating

    def __call__(self, parts: Any, row: Row, key: dict[str, Any], **values: Any) -> models.Model | None:
        values = values or {name: value for name, value in row.items() if name not in key}
        if self.creating:
            part = parts.create(**key, **values)
            self.report.create(part)
            return part
        part = parts.filter(**key).first()
        if part is None:
            self.report.refuse(row.place, "Udgaven findes allerede uden denne række og udvides ikke.")
            return None
        self.report.keep(part, row.place, values)
        return part

    def criterion(self, theme: Any, row: Row) -> None:
        if theme is None:
            self.report.refuse(row.place, "Udgaven findes allerede uden dette tema og udvides ikke.")
            return
        wording = {
            "wording": row["track1"],
            "track2": row["track2"] or Criterion.TrackTwo.SAME,
            "wording_track2": row["track2_wording"],
        }
        self(theme.criteria, row, _only(row, "no"), **_only(row, "code", "presumes", "source"), **wording)


def _only(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}
