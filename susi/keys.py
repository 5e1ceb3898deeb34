"""Primary keys by the thousand in a query, as one parameter or written out: as many parameters they cost more than the
query itself, and SQLite takes fewer.
"""

import json
from collections.abc import Iterable
from typing import Any, Self

from django.db import connection
from django.db.models import BooleanField, Func

_A_FEW = 300


class Told(str):
    """Keys as a parameter (`as_parameter`). A prepared query keeps its place alone and is told the keys as `name`."""

    name: str

    def __new__(cls, keys: Iterable[int], name: str) -> Self:
        told = super().__new__(cls, cls.adapted(keys))
        told.name = name
        return told

    @staticmethod
    def adapted(keys: Iterable[int]) -> str:
        """Return `keys` as the database takes them."""
        return as_parameter(keys, connection)


class Among(Func):
    """The condition that `column` is one of `keys`, for `filter`.

    A prepared query that has it as a parameter must be told the keys as `name`; where `is_told`, any few may be told.
    """

    output_field = BooleanField()

    def __init__(self, column: str, keys: Iterable[int], name: str) -> None:
        super().__init__(column)
        self.keys, self.name = tuple(keys), name

    @property
    def is_told(self) -> bool:
        """Whether a prepared query may be kept and told others; else it is made for these keys, if not told them."""
        return len(self.keys) <= _A_FEW

    def as_sql(self, compiler: Any, connection: Any, *names: Any, **context: Any) -> tuple[str, Any]:
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} IN {unpacked(connection)}", [*parameters, Told(self.keys, self.name)]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Written out, PostgreSQL looks each row up among them while it reads the rows in the order asked for; given
        as a parameter or a query, it fetches all of the keys' rows first."""
        if self.is_told:
            return self.as_sql(compiler, connection, **context)
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY('{as_array(self.keys)}'::bigint[])", parameters


def unpacked(connection: Any) -> str:
    """Return the query of the keys in a parameter, as the database of `connection` says it."""
    return "(SELECT value FROM json_each(%s))" if connection.vendor == "sqlite" else "(SELECT unnest(%s::bigint[]))"


def as_parameter(keys: Iterable[int], connection: Any) -> str:
    """Return `keys` as one parameter: the text of a list, or of an array where the database has these."""
    return json.dumps(list(keys)) if connection.vendor == "sqlite" else as_array(keys)


def as_array(keys: Iterable[int]) -> str:
    """Return `keys` as PostgreSQL writes an array: a driver would look at each of them."""
    return f"{{{','.join(map(str, keys))}}}"
