"""Many rows written at once with the history they would have had, had each been saved at its moment.

For made-up portfolios of any size (`generate_portfolio`). People's work never comes this way: nothing is checked here
but by the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, TypeVar

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

Row = TypeVar("Row", bound=models.Model)
_BATCH = 1000


@cache
def _history_of(model: Any) -> tuple[Any, list[str]]:
    """Return the model of the history of `model`, and the columns it keeps."""
    history = model.history.model
    return history, [field.attname for field in history.tracked_fields]


class Rows:
    """Rows gathered in memory, their keys given out beforehand so that they may name each other in circles."""

    def __init__(self) -> None:
        self._rows: dict[Any, list[models.Model]] = defaultdict(list)
        self._related: dict[Any, dict[str, list[int]]] = defaultdict(dict)
        self._keys: dict[Any, Iterator[int]] = {}
        self._kept: set[tuple[Any, int]] = set()

    def add(self, row: Row) -> Row:
        """Take in `row`, give it a key and return it. It is written as it is when all are."""
        row.pk = self._next_key(type(row))
        self._rows[type(row)].append(row)
        return row

    def relate(self, row: models.Model, name: str, keys: Iterable[int]) -> None:
        """Let the many-to-many field `name` of `row` hold the rows with these keys, from now on."""
        self._related[type(row), row.pk][name] = list(keys)

    def keep(self, row: Any, *, at: datetime, by: models.Model | None = None, reason: str = "") -> None:
        """Keep `row` as it stands, with its relations, as what the history says of it from the moment `at`."""
        history, names = _history_of(row._meta.model)
        kept = history(
            history_date=at,
            history_type="~" if (type(row), row.pk) in self._kept else "+",
            history_user_id=by.pk if by else None,
            history_change_reason=reason,
            **{name: getattr(row, name) for name in names},
        )
        self._kept.add((type(row), row.pk))
        self.add(kept)
        for field in history._history_m2m_fields:
            self._keep_relation(row, kept, field)

    def _keep_relation(self, row: models.Model, kept: Any, field: Any) -> None:
        name = f"{kept._meta.model_name}_{field.name}"
        through = next(one.related_model for one in kept._meta.related_objects if one.name == name)
        mine, other = field.m2m_field_name(), field.m2m_reverse_field_name()
        self._rows[through].extend(
            through(id=key, history_id=kept.pk, **{f"{mine}_id": row.pk, f"{other}_id": key})
            for key in self._related[type(row), row.pk].get(field.name, [])
        )

    @transaction.atomic
    def write(self) -> dict[str, int]:
        """Write everything, all or nothing. Return how many rows there are of each model, by its name."""
        for (model, key), relations in self._related.items():
            for name, keys in relations.items():
                field = model._meta.get_field(name)
                mine, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
                through = field.remote_field.through
                self._rows[through].extend(through(**{mine: key, other: one}) for one in keys)
        for model, rows in self._rows.items():
            model._base_manager.bulk_create(rows, batch_size=_BATCH)
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), list(self._keys)):
                cursor.execute(sql)
        return {model.__name__: len(rows) for model, rows in self._rows.items()}

    def _next_key(self, model: Any) -> int:
        if model not in self._keys:
            last = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
            self._keys[model] = count(last + 1)
        return next(self._keys[model])
