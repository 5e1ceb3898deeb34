"""The system as it was: within `as_of(moment)` every query is answered by what the history says of that moment.

A query that names a table with a history reads instead the rows of the history in force then. They are put in front of
it under the table's own name (`WITH "portfolio_initiative" AS (…) SELECT …`), so that list, filters, sums, exports and
pages ask about the past by the very code they ask about the present. Nothing is written and nothing is left behind.

What the past knows is what was registered by then: a decision of May that was registered in June is not there in May.
Rights and roles are those of today.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from susi.dates import COPENHAGEN, last_moment
from susi.keys import as_parameter

_NAME = re.compile(r'"(\w+)"')
# The last row of each object up to the moment, without those deleted by then.
_IN_FORCE = (
    'SELECT "history_id" FROM (SELECT "history_id", "history_type", ROW_NUMBER() OVER '
    '(PARTITION BY "id" ORDER BY "history_date" DESC, "history_id" DESC) AS "place" '
    'FROM "{}" WHERE "history_date" <= %s) AS "newest" WHERE "place" = 1 AND "history_type" <> \'-\''
)
_READS = ("SELECT", "EXPLAIN", "DECLARE", "(")
_TIMELESS_APPS = {"auth", "contenttypes", "sessions", "phases", "axes", "admin"}  # a published rulebook never changes
_TIMELESS = {"susi_user_groups", "susi_user_user_permissions", "susi_standin"}  # rights are those of today


class NoPast(Exception):
    """Asked of the past what keeps no history, or tried to write there. A mistake in the code, never in the data."""


@contextmanager
def as_of(moment: datetime | None) -> Iterator[None]:
    """Let every query within read what held at `moment`; None is the present and changes nothing.

    Raises `NoPast` within, where something is written or a table without a history is read.
    """
    if moment is None:
        yield
        return
    with connection.execute_wrapper(_Past(moment)):
        yield


def is_asked() -> bool:
    """Return whether queries are answered as of a moment of the past now."""
    return any(isinstance(wrapper, _Past) for wrapper in connection.execute_wrappers)


def require_present(what: str) -> None:
    """Raise `NoPast` where a moment of the past is asked about: of `what`, the past is not known whole."""
    if is_asked():
        raise NoPast(f"{what} can be asked of the present alone.")


@contextmanager
def in_the_present() -> Iterator[None]:
    """Let the queries within read the present again, for the rights of today that hold in the past too."""
    wrappers = connection.execute_wrappers
    connection.execute_wrappers = [wrapper for wrapper in wrappers if not isinstance(wrapper, _Past)]
    try:
        yield
    finally:
        connection.execute_wrappers = wrappers


def moment_of(day: date | None) -> datetime | None:
    """Return what "as of `day`" means: its last moment in Copenhagen; None, the present, for today and later."""
    if day is None or day >= timezone.localdate(timezone=COPENHAGEN):
        return None
    return last_moment(day)


def first_day(model: type[models.Model]) -> date | None:
    """Return the day of the first history row of `model`; None where there is none."""
    dates = model.history.order_by("history_date").values_list("history_date", flat=True)  # type: ignore[attr-defined]
    first = dates.first()
    return first.astimezone(COPENHAGEN).date() if first else None


@dataclass
class _Past:
    """Puts the tables as they were at `moment` in front of a query.

    Which rows of a history were in force is found out once, when its table is first asked for: the queries of a page
    then look them up by their keys, instead of each working through all that ever happened.
    """

    moment: datetime
    _in_force: dict[str, str] = field(default_factory=dict)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.lstrip().startswith(_READS):
            raise NoPast(f"Nothing can be written in the past: {sql[:60]}")
        tables, names = _tables(), dict.fromkeys(_NAME.findall(sql))
        named = [table for table in names if table in tables]
        kept = [rows for table in named if (rows := tables[table])]
        if len(kept) < len(named):
            raise NoPast(f"{', '.join(table for table in named if tables[table] is None)} keeps no history.")
        if not kept:
            return execute(sql, params, many, context)
        keys = [self._keys(rows.history) for rows in kept]
        # Worked out once each: where its planner may look into them, SQLite joins history with history, row by row.
        then = (f'"{table}" AS MATERIALIZED ({rows.sql(names)})' for table, rows in zip(named, kept, strict=True))
        return execute(_before_select(f"WITH {', '.join(then)} ", sql), (*keys, *(params or ())), many, context)

    def _keys(self, history: str) -> str:
        """Return the keys of the rows of `history` in force, as the database takes many values in one parameter."""
        if history not in self._in_force:
            with connection.cursor() as cursor:
                cursor.execute(_IN_FORCE.format(history), [connection.ops.adapt_datetimefield_value(self.moment)])
                self._in_force[history] = as_parameter([key for (key,) in cursor.fetchall()], connection)
        return self._in_force[history]


@dataclass(frozen=True)
class _Rows:
    """The query of a table's rows at a moment; its one parameter are the keys in force of the rows of `history`.

    `columns` are told by name as the query gives them, what comes after them is `source`.
    """

    columns: dict[str, str]
    source: str
    history: str

    def sql(self, names: Iterable[str]) -> str:
        """Return the query of the columns that another one `names`: to copy all of them takes twice as long."""
        asked = [self.columns[name] for name in names if name in self.columns] or ["1"]
        return f"SELECT {', '.join(asked)} FROM {self.source}"  # noqa: S608


def _before_select(rows: str, sql: str) -> str:
    """Put `rows` before the query itself, which a server-side cursor declares after a head of its own."""
    place = sql.index("SELECT") if sql.lstrip().startswith("DECLARE") else 0
    return sql[:place] + rows + sql[place:]


@cache
def _tables() -> dict[str, _Rows | None]:
    """Return, by the name of each table that has a past, the query of its rows.

    None is a table whose past is not known; a table that is not in here is the same at all times.
    """
    tables: dict[str, _Rows | None] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model._meta.app_label in _TIMELESS_APPS or table in _TIMELESS or _is_history(model):
            continue
        tables.setdefault(table, None)
        if hasattr(model._meta, "simple_history_manager_attribute"):
            tables[table] = _rows(model)
            tables |= dict(_rows_of_relations(model))
        elif hasattr(model, "COMES_WITH"):
            tables[table] = _rows_that_come_with(model)
    return tables


def _is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "instance_type") or any(field.name == "m2m_history_id" for field in model._meta.fields)


def _among_keys() -> str:
    """The condition that "history_id" is one of the keys, which are one parameter however many they are."""
    return (
        '"history_id" IN (SELECT value FROM json_each(%s))'
        if connection.vendor == "sqlite"
        else '"history_id" = ANY(%s::bigint[])'
    )


def _rows(model: type[models.Model]) -> _Rows:
    history = model.history.model  # type: ignore[attr-defined]
    kept = {field.column for field in history._meta.concrete_fields}
    columns = {column: f'"{column}"' if column in kept else f'NULL AS "{column}"' for column in _columns(model)}
    table = history._meta.db_table
    return _Rows(columns, f'"{table}" WHERE {_among_keys()}', table)


def _rows_of_relations(model: type[models.Model]) -> Iterator[tuple[str, _Rows]]:
    """The rows of the many-to-many tables that the history keeps with each row of its object."""
    history = model.history.model  # type: ignore[attr-defined]
    for relation in history._history_m2m_fields:
        through = relation.remote_field.through
        kept = next(one.related_model for one in history._meta.related_objects
                    if one.name == f"{history._meta.model_name}_{relation.name}")  # fmt: skip
        columns = {column: f'"{column}"' for column in _columns(through)} | {"id": '"m2m_history_id" AS "id"'}
        source = f'"{kept._meta.db_table}" WHERE {_among_keys()}'
        yield through._meta.db_table, _Rows(columns, source, history._meta.db_table)


def _rows_that_come_with(model: type[models.Model]) -> _Rows:
    """The rows of a model without a history that are written with another's row, which its `COMES_WITH` names, and
    never change."""
    parent: Any = model._meta.get_field(model.COMES_WITH)  # type: ignore[attr-defined]
    columns = {column: f'"{column}"' for column in _columns(model)}
    # SQLite would take the bare name for the rows defined here, PostgreSQL has no schema "main".
    table = f'"main"."{model._meta.db_table}"' if connection.vendor == "sqlite" else f'"{model._meta.db_table}"'
    history = parent.related_model.history.model._meta.db_table
    there = f'SELECT "id" FROM "{history}" WHERE {_among_keys()}'  # noqa: S608
    return _Rows(columns, f'{table} WHERE "{parent.column}" IN ({there})', history)


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]
