"""Whom people acted for: what a stand-in did by the right of somebody else is told so in the history.

It is worked out from what is on record, so that every kind of event is told alike: the periods of standing in, which
are never deleted, and the history of who was lead or member when it was done.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portfolio.models import Initiative
from susi.models import StandIn, User

if TYPE_CHECKING:
    from portfolio.history import Event

People = frozenset[int]


def acted_for(actor: int, people: People, periods: Iterable[StandIn]) -> User | None:
    """Return whom `actor` acted for, where the initiative's lead and members were `people`: one of them stood in for.

    Whoever is one of `people` acts by a right of one's own. `periods` are those of the actor that held at the time.
    """
    if actor in people:
        return None
    return next((period.person for period in periods if period.person_id in people), None)


def with_whom_they_acted_for(events: "list[Event]") -> "list[Event]":
    """Return `events` with `acted_for` filled in: one query, and two more where somebody stood in."""
    actors = {event.who.pk for event in events if event.who and not event.by_role}
    if not actors:
        return events
    periods: dict[int, list[StandIn]] = defaultdict(list)
    for period in StandIn.objects.filter(stand_in__in=actors).select_related("person"):
        periods[period.stand_in_id].append(period)
    held = {no: holding for no, event in enumerate(events) if (holding := _holding(event, periods))}
    if not held:
        return events
    people = _people_over_time({events[no].initiative_id for no in held})
    return [
        _told(event, held[no], people[event.initiative_id]) if no in held else event for no, event in enumerate(events)
    ]


def _holding(event: "Event", periods: dict[int, list[StandIn]]) -> list[StandIn]:
    if event.who is None or event.by_role:
        return []
    return [period for period in periods.get(event.who.pk, []) if period.holds_at(event.when)]


def _told(event: "Event", holding: list[StandIn], over_time: list[tuple[datetime, People]]) -> "Event":
    """The act may itself have changed who they are, so it counts who they were before it."""
    before = [people for moment, people in over_time if moment < event.when]
    person = acted_for(event.who.pk, before[-1], holding) if before and event.who else None
    return replace(event, acted_for=person) if person else event


def _people_over_time(keys: set[int]) -> dict[int, list[tuple[datetime, People]]]:
    """Return by initiative who its lead and members were from when on, in order."""
    rows: Any = Initiative.history.filter(id__in=keys).order_by("history_date", "history_id")
    found: dict[int, list[tuple[datetime, People]]] = defaultdict(list)
    for row in rows.prefetch_related("historicalinitiative_members_set").defer("search_text", "description", "problem"):
        members = [link.user_id for link in row.historicalinitiative_members_set.all()]
        found[row.id].append((row.history_date, frozenset(filter(None, [row.lead_id, *members]))))
    return found
