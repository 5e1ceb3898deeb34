"""What a page of the list shows of its initiatives, fetched as plain values: objects cost several times as much."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from phases.terms import Phase
from portfolio.models import Agreement, Initiative
from portfolio.models.initiative import short_agreement_names
from portfolio.rows import phases_together, related
from portfolio.search import Place
from susi.prepared import GivenKeys, Prepared


class Run(NamedTuple):
    """The present or last run of an initiative."""

    phase: str
    track: str


class Shown(NamedTuple):
    """What a row of the list shows, and nothing else."""

    number: str
    title: str
    phase: str
    phase_label: str
    track_label: str
    programme: str
    agreement_names: str
    standing: str
    standing_label: str
    lead: str
    found: tuple[Place, ...]


@dataclass(slots=True)
class Listed:
    """A row of the list, which answers to the names of an `Initiative` by the same rules.

    `found` is where the words searched for stand. The texts are there for the search, and empty without one.
    """

    pk: int
    number: str
    title: str
    phase: str
    standing: str
    programme: str
    lead: str
    agreement_names: str
    current_run: Run | None
    phases_together: list[Phase]
    problem: str = ""
    description: str = ""
    funding: str = ""
    case_number: str = ""
    found: list[Place] = field(default_factory=list)

    track = Initiative.track
    phase_label = Initiative.phase_label
    track_label = Initiative.track_label
    standing_label = Initiative.standing_label

    @property
    def shown(self) -> Shown:
        """All that the row shows."""
        return Shown(
            number=self.number,
            title=self.title,
            phase=self.current_run.phase if self.current_run else self.phase,
            phase_label=self.phase_label,  # type: ignore[misc]  # the rule of an `Initiative`
            track_label=self.track_label,  # type: ignore[misc]  # the rule of an `Initiative`
            programme=self.programme,
            agreement_names=self.agreement_names,
            standing=self.standing,
            standing_label=self.standing_label,  # type: ignore[misc]  # the rule of an `Initiative`
            lead=self.lead,
            found=tuple(self.found),
        )


_OWN = ("pk", "number", "title", "phase", "standing")
_TEXTS = ("problem", "description", "funding", "case_number")


def fetched(initiatives: QuerySet[Initiative], *, with_texts: bool) -> QuerySet:
    """Return the query of the values `listed` makes rows of."""
    related = ("programme__name", "lead_id", "current_run__phase", "current_run__track")
    return initiatives.prefetch_related(None).values_list(*_OWN, *related, *(_TEXTS if with_texts else ()))


def listed(found: list[Any], *, agreements: dict[int, Agreement], people: dict[int, str]) -> list[Listed]:
    """Return a row for each of `found`, which is `fetched`, in two queries.

    `agreements` are all there are, by key; `people` the names of those who lead any of them.
    """
    if not found:
        return []
    pks = [pk for pk, *_ in found]
    phases, rests_on = phases_together(pks), related(_agreements().rows(initiatives=pks), agreements)
    return [
        Listed(
            *(pk, number, title, phase, standing, programme or "", people.get(lead, "")),
            short_agreement_names(rests_on(pk)),
            Run(run_phase, track) if run_phase else None,
            phases.get(pk, []),
            *texts,
        )
        for pk, number, title, phase, standing, programme, lead, run_phase, track, *texts in found
    ]


@cache
def _agreements() -> Prepared:
    rests_on: Any = Initiative.agreements.through.objects.filter(initiative__in=GivenKeys("initiatives"))
    return Prepared(rests_on.values_list("initiative_id", "agreement_id"))
