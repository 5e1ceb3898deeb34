"""Queries whose SQL is put together once.

Django works out the SQL of a query anew each time the query is asked, which with many conditions takes longer than the
database does. A `Prepared` query keeps it. The answer is never kept: it is asked for each time.

A query is kept by the function that makes it, under all it depends on, as everything that is made once is (ADR 12).
What is another one each time is `Given` when the query is asked:

    @lru_cache(maxsize=100)
    def _newest(roles: frozenset[Role]) -> Prepared:
        shown = Decision.objects.filter(shown_to(roles, "initiative__"), initiative__in=GivenKeys("initiatives"))
        return Prepared(shown.select_related("agreement"))

    _newest(user.roles).rows(initiatives=[1, 2])

On PostgreSQL the values that never change stand in the text, so that the plan the server keeps is made for them.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import BigIntegerField, Expression, Field, QuerySet
from django.db.models.query import ModelIterable

from susi.keys import Told, as_parameter, unpacked

_LARGEST = BigIntegerField.MAX_BIGINT


class Given(Expression):
    """A value of a condition, told only when the query is asked: a primary key, or what the field `kind` holds."""

    def __init__(self, name: str, kind: Field | None = None) -> None:
        super().__init__(output_field=kind or BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def adapted(self, value: Any) -> Any:
        """Return `value` as the database takes it."""
        return self.output_field.get_db_prep_value(value, connection)


class GivenKeys(Given):
    """The primary keys, however many, for a condition `__in`."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return unpacked(connection), [self]

    def adapted(self, value: Iterable[int]) -> Any:
        return as_parameter(value, connection)


_OPEN = (Given, Told)


class Prepared:
    """A query of objects, or of plain values where it is made by `values_list`. It prefetches nothing."""

    def __init__(self, rows: QuerySet) -> None:
        self._gives_values = vars(rows)["_fields"] is not None
        self._compiler: Any = rows.query.get_compiler(connection=connection)
        try:
            self._sql, self._parameters = self._compiler.as_sql()
        except EmptyResultSet:  # its conditions cannot be met, so it need not be asked
            self._sql, self._parameters = "", ()
        if connection.vendor == "postgresql":
            self._sql, self._parameters = _with_literals(self._sql, self._parameters)
        self._converters = self._compiler.get_converters([column for column, *_ in self._compiler.select or ()])

    def rows(self, **given: Any) -> list[Any]:
        """Ask it and return the rows. `given` are the values it leaves open."""
        if not self._sql or any(isinstance(value, int) and abs(value) > _LARGEST for value in given.values()):
            return []  # no row has a number that no database holds
        told = tuple(one.adapted(given[one.name]) if isinstance(one, _OPEN) else one for one in self._parameters)
        return self._values(told) if self._gives_values else self._objects(told)

    def _values(self, parameters: tuple[Any, ...]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall()
        return list(self._compiler.apply_converters(found, self._converters)) if self._converters else found

    def _objects(self, parameters: tuple[Any, ...]) -> list[Any]:
        """Let Django make objects of the rows, by a compiler that has the SQL already."""
        compiler = copy(self._compiler)
        compiler.connection = connections[connection.alias]  # this thread's, which answers at once
        compiler.as_sql = lambda: (self._sql, parameters)
        compiler.get_converters = lambda columns: self._converters
        query = SimpleNamespace(get_compiler=lambda **kwargs: compiler)
        asked: Any = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})
        return list(ModelIterable(asked))


def _with_literals(sql: str, parameters: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return `sql` with every parameter written out but those that are told when it is asked, and these."""
    from psycopg.sql import quote  # SQLite does without

    connection.ensure_connection()
    open_ones: list[Given | Told] = []
    left = iter(parameters)

    def written(placeholder: re.Match[str]) -> str:
        if placeholder[0] == "%%":
            return "%%"
        value = next(left)
        if isinstance(value, _OPEN):
            open_ones.append(value)
            return "%s"
        return quote(value, connection.connection).replace("%", "%%")

    return re.sub("%[%s]", written, sql), tuple(open_ones)


class Kept:
    """Keeps prepared queries by what each depends on, where that does not suffice to make them from (`lru_cache`)."""

    def __init__(self, at_most: int) -> None:
        self._queries: dict[Hashable, Prepared] = {}
        self._at_most = at_most

    def query(self, depends_on: Hashable, make: Callable[[], QuerySet]) -> Prepared:
        """Return the query kept under `depends_on`, made where there is none. Nothing is kept under None."""
        if depends_on is None:
            return Prepared(make())
        query = self._queries.get(depends_on)
        if query is None:
            if len(self._queries) >= self._at_most:
                self._queries.clear()
            query = self._queries[depends_on] = Prepared(make())
        return query
