"""Finding a proposal outside the strategy, so that the answer is kept (rule 2; Drejebogen, Afgrænsning)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from assessments.actions.decisions import DecisionInput, register_decision
from phases.models import EntryCondition
from phases.terms import Outcome
from portfolio.access import require_role
from portfolio.models import Decision, Initiative, OutsideStrategy
from susi.danish import fold
from susi.days import today
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

TO_FIND_OUTSIDE = "svare, at et forslag ligger uden for strategien"


@dataclass(frozen=True)
class OutsideInput:
    """The answer as its form holds it. Title, description and who proposed it are those of what is no initiative."""

    conditions: Sequence[EntryCondition]
    reason: str
    decided_by: str
    decided_on: date
    referred_to: str = ""
    title: str = ""
    description: str = ""
    proposed_by: str = ""


def outside_problems(*, conditions: int, reason: str, decided_on: date, day: date, title: str = "-") -> dict[str, str]:
    """Return what is missing of an answer given on `decided_on`, as seen on `day`, by field."""
    problems = {
        "title": "" if title.strip() else "Skriv, hvad forslaget hed.",
        "conditions": "" if conditions else "Vælg den eller de betingelser, der ikke er opfyldt.",
        "reason": "" if reason.strip() else "Skriv, hvorfor betingelserne ikke er opfyldt.",
        "decided_on": "Datoen ligger i fremtiden. Skriv den dag, svaret blev givet." if decided_on > day else "",
    }
    return {name: sentence for name, sentence in problems.items() if sentence}


@transaction.atomic
def find_proposal_outside(*, initiative: Initiative, by: User, seen: int, wanted: OutsideInput) -> OutsideStrategy:
    """End the proposal by a decision ("videreføres ikke") and keep the answer with it.

    `seen` is `last_decision_no` as the page showed it. Raises `NotAllowed`, `Conflict` where another decision came
    first, or `Refused` where it is no proposal any more or something is missing.
    """
    require_role(by, Role.MANAGER, TO_FIND_OUTSIDE)
    if not initiative.is_proposal and not initiative.has_ended:
        raise Refused("Initiativet er begyndt. Registrér i stedet en beslutning om, at det ikke videreføres.")
    _refuse_incomplete(wanted, initiative.title)
    decision = register_decision(
        initiative=initiative,
        by=by,
        seen=seen,
        wanted=DecisionInput(
            outcome=Outcome.STOPPED,
            decided_by=wanted.decided_by,
            decided_on=wanted.decided_on,
            reason=_as_decided(wanted),
        ),
    )
    return _write(by, wanted, title=initiative.title, description=initiative.description, decision=decision)


@transaction.atomic
def keep_answer(*, by: User, wanted: OutsideInput) -> OutsideStrategy:
    """Keep the answer to what never became a proposal here.

    Raises `NotAllowed`, `Refused` where something is missing, or `Conflict` where the same answer is kept already.
    """
    require_role(by, Role.MANAGER, TO_FIND_OUTSIDE)
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits for the first
    _refuse_incomplete(wanted, wanted.title)
    same = OutsideStrategy.objects.in_force().filter(decided_on=wanted.decided_on).values_list("title", flat=True)
    if fold(wanted.title) in map(fold, same):
        raise Conflict("Svaret på forslaget står allerede i registret med samme titel og dato. Der er ikke skrevet to.")
    return _write(by, wanted, title=wanted.title, description=wanted.description, proposed_by=wanted.proposed_by)


@transaction.atomic
def annul_answer(*, answer: OutsideStrategy, by: User, reason: str) -> OutsideStrategy:
    """Take back an answer kept by mistake; it stays on record. That of a decision goes when the decision is reversed.

    Raises `NotAllowed`, `Conflict` where it is annulled already, or `Refused`.
    """
    require_role(by, Role.MANAGER, TO_FIND_OUTSIDE)
    answer = OutsideStrategy.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if answer.decision_id:
        raise Refused("Svaret hører til en beslutning. Omgør beslutningen i stedet.")
    if answer.annulled_at:
        raise Conflict("Svaret er allerede annulleret.")
    if not reason.strip():
        raise Refused("Skriv, hvorfor svaret annulleres.")
    answer.annulled_by, answer.annulled_at, answer.annulment_reason = by, timezone.now(), reason
    save_with_reason(answer, by=by, reason="Annulleret")
    return answer


def _refuse_incomplete(wanted: OutsideInput, title: str) -> None:
    problems = outside_problems(
        conditions=len(wanted.conditions),
        reason=wanted.reason,
        decided_on=wanted.decided_on,
        day=today(),
        title=title,
    )
    if problems:
        raise Refused(*problems.values())


def _as_decided(wanted: OutsideInput) -> str:
    """Return the reason of the decision: which conditions are not met, why, and where it was referred."""
    headings = ", ".join(f"»{one.heading}«" for one in wanted.conditions)
    referred = f"\nHenvist til: {wanted.referred_to}" if wanted.referred_to else ""
    return f"Uden for strategien. Ikke opfyldt: {headings}.\n{wanted.reason}{referred}"


def _write(by: User, wanted: OutsideInput, *, decision: Decision | None = None, **texts: str) -> OutsideStrategy:
    answer = OutsideStrategy(
        **texts,
        reason=wanted.reason,
        referred_to=wanted.referred_to,
        decided_by=wanted.decided_by,
        decided_on=wanted.decided_on,
        decision=decision,
        registered_by=by,
        registered_at=timezone.now(),
    )
    save_with_reason(answer, by=by, reason="Fundet uden for strategien")
    answer.conditions.set(wanted.conditions)
    return answer
