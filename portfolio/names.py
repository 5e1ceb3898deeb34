"""What people, programmes, agreements and target groups were called at any moment, from the history of each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef

from portfolio.models import Agreement, Programme, TargetGroup
from susi.models import User

UNKNOWN = "Ikke oplyst"


class Names:
    """The names through time of the given `people`, and of all programmes, agreements and target groups.

    People of the same name are told apart by their user names.
    """

    def __init__(self, people: Iterable[int]) -> None:
        self._rows: dict[type[Model], dict[int, list[tuple[datetime, Model]]]] = {
            User: _through_time(_namesakes(people)),
            **{model: _through_time(model.history.all()) for model in (Programme, Agreement, TargetGroup)},
        }

    def name(self, model: type[Model], pk: int | None, moment: datetime) -> str:
        """Return what it was called at `moment`, or first where it is younger than that; "" for no key."""
        found = self._as_it_was(model, pk, moment) if pk else None
        if isinstance(found, User):
            return self._of_person(found, moment)
        if isinstance(found, Agreement):
            programme = self._as_it_was(Programme, found.programme_id, moment)
            return f"{found.short_name} ({programme or UNKNOWN})"
        return str(found or UNKNOWN) if pk else ""

    def _of_person(self, person: User, moment: datetime) -> str:
        called = [str(self._as_it_was(User, pk, moment)) for pk in self._rows[User]]
        return f"{person} ({person.username})" if called.count(str(person)) > 1 else str(person)

    def _as_it_was(self, model: type[Model], pk: int, moment: datetime) -> Model | None:
        rows = self._rows[model].get(pk, [])
        return next((one for since, one in reversed(rows) if since <= moment), rows[0][1] if rows else None)


def as_it_was(row: Any) -> Model:
    """Return the object that the history row tells of; what the history leaves out is empty in it."""
    return row.instance_type(**{field.attname: getattr(row, field.attname) for field in row.tracked_fields})


def _namesakes(people: Iterable[int]) -> Any:
    """Return the history of the `people` and of everybody who was ever called as one of them was."""
    theirs = User.history.filter(id__in=set(people))
    same = theirs.filter(first_name=OuterRef("first_name"), last_name=OuterRef("last_name"))
    named = User.history.filter(Exists(same)).order_by().values("id")
    return User.history.filter(id__in=named)


def _through_time(rows: Any) -> dict[int, list[tuple[datetime, Model]]]:
    found: dict[int, list[tuple[datetime, Model]]] = {}
    for row in rows.order_by("history_date", "history_id"):
        found.setdefault(row.id, []).append((row.history_date, as_it_was(row)))
    return found
