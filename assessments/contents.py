"""Everything written in an assessment, read in a constant number of queries.

The gate room, the rules, the record and the PDF all read the assessment through here.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from assessments.models import Assessment, Deviation, DeviationJudgement, EntryJudgement, Rating, Reference
from phases.gates import begins_past_screening, needs_weighing, screening_is_left_out
from phases.models import Criterion, EntryCondition, Theme
from phases.terms import RatingValue, Recommendation, Stage
from susi.prepared import Given, GivenKeys, Prepared
from work.actions.track_choice import weighing_of
from work.documentation import Documentation, documentation_of
from work.involvement import Involvement, involvement_in
from work.models import TrackChoice, WayWeighing

_ASSESSMENT = Given("assessment")


@dataclass(slots=True)
class CriterionContents:
    """A criterion with its wording on the track in question and what is written of it (unsaved where nothing is)."""

    criterion: Criterion
    wording: str
    rating: Rating
    deviation: Deviation | None
    contents: "Contents"

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def references(self) -> list[Reference]:
        return self.contents.references.get(self.rating.pk, [])

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
        assessment = self.assessment
        criteria = _criteria(assessment.edition_id, assessment.to_phase, assessment.to_track)
        return [self._criterion(criterion) for criterion in criteria.rows(assessment=assessment.pk)]

    def _criterion(self, criterion: Any) -> CriterionContents:
        rating = _own(criterion) or Rating()
        rating.assessment, rating.criterion = self.assessment, criterion
        if deviation := self._deviations.get(criterion.pk):
            deviation.criterion = criterion
        return CriterionContents(
            criterion=criterion,
            wording=criterion.wording_for(self.assessment.to_track),
            rating=rating,
            deviation=deviation,
            contents=self,
        )

    @cached_property
    def references(self) -> dict[int, list[Reference]]:
        """The references of the criteria, by the primary key of the rating."""
        references: dict[int, list[Reference]] = defaultdict(list)
        for reference in _references().rows(assessment=self.assessment.pk):
            references[reference.rating_id].append(reference)
        return references

    @cached_property
    def themes(self) -> list[ThemeContents]:
        themes: dict[int, ThemeContents] = {}
        for row in self.criteria:
            theme = row.criterion.theme
            themes.setdefault(theme.pk, ThemeContents(theme)).criteria.append(row)
        return list(themes.values())

    @cached_property
    def documentation(self) -> dict[str, list[Documentation]]:
        """What the work of the initiative and of those it continues documents, by the code of the criterion."""
        return documentation_of(self.assessment.initiative.lineage)

    @cached_property
    def _all_deviations(self) -> list[Any]:
        """The fravigelser written here, those judged here (`own` is the judgement), and those open before."""
        is_open = self.assessment.state in Assessment.OPEN
        lineage = self.assessment.initiative.lineage if is_open else ()
        return _deviations(is_open).rows(assessment=self.assessment.pk, lineage=lineage)

    @property
    def open_deviations(self) -> list[Deviation]:
        """The open fravigelser of an open assessment's initiative and of those it continues."""
        lineage = self.assessment.initiative.lineage
        return [deviation for deviation in self._all_deviations if deviation.is_open_in(lineage)]

    @cached_property
    def _deviations(self) -> dict[int | None, Deviation]:
        return {
            deviation.criterion_id: deviation
            for deviation in self._all_deviations
            if deviation.assessment_id == self.assessment.pk and deviation.state != Deviation.State.ANNULLED
        }

    @property
    def model_deviation(self) -> Deviation | None:
        """The fravigelse from the phase model itself, where screening is left out."""
        return self._deviations.get(None)

    @cached_property
    def phases_run(self) -> frozenset[str]:
        return self.assessment.initiative.phases_run()

    @cached_property
    def leaves_out_screening(self) -> bool:
        from_stage, to_phase = self.assessment.from_stage, self.assessment.to_phase
        if not begins_past_screening(from_stage, to_phase):  # as most do not: the phases run need not be read
            return False
        return screening_is_left_out(from_stage, to_phase, self.phases_run)

    @cached_property
    def entry(self) -> list[EntryContents]:
        """The conditions for entering the model: always for a proposal, later only those somebody judged again."""
        is_proposal = self.assessment.from_stage == Stage.PROPOSAL
        entry = []
        for condition in _conditions().rows(assessment=self.assessment.pk, edition=self.assessment.edition_id):
            judgement = _own(condition) or EntryJudgement()
            judgement.assessment, judgement.condition = self.assessment, condition
            if is_proposal or judgement.met is not None or judgement.note:
                entry.append(EntryContents(condition, judgement))
        return entry

    @cached_property
    def former_deviations(self) -> list[FormerDeviation]:
        """The fravigelser to judge: those open before, and those judged here already."""
        return [
            FormerDeviation(deviation, self._judgement_of(deviation))
            for deviation in sorted(self._all_deviations, key=lambda deviation: deviation.pk)
            if self._is_former(deviation)
        ]

    def _is_former(self, deviation: Any) -> bool:
        assessment = self.assessment
        if assessment.state not in Assessment.OPEN:
            return _own(deviation) is not None
        is_corrected_here = assessment.is_correction and deviation.assessment_id == assessment.corrects_id
        is_open = deviation.is_open_in(assessment.initiative.lineage) and not is_corrected_here
        gone = (Deviation.State.REPLACED, Deviation.State.ANNULLED)
        return is_open or (_own(deviation) is not None and deviation.state not in gone)

    def _judgement_of(self, deviation: Any) -> DeviationJudgement:
        judgement = _own(deviation) or DeviationJudgement()
        judgement.assessment, judgement.deviation = self.assessment, deviation
        return judgement

    @cached_property
    def involvement(self) -> Involvement | None:
        """User involvement in the phase that is assessed; None for a proposal."""
        run = self.assessment.run
        return involvement_in([run])[0] if run else None

    @cached_property
    def track_choice(self) -> TrackChoice | None:
        """The worksheet on the track, of the phase that is assessed or of the proposal."""
        return TrackChoice.objects.filter(initiative=self.assessment.initiative_id, run=self.assessment.run_id).first()

    @cached_property
    def weighing(self) -> WayWeighing | None:
        """The three ways on side by side, where they are to be weighed."""
        weighs = needs_weighing(self.assessment.from_stage, self.assessment.from_track)
        return weighing_of(self.assessment.run) if weighs else None

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


