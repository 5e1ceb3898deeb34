"""From upload to confirmation. Nothing is written to the portfolio before somebody has confirmed what was shown, and
then all of it or nothing."""

import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from phases.terms import Phase
from portfolio.access import require_role
from portfolio.actions import next_number
from portfolio.imports import reading
from portfolio.imports.fields import FIELDS, RELATIONS, as_date
from portfolio.imports.planning import plan
from portfolio.imports.rows import CHANGED, CREATED, REFUSED
from portfolio.imports.table import Table, Unreadable
from portfolio.loading import runs_from_source
from portfolio.models import Initiative, PhaseRun, PortfolioImport
from portfolio.transitions import follow_runs
from susi.dates import write
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

TO_IMPORT = "indlæse initiativer"
_RUN_DATES = [field.name for field in FIELDS.values() if field.of_run]
MAX_TOUCHED = 1_000  # written within a request: each with its history costs 6-9 ms
_NAME_IN_REASON = 40


@transaction.atomic
def upload(*, by: User, file_name: str, content: bytes) -> PortfolioImport:
    """Read the file and store what it would do. Raises `Unreadable` where it cannot be used as a whole.

    The same file uploaded again before it is confirmed is gone through anew, not stored twice.
    """
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    table = reading.read(file_name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    same = PortfolioImport.objects.filter(sha256=sha256, uploaded_by=by, state=PortfolioImport.State.CHECKED).first()
    made = same or PortfolioImport(sha256=sha256, uploaded_by=by, uploaded_at=timezone.now())
    made.file_name, made.table = file_name[-200:], table.as_json()
    planned = plan(table)
    touched = sum(row["kind"] != REFUSED for row in planned["rows"])
    if touched > MAX_TOUCHED:
        raise Unreadable(f"Filen ændrer eller opretter {touched} initiativer. Del den: højst 1.000 ad gangen.")
    _store_plan(made, planned)
    return made


def digest(plan_shown: dict[str, Any]) -> str:
    """Return what a confirmation names the plan by that it confirms."""
    return hashlib.sha256(json.dumps(plan_shown, sort_keys=True).encode()).hexdigest()


def confirm(*, portfolio_import: PortfolioImport, by: User, seen: str, reason: str) -> PortfolioImport:
    """Do what the plan with the digest `seen` says, in one transaction.

    Raises `Conflict` where it is done already or where the portfolio is no longer as it was shown (the plan is made
    anew then, for a new look), and `Refused` where a cell is refused or there is nothing to do.
    """
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    try:
        return _confirm(portfolio_import, by=by, seen=seen, reason=reason)
    except Conflict:
        _plan_anew(portfolio_import)
        raise
    except IntegrityError as error:
        raise Conflict("Nogen oprettede initiativer i samme øjeblik. Intet er indlæst. Prøv igen.") from error


@transaction.atomic
def _confirm(portfolio_import: PortfolioImport, *, by: User, seen: str, reason: str) -> PortfolioImport:
    made = lock(portfolio_import)
    if made.state != PortfolioImport.State.CHECKED:
        raise Conflict(f"Filen er allerede behandlet. Tilstanden er: {made.get_state_display()}.")
    if digest(made.plan) != seen:
        raise Conflict("Gennemgangen er lavet om, siden du åbnede siden. Se den igennem, og bekræft igen.")
    _lock_initiatives(made)
    now = plan(Table.from_json(made.table))
    if now != made.plan:
        raise Conflict(*_what_is_new(made.plan, now), "Intet er indlæst. Se gennemgangen igen, og bekræft den.")
    if not made.may_be_confirmed:
        raise Refused("Filen kan ikke indlæses: Der er celler, som er afvist, eller intet at ændre.")
    made.state, made.reason = PortfolioImport.State.CONFIRMED, reason
    made.confirmed_by, made.confirmed_at = by, timezone.now()
    made.written = _Writer(by, history_reason(made)).write(made.plan["rows"])
    made.save()
    return made


@transaction.atomic
def discard(*, portfolio_import: PortfolioImport, by: User) -> PortfolioImport:
    """Put an upload aside that is not to be confirmed. Raises `Conflict` where that has been done with it."""
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    made = lock(portfolio_import)
    if made.state != PortfolioImport.State.CHECKED:
        raise Conflict(f"Filen er allerede behandlet. Tilstanden er: {made.get_state_display()}.")
    made.state = PortfolioImport.State.DISCARDED
    made.discarded_by, made.discarded_at = by, timezone.now()
    made.save()
    return made


def history_reason(made: PortfolioImport) -> str:
    """Return what the history says of each row written: the file, shortened where it is long, and the reason."""
    name = made.file_name
    short = name if len(name) <= _NAME_IN_REASON else f"{name[: _NAME_IN_REASON - 9]}…{name[-8:]}"
    return f"Indlæst fra {short}: {made.reason}"


def lock(portfolio_import: PortfolioImport) -> PortfolioImport:
    """Fetch the import anew with its row locked; inside a transaction."""
    return PortfolioImport.objects.select_for_update().get(pk=portfolio_import.pk)


def _store_plan(made: PortfolioImport, planned: dict[str, Any]) -> None:
    kinds = [row["kind"] for row in planned["rows"]]
    made.plan = planned
    made.created_count, made.changed_count = kinds.count(CREATED), kinds.count(CHANGED)
    made.refused_count, made.unchanged_count = kinds.count(REFUSED), planned["unchanged"]
    made.save()


@transaction.atomic
def _plan_anew(portfolio_import: PortfolioImport) -> None:
    made = lock(portfolio_import)
    if made.state == PortfolioImport.State.CHECKED:
        _store_plan(made, plan(Table.from_json(made.table)))


def _lock_initiatives(made: PortfolioImport) -> None:
    """Lock every initiative the file names, in the order of their keys; decisions on their runs lock them too."""
    numbers = {row["number"] for row in made.plan["rows"]}
    list(Initiative.objects.select_for_update().filter(number__in=numbers).order_by("pk").values_list("pk"))


def _what_is_new(shown: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Say which rows would do something else now than they did when they were shown."""
    before = {row["no"]: row for row in shown["rows"]}
    after = {row["no"]: row for row in now["rows"]}
    different = [no for no in sorted({*before, *after}) if before.get(no) != after.get(no)]
    sentences = []
    for no in different[:10]:
        row = after.get(no) or before[no]
        what = f"Initiativ {row['number']} er ændret" if row["number"] else "Noget, rækken henviser til, er ændret"
        sentences.append(f"Række {no}: {what}, siden filen blev gennemgået.")
    more = len(different) - len(sentences)
    return [*sentences, f"Og {more} rækker til."] if more > 0 else sentences


class _Writer:
    """Writes the rows of a plan, each with its history, and tells what the history then says last of each."""

    def __init__(self, by: User, reason: str) -> None:
        self.by, self.reason = by, reason
        self.year = timezone.localdate().year
        self.next = int(next_number(self.year).partition("-")[2])

    def write(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return for each row the initiative's key and number, whether it is new, and what it was before."""
        numbers = [row["number"] for row in rows if row["kind"] == CHANGED]
        there = {one.number: one for one in Initiative.objects.select_related("current_run").filter(number__in=numbers)}
        written = []
        for row in rows:
            is_new = row["kind"] == CREATED
            initiative = self._create(row) if is_new else self._change(there[row["number"]], row)
            written.append(
                {
                    "pk": initiative.pk,
                    "number": initiative.number,
                    "created": is_new,
                    "before": row["before"],
                    "run": initiative.current_run_id,
                }
            )
        return with_last_history(written)

    def _create(self, row: dict[str, Any]) -> Initiative:
        values = row["values"]
        initiative = Initiative(number=f"{self.year}-{self.next:03d}", created_by=self.by)
        self.next += 1
        write_values(initiative, values, by=self.by, reason=self.reason)
        if values.get("phases"):
            for run in _runs(initiative, values):
                save_with_reason(run, by=self.by, reason=self.reason)
            follow_runs(initiative, by=self.by, reason=self.reason)
        return initiative

    def _change(self, initiative: Initiative, row: dict[str, Any]) -> Initiative:
        initiative.version += 1
        write_values(initiative, row["values"], by=self.by, reason=self.reason)
        return initiative


def write_values(initiative: Initiative, values: dict[str, Any], *, by: User, reason: str) -> None:
    """Save the initiative with `values` of a plan, and its present run where one of its dates is among them."""
    for field in FIELDS.values():
        if field.name in values and not field.of_run and field.name not in RELATIONS:
            setattr(initiative, field.name, values[field.name])
    save_with_reason(initiative, by=by, reason=reason)
    for name in RELATIONS:
        if name in values:
            getattr(initiative, name).set(values[name])
    run = initiative.current_run
    if run and any(name in values for name in _RUN_DATES):
        _set_dates(run, values)
        save_with_reason(run, by=by, reason=reason)


def _runs(initiative: Initiative, values: dict[str, Any]) -> list[PhaseRun]:
    phases = [Phase(phase) for phase in values["phases"]]
    runs = runs_from_source(
        initiative, source=values["source"], phases=phases, outcome=values["outcome"], susi=values["susi"]
    )
    for run in runs:
        run.track = "" if run.phase == Phase.SCREENING else values["track"]
    last = runs[-1]
    _set_dates(last, values)
    if last.ended_on:
        last.state = PhaseRun.State.ENDED
    return runs


def _set_dates(run: PhaseRun, values: dict[str, Any]) -> None:
    for name in _RUN_DATES:
        if name in values:
            write(run, name, as_date(values[name]))


def with_last_history(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `written` with the key of the last history row of each initiative and of its present run."""
    initiatives = last_history(Initiative, [one["pk"] for one in written])
    runs = last_history(PhaseRun, [one["run"] for one in written if one["run"]])
    return [{**one, "history": initiatives[one["pk"]], "run_history": runs.get(one["run"])} for one in written]


def last_history(model: Any, pks: list[int]) -> dict[int, int]:
    """Return the key of the last history row of each object, by the object's key."""
    rows = model.history.filter(id__in=pks).order_by().values("id").annotate(last=Max("history_id"))
    return {row["id"]: row["last"] for row in rows}
