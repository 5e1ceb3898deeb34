"""Which criteria are departed from most, on which ground, and what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.text import Truncator

from assessments.models import Deviation
from assessments.statistics import IN_FORCE, Chosen, Fact, place_of, share
from phases.models import Criterion
from phases.terms import Ground
from portfolio.models import Initiative
from portfolio.standing import Standing

_WORDS = 14
_MODEL = "Screening er udeladt"


@dataclass(frozen=True)
class Departure:
    """A fravigelse that is or was in force, placed by the assessment or decision it belongs to."""

    deviation: Deviation
    initiative: Initiative
    phase: str
    track: str
    year: int | None


@dataclass(frozen=True)
class DepartedFrom:
    """A criterion with its departures, and how many approved assessments judged it.

    None is the phase model itself, which is judged by no criterion.
    """

    criterion: Criterion | None
    departures: list[Departure]
    judged: int

    @property
    def heading(self) -> str:
        return self.criterion.code if self.criterion else "Fasemodellen"

    @property
    def wording(self) -> str:
        if self.criterion is None:
            return _MODEL
        return Truncator(self.criterion.wording).words(_WORDS)

    @property
    def in_assessments(self) -> str:
        """How many of the assessments that judged it departed from it: "3 af 4 vurderinger"."""
        departed = sum(1 for one in self.departures if one.deviation.assessment_id)
        in_decisions = len(self.departures) - departed
        of_all = share(departed, self.judged) if self.judged else str(departed)
        parts = [f"{of_all} vurdering{'' if (self.judged or departed) == 1 else 'er'}"] if departed else []
        if in_decisions:
            parts.append(f"{in_decisions} i beslutning{'' if in_decisions == 1 else 'er'}")
        return ", ".join(parts)

    @property
    def grounds(self) -> list[tuple[str, int]]:
        """How often each ground is given; one fravigelse may have several."""
        counts = Counter(ground for one in self.departures for ground in one.deviation.grounds)
        return [(ground.label, counts[ground]) for ground in Ground if counts[ground]]

    @property
    def states(self) -> list[tuple[str, int]]:
        counts = Counter(one.deviation.state for one in self.departures)
        return [(str(state.label), counts[state]) for state in IN_FORCE if counts[state]]

    @property
    def standings(self) -> list[tuple[str, int]]:
        """Where the initiatives stand now; each counts once."""
        standing = {one.initiative.pk: one.initiative.standing for one in self.departures}  # type: ignore[attr-defined]
        counts = Counter(standing.values())
        return [(str(one.label), counts[one.value]) for one in Standing if counts[one.value]]


def departed_from(initiatives: QuerySet[Initiative], documents: Iterable[Any], chosen: Chosen) -> list[DepartedFrom]:
    """Return the criteria departed from, the most frequent first. `documents` are the `approved_documents`."""
    approved = {(one.initiative_id, one.document_no): one for one in documents}
    by_criterion: dict[int | None, list[Departure]] = {}
    for departure in _departures(initiatives, approved):
        if chosen.holds(departure):
            by_criterion.setdefault(departure.deviation.criterion_id, []).append(departure)
    found, counted = [], [one for one in approved.values() if chosen.holds(_of_document(one))]
    for departures in by_criterion.values():
        criterion = departures[0].deviation.criterion
        found.append(DepartedFrom(criterion, departures, sum(1 for one in counted if was_judged(criterion, one))))
    return sorted(found, key=lambda one: (-len(one.departures), one.heading))


def was_judged(criterion: Criterion | None, document: Any) -> bool:
    """Whether the criterion is one of those the document is about."""
    if criterion is None:
        return False
    theme = criterion.theme
    same_gate = (theme.edition_id, theme.phase) == (document.edition_id, document.to_phase)
    return same_gate and criterion.applies_to(document.to_track)


def _departures(initiatives: QuerySet[Initiative], approved: dict[tuple[int, int], Any]) -> Iterable[Departure]:
    rows = Deviation.objects.filter(state__in=IN_FORCE, initiative__in=initiatives.order_by().values("pk"))
    about = {one.pk: one for one in initiatives.filter(pk__in=rows.order_by().values("initiative")).with_standing()}  # type: ignore[attr-defined]
    rows = rows.select_related("criterion__theme", "assessment", "decision").prefetch_related("decision__runs")
    for row in rows.defer("assessment__sealed_data"):
        initiative = about[row.initiative_id]
        if not row.assessment:
            decision: Any = row.decision
            yield Departure(row, initiative, *place_of(decision), decision.decided_on.year)
        elif document := approved.get((row.initiative_id, row.assessment.document_no)):
            yield Departure(row, initiative, document.from_stage, document.to_track, document.year)


def _of_document(document: Any) -> Fact:
    return Fact("", document.initiative, document.from_stage, document.to_track, document.year, "", "")
