"""What a page of the list shows of its initiatives, fetched as plain values: objects cost several times as much."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from phases.terms import Phase
from portfolio.models import Agreement, Initiative
from portfolio.models.initiative import short_agreement_names
from portfolio.rows import literally, phases_together, related
from portfolio.search import Place


class Run(NamedTuple):
    """The present or last run of an initiative."""

    phase: str
    track: str


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

    # A template asks by key first, and an object without keys costs it an exception for every value.
    __getitem__ = object.__getattribute__

    @property
    def phase_shown(self) -> str:
        return self.current_run.phase if self.current_run else self.phase


_OWN = ("pk", "number", "title", "phase", "standing")
_TEXTS = ("problem", "description", "funding", "case_number")


def listed(
    initiatives: QuerySet[Initiative], *, agreements: dict[int, Agreement], people: dict[int, str], with_texts: bool
) -> list[Listed]:
    """Return a row for each of `initiatives`, fetched `with_standing`, in three queries.

    `agreements` are all there are, by key; `people` the names of those who lead any of `initiatives`.
    """
    fetched = (
        *_OWN,
        *("programme__name", "lead_id", "current_run__phase", "current_run__track"),
        *(_TEXTS if with_texts else ()),
    )
    found = list(initiatives.prefetch_related(None).values_list(*fetched))
    if not found:
        return []
    pks = literally([pk for pk, *_ in found])
    through, phases = Initiative.agreements.through.objects.filter(initiative__in=pks), phases_together(pks)
    rests_on = related(through, "agreement_id", agreements)
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
