"""The transitions on their way: what is being assessed or awaits a decision, and how ready it is. For the overview."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, FilteredRelation, Q

from assessments.agenda import transition_to
from assessments.facts import deviation_facts
from assessments.models import Assessment, Deviation
from assessments.under_way import UnderWay
from phases.gates import CriterionFacts, Readiness, readiness
from phases.models import Criterion
from phases.terms import RatingValue, Recommendation
from portfolio.models import Initiative
from susi.http import address
from susi.models import User
from susi.prepared import GivenKeys, Prepared


class Rated(NamedTuple):
    """What is written of a criterion in an assessment."""

    value: str = ""
    reasoning: str = ""
    references: int = 0


# By edition and phase, the criteria by key with their ratings by assessment.
Gates = dict[tuple[int, str], dict[int, tuple[Criterion, dict[int, Rated]]]]


@dataclass(frozen=True)
class Transition:
    """An assessment under way, or approved without a decision on it yet.

    `readiness` is None where it is not told: of a past day, and of one that recommends a stop, which has to meet
    nothing.
    """

    assessment: Assessment
    readiness: Readiness | None

    @property
    def where_to(self) -> str:
        """In running text: "modningsfasen, spor 1"."""
        return transition_to(self.assessment)

    @property
    def url(self) -> str:
        return address("assessments:detail", self.assessment.initiative.number, self.assessment.no)

    @property
    def recommends_stop(self) -> bool:
        return self.assessment.recommendation == Recommendation.STOP


@dataclass(frozen=True)
class Ahead:
    """The transitions nearest to being made, and how many there are in all."""

    transitions: list[Transition]
    count: int


def transitions_ahead(user: User, *, is_past: bool, coming: UnderWay | None = None) -> Ahead:
    """Return the transitions on their way that `user` may know of, the nearest first.

    At most five queries, whatever there is, two fewer where the page has asked for `coming`. Drafts keep no history, so
    of the past no readiness is told.
    """
    coming = coming or UnderWay(user, is_past=is_past)
    assessments, count = coming.nearest
    ready = {} if is_past else readiness_of(assessments)
    return Ahead([Transition(one, ready.get(one.pk)) for one in assessments], count)


def readiness_of(assessments: list[Any]) -> dict[int, Readiness]:
    """Return by key how ready each is that is to go on; a decision it awaits asks for nothing more of the criteria."""
    gates = _criteria_of_gates(assessments)
    facts = {one.pk: _facts(one, gates) for one in assessments if one.recommendation != Recommendation.STOP}
    run = _phases_run(assessments, facts)
    return {
        one.pk: readiness(facts[one.pk], run.get(one.initiative_id, frozenset()))
        for one in assessments
        if one.pk in facts
    }


def _criteria_of_gates(assessments: Iterable[Assessment]) -> Gates:
    """Return the criteria of every gate the assessments are about, by edition and phase, each with its ratings by
    assessment, in one query.
    """
    wanted = {(one.edition_id, one.to_phase) for one in assessments}
    keys = [one.pk for one in assessments]
    gates: Gates = defaultdict(dict)
    for row in _rated_criteria().rows(assessments=keys, editions={edition for edition, _ in wanted}):
        edition, phase, pk, code, track2, presumes, assessment, *rating = row
        if (edition, phase) not in wanted:
            continue
        gate = gates[edition, phase]
        if pk not in gate:
            gate[pk] = _criterion(pk, code, track2, presumes), {}
        if assessment:
            gate[pk][1][assessment] = Rated(*rating)
    return gates


@lru_cache(maxsize=1000)
def _criterion(pk: int, code: str, track2: str, presumes: str) -> Criterion:
    """Return the criterion, as far as readiness depends on it. Made once: the overview asks for fifty."""
    return Criterion(pk=pk, code=code, track2=track2, presumes=presumes)


@cache
def _rated_criteria() -> Prepared:
    """The query of the criteria of some editions, each with its ratings in some assessments: plain values, since the
    overview asks for hundreds.
    """
    rated: Any = FilteredRelation("ratings", condition=Q(ratings__assessment__in=GivenKeys("assessments")))
    found: Any = Criterion.objects.filter(theme__edition__in=GivenKeys("editions")).annotate(rated=rated)
    criterion = ("theme__edition", "theme__phase", "pk", "code", "track2", "presumes")
    rating = ("rated__assessment", "rated__value", "rated__reasoning")
    return Prepared(found.values_list(*criterion, *rating, Count("rated__references")))


def _facts(assessment: Any, gates: Gates) -> list[CriterionFacts]:
    deviations = {deviation.criterion_id: deviation for deviation in assessment.departures}
    return [
        _criterion_facts(criterion, ratings.get(assessment.pk, Rated()), deviations.get(criterion.pk))
        for criterion, ratings in gates[assessment.edition_id, assessment.to_phase].values()
        if criterion.applies_to(assessment.to_track)
    ]


def _criterion_facts(criterion: Criterion, rating: Rated, deviation: Deviation | None) -> CriterionFacts:
    return CriterionFacts(
        code=criterion.code,
        rating=rating.value,
        reasoning=rating.reasoning,
        references=rating.references,
        presumes=criterion.presumes,
        deviation=deviation_facts(deviation),
    )


def _phases_run(assessments: Iterable[Assessment], facts: dict[int, list[CriterionFacts]]) -> dict[int, frozenset[str]]:
    """Return the phases run by each initiative; read only where it matters: a criterion that speaks of a phase is met
    and names no source of equivalent knowledge.
    """
    asked = {one.initiative_id for one in assessments if any(map(_rests_on_a_phase, facts.get(one.pk, [])))}
    return Initiative.objects.phases_run_by(asked) if asked else {}


def _rests_on_a_phase(criterion: CriterionFacts) -> bool:
    return bool(criterion.presumes) and criterion.rating == RatingValue.MET and not criterion.references