@lru_cache(maxsize=100)
def _criteria(edition: int, to_phase: str, to_track: str) -> Prepared:
    criteria = Criterion.objects.for_gate(edition, to_phase, to_track)
    return Prepared(_with_own(criteria, "ratings").select_related("own__saved_by"))


@cache
def _references() -> Prepared:
    return Prepared(Reference.objects.filter(rating__assessment=_ASSESSMENT))


@cache
def _deviations(is_open: bool) -> Prepared:
    """The query of `Contents._all_deviations`, of an assessment that is open or not."""
    written = Deviation.objects.filter(assessment=_ASSESSMENT).exclude(state=Deviation.State.ANNULLED)
    judged = DeviationJudgement.objects.filter(assessment=_ASSESSMENT).order_by().values("deviation")
    concerned = [written.order_by().values("pk"), judged]
    if is_open:
        before = Deviation.objects.filter(state=Deviation.State.OPEN, initiative__in=GivenKeys("lineage"))
        concerned.append(before.order_by().values("pk"))
    first, *others = concerned  # each is found by an index of its own
    return Prepared(_with_own(Deviation.objects.whole(), "judgements").filter(pk__in=first.union(*others, all=True)))


@cache
def _conditions() -> Prepared:
    return Prepared(_with_own(EntryCondition.objects.filter(edition=Given("edition")), "judgements"))


def _with_own(rows: QuerySet, name: str) -> QuerySet:
    """Return `rows` with what is written of each in the assessment fetched along, for `_own`: one of its
    `name`.
    """
    own = FilteredRelation(name, condition=Q(**{f"{name}__assessment": _ASSESSMENT}))
    return rows.annotate(own=own).select_related("own")


def _own(row: Any) -> Any:
    """Return what is written of `row` in the assessment it was fetched for; None where nothing is."""
    return getattr(row, "own", None)
