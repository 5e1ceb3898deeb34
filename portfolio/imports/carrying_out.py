"""From upload to confirmation. Nothing is written to the portfolio before somebody has confirmed what was shown, and
then all of it or nothing."""

import hashlib
import json
import re
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from phases.terms import Phase
from portfolio import dating
from portfolio.access import require_role
from portfolio.actions import next_number
from portfolio.imports import reading
from portfolio.imports.fields import FIELDS, RELATIONS, RUN_DATES, as_date
from portfolio.imports.planning import plan
from portfolio.imports.rows import CHANGED, CREATED, REFUSED
from portfolio.imports.table import Table, Unreadable
from portfolio.loading import runs_from_source
from portfolio.models import Initiative, PhaseRun, PortfolioImport
from portfolio.transitions import follow_runs
from susi.dates import danish_moment, write
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

TO_IMPORT = "indlæse initiativer"
MAX_TOUCHED = 1_000  # written within a request: each with its history costs 6-9 ms
_NAME_IN_REASON = 40


def upload(*, by: User, file_name: str, content: bytes) -> PortfolioImport:
    """Read the file and store what it would do. Raises `Unreadable` where it cannot be used as a whole.

    The same file uploaded again before it is confirmed is gone through anew, not stored twice. A large file takes
    seconds to read: nobody else waits meanwhile, since the transaction begins when there is something to store.
    """
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    table = reading.read(file_name, content)
    planned = plan(table)
    touched = sum(row["kind"] != REFUSED for row in planned["rows"])
    if touched > MAX_TOUCHED:
        raise Unreadable(f"Filen ændrer eller opretter {touched} initiativer. Del den: højst 1.000 ad gangen.")
    return _store(by, file_name, hashlib.sha256(content).hexdigest(), table, planned)


@transaction.atomic
def _store(by: User, file_name: str, sha256: str, table: Table, planned: dict[str, Any]) -> PortfolioImport:
    """Store the upload: in the row of the same file, locked, or in a new one where that is confirmed or put aside."""
    mine = PortfolioImport.objects.select_for_update().filter(sha256=sha256, uploaded_by=by)
    same = mine.filter(state=PortfolioImport.State.CHECKED).first()
    made = same or PortfolioImport(sha256=sha256, uploaded_by=by, uploaded_at=timezone.now())
    made.file_name, made.table = file_name[-200:], table.as_json()
    _store_plan(made, planned)
    return made


def digest(plan_shown: dict[str, Any]) -> str:
    """Return what a confirmation names the plan by that it confirms."""
    return hashlib.sha256(json.dumps(plan_shown, sort_keys=True).encode()).hexdigest()


def confirm(
    *, portfolio_import: PortfolioImport, by: User, seen: str, reason: str, same_titles: bool = False
) -> PortfolioImport:
    """Do what the plan with the digest `seen` says, in one transaction.

    `same_titles` says that the titles are wanted although others have them.
    Raises `Conflict` where it is done already or where the portfolio is no longer as it was shown (the plan is made
    anew then, for a new look), and `Refused` where a cell is refused, there is nothing to do, or titles are taken.
    """
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    try:
        return _confirm(portfolio_import, by=by, seen=seen, reason=reason, same_titles=same_titles)
    except Conflict:
        _plan_anew(portfolio_import)
        raise
    except IntegrityError as error:
        if not _is_a_number_taken(error):
            raise
        raise Conflict("Nogen oprettede initiativer i samme øjeblik. Intet er indlæst. Prøv igen.") from error


@transaction.atomic
def _confirm(
    portfolio_import: PortfolioImport, *, by: User, seen: str, reason: str, same_titles: bool
) -> PortfolioImport:
    made = lock(portfolio_import)
    refuse_if_handled(made)
    if digest(made.plan) != seen:
        raise Conflict("Gennemgangen er lavet om, siden du åbnede siden. Se den igennem, og bekræft igen.")
    _lock_initiatives(made)
    now = plan(Table.from_json(made.table))
    if now != made.plan:
        raise Conflict(*_what_is_new(made.plan, now), "Intet er indlæst. Se gennemgangen igen, og bekræft den.")
    if not made.may_be_confirmed:
        raise Refused("Filen kan ikke indlæses: Der er celler, som er afvist, eller intet at ændre.")
    if made.same_titles and not same_titles:
        raise Refused("Initiativer får samme titel som andre. Bekræft, at de er forskellige og skal indlæses.")
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
    refuse_if_handled(made)
    made.state = PortfolioImport.State.DISCARDED
    made.discarded_by, made.discarded_at = by, timezone.now()
    made.save()
    return made


def refuse_if_handled(made: PortfolioImport) -> None:
    """Raise `Conflict` where the file has been confirmed or put aside."""
    if made.state != PortfolioImport.State.CHECKED:
        raise Conflict(f"{what_was_done(made)} Du har ikke ændret noget.")


