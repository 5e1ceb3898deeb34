"""The initiatives of a list by the thousand, fetched as plain values for the exports.

A `Row` stands in for an `Initiative`: it answers to the same names, by the same rules, at a tenth of what the objects
cost. `portfolio.columns` takes either.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL

from phases.terms import Phase
from portfolio.models import Agreement, Continuation, Initiative, Programme, TargetGroup
from portfolio.models.continuation import linked, reached
from portfolio.standing import present_runs
from susi.models import User

AT_A_TIME = 500  # rows in memory at once


class Run(NamedTuple):
    """The present or last run of an initiative."""

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

    Five queries first and four for every `AT_A_TIME` rows; no more than those are held in memory.
    """
    wide = initiatives.prefetch_related(None).values_list(*_FETCHED).iterator(chunk_size=AT_A_TIME)
    programmes, people = Programme.objects.in_bulk(), User.objects.only("username", "first_name", "last_name").in_bulk()
    agreements = {one.pk: one for one in Agreement.objects.select_related("programme")}
    groups = {one.pk: one for one in TargetGroup.objects.all()}
    deviations = open_deviations()
    while chunk := list(islice(wide, AT_A_TIME)):
        pks = literally([pk for pk, *_ in chunk])
        resting_on = related(Initiative.agreements.through, "agreement_id", pks, agreements)
        meant_for = related(Initiative.target_groups.through, "targetgroup_id", pks, groups)
        phases = phases_together(pks)
        for pk, programme_id, lead_id, *values in chunk:
            own, run = values[: len(_OWN)], Run(*values[len(_OWN) :])
            yield Row(  # type: ignore[misc]  # mypy cannot count what is in `own`
                *own,
                programme=programmes.get(programme_id),
                lead=people.get(lead_id),
                agreements=resting_on(pk),
                target_groups=meant_for(pk),
                current_run=run if run.phase else None,
                phases_together=phases.get(pk, []),
                open_deviations=deviations.get(pk, 0),
            )


def open_deviations() -> dict[int, int]:
    """Return by initiative how many open fravigelser it has to do with: its own and those of what it continues.

    The rule of `open_in_lineage` of the fravigelser, for all of them in two queries. Who has none is left out.
    """
    model: Any = Initiative._meta.get_field("deviations").related_model
    own = dict(model.objects.open().order_by().values_list("initiative").annotate(Count("pk")))
    onwards = linked(Continuation.objects.pairs())
    counts: dict[int, int] = defaultdict(int)
    for pk, number in own.items():
        for one in {pk, *reached([pk], onwards)}:
            counts[one] += number
    return counts


def related(through: Any, column: str, pks: RawSQL, objects: dict[int, Any]) -> Any:
    """Return a look-up of the `objects` related to an initiative, in their own order."""
    related: dict[int, set[int]] = defaultdict(set)
    for pk, other in through.objects.filter(initiative__in=pks).values_list("initiative_id", column):
        related[pk].add(other)
    return partial(_in_order, related, objects, {pk: place for place, pk in enumerate(objects)})


def _in_order(related: dict[int, set[int]], objects: dict[int, Any], place: dict[int, int], pk: int) -> Several:
    return Several(objects[one] for one in sorted(related.get(pk, set()) & place.keys(), key=place.__getitem__))


def literally(pks: list[int]) -> RawSQL:
    """Return `pks` as part of the query's text: as parameters, hundreds of them cost more than the query itself."""
    return RawSQL(", ".join(f"{pk:d}" for pk in pks), ())  # noqa: S611 - whole numbers


def phases_together(pks: RawSQL) -> dict[int, list[Phase]]:
    """Return by initiative its `phases_together`: what each of `pks` is in now, or ended with, in order."""
    together: dict[int, list[Phase]] = defaultdict(list)
    runs = present_runs().filter(initiative__in=pks).order_by("sequence").values_list("initiative_id", "phase")
    for pk, phase in runs:
        together[pk].append(Phase(phase))
    return together
