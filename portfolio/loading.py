"""Taking in the portfolio of the UIP programmes from a fixture: what began before the system, with its source.

Nothing that is there already is changed; where it says something else than the fixture, that is reported.
"""

from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from phases.terms import Outcome, Phase
from portfolio.models import Agreement, Continuation, Initiative, PhaseRun, Programme, TargetGroup
from portfolio.transitions import follow_runs
from susi.dates import PartialDate, parse, write
from susi.history import save_with_reason
from susi.loading import Fixture, ListOf, Report, Row, RowForm, field_of

UNKNOWN = "unknown"  # ended, but the source does not say when
COMPARED = ["state", "ended_on", "outcome", "susi", "stated_reason", "stated_agreement", "stated_susi_note"]


class TargetGroupRow(RowForm):
    named_by = "key"
    key = field_of(TargetGroup, "key")
    name = field_of(TargetGroup, "name")


class ProgrammeRow(RowForm):
    named_by = "key"
    key = field_of(Programme, "key")
    name = field_of(Programme, "name")
    full_name = field_of(Programme, "full_name")
    since = field_of(Programme, "since")
    source = field_of(Programme, "source")


class AgreementRow(RowForm):
    named_by = "year"
    programme = field_of(Programme, "key")
    year = forms.IntegerField(min_value=1990, max_value=2100)
    source = field_of(Agreement, "source")


class InitiativeRow(RowForm):
    """A row of Bilag 1. The last of its `phases` is the one that outcome and assessment are stated of."""

    named_by = "key"
    key = forms.CharField(max_length=50)
    number = forms.RegexField(r"^\d{4}-\d{3}$", error_messages={"invalid": "Skriv nummeret som 2026-014."})
    programme = field_of(Programme, "key")
    row = forms.IntegerField(min_value=1)
    title = field_of(Initiative, "title")
    counts_as = forms.IntegerField(min_value=1)
    agreements = ListOf(forms.IntegerField())
    phases = ListOf(forms.ChoiceField(choices=Phase.choices))
    ended = forms.CharField(required=False)
    outcome = field_of(PhaseRun, "stated_outcome")
    outcome_reason = field_of(PhaseRun, "stated_reason")
    outcome_agreement = forms.IntegerField(required=False)
    continued_in = forms.CharField(required=False)
    cited_title = field_of(Continuation, "cited_title")
    susi = field_of(PhaseRun, "stated_susi")
    susi_note = field_of(PhaseRun, "stated_susi_note")
    source = forms.CharField(max_length=300)

    def clean_phases(self) -> list[Phase]:
        phases = [Phase(phase) for phase in self.cleaned_data["phases"]]
        if phases != sorted(phases, key=list(Phase).index):
            raise ValidationError("Faserne skal stå i modellens rækkefølge.")
        return phases

    def clean_ended(self) -> PartialDate | str:
        ended = self.cleaned_data["ended"]
        return ended if ended in ("", UNKNOWN) else parse(ended)

    def clean(self) -> dict[str, Any]:
        outcome = self.cleaned_data.get("outcome")
        for wanted, name in ((Outcome.CONTINUED, "continued_in"), (Outcome.RECOMMENDED, "outcome_agreement")):
            if (outcome == wanted) != bool(self.cleaned_data.get(name)):
                self.add_error(name, f"Skal udfyldes, når og kun når outcome er »{wanted}«.")
        if outcome == Outcome.STOPPED and not self.cleaned_data.get("outcome_reason"):
            self.add_error("outcome_reason", f"Skal udfyldes, når outcome er »{outcome}«.")
        return self.cleaned_data


def load_uip(path: Path) -> Report:
    """Create what the fixture has and the database lacks, and report on what is there.

    Raises `FixtureRefused` where the fixture is broken, or takes a name or number that is used for something else;
    nothing is written then.
    """
    fixture = Fixture(path)
    portfolio = _Portfolio(fixture)
    fixture.refuse_if_broken()
    portfolio.check(fixture)
    fixture.refuse_if_broken()
    with transaction.atomic():
        portfolio.refuse_what_is_taken(fixture)
        fixture.refuse_if_broken()
        return portfolio.take_in(reason=f"Indlæst fra {path.name}")


