"""The transitions on their way: what is being assessed or awaits a decision, and how ready it is. For the overview."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When, Window
from django.urls import reverse

from assessments.agenda import awaiting_decision, transition_to
from assessments.facts import deviation_facts
from assessments.models import Assessment, Deviation, Rating
from phases.gates import CriterionFacts, Readiness, readiness
from phases.models import Criterion
from phases.terms import Recommendation
from portfolio.models import Initiative
from susi.models import User

SHOWN = 8
_NEAREST_FIRST = (
    Assessment.State.APPROVED,
    Assessment.State.SUBMITTED,
    Assessment.State.RETURNED,
    Assessment.State.DRAFT,
)


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
        return reverse("assessments:detail", args=[self.assessment.initiative.number, self.assessment.no])

    @property
    def recommends_stop(self) -> bool:
        return self.assessment.recommendation == Recommendation.STOP


@dataclass(frozen=True)
class Ahead:
    """The transitions nearest to being made, and how many there are in all."""

    transitions: list[Transition]
    count: int


def transitions_ahead(user: User, *, is_past: bool) -> Ahead:
    """Return the transitions on their way that `user` may know of, the nearest first.

    At most five queries, whatever there is. Drafts keep no history, so of the past no readiness is told.
    """
    assessments = list(_under_way(user, with_contents=not is_past)[:SHOWN])
    ready = {} if is_past else _readiness(assessments)
    transitions = [Transition(one, ready.get(one.pk)) for one in assessments]
    return Ahead(transitions, assessments[0].in_all if assessments else 0)  # type: ignore[attr-defined]


def _under_way(user: User, *, with_contents: bool) -> QuerySet[Assessment]:
    """A correction changes the text of an assessment, never the transition, so its draft is none on its way."""
    open_ones = Q(state__in=Assessment.OPEN, corrects__isnull=True)
    nearness = [When(state=state, then=Value(place)) for place, state in enumerate(_NEAREST_FIRST)]
    assessments = (
        Assessment.objects.visible_to(user)
        .filter(open_ones | awaiting_decision())
        .annotate(in_all=Window(Count("pk")), nearness=Case(*nearness, output_field=IntegerField()))
        .select_related("initiative")
        .order_by("nearness", "initiative__sort_key", "pk")
        .defer("sealed_data", "search_text")
    )
    if not with_contents:
        return assessments
    deviations = Deviation.objects.exclude(state=Deviation.State.ANNULLED)
    return assessments.prefetch_related(
        Prefetch("ratings", Rating.objects.annotate(reference_count=Count("references"))),
        Prefetch("deviations", deviations.defer("search_text")),
    )


def _readiness(assessments: list[Assessment]) -> dict[int, Readiness]:
    """Return by key how ready each is that is to go on; a decision it awaits asks for nothing more of the criteria."""
    gates = _criteria_of_gates(assessments)
    facts = {one.pk: _facts(one, gates) for one in assessments if one.recommendation != Recommendation.STOP}
    run = _phases_run(assessments, facts)
    return {
        one.pk: readiness(facts[one.pk], run.get(one.initiative_id, frozenset()))
        for one in assessments
        if one.pk in facts
    }


def _criteria_of_gates(assessments: Iterable[Assessment]) -> dict[tuple[int, str], list[Criterion]]:
    """Return the criteria of every gate the assessments are about, by edition and phase, in one query."""
    wanted = {(one.edition_id, one.to_phase) for one in assessments}
    gates: dict[tuple[int, str], list[Criterion]] = defaultdict(list)
    criteria = Criterion.objects.filter(
        theme__edition__in={edition for edition, _ in wanted}, theme__phase__in={phase for _, phase in wanted}
    )
    for criterion in criteria.select_related("theme"):
        gates[criterion.theme.edition_id, criterion.theme.phase].append(criterion)
    return gates


def _facts(assessment: Assessment, gates: dict[tuple[int, str], list[Criterion]]) -> list[CriterionFacts]:
    ratings = {rating.criterion_id: rating for rating in assessment.ratings.all()}
    deviations = {deviation.criterion_id: deviation for deviation in assessment.deviations.all()}
    return [
        _criterion_facts(criterion, ratings.get(criterion.pk), deviations.get(criterion.pk))
        for criterion in gates[assessment.edition_id, assessment.to_phase]
        if criterion.applies_to(assessment.to_track)
    ]


def _criterion_facts(criterion: Criterion, rating: Any, deviation: Deviation | None) -> CriterionFacts:
    return CriterionFacts(
        code=criterion.code,
        rating=rating.value if rating else "",
        reasoning=rating.reasoning if rating else "",
        references=rating.reference_count if rating else 0,
        presumes=criterion.presumes,
        deviation=deviation_facts(deviation),
    )


def _phases_run(assessments: Iterable[Assessment], facts: dict[int, list[CriterionFacts]]) -> dict[int, frozenset[str]]:
    """Return the phases run by each initiative; read only where a criterion speaks of a phase."""
    asked = {one.initiative_id for one in assessments if any(criterion.presumes for criterion in facts.get(one.pk, []))}
    return Initiative.objects.phases_run_by(asked) if asked else {}
