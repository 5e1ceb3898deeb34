"""A whole case for the bench: a SUSI-vurdering of the transition to modning with 13 criteria, five of them
departed from.

Made by the actions people use. Needs the people of `generate_portfolio`.
"""

from datetime import timedelta

from assessments.actions import decisions, drafting, review
from assessments.inputs import CriterionInput, DecisionInput, DeviationInput
from assessments.models import Assessment
from phases.models import Edition
from phases.terms import Ground, Outcome, Phase, RatingValue, Recommendation, Track, Verdict
from portfolio import actions
from portfolio.models import Decision, Initiative
from susi.days import today
from susi.models import User
from susi.roles import Role

DEPARTED_FROM = 5
_TEXT = "Eksempel: Indsatsen er beskrevet sammen med to kommuner og prøvet i mindre skala. " * 4


def person(role: Role) -> User:
    """Return the person of `role` who does it all."""
    return User.objects.filter(groups__name=role.value).order_by("pk")[0]


def drafted(lead: User, manager: User) -> Assessment:
    """Return a draft with nothing missing, of a new initiative in screening."""
    title = f"Eksempel: Målt sag {Initiative.objects.count()}"
    initiative = actions.create_initiative(by=lead, title=title)
    decide(initiative, manager, to_phase=Phase.SCREENING)
    initiative = Initiative.objects.get(pk=initiative.pk)
    assessment = drafting.start_assessment(
        initiative=initiative, by=lead, to_phase=Phase.MATURATION, to_track=Track.ONE
    )
    for place, criterion in enumerate(assessment.criteria()):
        written = _departed_from(lead) if place < DEPARTED_FROM else CriterionInput(RatingValue.MET, _TEXT)
        drafting.save_criterion(assessment=assessment, criterion=criterion, by=lead, version=0, written=written)
    drafting.save_conclusion(
        assessment=assessment,
        by=lead,
        version=0,
        verdict=Verdict.YES,
        conclusion=_TEXT,
        recommendation=Recommendation.CONTINUE,
        fast_track=False,
        fast_track_text=_TEXT,
    )
    return assessment


def approved(lead: User, manager: User) -> Assessment:
    """Return a sealed assessment whose decision is the next thing to do."""
    snapshot = review.submit(assessment=drafted(lead, manager), by=lead)
    return review.approve(assessment=snapshot.assessment, by=manager, sha256=snapshot.sha256)


def decide(initiative: Initiative, manager: User, *, to_phase: Phase, to_track: str = "") -> Decision:
    """Register the decision that it goes on in `to_phase`."""
    enters = initiative.is_proposal
    conditions = Edition.objects.current().entry_conditions.all() if enters else []
    wanted = DecisionInput(
        outcome=Outcome.CONTINUED,
        decided_by=Decision.DecidedBy.AGENCY,
        decided_on=today(),
        to_phase=to_phase,
        to_track=to_track,
        reason="Eksempel: Besluttet på mødet.",
        entry=dict.fromkeys(conditions, (True, "")),
    )
    seen = decisions.last_decision_no(initiative)
    return decisions.register_decision(initiative=initiative, by=manager, seen=seen, wanted=wanted)


def _departed_from(owner: User) -> CriterionInput:
    deviation = DeviationInput(
        grounds=[Ground.PROFESSIONAL],
        reason=_TEXT,
        handling=_TEXT,
        owner=owner,
        review_on=today() + timedelta(days=200),
    )
    return CriterionInput(RatingValue.PARTLY, _TEXT, deviation=deviation)
