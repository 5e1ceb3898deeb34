"""Rows for the tests: small, whole and true to the rules."""

import datetime
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory

from assessments.actions import drafting, review
from assessments.agenda import Task
from assessments.inputs import CriterionInput, DeviationInput
from assessments.models import Assessment
from phases.models import Criterion, DeliverableType, Edition, EntryCondition, PhaseDefinition, Theme, TrackDefinition
from phases.terms import Ground, Outcome, Phase, RatingValue, Recommendation, SusiStatement, Track, Verdict
from portfolio.models import Agreement, Initiative, PhaseRun, Programme
from portfolio.transitions import follow_runs
from susi.dates import COPENHAGEN, Precision
from susi.models import User
from susi.roles import Role

PASSWORD = "Eksempel-2026"
SOURCE = "Eksempel på en kilde"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"bruger{n}")
    first_name = "Eksempel"
    last_name = factory.Sequence(lambda n: f"Bruger {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def roles(self, create: bool, extracted: tuple[Role, ...] | None, **kwargs: Any) -> None:
        self.groups.set(Group.objects.get_or_create(name=role.value)[0] for role in extracted or ())


def task_due(day: datetime.date) -> Task:
    """Return something to do by `day`, about no initiative in the database."""
    return Task("2026-001", "Eksempel", "Følg op", "/", key="review:1", due=day)


def noon(day: datetime.date) -> datetime.datetime:
    """Return twelve o'clock on `day` in Copenhagen."""
    return datetime.datetime.combine(day, datetime.time(12), tzinfo=COPENHAGEN)


def person(*roles: Role, **values: Any) -> User:
    """Return a new user with `roles`."""
    return UserFactory(roles=roles, **values)


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    key = factory.Sequence(lambda n: f"eksempel-{n}")
    name = factory.Sequence(lambda n: f"Eksempelprogram {n}")


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = Agreement

    programme = factory.SubFactory(ProgrammeFactory)
    year = 2025


class InitiativeFactory(DjangoModelFactory):
    """A proposal; with `stage` it stands in that phase since 2024, on `track`, as an imported source says."""

    class Meta:
        model = Initiative
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"2026-{n % 1000:03d}")
    title = factory.Sequence(lambda n: f"Eksempel: initiativ {n}")
    lead = factory.LazyFunction(lambda: person(Role.LEAD))

    @factory.post_generation
    def stage(self, create: bool, extracted: Phase | None, track: str | None = None, **kwargs: Any) -> None:
        if extracted is None:
            return
        chosen = track if track is not None else ("" if extracted == Phase.SCREENING else Track.ONE)
        last = extracted == Phase.DISSEMINATION
        PhaseRun.objects.create(
            initiative=self,
            sequence=1,
            phase=extracted,
            track=chosen,
            state=PhaseRun.State.OPEN,
            started_on=datetime.date(2024, 1, 1),
            started_on_precision=Precision.DAY,
            source=SOURCE,
            stated_outcome=Outcome.FINAL if last else Outcome.NOT_ENDED,
            outcome=Outcome.FINAL if last else Outcome.NOT_ENDED,
            stated_susi=SusiStatement.FINAL if last else SusiStatement.NOT_ENDED,
            susi=SusiStatement.FINAL if last else SusiStatement.NOT_ENDED,
        )
        follow_runs(self, by=None, reason="Indlæst")


def initiative_in(stage: Phase | None, track: str | None = None, **values: Any) -> Initiative:
    """Return an initiative standing in `stage` (None: a proposal)."""
    return InitiativeFactory(stage=stage, stage__track=track, **values)


def rulebook(number: str = "9.0", valid_from: datetime.date = datetime.date(2020, 1, 1)) -> Edition:
    """Return a small published edition: per gate two themes with three criteria, one of each kind in spor 2."""
    edition = Edition.objects.create(
        number=number, name=f"Eksempelregelsæt {number}", valid_from=valid_from, source="Eksempel"
    )
    for no in (1, 2):
        EntryCondition.objects.create(
            edition=edition, no=no, code=f"B{no}", heading=f"Betingelse {no}", text="Ordlyd", source="Eksempel"
        )
    for phase, letter in ((Phase.MATURATION, "M"), (Phase.TRIAL, "A"), (Phase.DISSEMINATION, "U")):
        _gate(edition, phase, letter)
    typical_deliverables(edition)
    edition.published_at = timezone.now()
    edition.save()
    return edition


def _gate(edition: Edition, phase: Phase, letter: str) -> None:
    first = Theme.objects.create(edition=edition, phase=phase, no=1, heading="Første tema", source="Eksempel")
    second = Theme.objects.create(edition=edition, phase=phase, no=2, heading="Andet tema", source="Eksempel")
    Criterion.objects.create(theme=first, no=1, code=f"{letter}1.1", wording="Samme i begge spor", source="Eksempel")
    Criterion.objects.create(
        theme=first,
        no=2,
        code=f"{letter}1.2",
        wording="Ordlyd i spor 1",
        track2=Criterion.TrackTwo.OWN,
        wording_track2="Ordlyd i spor 2",
        source="Eksempel",
    )
    Criterion.objects.create(
        theme=second,
        no=1,
        code=f"{letter}2.1",
        wording="Kun i spor 1",
        track2=Criterion.TrackTwo.NONE,
        source="Eksempel",
    )


