"""What comes next for an initiative, and what is missing for it. Read for the initiative's page."""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from assessments.actions.review import may_approve
from assessments.addresses import Missing, with_addresses
from assessments.agenda import transition_to
from assessments.contents import Contents
from assessments.facts import findings_for
from assessments.models import Assessment, Deviation
from phases.machine import phases_after
from phases.terms import Outcome, Phase, Stage
from portfolio.access import may_write
from portfolio.models import Initiative
from portfolio.outlook import latest_decisions
from susi.dates import danish
from susi.models import User
from susi.roles import Role


@dataclass(frozen=True)
class Way:
    """A link on: what it says and where it leads. The main one is what should happen now."""

    label: str
    url: str
    is_main: bool = True


@dataclass
class NextStep:
    """`sentences` say what comes next; `ways` are what the person can do about it.

    `findings` are what an assessment still lacks, where the person sees the draft (None: there is none to see); they
    lead to the fields for whoever may write there. `open_deviations` are the initiative's, where they had to be read
    for that.
    """

    sentences: list[str] = field(default_factory=list)
    remarks: str = ""
    ways: list[Way] = field(default_factory=list)
    findings: list[Missing] | None = None
    open_deviations: list[Deviation] | None = None
    decision_is_next: bool = False


def next_step(initiative: Initiative, user: User, assessments: list[Assessment]) -> NextStep:
    """Return the next step as `user` may know and do it. `assessments` are those the person may read: what is
    under way elsewhere is not told."""
    if initiative.has_ended:
        return NextStep(["Initiativet er afsluttet."])
    under_way = next((one for one in assessments if one.state in Assessment.OPEN), None)
    if under_way:
        step = _with_assessment(under_way, user)
    elif approved := next((one for one in assessments if _is_of_present_phase(one, initiative, assessments)), None):
        step = _with_approved(approved, _waits(initiative))
    else:
        step = _without_assessment(initiative, user)
    if user.has_role(Role.MANAGER):
        step.ways.append(_to_decide(initiative, is_main=step.decision_is_next))
    return step


def _is_of_present_phase(assessment: Assessment, initiative: Initiative, assessments: list[Assessment]) -> bool:
    """The rule of `models.assessment.of_present_phase`, told from all approved ones of the initiative."""
    corrected = {one.corrects_id for one in assessments if one.is_approved}
    is_newest = assessment.is_approved and assessment.pk not in corrected
    return is_newest and assessment.run_id == initiative.current_run_id


def _of(assessment: Assessment) -> str:
    """Begin a sentence about the assessment. A track stands between two commas."""
    is_new_version = assessment.is_correction and not assessment.is_approved
    what = "Den nye version af SUSI-vurderingen" if is_new_version else "SUSI-vurderingen"
    return f"{what} af overgang til {transition_to(assessment)}{',' if assessment.to_track else ''}"


def _with_approved(approved: Assessment, waits: str) -> NextStep:
    about = f"{_of(approved)} er godkendt {_day(approved.approved_at)}."
    then = "Når det er afklaret, registreres beslutningen om faseovergang." if waits else ""
    sentences = [about, waits or "Nu mangler beslutningen om faseovergang.", then]
    return NextStep([sentence for sentence in sentences if sentence], decision_is_next=True)


def _with_assessment(assessment: Assessment, user: User) -> NextStep:
    about = _of(assessment)
    number = [assessment.initiative.number, assessment.no]
    read = reverse("assessments:detail", args=number)
    if assessment.state == Assessment.State.SUBMITTED:
        step = NextStep([f"{about} er indsendt {_day(assessment.submitted_at)} og venter på godkendelse."])
        approves = may_approve(user, assessment)
        label = "Læs, og tag stilling" if approves else "Læs SUSI-vurderingen"
        if user.has_role(Role.MANAGER) and not approves:
            step.sentences.append("Du har selv skrevet på den. En anden leder skal tage stilling (fire øjne).")
        step.ways.append(Way(label, read))
        return step
    step = NextStep([f"{about} er under udarbejdelse."])
    if assessment.state == Assessment.State.RETURNED:
        step.sentences = [f"{about} er sendt tilbage af {assessment.returned_by}."]
        step.remarks = assessment.return_remarks
    contents = Contents(assessment)
    findings = findings_for(contents)
    step.open_deviations = contents.open_deviations
    step.findings = [Missing(finding.sentence, "") for finding in findings]
    if may_write(user, assessment.initiative):
        step.findings = with_addresses(contents, findings)
        step.ways.append(Way("Fortsæt på SUSI-vurderingen", reverse("assessments:gate", args=number)))
    else:
        step.ways.append(Way("Se kladden", read))
    return step


def _without_assessment(initiative: Initiative, user: User) -> NextStep:
    """What comes next where no assessment is under way (as far as `user` may know) nor waits for a decision."""
    writes = may_write(user, initiative)
    start = reverse("assessments:start", args=[initiative.number])
    if initiative.is_proposal:
        begins = "Forslaget begynder, når det er besluttet. En leder registrerer beslutningen."
        step = NextStep([*_what_a_proposal_waits_for(initiative), begins])
        if writes:
            step.sentences.append("Skal det begynde i en senere fase end screening, kræver det en SUSI-vurdering.")
            step.ways.append(Way("Påbegynd SUSI-vurdering", start, is_main=False))
        step.decision_is_next = True
        return step
    if initiative.phase == Stage.DISSEMINATION:
        sentences = [
            "Udbredelse er den sidste fase. Der foretages ikke SUSI-vurdering.",
            "Når udbredelsen er slut, registreres det som en beslutning.",
        ]
        return NextStep(sentences, decision_is_next=True)
    here, following = Phase(initiative.phase).definite, phases_after(initiative.phase)[0].definite
    needed = f"Overgang til {following} kræver en godkendt SUSI-vurdering og en beslutning om faseovergang."
    step = NextStep([sentence for sentence in (_waits(initiative), needed) if sentence])
    if writes:
        step.sentences.append("Det, I arbejder med i fasen, følger med ind i SUSI-vurderingen som dokumentation.")
        step.ways.append(Way(f"Gå til arbejdet i {here}", reverse("work:phase", args=[initiative.number])))
        step.ways.append(Way("Påbegynd SUSI-vurdering", start, is_main=False))
    elif initiative.lead_id is None:
        step.sentences.append("Der er ikke udpeget en initiativansvarlig, som kan påbegynde den.")
    return step


def _waits(initiative: Initiative) -> str:
    """Return the sentence on what it waits for, "" where it waits for nothing."""
    outcome = initiative.current_run.outcome if initiative.current_run else ""
    waits = {
        Outcome.RECOMMENDED: "Initiativet er indstillet til en kommende aftale.",
        Outcome.AWAITING: "Initiativet afventer.",
    }
    return next((sentence for code, sentence in waits.items() if code == outcome), "")


def _what_a_proposal_waits_for(initiative: Initiative) -> list[str]:
    latest = latest_decisions(initiative).select_related("agreement__programme").first()
    if latest is None or latest.outcome != Outcome.RECOMMENDED:
        return []
    return [f"Forslaget er indstillet til {latest.agreement}."]


def _day(moment: datetime | None) -> str:
    return danish(moment) if moment else ""


def _to_decide(initiative: Initiative, *, is_main: bool) -> Way:
    if initiative.is_proposal:
        label = "Registrér beslutning om at begynde"
    elif initiative.phase == Phase.DISSEMINATION:
        label = "Registrér, at initiativet er afsluttet"
    else:
        label = "Registrér beslutning om faseovergang"
    return Way(label, reverse("assessments:decision_create", args=[initiative.number]), is_main)
