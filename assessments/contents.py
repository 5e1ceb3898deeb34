"""Everything written in an assessment, read in a constant number of queries.

The gate room, the rules, the record and the PDF all read the assessment through here.
"""

from dataclasses import dataclass, field
from functools import cached_property

from assessments.models import Assessment, Deviation, DeviationJudgement, EntryJudgement, Rating
from phases.gates import screening_is_left_out
from phases.models import Criterion, EntryCondition, Theme
from phases.terms import RatingValue, Recommendation, Stage


@dataclass(slots=True)
class CriterionContents:
    """A criterion with its wording on the track in question and what is written of it (unsaved where nothing is)."""

    criterion: Criterion
    wording: str
    rating: Rating
    references: list
    deviation: Deviation | None

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def is_departed_from(self) -> bool:
        return self.rating.value in (RatingValue.PARTLY, RatingValue.NOT_MET)


@dataclass(slots=True)
class ThemeContents:
    theme: Theme
    criteria: list[CriterionContents] = field(default_factory=list)


@dataclass(slots=True)
class EntryContents:
    condition: EntryCondition
    judgement: EntryJudgement


@dataclass(slots=True)
class FormerDeviation:
    """An open fravigelse of an earlier gate, with how it is judged to have gone."""

    deviation: Deviation
    judgement: DeviationJudgement


class Contents:
    """Reads lazily: each part is fetched once, when first asked for."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment

    @cached_property
    def criteria(self) -> list[CriterionContents]:
        ratings = {
            rating.criterion_id: rating
            for rating in self.assessment.ratings.select_related("saved_by").prefetch_related("references")
        }
        return [self._criterion(criterion, ratings) for criterion in self.assessment.criteria()]

    def _criterion(self, criterion: Criterion, ratings: dict[int, Rating]) -> CriterionContents:
        rating = ratings.get(criterion.pk) or Rating(assessment=self.assessment, criterion=criterion)
        if deviation := self._deviations.get(criterion.pk):
            deviation.criterion = criterion
        return CriterionContents(
            criterion=criterion,
            wording=criterion.wording_for(self.assessment.to_track),
            rating=rating,
            references=list(rating.references.all()) if rating.pk else [],
            deviation=deviation,
        )

    @cached_property
    def themes(self) -> list[ThemeContents]:
        themes: dict[int, ThemeContents] = {}
        for row in self.criteria:
            theme = row.criterion.theme
            themes.setdefault(theme.pk, ThemeContents(theme)).criteria.append(row)
        return list(themes.values())

    @cached_property
    def _deviations(self) -> dict[int | None, Deviation]:
        deviations = self.assessment.deviations.exclude(state=Deviation.State.ANNULLED).select_related("owner")
        return {deviation.criterion_id: deviation for deviation in deviations}

    @property
    def model_deviation(self) -> Deviation | None:
        """The fravigelse from the phase model itself, where screening is left out."""
        return self._deviations.get(None)

    @cached_property
    def phases_run(self) -> frozenset[str]:
        return self.assessment.initiative.phases_run()

    @cached_property
    def leaves_out_screening(self) -> bool:
        return screening_is_left_out(self.assessment.from_stage, self.assessment.to_phase, self.phases_run)

    @cached_property
    def entry(self) -> list[EntryContents]:
        """The conditions for entering the model: always for a proposal, later only those somebody judged again."""
        judged = {
            judgement.condition_id: judgement
            for judgement in self.assessment.entry_judgements.all()
            if judgement.met is not None or judgement.note or self.assessment.from_stage == Stage.PROPOSAL
        }
        return [
            EntryContents(
                condition,
                judged.get(condition.pk) or EntryJudgement(assessment=self.assessment, condition=condition),
            )
            for condition in self.assessment.edition.entry_conditions.all()
            if condition.pk in judged or self.assessment.from_stage == Stage.PROPOSAL
        ]

    @cached_property
    def former_deviations(self) -> list[FormerDeviation]:
        """The fravigelser to judge: those open before, and those judged here already."""
        assessment = self.assessment
        judged = {
            judgement.deviation_id: judgement
            for judgement in assessment.judgements.select_related(
                "deviation__criterion",
                "deviation__owner",
                "deviation__initiative",
                "deviation__assessment",
                "deviation__decision",
            )
        }
        found = {pk: judgement.deviation for pk, judgement in judged.items()}
        if assessment.state in Assessment.OPEN:
            gone = (Deviation.State.REPLACED, Deviation.State.ANNULLED)
            found = {pk: deviation for pk, deviation in found.items() if deviation.state not in gone}
            still_open = Deviation.objects.open_in_lineage(assessment.initiative).select_related(
                "criterion", "owner", "initiative", "assessment", "decision"
            )
            found |= {
                deviation.pk: deviation
                for deviation in still_open
                if not assessment.is_correction or deviation.assessment_id != assessment.corrects_id
            }
        return [
            FormerDeviation(deviation, judged.get(pk) or DeviationJudgement(assessment=assessment, deviation=deviation))
            for pk, deviation in sorted(found.items())
        ]

    @property
    def deviations_in_play(self) -> list[Deviation]:
        """The fravigelser that count: of criteria not fully met, and of the model where screening is left out.

        A recommendation to stop needs none, and a text left behind under a criterion that is met is passed over.
        """
        if self.assessment.recommendation == Recommendation.STOP:
            return []
        own = [row.deviation for row in self.criteria if row.is_departed_from and row.deviation]
        if self.leaves_out_screening and self.model_deviation:
            return [self.model_deviation, *own]
        return own
