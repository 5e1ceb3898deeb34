"""What people do with an initiative, apart from its phases. Each action checks the right, locks and writes."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from phases.terms import Stage
from portfolio.access import require_role, require_writer
from portfolio.models import Initiative, StatusNote
from susi.errors import Conflict, Gone, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role
from susi.second_click import is_written_again

FIELDS = ["title", "programme", "funding", "problem", "description", "case_number"]
RELATIONS = ["agreements", "target_groups"]
HEAD_FACTS = "Stamoplysninger rettet"  # in the history, before the reason
_ATTEMPTS_AT_A_NUMBER = 5


def next_number(year: int) -> str:
    """Return the first number of `year` that was never given: "2026-014".

    The history is asked too: a number of an import that was taken back still stands in somebody's letter.
    """
    begun = {"number__startswith": f"{year}-"}
    numbers = {
        *Initiative.objects.filter(**begun).values_list("number", flat=True),
        *Initiative.history.filter(**begun).order_by().values_list("number", flat=True).distinct(),
    }
    last = max((int(number.partition("-")[2]) for number in numbers), default=0)
    return f"{year}-{last + 1:03d}"


@transaction.atomic
def create_initiative(*, by: User, **values: Any) -> Initiative:
    """Create a proposal with `by` as its lead. `values` are by the names in `FIELDS` and `RELATIONS`.

    Raises `NotAllowed` without the role for it, or `Conflict` where the person has a proposal of that title already
    (a second click waits for the first).
    """
    require_role(by, Role.LEAD, "oprette initiativer")
    User.objects.select_for_update().get(pk=by.pk)
    same = Initiative.objects.filter(created_by=by, phase=Stage.PROPOSAL, title=values.get("title")).first()
    if same:
        raise Conflict(f"Du har allerede oprettet et forslag med den titel. Det har nummer {same.number}.")
    return new_initiative(by=by, reason="Oprettet som forslag", lead=by, **values)


def new_initiative(*, by: User, reason: str, lead: User | None, **values: Any) -> Initiative:
    """Create a proposal without asking for rights; also used by the decision that carries one on as a new one."""
    for attempt in range(_ATTEMPTS_AT_A_NUMBER):
        initiative = Initiative(
            number=next_number(timezone.localdate().year),
            lead=lead,
            created_by=by,
            **{name: value for name, value in values.items() if name in FIELDS},
        )
        try:
            with transaction.atomic():
                save_with_reason(initiative, by=by, reason=reason)
                _set_relations(initiative, values)
            return initiative
        except IntegrityError:
            # Somebody took the number between our look and our save.
            if attempt == _ATTEMPTS_AT_A_NUMBER - 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def edit_initiative(*, initiative: Initiative, by: User, version: int, reason: str = "", **values: Any) -> Initiative:
    """Change the head facts, for a `reason` where one is given.

    Raises `Conflict` where somebody saved since `version` was read.
    """
    initiative = lock(initiative)
    require_writer(by, initiative)
    if initiative.version != version:
        raise Conflict(
            "En anden har gemt initiativet, mens du skrev. Din tekst står her endnu. Sammenlign, og gem igen."
        )
    for name in FIELDS:
        if name in values:
            setattr(initiative, name, values[name])
    initiative.version += 1
    save_with_reason(initiative, by=by, reason=": ".join(filter(None, [HEAD_FACTS, reason])))
    _set_relations(initiative, values)
    return initiative


@transaction.atomic
def set_people(
    *, initiative: Initiative, by: User, version: int, lead: User | None, members: Iterable[User]
) -> Initiative:
    """Change lead and members. The lead is changed by a manager; members also by the lead.

    Raises `NotAllowed`, `Conflict` where somebody saved since `version` was read, or `Refused` where a person has no
    role to write with.
    """
    initiative = lock(initiative)
    is_manager = by.has_role(Role.MANAGER)
    if not is_manager:
        require_writer(by, initiative)
    if initiative.version != version:
        raise Conflict("En anden har gemt initiativet imens. Dit valg står her endnu. Se det efter, og gem igen.")
    if not is_manager and lead != initiative.lead:
        raise NotAllowed("Kun en leder kan skifte initiativansvarlig.")
    already = {initiative.lead, *initiative.members.all()}
    for person in {lead, *members} - already:
        if person and not person.has_role(Role.LEAD):
            raise Refused(f"{person} har ikke rollen {Role.LEAD.value} og kan derfor ikke skrive på initiativet.")
    initiative.lead = lead
    initiative.version += 1
    save_with_reason(initiative, by=by, reason="Initiativansvarlig og medarbejdere ændret")
    initiative.members.set(members)
    return initiative


@transaction.atomic
def write_status(*, initiative: Initiative, by: User, text: str) -> StatusNote:
    """Write a new dated status text. Earlier ones stay.

    Raises `NotAllowed`, or `Conflict` where the person has just written the same (a second click).
    """
    initiative = lock(initiative)
    require_writer(by, initiative)
    if is_written_again(initiative.status_notes.first(), text, by):
        raise Conflict("Den samme status er allerede gemt. Der er ikke skrevet to.")
    return StatusNote.objects.create(initiative=initiative, text=text, written_by=by, written_at=timezone.now())


def lock(initiative: Initiative) -> Initiative:
    """Fetch the initiative anew with its row locked; inside a transaction. Raises `Gone` as `lock_all`."""
    return lock_all([initiative])[initiative.pk]


def lock_all(initiatives: Iterable[Initiative]) -> dict[int, Initiative]:
    """Fetch several anew, locked in the order of their keys so that two actions never wait for each other.

    What they relate to is read after that: joined here, PostgreSQL would give it as it was before the wait.
    Raises `Gone` where one is there no more: the import that created it was taken back.
    """
    pks = sorted({initiative.pk for initiative in initiatives})
    locked = Initiative.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    found = {initiative.pk: initiative for initiative in locked}
    if len(found) < len(pks):
        raise Gone("Initiativet findes ikke længere.")
    return found


def _set_relations(initiative: Initiative, values: dict[str, Any]) -> None:
    for name in RELATIONS:
        if name in values:
            getattr(initiative, name).set(values[name])
