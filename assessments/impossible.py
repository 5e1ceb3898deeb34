"""What no explanation makes possible of a decision on a transition, as the initiatives and their dates stand."""

from datetime import date

from django.utils import timezone

from assessments.inputs import ContinueIn, DecisionInput
from phases.gates import Finding, may_split
from phases.machine import phases_after
from phases.terms import Outcome, Phase, Stage
from portfolio.models import Initiative
from portfolio.models.decision import DecidedSoFar
from susi.dates import Precision, danish


def impossible(
    initiative: Initiative,
    merged: list[Initiative],
    existing: Initiative | None,
    wanted: DecisionInput,
    before: dict[int, DecidedSoFar],
) -> list[Finding]:
    """Return what no explanation makes possible; each finding is named by the field it concerns.

    `before` is what was decided so far of each of the initiatives, by primary key.
    """
    findings = []
    if initiative in merged or existing in [initiative, *merged]:
        sentence = "Et initiativ kan ikke videreføres i eller sammen med sig selv."
        findings.append(Finding("continue_in", "", sentence))
    findings.extend(_impossible_date([initiative, *merged], wanted.decided_on, before))
    if wanted.outcome != Outcome.CONTINUED:
        if merged:
            findings.append(Finding("merged", "", "Kun en videreførelse kan gælde flere initiativer."))
        return findings
    for one in [initiative, *merged]:
        goes_back = wanted.to_phase and Phase(wanted.to_phase) not in phases_after(one.phase)
        if goes_back and one.phase != Stage.DISSEMINATION:
            label = Phase(wanted.to_phase).definite
            sentence = f"{one.number} kan ikke overgå til {label}: Man går ikke tilbage til en tidligere fase."
            findings.append(Finding("to_phase", "", sentence))
    return [
        *findings,
        *_impossible_target([initiative, *merged], existing, wanted),
        *_impossible_split(initiative, wanted),
    ]


def _impossible_split(initiative: Initiative, wanted: DecisionInput) -> list[Finding]:
    if not wanted.split_title.strip() or may_split(
        stage=initiative.phase,
        from_track=initiative.track,
        outcome=wanted.outcome,
        to_phase=wanted.to_phase,
        to_track=wanted.to_track,
        stays_itself=wanted.continue_in == ContinueIn.SAME,
    ):
        return []
    sentence = (
        "Et udvalg kan kun udskilles efter modning i spor 2, når helheden selv fortsætter til afprøvning i spor 2. "
        "Fortsætter kun udvalget, skifter initiativet spor."
    )
    return [Finding("split_title", "", sentence)]


def _impossible_target(
    initiatives: list[Initiative], existing: Initiative | None, wanted: DecisionInput
) -> list[Finding]:
    findings = []
    elsewhere = wanted.continue_in != ContinueIn.SAME
    if any(one.is_proposal for one in initiatives) and (elsewhere or len(initiatives) > 1):
        sentence = "Et forslag begynder selv. Det kan ikke videreføres i et andet initiativ."
        findings.append(Finding("continue_in", "", sentence))
    if wanted.continue_in == ContinueIn.NEW and not wanted.new_title.strip():
        findings.append(Finding("new_title", "", "Skriv titlen på det nye initiativ."))
    if wanted.continue_in == ContinueIn.EXISTING:
        if existing is None:
            findings.append(Finding("existing", "", "Vælg det initiativ, der videreføres i."))
        elif existing.phase != wanted.to_phase or existing.track not in ("", wanted.to_track):  # "" is unknown
            sentence = f"{existing.number} er ikke i den fase og det spor, der overgås til."
            findings.append(Finding("existing", "", sentence))
    if wanted.then_phase and elsewhere:
        sentence = "To faser kan kun gennemføres samlet i initiativet selv."
        findings.append(Finding("then_phase", "", sentence))
    elif wanted.then_phase and not (wanted.to_phase and Phase(wanted.to_phase).precedes(Phase(wanted.then_phase))):
        sentence = "Den anden af to samlede faser skal ligge efter den første."
        findings.append(Finding("then_phase", "", sentence))
    return findings


def _impossible_date(initiatives: list[Initiative], decided_on: date, before: dict[int, DecidedSoFar]) -> list[Finding]:
    if decided_on > timezone.localdate():
        sentence = "Beslutningens dato ligger i fremtiden. Skriv den dag, beslutningen blev truffet."
        return [Finding("decided_on", "", sentence)]
    findings = []
    for initiative in initiatives:
        run = initiative.current_run
        if run and run.started_on and run.started_on_precision == Precision.DAY and decided_on < run.started_on:
            sentence = (
                f"{initiative.number} begyndte den nuværende fase {danish(run.started_on)}. "
                "Beslutningen kan ikke ligge før."
            )
            findings.append(Finding("decided_on", "", sentence))
        latest = before[initiative.pk].last_day
        if latest and decided_on < latest:
            sentence = (
                f"Der er allerede registreret en beslutning af {danish(latest)} om {initiative.number}. "
                "En ny kan ikke ligge før den."
            )
            findings.append(Finding("decided_on", "", sentence))
    return findings
