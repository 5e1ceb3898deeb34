"""The initiatives of a list by the thousand, fetched as plain values for the exports.

A `Row` stands in for an `Initiative`: it answers to the same names, by the same rules, at a tenth of what the objects
cost. `portfolio.columns` takes either.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Count, F, QuerySet

from phases.terms import Phase
from portfolio.models import Agreement, Initiative, Programme, TargetGroup
from portfolio.models.continuation import every_link, linked, reached
from portfolio.standing import present_runs
from susi.models import User
from susi.prepared import GivenKeys, Prepared

AT_A_TIME = 500  # rows in memory at once


class Run(NamedTuple):
    """The present or last run of an initiative, the `sequence`th of all."""

    sequence: int
    phase: str
    track: str
    started_on: date | None
    started_on_precision: str
    ended_on: date | None
    ended_on_precision: str
    expected_end: date | None
    expected_end_precision: str
    outcome: str
    susi: str
    source: str


class Together(NamedTuple):
    """A run that is run together with the present one."""

    sequence: int
    phase: str
    started_on: date | None
    started_on_precision: str


class Several(tuple):
    """What a related manager has fetched."""

    def all(self) -> "Several":
        return self


@dataclass(slots=True)
class Row:
    """What a list tells of an initiative. `open_deviations` counts its own and those of what it continues."""

    number: str
    title: str
    standing: str
    funding: str
    problem: str
    description: str
    case_number: str
    counts_as: int
    programme: Programme | None
    lead: User | None
    agreements: Several
    target_groups: Several
    current_run: Run | None
    first_run: Run | Together | None
    phases_together: list[Phase]
    open_deviations: int

    track = Initiative.track
    phase_label = Initiative.phase_label
    track_label = Initiative.track_label
    standing_label = Initiative.standing_label


_OWN = ("number", "title", "standing", "funding", "problem", "description", "case_number", "counts_as")
_FETCHED = ("pk", "programme_id", "lead_id", *_OWN, *(f"current_run__{name}" for name in Run._fields))


def rows(initiatives: QuerySet[Initiative]) -> Iterator[Row]:
    """Yield a row for each of `initiatives`, fetched `with_standing`, in their order.

    Nine queries, however many rows there are. No more than `AT_A_TIME` of them are held in memory, and the keys of what
    is related to any: to ask for that of some takes the database as long as to ask for all.
    """
    wide = initiatives.prefetch_related(None).values_list(*_FETCHED).iterator(chunk_size=AT_A_TIME)
    programmes, people = Programme.objects.in_bulk(), User.objects.only("username", "first_name", "last_name").in_bulk()
    agreements = {one.pk: one for one in Agreement.objects.select_related("programme")}
    groups = {one.pk: one for one in TargetGroup.objects.all()}
    pairs_of = Initiative.agreements.through.objects, Initiative.target_groups.through.objects
    resting_on = related(pairs_of[0].values_list("initiative_id", "agreement_id"), agreements)
    meant_for = related(pairs_of[1].values_list("initiative_id", "targetgroup_id"), groups)
    others, deviations = _together_with_the_present(), open_deviations()
    for pk, programme_id, lead_id, *values in wide:
        own, run = values[: len(_OWN)], Run(*values[len(_OWN) :])
        present = run if run.phase else None
        together = _in_sequence(present, others.get(pk))
        yield Row(  # type: ignore[misc]  # mypy cannot count what is in `own`
            *own,
            programme=programmes.get(programme_id),
            lead=people.get(lead_id),
            agreements=resting_on(pk),
            target_groups=meant_for(pk),
            current_run=present,
            first_run=together[0] if together else None,
            phases_together=[Phase(one.phase) for one in together],
            open_deviations=deviations.get(pk, 0),
        )


def open_deviations() -> dict[int, int]:
    """Return by initiative how many open fravigelser it has to do with: its own and those of what it continues.

    The rule of `open_in_lineage` of the fravigelser, for all of them in two queries. Who has none is left out.
    """
    model: Any = Initiative._meta.get_field("deviations").related_model
    own = dict(model.objects.open().order_by().values_list("initiative").annotate(Count("pk")))
    onwards = linked(every_link())
    counts: dict[int, int] = defaultdict(int)
    for pk, number in own.items():
        for one in {pk, *reached([pk], onwards)}:
            counts[one] += number
    return counts


def related(pairs: Iterable[tuple[int, int]], objects: dict[int, Any]) -> Callable[[int], Several]:
    """Return a look-up of the `objects` related to an initiative, in their own order. `pairs` are the keys of both."""
    related: dict[int, list[int]] = defaultdict(list)
    for pk, other in pairs:
        related[pk].append(other)
    place = {pk: place for place, pk in enumerate(objects)}

    @cache  # many are related to the same ones
    def in_order(others: frozenset[int]) -> Several:
        return Several(objects[one] for one in sorted(others & place.keys(), key=place.__getitem__))

    return lambda pk: in_order(frozenset(related.get(pk, ())))


def phases_together(pks: Iterable[int]) -> dict[int, list[Phase]]:
    """Return by initiative its `phases_together`: what each of `pks` is in now, or ended with, in order."""
    together: dict[int, list[Phase]] = defaultdict(list)
    for pk, phase in _phases_together().rows(initiatives=pks):
        together[pk].append(Phase(phase))
    return together


@cache
def _phases_together() -> Prepared:
    runs = present_runs().filter(initiative__in=GivenKeys("initiatives")).order_by("sequence")
    return Prepared(runs.values_list("initiative_id", "phase"))


def _together_with_the_present() -> dict[int, list[Together]]:
    """Return by initiative the other runs that are run together with its present one; most have none."""
    others: dict[int, list[Together]] = defaultdict(list)
    found = present_runs().exclude(pk=F("initiative__current_run")).order_by()
    for pk, *run in found.values_list("initiative_id", *Together._fields):
        others[pk].append(Together(*run))
    return others


def _in_sequence(present: Run | None, others: list[Together] | None) -> Sequence[Run | Together]:
    """Return the runs that are run together, with the present one among them."""
    if present is None:
        return ()
    return sorted([present, *others], key=itemgetter(0)) if others else (present,)
