"""Which rows are kept, in what form, and how they come back. The form is the same on both databases.

A table is a file of JSON lines: first the names of the columns, then a list of values for each row.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.utils.duration import duration_iso_string

CHUNK = 500

# Whoever was logged in logs in again.
LEFT_OUT = {"sessions.Session"}
# What `migrate` fills by itself, and a restore replaces: the keys of the archive are other ones.
MADE_BY_MIGRATE = {
    "contenttypes.ContentType",
    "auth.Permission",
    "auth.Group",
    "auth.Group_permissions",
}

Model = type[models.Model]


def tables() -> list[Model]:
    """Return every model with a table of its own that is kept, with the histories and what joins two models."""
    found = apps.get_models(include_auto_created=True)
    return [one for one in found if one._meta.managed and not one._meta.proxy and one._meta.label not in LEFT_OUT]


def columns(model: Model) -> list[models.Field]:
    """Return the columns of the table that hold what somebody has written or chosen."""
    return [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]


def lines(model: Model) -> Iterator[bytes]:
    """Yield the table as JSON lines, in the order of its keys, a few rows in memory at a time."""
    names = [field.attname for field in columns(model)]
    yield _line(names)
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=CHUNK):
        yield _line(row)


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no form in a backup")


def fill(model: Model, found: Iterable[bytes]) -> int:
    """Write the rows of the JSON lines `found` into the empty table, keys and all, and return how many.

    Past `save()`, signals and history: the rows are what they were. Raises `ValueError` where the columns are others.
    """
    rows = iter(found)
    fields = columns(model)
    if json.loads(next(rows, b"null")) != [field.attname for field in fields]:
        raise ValueError(f"{model._meta.label} has other columns")
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    count = 0
    with connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            cursor.executemany(sql, [_parameters(fields, json.loads(line)) for line in chunk])
            count += len(chunk)
    return count


def _parameters(fields: list[models.Field], values: list[Any]) -> list[Any]:
    return [
        field.get_db_prep_save(_value(field, value), connection) for field, value in zip(fields, values, strict=True)
    ]


def _value(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    return (field.target_field if isinstance(field, models.ForeignKey) else field).to_python(value)


def is_empty(model: Model) -> bool:
    return not model._base_manager.exists()


def empty(found: Iterable[Model]) -> None:
    """Delete every row of the tables, past `delete()`: of what `migrate` made."""
    with connection.cursor() as cursor:
        for model in found:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608


def count_on() -> None:
    """Let the next key of every table follow those restored."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(sql)
