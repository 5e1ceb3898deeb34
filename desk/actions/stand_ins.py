"""Naming a stand-in for a person who is away, and ending it before its time."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from susi.dates import danish
from susi.days import today
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import StandIn, User
from susi.roles import Role

STANDS_IN = (Role.LEAD, Role.MANAGER)  # the roles whose work somebody else does meanwhile


def may_name_stand_in(user: User, person: User) -> bool:
    """Whether `user` names who stands in for `person`, or ends it: the person, a manager or an administrator."""
    return user.pk == person.pk or user.has_role(Role.MANAGER) or user.may_administer


def may_name_any(user: User) -> bool:
    """Whether there is anybody `user` names a stand-in for: others, or oneself with work to leave to somebody."""
    return bool(user.roles & set(STANDS_IN)) or user.may_administer


def roles_lacking(absent: Collection[Role], stand_in: Collection[Role]) -> list[Role]:
    """Return the roles a stand-in lacks for the work of somebody with the roles `absent`."""
    return [role for role in STANDS_IN if role in absent and role not in stand_in]


@transaction.atomic
def name_stand_in(*, person: User, stand_in: User, from_day: date, to_day: date, reason: str, by: User) -> StandIn:
    """Let `stand_in` do the work of `person` from `from_day` to `to_day`, both included.

    Raises `NotAllowed`, `Refused` where it cannot be, or `Conflict` where the person has a stand-in on one of the days
    (a second click waits for the first).
    """
    if not may_name_stand_in(by, person):
        raise NotAllowed(
            "Du kan udpege en stedfortræder for dig selv. Ledere og administratorer kan gøre det for andre."
        )
    both = User.objects.select_for_update().filter(pk__in=[person.pk, stand_in.pk]).order_by("pk")
    people = {one.pk: one for one in both}
    person, stand_in = people[person.pk], people[stand_in.pk]
    _refuse_what_cannot_be(person, stand_in, from_day, to_day)
    _refuse_overlap(person, stand_in, from_day, to_day)
    named = StandIn(
        person=person, stand_in=stand_in, from_day=from_day, to_day=to_day, reason=reason, created_by=by,
        created_at=timezone.now(),
    )  # fmt: skip
    save_with_reason(named, by=by, reason="Stedfortræder udpeget")
    return named


@transaction.atomic
def end_stand_in(*, stand_in: StandIn, by: User) -> StandIn:
    """End it now; what was done under it stays. Raises `NotAllowed`, or `Conflict` where it is over already."""
    stand_in = StandIn.objects.select_for_update(of=("self",)).select_related("person", "stand_in").get(pk=stand_in.pk)
    if not may_name_stand_in(by, stand_in.person):
        raise NotAllowed("Kun den fraværende, ledere og administratorer kan ophæve det.")
    if stand_in.ended_at or stand_in.to_day < today():
        raise Conflict("Perioden er allerede slut. Der er ikke noget at ophæve.")
    stand_in.ended_at, stand_in.ended_by = timezone.now(), by
    save_with_reason(stand_in, by=by, reason="Stedfortræder ophævet før tid")
    return stand_in


def _refuse_what_cannot_be(person: User, stand_in: User, from_day: date, to_day: date) -> None:
    sentences = []
    if person == stand_in:
        sentences.append("Man kan ikke være stedfortræder for sig selv. Vælg en anden.")
    if to_day < from_day:
        sentences.append("Den sidste dag ligger før den første. Ret datoerne.")
    if from_day < today():
        sentences.append("En stedfortræder udpeges fra i dag eller senere. Ret den første dag.")
    if not person.roles & set(STANDS_IN):
        sentences.append(f"{person} har ikke en rolle, som der skal en stedfortræder til.")
    if not stand_in.is_active:
        sentences.append(f"{stand_in} er ikke længere bruger. Vælg en anden.")
    sentences += [
        f"{stand_in} har ikke rollen {role.value} og kan derfor ikke udføre arbejdet for {person}."
        for role in roles_lacking(person.roles, stand_in.roles)
    ]
    if sentences:
        raise Refused(*sentences)


def _refuse_overlap(person: User, stand_in: User, from_day: date, to_day: date) -> None:
    on_these_days = StandIn.objects.filter(ended_at__isnull=True, from_day__lte=to_day, to_day__gte=from_day)
    if taken := on_these_days.filter(person=person).select_related("stand_in").first():
        raise Conflict(
            f"{person} har allerede {taken.stand_in} som stedfortræder fra {danish(taken.from_day)} til "
            f"{danish(taken.to_day)}. Ophæv den periode først, eller vælg andre dage."
        )
    if away := on_these_days.filter(person=stand_in).first():
        raise Refused(
            f"{stand_in} er selv fraværende fra {danish(away.from_day)} til {danish(away.to_day)}. Vælg en anden."
        )
