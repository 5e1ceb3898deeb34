"""Registering, correcting and annulling what is known of those who take part. One way for all kinds of entries."""

from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from participants.models import Application, Call, Entry, Participation, Round
from participants.terms import ApplicationState, OrganisationKind, ParticipantRole
from portfolio.access import require_writer
from portfolio.actions import lock
from portfolio.models import PhaseRun
from susi import dates
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User

Registered = TypeVar("Registered", bound=Entry)
_ROLES = {
    OrganisationKind.MUNICIPALITY: ParticipantRole.MUNICIPALITY,
    OrganisationKind.REGION: ParticipantRole.REGION,
}


def fill(entry: Entry, values: dict[str, Any]) -> None:
    """Set the columns of `entry` to `values`, dates as `PartialDate` or None."""
    for name, value in values.items():
        if name in entry.DATES:
            dates.write(entry, name, value)
        else:
            setattr(entry, name, value)


@transaction.atomic
def register(*, entry: Registered, by: User, **values: Any) -> Registered:
    """Save the new `entry` with `values`.

    Raises `NotAllowed` where `by` does not write on the initiative, `Refused` with what is wrong with it, also where it
    is there already (a second click waits for the first).
    """
    fill(entry, values)
    initiative = lock(entry.initiative)
    require_writer(by, initiative)
    _refuse_problems(entry)
    save_with_reason(entry, by=by, reason=f"{_named(entry)} registreret: {entry}")
    return entry


@transaction.atomic
def edit(*, entry: Registered, by: User, version: int, **values: Any) -> Registered:
    """Correct `entry`. Raises as `register`, and `Conflict` where somebody saved since `version` was read."""
    require_writer(by, lock(entry.initiative))
    stored = _stored(entry)
    _refuse_annulled(stored)
    if stored.version != version:
        raise Conflict("En anden har gemt imens. Det, du har skrevet, står her endnu. Sammenlign, og gem igen.")
    fill(stored, values)
    if stored.phase_run.initiative_id != entry.phase_run.initiative_id:
        raise Refused("Fasen hører til et andet initiativ. Vælg en af initiativets faser.")
    _refuse_problems(stored)
    stored.version += 1
    save_with_reason(stored, by=by, reason=f"{_named(stored)} rettet: {stored}")
    return stored


@transaction.atomic
def annul(*, entry: Registered, by: User, reason: str) -> Registered:
    """Annul `entry` with a reason; it stays to be read.

    Raises `NotAllowed`, `Conflict` where it is annulled already, or `Refused` without a reason or where something in
    force rests on it.
    """
    require_writer(by, lock(entry.initiative))
    stored = _stored(entry)
    _refuse_annulled(stored)
    if not reason.strip():
        raise Refused("Skriv, hvorfor registreringen annulleres.")
    if resting := _resting_on(stored):
        raise Refused(f"{resting} Annullér dem først, eller flyt dem.")
    stored.annulled_at, stored.annulled_by, stored.annulment_reason = timezone.now(), by, reason
    stored.version += 1
    save_with_reason(stored, by=by, reason=f"{_named(stored)} annulleret: {stored}")
    return stored


@transaction.atomic
def take_in_selected(*, call: Call, by: User) -> list[Participation]:
    """Register the selected applicants of `call` who do not take part in its phase yet. Return the new participants.

    A municipality or a region takes part as such, everybody else as provider. Raises `NotAllowed`, or `Refused` where
    nobody is left to take in or one of them can't take part.
    """
    require_writer(by, lock(call.initiative))
    _refuse_annulled(_stored(call))
    present = call.run.participations.filter(annulled_at__isnull=True).values("organisation")
    selected = Application.objects.in_force().filter(call=call, state=ApplicationState.SELECTED)
    new = [
        Participation(
            run=call.run,
            organisation=application.organisation,
            role=_ROLES.get(OrganisationKind(application.organisation.kind), ParticipantRole.PROVIDER),
        )
        for application in selected.exclude(organisation__in=present).select_related("organisation")
    ]
    if not new:
        raise Refused("Alle udvalgte ansøgere er allerede registreret som deltagere i fasen.")
    for participation in new:
        register(entry=participation, by=by)
    return new


def _stored(entry: Registered) -> Registered:
    """Fetch `entry` anew; what belongs to an initiative changes only while the initiative is locked."""
    stored: Any = type(entry)._default_manager.get(pk=entry.pk)
    return stored


def _refuse_annulled(entry: Entry) -> None:
    if entry.is_annulled:
        raise Conflict("Registreringen er annulleret og kan ikke ændres. Registrér den igen, hvis den skal gælde.")


def _refuse_problems(entry: Entry) -> None:
    if entry.phase_run.state == PhaseRun.State.ANNULLED:
        raise Refused("Fasen er annulleret. Vælg en anden fase.")
    sentences = [sentence for _, sentence in entry.problems()]
    if sentences:
        raise Refused(*sentences)


def _resting_on(entry: Entry) -> str:
    """Say what in force rests on `entry`, "" where nothing does."""
    if isinstance(entry, Call) and Application.objects.in_force().filter(call=entry.pk).exists():
        return "Puljen har ansøgninger."
    if isinstance(entry, Round) and Participation.objects.in_force().filter(round=entry.pk).exists():
        return "Runden har deltagere."
    return ""


def _named(entry: Entry) -> str:
    return str(entry._meta.verbose_name).capitalize()
