"""The same sent twice: by a second click, or on the browser's way back to the form."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from susi.models import User

WITHIN = timedelta(minutes=5)


def is_written_again(newest: Any, text: str, by: User) -> bool:
    """Whether `text` is what `by` has just written in `newest`, a row with `text`, `written_by` and `written_at` (None:
    there is none)."""
    if newest is None or timezone.now() - newest.written_at >= WITHIN:
        return False
    return (newest.text, newest.written_by_id) == (text, by.pk)