def what_was_done(made: PortfolioImport) -> str:
    """Return what was done last with a file that is not waiting any more: by whom and when."""
    done, by, at = {
        PortfolioImport.State.CONFIRMED: ("indlæst", made.confirmed_by, made.confirmed_at),
        PortfolioImport.State.TAKEN_BACK: ("taget tilbage", made.taken_back_by, made.taken_back_at),
        PortfolioImport.State.DISCARDED: ("kasseret", made.discarded_by, made.discarded_at),
    }[PortfolioImport.State(made.state)]
    return f"Filen blev {done} af {by} den {danish_moment(at)}."  # type: ignore[arg-type]  # each state has both


def history_reason(made: PortfolioImport) -> str:
    """Return what the history says of each row written: the file and the reason."""
    return f"Indlæst fra {short_name(made)}: {made.reason}"


def short_name(made: PortfolioImport) -> str:
    """Return the name of the file, shortened where it is long."""
    name = made.file_name
    return name if len(name) <= _NAME_IN_REASON else f"{name[: _NAME_IN_REASON - 9]}…{name[-8:]}"


def lock(portfolio_import: PortfolioImport) -> PortfolioImport:
    """Fetch the import anew with its row locked; inside a transaction."""
    return PortfolioImport.objects.select_for_update().get(pk=portfolio_import.pk)


def _is_a_number_taken(error: IntegrityError) -> bool:
    """Whether somebody else was given the number: PostgreSQL names the constraint, SQLite the column."""
    diagnosis = getattr(error.__cause__, "diag", None)
    said = diagnosis.constraint_name if diagnosis else str(error)
    return bool(re.search(r"portfolio_initiative[._]number(_|$)", said or ""))


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
        what = _what_has_changed(before.get(no, {}), after.get(no, {}))
        sentences.append(f"Række {no}: {what}, siden filen blev gennemgået.")
    more = len(different) - len(sentences)
    return [*sentences, f"Og {more} rækker til."] if more > 0 else sentences


def _what_has_changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    row = after or before
    titles = before.get("same_title"), after.get("same_title")
    if before and after and titles[0] != titles[1] and {**before, "same_title": []} == {**after, "same_title": []}:
        return (
            f"Titlen er nu den samme som {titles[1][0]}"
            if titles[1]
            else "Titlen er ikke længere den samme som et andet initiativs"
        )
    return f"Initiativ {row['number']} er ændret" if row["number"] else "Noget, rækken henviser til, er ændret"


class _Writer:
    """Writes the rows of a plan, each with its history, and tells what the history then says last of each."""

    def __init__(self, by: User, reason: str) -> None:
        self.by, self.reason = by, reason
        self.year = timezone.localdate().year
        self.next = int(next_number(self.year).partition("-")[2])

    def write(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return for each row the initiative's key and number, whether it is new, and what it was before."""
        numbers = [row["number"] for row in rows if row["kind"] == CHANGED]
        found = Initiative.objects.select_related("current_run").prefetch_related("runs").filter(number__in=numbers)
        there = {one.number: one for one in found}
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
                    "runs": [run.pk for run in initiative.runs_together],
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
    """Save the initiative with `values` of a plan, and those of its runs whose dates are among them."""
    for field in FIELDS.values():
        if field.name in values and not field.run and field.name not in RELATIONS:
            setattr(initiative, field.name, values[field.name])
    save_with_reason(initiative, by=by, reason=reason)
    for name in RELATIONS:
        if name in values:
            getattr(initiative, name).set(values[name])
    dated = {}
    for name, run_of in RUN_DATES.items():
        run = run_of(initiative)
        if run and name in values:
            write(run, name, as_date(values[name]))
            dated[run.pk] = run
    for run in dated.values():
        save_with_reason(run, by=by, reason=reason)


def _runs(initiative: Initiative, values: dict[str, Any]) -> list[PhaseRun]:
    phases = [Phase(phase) for phase in values["phases"]]
    runs = runs_from_source(
        initiative, source=values["source"], phases=phases, outcome=values["outcome"], susi=values["susi"]
    )
    for run in runs:
        run.track = "" if run.phase == Phase.SCREENING else values["track"]
    first, last = runs[0], runs[-1]
    for name in RUN_DATES:
        write(first if name == dating.STARTED else last, name, as_date(values.get(name)))
    if last.ended_on:
        last.state = PhaseRun.State.ENDED
    return runs


def with_last_history(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `written` with the key of the last history row of each initiative, and beside each run's key of its."""
    initiatives = last_history(Initiative, [one["pk"] for one in written])
    runs = last_history(PhaseRun, [pk for one in written for pk in one["runs"]])
    return [
        {**one, "history": initiatives[one["pk"]], "runs": [[pk, runs[pk]] for pk in one["runs"]]} for one in written
    ]


def last_history(model: Any, pks: list[int]) -> dict[int, int]:
    """Return the key of the last history row of each object, by the object's key."""
    rows = model.history.filter(id__in=pks).order_by().values("id").annotate(last=Max("history_id"))
    return {row["id"]: row["last"] for row in rows}
