"""What is kept until something is written (ADR 22).

PostgreSQL tells by its snapshot which transactions a query sees. Between two that are equal not one has ended that
wrote, in any table: what is asked of the database has the same answer. So nothing that is kept gets old, and no act
has to know of it.
"""

from collections.abc import Callable, Hashable
from typing import Any

from django.db import connection

# After a crash a number that was lost is given to another transaction: recovery ends with a checkpoint, and a server
# begun anew began at another moment. One that follows another does not tell which transactions are running.
_SNAPSHOT = """SELECT pg_current_snapshot()::text, checkpoint_lsn::text, pg_postmaster_start_time()::text
FROM pg_control_checkpoint() WHERE NOT pg_is_in_recovery()"""


def snapshot() -> tuple[str, ...] | None:
    """Return what the database shows now as a mark, equal to an earlier one only where nothing was written since.

    None where there is none to trust: in a transaction, which sees what it wrote itself, on a server that follows
    another, and on SQLite.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_SNAPSHOT)
        return cursor.fetchone()


class KeptUntilWritten:
    """Keeps what has been made of the database, by what else it depends on, until something is written there."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._kept: tuple[Hashable, dict[Hashable, Any]] = (None, {})

    def get(self, depends_on: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, or has returned for an equal `depends_on` since anything was written.

        `depends_on` is all it is made from that no query of `make` tells, also what was read before.
        """
        now = snapshot()
        if now is None:
            return make()
        then, kept = self._kept
        if then == now and depends_on in kept:
            return kept[depends_on]
        if then != now or len(kept) >= self._at_most:
            kept = {}
            self._kept = now, kept
        kept[depends_on] = made = make()
        return made
