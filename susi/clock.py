"""The clock of the example data, whose story is played through on earlier days. Not for production."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.utils import timezone

_STORY = timedelta(days=735)  # a little more than the oldest step of `fixtures/demo.json`


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let every row written meanwhile, and its history, bear the time `moment`."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def story_begins() -> datetime:
    """Return the moment before which nothing happens in the example data."""
    return timezone.now() - _STORY