class _Portfolio:
    """The rows of the fixture, each checked by itself."""

    def __init__(self, fixture: Fixture) -> None:
        self.target_groups = fixture.rows("target_groups", TargetGroupRow)
        self.programmes = fixture.rows("programmes", ProgrammeRow)
        self.agreements = fixture.rows("agreements", AgreementRow)
        self.initiatives = fixture.rows("initiatives", InitiativeRow)

    def check(self, fixture: Fixture) -> None:
        """Find fault with what the rows say of each other."""
        for rows, name in (
            (self.target_groups, "key"),
            (self.target_groups, "name"),
            (self.programmes, "key"),
            (self.programmes, "name"),
            (self.initiatives, "key"),
            (self.initiatives, "number"),
            (self.initiatives, "source"),
        ):
            fixture.refuse_doubles(rows, name)
        fixture.refuse_doubles(self.agreements, "programme", "year")
        fixture.refuse_doubles(self.initiatives, "programme", "row")
        self._refuse_dangling(fixture)

    def _refuse_dangling(self, fixture: Fixture) -> None:
        programmes = {row["key"] for row in self.programmes}
        years = {(row["programme"], row["year"]) for row in self.agreements}
        keys = {row["key"] for row in self.initiatives}
        for row in self.agreements:
            fixture.refuse_dangling(row, "programme", programmes)
        for row in self.initiatives:
            fixture.refuse_dangling(row, "programme", programmes)
            fixture.refuse_dangling(row, "continued_in", keys - {row["key"]})
            for year in filter(None, [*row["agreements"], row["outcome_agreement"]]):
                if (row["programme"], year) not in years:
                    fixture.refuse(row.place, f"Aftalen »{row['programme']} {year}« findes ikke i filen.")

    def refuse_what_is_taken(self, fixture: Fixture) -> None:
        """Find fault with rows whose name or number the database uses for something else."""
        for rows, model, key, unique in (
            (self.target_groups, TargetGroup, "key", "name"),
            (self.programmes, Programme, "key", "name"),
            (self.initiatives, Initiative, "source_key", "number"),
        ):
            taken = dict(model._default_manager.values_list(unique, key))
            for row in rows:
                if taken.get(row[unique], row["key"]) != row["key"]:
                    fixture.refuse(row.place, f"{unique} »{row[unique]}« er i brug til noget andet i systemet.")

    def take_in(self, *, reason: str) -> Report:
        taking = _Taking(reason)
        for row in self.target_groups:
            taking.take(TargetGroup, row, {"key": row["key"]}, name=row["name"])
        programmes = {
            row["key"]: taking.take(
                Programme,
                row,
                {"key": row["key"]},
                **{name: row[name] for name in ("name", "full_name", "since", "source")},
            )
            for row in self.programmes
        }
        agreements = {
            (row["programme"], row["year"]): taking.take(
                Agreement, row, {"programme": programmes[row["programme"]], "year": row["year"]}, source=row["source"]
            )
            for row in self.agreements
        }
        initiatives = {
            row["key"]: taking.take_initiative(
                row,
                programmes[row["programme"]],
                [agreements[row["programme"], year] for year in row["agreements"]],
                agreements.get((row["programme"], row["outcome_agreement"])),
            )
            for row in self.initiatives
        }
        for row in self.initiatives:
            if row["continued_in"]:
                taking.take_link(row, initiatives[row["key"]], initiatives[row["continued_in"]])
        return taking.report


class _Taking:
    """Creates what is missing and compares what is there, with `reason` in the history."""

    def __init__(self, reason: str) -> None:
        self.report = Report()
        self.reason = reason

    def take(self, model: type[models.Model], row: Row, key: dict[str, Any], **values: Any) -> Any:
        found = model._default_manager.filter(**key).first()
        if found:
            self.report.keep(found, row.place, values)
            return found
        return self._create(model(**key, **values))

    def take_initiative(
        self, row: Row, programme: Programme, agreements: list[Agreement], coming: Agreement | None
    ) -> Initiative:
        values = {"number": row["number"], "title": row["title"], "programme": programme, "counts_as": row["counts_as"]}
        initiative = Initiative.objects.filter(source_key=row["key"]).first()
        if initiative:
            self.report.keep(initiative, row.place, values)
            years = sorted(agreement.year for agreement in initiative.agreements.all())
            self.report.compare(row.place, "aftaler", years, sorted(row["agreements"]))
            self._compare_runs(row, initiative, coming)
            return initiative
        initiative = self._create(Initiative(source_key=row["key"], **values))
        initiative.agreements.set(agreements)
        for run in _runs(row, initiative, coming):
            self._create(run)
        follow_runs(initiative, by=None, reason=self.reason)
        return initiative

    def _compare_runs(self, row: Row, initiative: Initiative, coming: Agreement | None) -> None:
        here = list(initiative.runs.in_force().filter(source=row["source"]).order_by("sequence"))
        there = _runs(row, initiative, coming)
        self.report.compare(row.place, "faser", [str(run) for run in here], [str(run) for run in there])
        for run, wanted in zip(here, there, strict=False):
            self.report.keep(run, row.place, {name: getattr(wanted, name) for name in COMPARED})

    def take_link(self, row: Row, initiative: Initiative, target: Initiative) -> None:
        links = Continuation.objects.filter(from_initiative=initiative, to_initiative=target)
        link = links.order_by("is_annulled").first()
        if link:
            self.report.keep(link, row.place, {"cited_title": row["cited_title"], "is_annulled": False})
        else:
            self._create(
                Continuation(
                    from_initiative=initiative,
                    to_initiative=target,
                    cited_title=row["cited_title"],
                    source=row["source"],
                )
            )

    def _create(self, instance: Any) -> Any:
        save_with_reason(instance, by=None, reason=self.reason)
        self.report.create(instance)
        return instance


def _runs(row: Row, initiative: Initiative, coming: Agreement | None) -> list[PhaseRun]:
    """Return the runs the row tells of, unsaved."""
    runs = runs_from_source(
        initiative, source=row["source"], phases=row["phases"], outcome=row["outcome"], susi=row["susi"]
    )
    last = runs[-1]
    last.stated_reason = row["outcome_reason"]
    last.stated_agreement = coming
    last.stated_susi_note = row["susi_note"]
    if row["ended"]:
        last.state = PhaseRun.State.ENDED
    if row["ended"] not in ("", UNKNOWN):
        write(last, "ended_on", row["ended"])
    return runs


def runs_from_source(
    initiative: Initiative, *, source: str, phases: list[Phase], outcome: str, susi: str
) -> list[PhaseRun]:
    """Return the runs a source tells of, unsaved: all but the last are over, and of the last it states the rest.

    What began before the system has its source in place of a decision (rule 13). The last is open until it is said to
    have ended.
    """
    runs = [
        PhaseRun(initiative=initiative, sequence=sequence, phase=phase, source=source, state=PhaseRun.State.ENDED)
        for sequence, phase in enumerate(phases, start=1)
    ]
    last = runs[-1]
    last.state = PhaseRun.State.OPEN
    last.stated_outcome = last.outcome = outcome
    last.stated_susi = last.susi = susi
    return runs
