"""How much each organisation takes part in: what the table of load, the map and their numbers are made from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from participants.models import Organisation, Participation
from participants.rules import is_valid_on
from participants.terms import OrganisationKind
from portfolio.models import Initiative
from susi.models import User


@dataclass
class Load:
    """The initiatives (by key) an organisation takes part in `now`, has taken part in `ever`, and has not fallen out
    of (`stayed`): those it is reached by."""

    organisation: Organisation
    now: set[int] = field(default_factory=set)
    ever: set[int] = field(default_factory=set)
    stayed: set[int] = field(default_factory=set)

    @property
    def is_reached(self) -> bool:
        return bool(self.stayed)

    @property
    def dropped(self) -> set[int]:
        """The initiatives it has taken part in by frafald alone."""
        return self.ever - self.stayed

    @property
    def only_dropped_out(self) -> bool:
        return bool(self.ever) and not self.stayed


def participations(user: User, *, programme: str = "", phase: str = "", initiative: Initiative | None = None) -> Any:
    """Return the participations in force `user` may see, of a programme (its key), in a phase, or of an initiative."""
    found = Participation.objects.in_force().visible_to(user)
    if programme:
        found = found.filter(run__initiative__programme__key=programme)
    if phase:
        found = found.filter(run__phase=phase)
    if initiative:
        found = found.filter(run__initiative=initiative)
    return found.exclude(run__state="annulled").select_related("run", "organisation")


def loads(
    user: User,
    *,
    kind: str = OrganisationKind.MUNICIPALITY,
    programme: str = "",
    phase: str = "",
    initiative: Initiative | None = None,
) -> list[Load]:
    """Return the load of every organisation of `kind` that exists today or has taken part, in Danish order.

    Two queries. An initiative counts once, however many roles and phases the organisation has in it.
    """
    today = timezone.localdate()
    found: dict[int, list[Participation]] = defaultdict(list)
    chosen = participations(user, programme=programme, phase=phase, initiative=initiative)
    for one in chosen.filter(organisation__kind=kind):
        found[one.organisation_id].append(one)
    rows = {one.pk: Load(one) for one in Organisation.objects.valid_on(today).filter(kind=kind)}
    for pk, own in found.items():
        load = rows.setdefault(pk, Load(own[0].organisation))
        load.ever = {one.run.initiative_id for one in own}
        load.stayed = {one.run.initiative_id for one in own if not one.has_dropped_out}
        load.now = {one.run.initiative_id for one in own if one.is_present(today)}
    return sorted(rows.values(), key=lambda load: (load.organisation.sort_key, load.organisation.pk))


def ordered(rows: list[Load], by: str) -> list[Load]:
    """Return `rows` with the most initiatives first: those of today ("now") or all ("ever"); else as they are."""
    return sorted(rows, key=lambda row: len(getattr(row, by)), reverse=True) if by in ("now", "ever") else rows


@dataclass(frozen=True)
class Reach:
    """How many of the municipalities there are today are reached, and how many have only dropped out."""

    reached: int
    of: int
    dropped_out: int


def reach(rows: Iterable[Load]) -> Reach:
    """Return how far the municipalities of `rows` that exist today are reached: taking part now or before, without
    frafald."""
    today = timezone.localdate()
    present = [row for row in rows if is_valid_on(row.organisation.valid_from, row.organisation.valid_to, today)]
    return Reach(sum(row.is_reached for row in present), len(present), sum(row.only_dropped_out for row in present))
