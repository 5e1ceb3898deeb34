"""Log-ins, kept in the database as Django keeps them."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from susi.prepared import Given, Prepared


class SessionStore(db.SessionStore):
    """Finds the log-in of every page by a query that is put together once."""

    def _get_session_from_db(self) -> Any:
        found = _not_expired().rows(key=self.session_key, now=timezone.now())
        if found:
            return found[0]
        self._session_key = None  # so that what somebody made up is never taken over
        return None


@cache
def _not_expired() -> Prepared:
    key, now = Given("key", CharField()), Given("now", DateTimeField())
    return Prepared(Session.objects.filter(session_key=key, expire_date__gt=now))
