"""Creating and correcting organisations. Municipalities and regions come by `load_organisations`."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from participants.models import Application, Organisation, Participation
from participants.rules import Problem, reaches_past
from participants.terms import BY_LAW
from phases.gates.findings import listed
from portfolio.models import PhaseRun
from susi.danish import fold
from susi.dates import danish
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

FIELDS = ["name", "code", "valid_from", "valid_to", "successor", "source"]
_NAMED = 5  # initiatives in a sentence


def may_keep_organisations(user: User) -> bool:
    """Whether `user` creates and corrects organisations: leads and managers."""
    return user.has_role(Role.LEAD) or user.has_role(Role.MANAGER)


def require_keeper(user: User) -> None:
    if not may_keep_organisations(user):
        raise NotAllowed("Kun initiativansvarlige og ledere kan oprette og rette organisationer.")


def same_name(name: str, besides: Organisation | None = None) -> Organisation | None:
    """Return the organisation that has `name` already, however it is spelt in capitals and spaces."""
    found = Organisation.objects.filter(folded_name=fold(name))
    return found.exclude(pk=besides.pk).first() if besides else found.first()


def problems(organisation: Organisation) -> list[Problem]:
    """Return what keeps `organisation` from being saved as it stands."""
    found: list[Problem] = []
    if same_name(organisation.name, organisation if organisation.pk else None):
        found.append(("name", "Organisationen findes allerede. Brug den, der er."))
    if organisation.valid_from and organisation.valid_to and organisation.valid_to < organisation.valid_from:
        found.append(("valid_to", "Organisationen kan ikke ophøre, før den findes."))
    if organisation.successor and not organisation.valid_to:
        found.append(("valid_to", "Skriv, hvornår organisationen ophører, når den er afløst af en anden."))
    if organisation.successor_id and organisation.successor_id == organisation.pk:
        found.append(("successor", "En organisation kan ikke afløse sig selv."))
    same = Organisation.objects.filter(kind=organisation.kind, code=organisation.code).exclude(pk=organisation.pk)
    if organisation.code and same.exists():
        found.append(("code", "Koden er i brug til en anden organisation af samme type."))
    return [*found, *_after_the_end(organisation)]


def _after_the_end(organisation: Organisation) -> list[Problem]:
    """Return what the organisation is registered with after the day it is about to end. Where it takes part without an
    end it may have stopped by then: the participation is asked for it (`Entry.outlived`)."""
    day = organisation.valid_to
    if not (organisation.pk and day) or Organisation.objects.filter(pk=organisation.pk, valid_to=day).exists():
        return []
    mine = Participation.objects.in_force().filter(organisation=organisation).select_related("run__initiative")
    present = mine.exclude(run__state=PhaseRun.State.ANNULLED)
    applied = Application.objects.in_force().filter(organisation=organisation, applied_on__gt=day)
    applied = applied.filter(call__annulled_at__isnull=True).exclude(call__run__state=PhaseRun.State.ANNULLED)
    after = {
        "deltager": {row.initiative.number for row in present if reaches_past(row.period, day)},
        "har ansøgninger": set(applied.values_list("call__run__initiative__number", flat=True)),
    }
    what_to_do = "Ret datoerne dér først, eller skriv en senere dag."
    return [
        ("valid_to", f"Organisationen {does} efter {danish(day)} i {_told(numbers)}. {what_to_do}")
        for does, numbers in after.items()
        if numbers
    ]


def _told(numbers: Iterable[str]) -> str:
    """Return "2 initiativer (2026-001 og 2026-002)", the first of them named."""
    found = sorted(numbers)
    more = [f"{len(found) - _NAMED} til"] if len(found) > _NAMED else []
    return f"{len(found)} initiativ{'' if len(found) == 1 else 'er'} ({listed([*found[:_NAMED], *more])})"


@transaction.atomic
def create_organisation(*, by: User, kind: str, **values: Any) -> Organisation:
    """Create an organisation. Raises `NotAllowed`, or `Refused` where there is one of that name or it is one by law."""
    require_keeper(by)
    User.objects.select_for_update().get(pk=by.pk)
    if kind in BY_LAW:
        raise Refused("Kommuner og regioner kommer fra den officielle liste. Vælg en anden type.")
    organisation = Organisation(kind=kind, **values)
    _refuse_problems(organisation)
    _save(organisation, by=by, reason="Organisation oprettet")
    return organisation


@transaction.atomic
def edit_organisation(*, organisation: Organisation, by: User, version: int, **values: Any) -> Organisation:
    """Correct name, validity and the rest. Raises `NotAllowed`, `Refused`, or `Conflict` where somebody saved since
    `version` was read."""
    require_keeper(by)
    stored = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if stored.version != version:
        raise Conflict("En anden har gemt organisationen imens. Det, du har skrevet, står her endnu.")
    for name in FIELDS:
        if name in values:
            setattr(stored, name, values[name])
    _refuse_problems(stored)
    stored.version += 1
    _save(stored, by=by, reason="Organisation rettet")
    return stored


def _save(organisation: Organisation, *, by: User, reason: str) -> None:
    """Save it. Raises `Conflict` where somebody took its name or code between our look and our save."""
    try:
        with transaction.atomic():
            save_with_reason(organisation, by=by, reason=reason)
    except IntegrityError as error:
        raise Conflict("En anden har imens gemt en organisation med det navn eller den kode. Brug den.") from error


def _refuse_problems(organisation: Organisation) -> None:
    if found := problems(organisation):
        raise Refused(*(sentence for _, sentence in found))
