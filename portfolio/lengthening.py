"""What people do about the length of a phase: extend it, pause it, resume it, and say why it takes longer.

The right is that of the dates (`portfolio.access.may_date`). `version` is the initiative's, as the page showed it.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from phases.models import PhaseDefinition
from portfolio import dating, length
from portfolio.access import require_dater
from portfolio.actions import lock
from portfolio.models import Initiative, LengthReason, PhaseExtension, PhasePause, PhaseRun
from portfolio.standing import surely_going_on
from susi.dates import PartialDate, read, write
from susi.days import today
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User

CONFLICT = "En anden har gemt initiativet imens. Det, du skrev, står her endnu. Se siden efter, og gem igen."
NOT_GOING_ON = "Initiativet er ikke i gang med en fase. Der er ikke noget at forlænge, sætte på pause eller begrunde."


def facts_of(
    run: PhaseRun,
    *,
    pauses: Iterable[PhasePause],
    typical: PhaseDefinition | None,
    has_reason: bool,
    is_going_on: bool,
) -> length.LengthFacts:
    """Return what the rules ask of `run`; of `pauses`, which are its own, those in force count."""
    return length.LengthFacts(
        started=read(run, "started_on"),
        ended=read(run, "ended_on"),
        expected_end=read(run, "expected_end"),
        pauses=tuple(length.Pause(one.since, one.until) for one in pauses if not one.is_annulled),
        longest_years=typical.longest_years if typical else None,
        has_reason=has_reason,
        is_going_on=is_going_on,
    )


@transaction.atomic
def extend(*, initiative: Initiative, by: User, version: int, expected_end: PartialDate, reason: str) -> PhaseExtension:
    """Expect the open phase to end later. Raises `NotAllowed`, `Conflict`, or `Refused` with a sentence."""
    initiative, run, facts = _locked(initiative, by, version)
    _require(reason, "Skriv, hvorfor fasen forlænges.")
    _refuse(length.extension_problem(facts, expected_end))
    before = read(run, "expected_end")
    write(run, "expected_end", expected_end)
    runs = [run if one.pk == run.pk else one for one in dating.runs_to_date(initiative)]
    wrong = [said for _, said in dating.problems(runs, {one.pk: dating.dates_of(one) for one in runs})]
    if wrong or before is None:
        raise Refused(*wrong)
    extension = PhaseExtension(run=run, reason=reason, registered_by=by, registered_at=timezone.now())
    write(extension, "end_before", before)
    write(extension, "end_after", expected_end)
    save_with_reason(run, by=by, reason=f"Forlænget: {reason}")
    save_with_reason(extension, by=by, reason="Forlænget")
    _count(initiative, by, "Fasen er forlænget")
    return extension


@transaction.atomic
def pause(*, initiative: Initiative, by: User, version: int, since: date, reason: str) -> PhasePause:
    """Pause the open phase. Raises `NotAllowed`, `Conflict`, or `Refused` with a sentence."""
    initiative, run, facts = _locked(initiative, by, version)
    _require(reason, "Skriv, hvorfor fasen er på pause.")
    _refuse(length.pause_problem(facts, since, today()))
    begun = PhasePause(run=run, since=since, reason=reason, registered_by=by, registered_at=timezone.now())
    save_with_reason(begun, by=by, reason="Sat på pause")
    _count(initiative, by, "Fasen er sat på pause")
    return begun


@transaction.atomic
def resume(*, initiative: Initiative, by: User, version: int, until: date) -> PhasePause:
    """End the pause that lasts: `until` is the first day of work again. Raises as `pause`."""
    initiative, run, _ = _locked(initiative, by, version)
    lasting = run.pauses.in_force().filter(until__isnull=True).first()
    if lasting is None:
        raise Refused("Fasen er ikke på pause.")
    _refuse(length.resumption_problem(lasting.since, until, today()))
    lasting.until = until
    save_with_reason(lasting, by=by, reason="Genoptaget")
    _count(initiative, by, "Fasen er genoptaget")
    return lasting


@transaction.atomic
def annul_pause(*, initiative: Initiative, by: User, version: int, pause: PhasePause, reason: str) -> PhasePause:
    """Take back a pause registered by mistake; it stays on record. Raises as `pause`."""
    initiative = lock(initiative)
    require_dater(by, initiative)
    _refuse_if_saved_since(initiative, version)
    wrong = initiative.runs.in_force().filter(pauses=pause.pk).exists() and PhasePause.objects.get(pk=pause.pk)
    if not wrong:
        raise Refused("Pausen hører ikke til initiativet.")
    if wrong.is_annulled:
        raise Conflict("Pausen er allerede annulleret.")
    _require(reason, "Skriv, hvorfor pausen annulleres.")
    wrong.annulled_by, wrong.annulled_at, wrong.annulment_reason = by, timezone.now(), reason
    save_with_reason(wrong, by=by, reason="Pause annulleret")
    _count(initiative, by, "Pause annulleret")
    return wrong


@transaction.atomic
def give_reason(*, initiative: Initiative, by: User, version: int, text: str) -> LengthReason:
    """Write the special reason for a phase that runs past the typical length. Raises as `pause`."""
    initiative, run, facts = _locked(initiative, by, version)
    _require(text, "Skriv den særlige begrundelse.")
    if facts.has_reason:
        raise Conflict("Den særlige begrundelse er allerede skrevet.")
    if not length.asks_for_reason(facts, today()):
        raise Refused(
            "Fasen har ikke varet og forventes ikke at vare længere end typisk. Der skal ingen begrundelse til."
        )
    given = LengthReason(run=run, text=text, written_by=by, written_at=timezone.now())
    save_with_reason(given, by=by, reason="Særlig begrundelse for længden")
    _count(initiative, by, "Særlig begrundelse for fasens længde")
    return given


def _locked(initiative: Initiative, by: User, version: int) -> tuple[Initiative, PhaseRun, length.LengthFacts]:
    """Return the initiative locked, its open phase, and what the rules ask of that."""
    initiative = lock(initiative)
    require_dater(by, initiative)
    _refuse_if_saved_since(initiative, version)
    run = initiative.current_run
    if run is None or not Initiative.objects.filter(surely_going_on(), pk=initiative.pk).exists():
        raise Refused(NOT_GOING_ON)
    typical = {one.phase: one for one in PhaseDefinition.objects.in_force(today())}
    has_reason = LengthReason.objects.filter(run=run).exists()
    facts = facts_of(
        run, pauses=run.pauses.all(), typical=typical.get(run.phase), has_reason=has_reason, is_going_on=True
    )
    return initiative, run, facts


def _refuse_if_saved_since(initiative: Initiative, version: int) -> None:
    if initiative.version != version:
        raise Conflict(CONFLICT)


def _require(text: str, sentence: str) -> None:
    if not text.strip():
        raise Refused(sentence)


def _refuse(sentence: str) -> None:
    if sentence:
        raise Refused(sentence)


def _count(initiative: Initiative, by: User, reason: str) -> None:
    """Let others who have the initiative open notice that it was changed."""
    initiative.version += 1
    save_with_reason(initiative, by=by, reason=reason)
