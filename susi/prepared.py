"""Queries whose SQL is put together once.

Django works out the SQL of a query anew each time the query is asked, which with many conditions takes longer than the
database does. A `Prepared` query keeps it. The answer is never kept: it is asked for each time.

A query is kept by the function that makes it, under all it depends on, as everything that is made once is (ADR 12):

    @lru_cache(maxsize=100)
    def _newest(roles: frozenset[Role]) -> Prepared:
        return Prepared(Decision.objects.filter(shown_to(roles, "initiative__")).values_list("no", "decided_on"))

    _newest(user.roles).rows()
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """A query of plain values: what `values_list` gives, row by row."""

    def __init__(self, values: QuerySet) -> None:
        self._query = values.query
        compiler = self._query.get_compiler(connection=connection)
        try:
            self._sql, self._parameters = compiler.as_sql()
        except EmptyResultSet:  # its conditions cannot be met, so it need not be asked
            self._sql, self._parameters = "", ()
        self._columns = [column for column, *_ in compiler.select or ()]

    def rows(self) -> list[Any]:
        """Ask it, and return the rows."""
        if not self._sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self._sql, self._parameters)
            found = cursor.fetchall()
        compiler: Any = self._query.get_compiler(connection=connection)
        converters = compiler.get_converters(self._columns)
        return list(compiler.apply_converters(found, converters)) if converters else found
