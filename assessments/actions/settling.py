"""Settling an agreement's year in one act: what was prioritised goes on, what fell out stops or waits for the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from assessments.actions.decisions import DecisionInput, grounds_for, register_decision
from phases.models import Edition
from phases.terms import Outcome, Phase
from portfolio.access import may_write, require_role
from portfolio.actions import lock, lock_all
from portfolio.models import Agreement, AgreementEntry, Decision, Initiative
from portfolio.outlook import recommended_for
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

Result = AgreementEntry.Result
TO_SETTLE = "afgøre, hvad en aftale prioriterer"
_EMPTY = "Du har ikke skrevet et beløb eller en bemærkning, så der er ikke gemt noget."
_UNCHANGED = "Du har ikke ændret beløbet eller bemærkningen, så der er ikke gemt noget."


@dataclass(frozen=True)
class RowInput:
    """What came of one initiative. `seen` and `seen_ground` are its newest decision and the assessment the page showed.

    `entry_met`: all conditions for entering the model are met; asked of a proposal that begins in screening.
    """

    initiative: Initiative
    seen: int
    seen_ground: int
    result: str
    prioritised: int | None = None
    reason: str = ""
    entry_met: bool = False


@dataclass(frozen=True)
class SettlementInput:
    """`next_agreement` is what those that fell out are recommended for instead."""

    decided_by: str
    decided_on: date
    rows: Sequence[RowInput]
    next_agreement: Agreement | None = None


@transaction.atomic
def set_amount(
    *, initiative: Initiative, agreement: Agreement, by: User, version: int, sought: int | None, note: str
) -> AgreementEntry:
    """Say what is sought for the initiative under the agreement; by those who write on it, and managers.

    `version` is that of the entry as the page showed it, 0 for none. Raises `NotAllowed`, `Conflict` where somebody
    saved since, or `Refused` where it is not recommended for the agreement or nothing is changed.
    """
    initiative = lock(initiative)
    if not may_set_amount(by, initiative):
        raise NotAllowed("Kun ledere og de, der skriver på initiativet, kan skrive det søgte beløb.")
    entry = AgreementEntry.objects.filter(initiative=initiative, agreement=agreement).first()
    entry = entry or AgreementEntry(initiative=initiative, agreement=agreement)
    if entry.version != version:
        raise Conflict("En anden har gemt beløbet imens. Det, du skrev, står her endnu. Sammenlign, og gem igen.")
    if not _waits_for(agreement, initiative):
        raise Refused(f"{initiative.number} er ikke længere indstillet til {agreement}.")
    if (entry.sought, entry.note) == (sought, note):
        raise Refused(_UNCHANGED if entry.pk else _EMPTY)
    entry.sought, entry.note = sought, note
    entry.version += 1
    save_with_reason(entry, by=by, reason="Søgt beløb skrevet")
    return entry


def may_set_amount(user: User, initiative: Initiative) -> bool:
    return user.has_role(Role.MANAGER) or may_write(user, initiative)


@transaction.atomic
def settle(*, agreement: Agreement, by: User, wanted: SettlementInput) -> list[Decision]:
    """Register what came of the negotiation for every row, or for none.

    Raises `NotAllowed`; or, with every reason there is, each named by its initiative: `Conflict` where a decision or an
    assessment came since the page was read (a second click), else `Refused`. Then nothing is written.
    """
    require_role(by, Role.MANAGER, TO_SETTLE)
    if not wanted.rows:
        raise Refused("Vælg, hvad der blev af mindst ét initiativ.")
    locked = lock_all(row.initiative for row in wanted.rows)
    decisions: list[Decision] = []
    sentences: list[str] = []
    overtaken = False
    for row in wanted.rows:
        initiative = locked[row.initiative.pk]
        try:
            with transaction.atomic():
                decisions.append(_settle_one(initiative, agreement, by, row, wanted))
        except Refused as refused:
            overtaken |= isinstance(refused, Conflict)
            sentences += [_named(initiative, sentence) for sentence in refused.sentences]
    if sentences:
        raise (Conflict if overtaken else Refused)(*sentences)
    return decisions


def _named(initiative: Initiative, sentence: str) -> str:
    return sentence if sentence.startswith(initiative.number) else f"{initiative.number}: {sentence}"


def _settle_one(
    initiative: Initiative, agreement: Agreement, by: User, row: RowInput, wanted: SettlementInput
) -> Decision:
    if not _waits_for(agreement, initiative):
        raise Conflict(f"{initiative.number} er ikke længere indstillet til {agreement}.")
    decision = register_decision(
        initiative=initiative,
        by=by,
        seen=row.seen,
        seen_ground=row.seen_ground,
        wanted=_decision_wanted(initiative, agreement, row, wanted),
    )
    entry = AgreementEntry.objects.filter(initiative=initiative, agreement=agreement).first()
    entry = entry or AgreementEntry(initiative=initiative, agreement=agreement)
    entry.result, entry.prioritised, entry.decision = row.result, row.prioritised, decision
    entry.settled_by, entry.settled_at = by, timezone.now()
    entry.version += 1
    save_with_reason(entry, by=by, reason="Aftalen er afgjort")
    return decision


def _decision_wanted(
    initiative: Initiative, agreement: Agreement, row: RowInput, wanted: SettlementInput
) -> DecisionInput:
    """Return the decision the row asks for. Raises `Refused` where something of it is missing."""
    if row.prioritised is not None and row.result != Result.PRIORITISED:
        raise Refused("Der kan kun stå et prioriteret beløb, hvor initiativet er prioriteret.")
    if row.result == Result.NEXT:
        later = wanted.next_agreement
        if later is None or later.year <= agreement.year:
            raise Refused("Vælg den senere aftale, der indstilles til.")
        return DecisionInput(
            outcome=Outcome.RECOMMENDED,
            decided_by=wanted.decided_by,
            decided_on=wanted.decided_on,
            agreement=later,
            reason=row.reason,
            departure_reason=row.reason,
        )
    if row.result == Result.STOPPED:
        return DecisionInput(
            outcome=Outcome.STOPPED,
            decided_by=wanted.decided_by,
            decided_on=wanted.decided_on,
            agreement=agreement,
            reason=row.reason,
            departure_reason=row.reason,
        )
    to_phase, to_track = _goes_on_to(initiative, row)
    enters = to_phase == Phase.SCREENING
    return DecisionInput(
        outcome=Outcome.CONTINUED,
        decided_by=wanted.decided_by,
        decided_on=wanted.decided_on,
        agreement=agreement,
        to_phase=to_phase,
        to_track=to_track,
        reason=row.reason,
        departure_reason=row.reason,
        entry=dict.fromkeys(Edition.objects.current().entry_conditions.all(), (True, "")) if enters else {},
    )


def _goes_on_to(initiative: Initiative, row: RowInput) -> tuple[str, str]:
    """Return the phase and track it goes on to: those assessed, screening for a proposal without an assessment."""
    if ground := next(iter(grounds_for([initiative])), None):
        return ground.to_phase, ground.to_track
    if not initiative.is_proposal:
        raise Refused(
            "Der er ingen godkendt SUSI-vurdering af den næste faseovergang, og den kan derfor ikke begynde. "
            "Få vurderingen godkendt først."
        )
    if not row.entry_met:
        raise Refused("Bekræft, at betingelserne for at indgå i strategien er opfyldt.")
    return Phase.SCREENING, ""


def _waits_for(agreement: Agreement, initiative: Initiative) -> bool:
    mine = Initiative.objects.filter(pk=initiative.pk)
    return recommended_for(mine).filter(coming_agreement=agreement.pk).exists()
