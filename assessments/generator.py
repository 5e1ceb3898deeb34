"""Made-up portfolios with the SUSI-vurderinger that belong to them. Never where somebody works.

The assessments are rows to be counted, searched and listed. Their seal holds no document, so their own pages have
nothing to show.
"""

import hashlib
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assessments.models import Assessment, DecisionGround, Deviation, Rating
from phases.models import Criterion, Edition
from phases.terms import Phase, RatingValue, Recommendation, SusiStatement, Track, Verdict
from portfolio.generator import Generator, Life
from portfolio.models import Decision, Initiative, PhaseRun
from susi.bulk import Rows
from susi.danish import fold, search_words
from susi.errors import Refused
from susi.models import User

State = Assessment.State
_SEALED = '{"eksempel": true}'
_SUSI = {Verdict.YES: SusiStatement.YES, Verdict.PARTLY: SusiStatement.YES_PARTLY, Verdict.NO: SusiStatement.YES_NO}


def generate(
    *, initiatives: int, seed: int, today: date | None = None, changes: int = 0, database: str = ""
) -> dict[str, int]:
    """Fill the database with `initiatives` made-up ones and the people who work with them; the same for the same seed
    and day. Each is edited `changes` times over the last months besides. Return how many rows there are of each model.

    Raises `Refused` where anybody works or has worked (there are users, or initiatives not from a source), where the
    rulebook is missing, and in production unless `database` names the database.
    """
    _refuse_where_somebody_works(database)
    generator = _WithAssessments(Rows(), seed=seed, today=today or timezone.localdate(), changes=changes)
    generator.setting()
    for _ in range(initiatives):
        generator.tell()
    written = generator.rows.write()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # let the database know how much there is of what, as it comes to by itself later
    return written


def _refuse_where_somebody_works(database: str) -> None:
    if settings.PRODUCTION and database != connection.settings_dict["NAME"]:
        raise Refused("I drift skal --database nævne databasen, så ingen fylder en anden end tænkt.")
    if User.objects.exists() or Initiative.objects.filter(source_key__isnull=True).exists():
        raise Refused("Databasen er i brug. Alt er bevaret, og der er ikke lavet eksempler. Brug en ny database.")
    if not Edition.objects.published().exists():
        raise Refused("Regelsættet mangler. Kør load_rulebook først.")


