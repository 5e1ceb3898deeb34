"""Registering that a member of staff has left: what is still theirs is handed over, then the name is taken out."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from assessments.models import Deviation
from desk.actions.stand_ins import end_stand_in
from phases.terms import Stage
from portfolio.imports.forgetting import forget
from portfolio.models import Initiative, PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.leaving import all_names, has_no_name, take_name
from susi.models import StandIn, User
from susi.roles import Role
from work.models import Deliverable


@dataclass(frozen=True)
class Held:
    """One thing that is still the person's: in a sentence, with the page it is seen or handed over on."""

    sentence: str
    url: str


def to_hand_over(person: User) -> list[Held]:
    """Return what has to be handed over before `person` can leave: initiatives that go on without a lead, and open
    fravigelser and unfinished deliverables that nobody else could finish, because nobody else writes there."""
    led = Initiative.objects.filter(lead=person).exclude(phase=Stage.ENDED).order_by("number")
    owned, written_by_others = list(_owned(person)), _written_by_others_than(person)
    return [
        *(Held(f"{one}: En leder udpeger en anden initiativansvarlig.", _initiative(one)) for one in led),
        *(
            Held(f"{one.initiative}: En leder udpeger en, der kan overtage {_of(one)}.", _initiative(one.initiative))
            for one in owned
            if one.initiative not in led and one.initiative_id not in written_by_others
        ),
    ]


def falls_to_others(person: User) -> list[Held]:
    """Return what falls to those who write on its initiative when `person` leaves, and stand-ins that end."""
    return [
        *(Held(f"{one.initiative}: {_of(one)}.", _page(one)) for one in _owned(person)),
        *(Held(f"{one}.", reverse("desk:stand_ins")) for one in _stand_ins(person)),
    ]


def require_may_register(by: User, person: User) -> None:
    """Raise `NotAllowed` where `by` may not register that `person` has left: an administrator may, of others."""
    if not by.may_administer or (person.is_superuser and not by.is_superuser):
        raise NotAllowed("Kun administratorer kan registrere, at en medarbejder er fratrådt.")
    if by.pk == person.pk:
        raise NotAllowed("Du kan ikke registrere dig selv som fratrådt. Det gør en anden administrator.")


@transaction.atomic
def register_left(*, person: User, by: User) -> User:
    """Close the account of `person` and take the name out of it. It cannot be undone.

    Raises `NotAllowed`, `Conflict` where the person has left already (a second click waits for the first), or `Refused`
    with what has to be handed over first.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    require_may_register(by, person)
    if person.has_left and has_no_name(person):
        raise Conflict(f"{person} er allerede registreret som fratrådt.")
    if held := to_hand_over(person):
        raise Refused(*(one.sentence for one in held))
    for period in _stand_ins(person):
        end_stand_in(stand_in=period, by=by)
    names = all_names(person)
    take_name(person, by=by)
    forget(names, str(person))
    said = "Registreret som fratrådt."
    LogEntry.objects.log_actions(by.pk, [person], CHANGE, change_message=said, single_object=True)
    return person


def _owned(person: User) -> Iterator[Deviation | Deliverable]:
    """Yield what is the person's, and what fell to those who write on its initiative, the person among them."""
    written = Initiative.objects.filter(Q(lead=person) | Q(members=person)).order_by().values("pk")
    fallen = Q(initiative__in=written)
    fravigelser = Deviation.objects.open().filter(Q(owner=person) | Q(owner__left_at__isnull=False) & fallen)
    yield from fravigelser.select_related("initiative", "criterion").order_by("initiative__number", "pk")
    deliverables = Deliverable.objects.filter(
        Q(responsible=person) | Q(responsible__left_at__isnull=False) & fallen,
        standing=Deliverable.Standing.RELEVANT,
        run__state=PhaseRun.State.OPEN,
    ).exclude(state=Deliverable.State.DONE)
    yield from deliverables.select_related("initiative", "run", "type").order_by("initiative__number", "pk")


def _written_by_others_than(person: User) -> set[int]:
    """Return the keys of the initiatives on which somebody else writes, as lead or member with the role for it."""
    others = User.objects.filter(is_active=True, groups__name=Role.LEAD.value).exclude(pk=person.pk).order_by()
    written = Initiative.objects.filter(Q(lead__in=others) | Q(members__in=others))
    return set(written.order_by().values_list("pk", flat=True))


def _stand_ins(person: User) -> list[StandIn]:
    concerned = StandIn.objects.not_over().filter(Q(person=person) | Q(stand_in=person))
    return list(concerned.select_related("person", "stand_in"))


def _of(one: Deviation | Deliverable) -> str:
    return f"fravigelsen fra {one.subject}" if isinstance(one, Deviation) else f"leverancen {one.title}"


def _page(one: Deviation | Deliverable) -> str:
    if isinstance(one, Deviation):
        return reverse("registers_deviation", args=[one.pk])
    return reverse("work:deliverable", args=[one.initiative.number, one.run.sequence, one.code])


def _initiative(initiative: Initiative) -> str:
    return reverse("portfolio:initiative_detail", args=[initiative.number])
