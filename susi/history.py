"""Saving with a name and a reason, for the history."""

from typing import Any

from django.db import models

from susi.models import User


def save_with_reason(instance: models.Model, *, by: User | None, reason: str, **kwargs: Any) -> None:
    """Save `instance` so that its history row names `by` and says `reason` (Danish)."""
    instance._history_user = by  # type: ignore[attr-defined]
    instance._change_reason = reason  # type: ignore[attr-defined]
    instance.save(**kwargs)


def save_quietly(instance: models.Model, *, fields: list[str]) -> None:
    """Save the named fields without a history row: for autosaved drafts, which are kept whole when submitted."""
    instance.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        instance.save(update_fields=fields)
    finally:
        del instance.skip_history_when_saving  # type: ignore[attr-defined]
