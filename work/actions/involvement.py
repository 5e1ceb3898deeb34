"""Writing the strategy for user involvement, and the log of what took place."""

from django.db import transaction
from django.utils import timezone

from phases.involvement import strategy_is_due, strategy_parts
from portfolio.access import require_writer
from portfolio.actions import lock
from portfolio.models import PhaseRun
from susi import second_click
from susi.dates import PartialDate, write
from susi.days import today
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from work.models import InvolvementEvent, InvolvementStrategy

SAVED_BY_ANOTHER = "En anden har gemt strategien, mens du skrev. Din tekst står her endnu. Sammenlign, og gem igen."


@transaction.atomic
def save_strategy(*, run: PhaseRun, by: User, version: int, **texts: str) -> InvolvementStrategy:
    """Save the strategy of the phase. `texts` are by the names in `phases.involvement.strategy_parts`.

    Raises `NotAllowed`, `Conflict` where somebody saved since `version` was read (0: nothing was there), or `Refused`
    where the phase has ended or asks for no strategy.
    """
    run = _locked(run, by)
    if not strategy_is_due(run.phase):
        raise Refused("Der hører ingen strategi for brugerinddragelse til udbredelse.")
    if run.state not in (PhaseRun.State.PLANNED, PhaseRun.State.OPEN):
        raise Refused("Fasen er afsluttet. Strategien står, som den var, og kan ikke ændres.")
    strategy = InvolvementStrategy.objects.filter(run=run).first() or InvolvementStrategy(run=run)
    if strategy.version != version:
        raise Conflict(SAVED_BY_ANOTHER)
    for name in strategy_parts(run.phase):
        setattr(strategy, name, texts.get(name, ""))
    strategy.version += 1
    strategy.saved_by, strategy.saved_at = by, timezone.now()
    save_with_reason(strategy, by=by, reason="Strategi for brugerinddragelse gemt")
    return strategy


@transaction.atomic
def log_involvement(
    *, run: PhaseRun, by: User, happened_on: PartialDate, what: str, groups: str, changed: str = ""
) -> InvolvementEvent:
    """Log what took place in the phase, also after it has ended.

    Raises `NotAllowed`, `Conflict` where the person has just logged the same (a second click), or `Refused` where the
    phase has not begun or the day has not come.
    """
    run = _locked(run, by)
    if not run.has_begun:
        raise Refused("Fasen er ikke begyndt. Skriv, hvad der skal ske, i strategien.")
    if happened_on.date > today():
        raise Refused("Datoen er ikke kommet endnu. Her skrives, hvad der har fundet sted.")
    event = InvolvementEvent(
        run=run, what=what, groups=groups, changed=changed, written_by=by, written_at=timezone.now()
    )
    write(event, "happened_on", happened_on)
    newest = run.involvement_events.in_force().filter(written_by=by).order_by("-pk").first()
    if newest and _is_the_same(newest, event):
        raise Conflict("Det samme er allerede skrevet i loggen. Der er ikke skrevet to.")
    save_with_reason(event, by=by, reason="Brugerinddragelse skrevet i loggen")
    return event


@transaction.atomic
def annul_involvement(*, event: InvolvementEvent, by: User, reason: str) -> InvolvementEvent:
    """Annul what was logged by mistake; it stays with the reason.

    Raises `NotAllowed`, `Conflict` where it is annulled already, or `Refused` without a reason.
    """
    _locked(event.run, by)
    event = InvolvementEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if event.is_annulled:
        raise Conflict("Det er allerede annulleret.")
    if not reason.strip():
        raise Refused("Skriv, hvorfor det annulleres.")
    event.annulled_by, event.annulled_at, event.annulment_reason = by, timezone.now(), reason
    save_with_reason(event, by=by, reason="Annulleret")
    return event


def _locked(run: PhaseRun, by: User) -> PhaseRun:
    initiative = lock(run.initiative)
    require_writer(by, initiative)
    return PhaseRun.objects.select_related("initiative").get(pk=run.pk)


def _is_the_same(newest: InvolvementEvent, event: InvolvementEvent) -> bool:
    just_now = event.written_at - newest.written_at < second_click.WITHIN
    told = [(one.day, one.what, one.groups, one.changed) for one in (newest, event)]
    return just_now and told[0] == told[1]