def typical_deliverables(edition: Edition) -> None:
    """Give the draft two typical deliverables in each phase, and in modning three to weigh, two of a track."""
    made = [
        DeliverableType(
            edition=edition,
            phase=phase,
            no=no,
            letter=letter,
            code=f"{first}-{letter}",
            name=f"Leverance {letter} i {phase.definite}",
            heading=f"Leverance {letter}",
            description="Beskrivelse",
            track1_note="Mere i spor 1",
            documents=[f"{gate}1.{no}"] if gate else [],
            source="Eksempel",
        )
        for phase, first, gate in zip(Phase, "SMAU", ["M", "A", "U", ""], strict=True)
        for no, letter in enumerate("ab", start=1)
    ]
    for no, (code, track) in enumerate([("M-midtvejs", ""), ("M-pilot", Track.ONE), ("M-proeve", Track.TWO)], start=3):
        name = code.removeprefix("M-").capitalize()
        made.append(
            DeliverableType(
                edition=edition,
                phase=Phase.MATURATION,
                no=no,
                code=code,
                name=name,
                heading=name,
                description="Beskrivelse",
                track=track,
                is_weighed=True,
                source="Eksempel",
            )
        )
    DeliverableType.objects.bulk_create(made)


def describe(edition: Edition) -> Edition:
    """Describe the phases and tracks of a draft, as a published edition must."""
    for phase in Phase:
        PhaseDefinition.objects.create(
            edition=edition, phase=phase, purpose="Formål", typical_length="1 år", source="Eksempel"
        )
    for track in Track:
        TrackDefinition.objects.create(
            edition=edition,
            track=track,
            name="Eksempel",
            definition="Definition",
            characteristics=["Første kendetegn", "Andet kendetegn"],
            source="Eksempel",
        )
    return edition


def deviation_input(owner: User, **values: Any) -> DeviationInput:
    """Return a whole fravigelse."""
    return DeviationInput(
        **{
            "grounds": [Ground.PROFESSIONAL],
            "reason": "Datagrundlaget er spinkelt.",
            "handling": "Data indsamles i den næste fase.",
            "owner": owner,
            "review_on": datetime.date(2027, 6, 1),
            **values,
        }
    )


def rate_all(
    assessment: Assessment,
    by: User,
    *,
    departed: tuple[str, ...] = (),
    explained: bool = True,
    value: RatingValue = RatingValue.PARTLY,
) -> None:
    """Rate every criterion as met, but those in `departed` as `value`, with a fravigelse where `explained`."""
    for criterion in assessment.criteria():
        departs = criterion.code in departed
        rating = assessment.ratings.filter(criterion=criterion).first()
        drafting.save_criterion(
            assessment=assessment,
            criterion=criterion,
            by=by,
            version=rating.version if rating else 0,
            written=CriterionInput(
                value=value if departs else RatingValue.MET,
                reasoning=f"Begrundelse for {criterion.code}.",
                deviation=deviation_input(by) if departs and explained else DeviationInput(),
            ),
        )


def conclude(assessment: Assessment, by: User, **values: Any) -> Assessment:
    """Write the whole conclusion, recommending to go on unless `values` say otherwise."""
    assessment.refresh_from_db(fields=["conclusion_version"])
    return drafting.save_conclusion(
        assessment=assessment,
        by=by,
        version=assessment.conclusion_version,
        **{
            "verdict": Verdict.YES,
            "conclusion": "Indsatsen er velbeskrevet.",
            "recommendation": Recommendation.CONTINUE,
            "fast_track": False,
            "fast_track_text": "Viden er endnu ikke moden til formidling.",
            **values,
        },
    )


def draft_of(
    initiative: Initiative, *, to_phase: Phase, to_track: str = Track.ONE, by: User | None = None
) -> Assessment:
    """Return a new draft, begun by the lead."""
    return drafting.start_assessment(
        initiative=initiative, by=by or initiative.lead, to_phase=to_phase, to_track=to_track
    )


def complete_draft(
    initiative: Initiative,
    *,
    to_phase: Phase,
    to_track: str = Track.ONE,
    departed: tuple[str, ...] = (),
    explained: bool = True,
    **conclusion: Any,
) -> Assessment:
    """Return a draft with nothing missing, written by the lead."""
    assessment = draft_of(initiative, to_phase=to_phase, to_track=to_track)
    rate_all(assessment, initiative.lead, departed=departed, explained=explained)
    conclude(assessment, initiative.lead, **conclusion)
    return assessment


def submitted(initiative: Initiative, **values: Any) -> Assessment:
    """Return a submitted assessment."""
    assessment = complete_draft(initiative, **values)
    review.submit(assessment=assessment, by=initiative.lead)
    return Assessment.objects.get(pk=assessment.pk)


def approved(initiative: Initiative, *, manager: User, **values: Any) -> Assessment:
    """Return an approved and sealed assessment."""
    assessment = submitted(initiative, **values)
    snapshot = assessment.snapshots.get(no=1)
    return review.approve(assessment=assessment, by=manager, sha256=snapshot.sha256)
