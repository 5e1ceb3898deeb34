"""The portfolio as Bilag 1 presents it. The only place where its sentences are made, from the structured data."""

from operator import attrgetter

from django.db.models import F, Prefetch

from phases.terms import Outcome, Phase, Stage, SusiStatement
from portfolio.models import Continuation, Decision, Initiative, PhaseRun
from portfolio.models.initiative import InitiativeQuerySet
from portfolio.standing import standing
from susi.dates import Precision, read
from susi.models import User

_FINAL = "Udbredelsesinitiativer kan ikke videreføres"
_ENDED = {Precision.DAY: "den", Precision.MONTH: "i", Precision.YEAR: "med udgangen af"}
_SUSI = {
    "": "",
    SusiStatement.NOT_ENDED: "-",
    SusiStatement.YES: "Ja til begge",
    SusiStatement.YES_PARTLY: "Ja og delvist",
    SusiStatement.YES_NO: "Ja og nej",
    SusiStatement.NO: "Nej",
    SusiStatement.FINAL: "Der foretages ikke SUSI-vurdering af udbredelsesinitiativer",
}


def begun(user: User | None = None) -> InitiativeQuerySet:
    """Return every initiative that has begun, by programme, those without one last, and by number.

    What the rows say is fetched along, and `standing`. With `user` only what that person may see, and know of.
    """
    initiatives = Initiative.objects.visible_to(user) if user else Initiative.objects.all()
    decisions = Decision.objects.as_read_by(user) if user else Decision.objects.select_related("awaits")
    return (
        initiatives.exclude(phase=Stage.PROPOSAL)
        .filter(current_run__isnull=False)
        .annotate(standing=standing())
        .select_related("programme", "current_run__stated_agreement")
        .prefetch_related(
            "agreements",
            "runs",
            Prefetch("current_run__decisions", decisions.select_related("agreement")),
            "continued_in__decision__agreement",
            "continued_in__to_initiative__agreements",
        )
        .order_by(F("programme__since").asc(nulls_last=True), F("programme_id").asc(nulls_last=True), "number")
    )


def initiatives() -> InitiativeQuerySet:
    """Return those of `begun` that belong to a programme: the rows of Bilag 1 as it is published."""
    return begun().filter(programme__isnull=False)


def carried_forward(run: PhaseRun, links: list[Continuation] | None = None) -> str:
    """Return what became of the initiative after `run`, as Bilag 1 says it; "-" not ended, "" not stated.

    `links` are what continues the initiative, fetched where they are not given.
    """
    decision = _latest_decision(run)
    reason = decision.reason if decision else run.stated_reason
    match run.outcome:
        case Outcome.NOT_ENDED:
            return "-"
        case Outcome.CONTINUED:
            return f"Ja ({_targets(run, decision, links)})"
        case Outcome.STOPPED if decision and run.phase == Phase.DISSEMINATION:
            return _FINAL
        case Outcome.STOPPED:
            return _sentences("Nej", reason)
        case Outcome.RECOMMENDED:
            agreement = decision.agreement if decision else run.stated_agreement
            coming = f" i {agreement.short_name}" if agreement else ""
            return f"Initiativet indstilles til videreførelse{coming}."
        case Outcome.AWAITING:
            return " ".join(filter(None, [_ended(run), _sentences(_awaited(decision), reason)]))
        case Outcome.FINAL:
            return _FINAL
        case _:
            return ""


def susi(run: PhaseRun) -> str:
    """Return whether a SUSI-vurdering was made of `run` and what it found, as Bilag 1 says it."""
    note = run.stated_susi_note if run.susi == run.stated_susi else ""
    return _sentences(_SUSI[run.susi], note)


COLUMNS = {
    "programme": lambda initiative: initiative.programme.name,
    "title": lambda initiative: initiative.title,
    "phase": lambda initiative: initiative.phase_label,
    "agreement": lambda initiative: initiative.agreement_names(),
    "carried_forward": lambda initiative: carried_forward(
        initiative.current_run, links=list(initiative.continued_in.all())
    ),
    "susi": lambda initiative: susi(initiative.current_run),
}


def _latest_decision(run: PhaseRun) -> Decision | None:
    decisions = [decision for decision in run.decisions.all() if not decision.is_reversed]
    return max(decisions, key=lambda decision: (decision.decided_on, decision.pk), default=None)


def _targets(run: PhaseRun, decision: Decision | None, links: list[Continuation] | None) -> str:
    """Return title and agreement of every initiative that continues this one; its own where it goes on itself."""
    if links is None:
        links = list(run.initiative.continued_in.select_related("to_initiative", "decision__agreement"))
    onwards = [link for link in sorted(links, key=attrgetter("pk")) if not (link.is_annulled or link.is_split)]
    targets = [_cited(link.title, _agreement(link)) for link in onwards]
    if targets:
        return "; ".join(targets)
    return _cited(run.initiative.title, decision.agreement.short_name if decision and decision.agreement else "")


def _agreement(link: Continuation) -> str:
    if link.decision and link.decision.agreement:
        return link.decision.agreement.short_name
    return link.to_initiative.agreement_names()


def _cited(title: str, agreement: str) -> str:
    return ", ".join(filter(None, [title, agreement]))


def _awaited(decision: Decision | None) -> str:
    """Return which initiative and agreement the decision awaits; "" where it names none."""
    if decision is None:
        return ""
    awaited = []
    if decision.awaits:
        awaited.append(decision.awaits.title)
    elif decision.awaits_hidden:
        awaited.append("et andet initiativ")
    if decision.agreement:
        awaited.append(decision.agreement.short_name)
    return f"Afventer {' og '.join(awaited)}" if awaited else ""


def _ended(run: PhaseRun) -> str:
    ended = read(run, "ended_on")
    return f"Initiativet blev afsluttet {_ENDED[ended.precision]} {ended}." if ended else ""


def _sentences(*parts: str) -> str:
    return ". ".join(part for part in parts if part)
