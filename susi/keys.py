"""Primary keys by the thousand as one parameter of a query: as many parameters they cost more than the query itself,
and SQLite takes fewer.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Expression


class Keys(Expression):
    """The primary keys `keys`, for a condition `__in`."""

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(output_field=BigIntegerField())
        self.keys = tuple(keys)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return unpacked(connection), [as_parameter(self.keys, connection)]


def unpacked(connection: Any) -> str:
    """Return the query of the keys in a parameter, as the database of `connection` says it."""
    return "(SELECT value FROM json_each(%s))" if connection.vendor == "sqlite" else "(SELECT unnest(%s::bigint[]))"


def as_parameter(keys: Iterable[int], connection: Any) -> str | list[int]:
    """Return `keys` as the parameter of `unpacked`."""
    return json.dumps(list(keys)) if connection.vendor == "sqlite" else list(keys)
