"""Saving with a name and a reason, for the history."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from susi.models import User


def save_with_reason(instance: models.Model, *, by: User | None, reason: str, **kwargs: Any) -> None:
    """Save `instance` so that its history row names `by` and says `reason` (Danish)."""
    instance._history_user = by  # type: ignore[attr-defined]
    instance._change_reason = reason  # type: ignore[attr-defined]
    instance.save(**kwargs)


def insert_with_relations(
    instance: models.Model, *, by: User | None, reason: str, **relations: Iterable[models.Model]
) -> None:
    """Insert `instance` with what it is related to, by the names of its many-to-many fields, under one history row.

    Added to afterwards, each relation would write a history row more, and the first would tell of none of them.
    """
    instance._history_user, instance._change_reason = by, reason  # type: ignore[attr-defined]
    instance.save_without_historical_record()  # type: ignore[attr-defined]
    [row] = type(instance).history.bulk_history_create([instance])  # type: ignore[attr-defined]
    for name, related in relations.items():
        _relate(instance, row, name, related)


def _relate(instance: models.Model, row: models.Model, name: str, related: Iterable[models.Model]) -> None:
    """Insert the rows that relate the new `instance`, and what its history `row` keeps of them."""
    relation: Any = instance._meta.get_field(name)
    through, kept = relation.remote_field.through, getattr(row, name).model
    own, other = relation.m2m_field_name(), relation.m2m_reverse_field_name()
    links = through.objects.bulk_create(through(**{own: instance, other: one}) for one in related)
    fields = [field.attname for field in through._meta.concrete_fields]
    kept.objects.bulk_create(kept(history=row, **{field: getattr(link, field) for field in fields}) for link in links)


def save_quietly(instance: models.Model, *, fields: list[str]) -> None:
    """Save the named fields without a history row: for autosaved drafts, which are kept whole when submitted."""
    instance.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        instance.save(update_fields=fields)
    finally:
        del instance.skip_history_when_saving  # type: ignore[attr-defined]
