"""What comes next for an initiative, and what is missing for it. Read for the initiative's page."""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from assessments.actions.review import may_approve
from assessments.agenda import awaiting_decision, transition_to
from assessments.contents import Contents
from assessments.facts import findings_for
from assessments.models import Assessment
from phases.gates import Finding
from phases.machine import phases_after
from phases.terms import Outcome, Phase, Stage
from portfolio.access import may_write
from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from susi.roles import Role


@dataclass(frozen=True)
class Way:
    """A link on: what it says and where it leads."""

    label: str
    url: str


@dataclass
class NextStep:
    """`sentences` say what comes next; `ways` are what the person can do about it, the first being the main one.

    `findings` are what an assessment still lacks, where the person sees the draft (None: there is none to see).
    """

    sentences: list[str] = field(default_factory=list)
    remarks: str = ""
    ways: list[Way] = field(default_factory=list)
    assessment: Assessment | None = None
    findings: list[Finding] | None = None


def next_step(initiative: Initiative, user: User) -> NextStep:
    """Return the next step as `user` may know and do it; nothing of a draft to somebody who may not see it."""
    if initiative.has_ended:
        return NextStep(["Initiativet er afsluttet."])
    assessments = Assessment.objects.visible_to(user).filter(initiative=initiative)
    under_way = assessments.open().select_related("initiative", "edition", "returned_by").first()
    if under_way:
        step = _with_assessment(under_way, user)
    elif approved := awaiting_decision().filter(initiative=initiative).first():
        step = NextStep(
            [
                f"SUSI-vurderingen af overgang til {transition_to(approved)} er godkendt {_day(approved.approved_at)}.",
                "Nu mangler beslutningen om faseovergang.",
            ]
        )
    else:
        step = _without_assessment(initiative, user)
    if user.has_role(Role.MANAGER):
        step.ways.append(_to_decide(initiative))
    return step


def _with_assessment(assessment: Assessment, user: User) -> NextStep:
    about = f"SUSI-vurderingen af overgang til {transition_to(assessment)}"
    number = [assessment.initiative.number, assessment.no]
    read = reverse("assessments:detail", args=number)
    if assessment.state == Assessment.State.SUBMITTED:
        step = NextStep([f"{about} er indsendt {_day(assessment.submitted_at)} og venter på godkendelse."])
        label = "Læs, og tag stilling" if may_approve(user, assessment) else "Læs SUSI-vurderingen"
        step.ways.append(Way(label, read))
        return step
    step = NextStep([f"{about} er under udarbejdelse."], assessment=assessment)
    if assessment.state == Assessment.State.RETURNED:
        step.sentences = [f"{about} er sendt tilbage af {assessment.returned_by}."]
        step.remarks = assessment.return_remarks
    step.findings = findings_for(Contents(assessment))
    if may_write(user, assessment.initiative):
        step.ways.append(Way("Fortsæt på SUSI-vurderingen", reverse("assessments:gate", args=number)))
    else:
        step.ways.append(Way("Se kladden", read))
    return step


def _without_assessment(initiative: Initiative, user: User) -> NextStep:
    """What comes next where no assessment is under way (as far as `user` may know) nor waits for a decision."""
    writes = may_write(user, initiative)
    start = Way("Påbegynd SUSI-vurdering", reverse("assessments:start", args=[initiative.number]))
    if initiative.is_proposal:
        step = NextStep(["Forslaget begynder, når det er besluttet. En leder registrerer beslutningen."])
        if writes:
            step.sentences.append("Skal det begynde i en senere fase end screening, kræver det en SUSI-vurdering.")
            step.ways.append(start)
        return step
    if initiative.phase == Stage.DISSEMINATION:
        return NextStep(
            [
                "Udbredelse er den sidste fase. Der foretages ikke SUSI-vurdering.",
                "Når udbredelsen er slut, registreres det som en beslutning.",
            ]
        )
    waits = {
        Outcome.RECOMMENDED: "Initiativet er indstillet til en kommende aftale.",
        Outcome.AWAITING: "Initiativet afventer.",
    }
    outcome = initiative.current_run.outcome if initiative.current_run else ""
    sentences = [waits[Outcome(outcome)]] if outcome in waits else []
    following = phases_after(initiative.phase)[0].definite
    sentences.append(f"Overgang til {following} kræver en godkendt SUSI-vurdering og en beslutning om faseovergang.")
    step = NextStep(sentences)
    if writes:
        step.ways.append(start)
    elif initiative.lead_id is None:
        step.sentences.append("Der er ikke udpeget en initiativansvarlig, som kan påbegynde den.")
    return step


def _day(moment: datetime | None) -> str:
    return danish(moment) if moment else ""


def _to_decide(initiative: Initiative) -> Way:
    if initiative.is_proposal:
        label = "Registrér beslutning om at begynde"
    elif initiative.phase == Phase.DISSEMINATION:
        label = "Registrér, at initiativet er afsluttet"
    else:
        label = "Registrér beslutning om faseovergang"
    return Way(label, reverse("assessments:decision_create", args=[initiative.number]))