class _WithAssessments(Generator):
    def setting(self) -> None:
        super().setting()
        self.edition = Edition.objects.current(self.today)
        gates = [(phase, track) for phase in (Phase.MATURATION, Phase.TRIAL, Phase.DISSEMINATION) for track in Track]
        self.criteria = {gate: list(Criterion.objects.for_gate(self.edition, *gate)) for gate in gates}
        self.numbers_used: dict[int, int] = {}

    def assessed(self, life: Life, run: PhaseRun, day: date, *, to_phase: Phase, to_track: str) -> Assessment | None:
        if self.chance.random() < (0.6 if run.source else 0.05):
            return None
        begun = max(day - timedelta(days=self.chance.randrange(20, 90)), run.started_on or life.born)
        assessment = self._begun(life, run, begun, to_phase=to_phase, to_track=to_track)
        verdict = self.chance.choice([Verdict.YES, Verdict.YES, Verdict.YES, Verdict.PARTLY, Verdict.NO])
        assessment.verdict = verdict
        assessment.conclusion, assessment.fast_track = self.text(60, life.initiative), False
        assessment.recommendation = Recommendation.STOP if verdict == Verdict.NO else Recommendation.CONTINUE
        self._submit(assessment, day)
        assessment.approved_by, assessment.approved_at = life.manager, self.moment(day)
        assessment.sealed_data, assessment.sealed_sha256 = _SEALED, hashlib.sha256(_SEALED.encode()).hexdigest()
        assessment.mark_approved()
        self.rows.keep(assessment, at=self.moment(day), by=life.manager, reason="Godkendt")
        run.susi = _SUSI[verdict]
        for criterion in self._departed_from(assessment):
            self._deviation(assessment, criterion, day)
        return assessment

    def rests_on(self, decision: Decision, assessment: Any) -> None:
        if assessment:
            self.rows.add(DecisionGround(decision=decision, assessment=assessment))

    def under_way(self, life: Life, run: PhaseRun) -> None:
        if self.chance.random() > 0.3:
            return
        following = {Phase.SCREENING: Phase.MATURATION, Phase.MATURATION: Phase.TRIAL}
        begun = self.today - timedelta(days=self.chance.randrange(1, 30))
        assessment = self._begun(
            life, run, begun,
            to_phase=following.get(Phase(run.phase), Phase.DISSEMINATION),
            to_track=run.track or self.chance.choice(list(Track)),
        )  # fmt: skip
        for criterion in self._criteria(assessment)[:6]:
            rating = Rating(assessment=assessment, criterion=criterion, value=RatingValue.MET, version=1)
            rating.reasoning = self.text(40, life.initiative)
            rating.saved_by, rating.saved_at = assessment.created_by, assessment.created_at
            self.rows.add(rating)
        state = self.chance.choice([State.DRAFT, State.DRAFT, State.SUBMITTED, State.RETURNED])
        if state != State.DRAFT:
            self._submit(assessment, self.today)
        if state == State.RETURNED:
            assessment.returned_by, assessment.returned_at = life.manager, self.moment(self.today)
            assessment.return_remarks = self.text(20, life.initiative)
            assessment.mark_returned()

    def _begun(self, life: Life, run: PhaseRun, begun: date, *, to_phase: Phase, to_track: str) -> Assessment:
        initiative = life.initiative
        self.numbers_used[initiative.pk] = no = self.numbers_used.get(initiative.pk, 0) + 1
        writer = initiative.lead or self.chance.choice(self.leads)
        text = fold(self.text(550, life.initiative))  # some 4 kB: the reasoning of 13 criteria
        assessment = Assessment(
            initiative=initiative, run=run, no=no, document_no=no, edition=self.edition,
            from_stage=run.phase, from_track=run.track, to_phase=to_phase, to_track=to_track,
            created_by=writer, created_at=self.moment(begun), saved_at=self.moment(begun),
            search_text=text, search_words=search_words(text),
        )  # fmt: skip
        self.rows.add(assessment)
        self.rows.relate(assessment, "writers", [writer.pk])
        self.rows.keep(assessment, at=self.moment(begun), by=writer, reason="Påbegyndt")
        return assessment

    def _submit(self, assessment: Assessment, day: date) -> None:
        assessment.submitted_by, assessment.submitted_at = assessment.created_by, self.moment(day)
        assessment.mark_submitted()

    def _departed_from(self, assessment: Assessment) -> list[Criterion]:
        criteria = self._criteria(assessment)
        return self.chance.sample(criteria, min(len(criteria), self.chance.choice([0, 0, 1, 1, 2])))

    def _criteria(self, assessment: Assessment) -> list[Criterion]:
        return self.criteria[Phase(assessment.to_phase), Track(assessment.to_track)]

    def _deviation(self, assessment: Assessment, criterion: Criterion, day: date) -> None:
        states = [Deviation.State.OPEN, Deviation.State.SETTLED, Deviation.State.SETTLED, Deviation.State.FAILED]
        deviation = Deviation(
            initiative=assessment.initiative, assessment=assessment, criterion=criterion,
            professional=True, political=self.chance.random() < 0.2,
            reason=self.text(25, assessment.initiative), handling=self.text(25, assessment.initiative),
            owner=assessment.created_by, review_on=day + timedelta(days=self.chance.randrange(180, 900)),
            state=Deviation.State.OPEN,
        )  # fmt: skip
        deviation.search_text = search_words(f"{deviation.reason} {deviation.handling}")
        self.rows.add(deviation)
        self.rows.keep(deviation, at=self.moment(day), by=assessment.created_by, reason="Godkendt")
        deviation.state = self.chance.choice(states)
        judged = day + timedelta(days=150)
        if judged >= self.today:
            deviation.state = Deviation.State.OPEN
        elif deviation.state != Deviation.State.OPEN:
            self.rows.keep(deviation, at=self.moment(judged), by=assessment.created_by, reason="Vurderet")
