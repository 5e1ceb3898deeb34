"""Who is at work under `make load`, and on what; made in a new installation, and told as JSON.

python -m scripts.load.world WRITERS MANAGERS READERS HANDED_IN
"""

import json
import sys
from typing import Any

import django

django.setup()

from phases.terms import Phase  # noqa: E402
from susi.models import User  # noqa: E402
from susi.roles import Role  # noqa: E402
from tests.factories import PASSWORD, AgreementFactory, draft_of, initiative_in, person, submitted  # noqa: E402

TOGETHER = 3  # write on each initiative that is shared


def main() -> None:
    writers, managers, readers, handed_in = map(int, sys.argv[1:])
    print(json.dumps(made(writers=writers, managers=managers, readers=readers, handed_in=handed_in)))


def made(*, writers: int, managers: int, readers: int, handed_in: int) -> dict[str, Any]:
    """Make them and return what the people have to know: the numbers of their initiatives, and how to log in."""
    agreement = AgreementFactory(programme__name="Eksempelprogram")
    people = _people(Role.LEAD, writers)
    owned = [_with_a_draft(lead, f"Eksempel: Eget initiativ {no}") for no, lead in enumerate(people)]
    shared = [_shared(people[start : start + TOGETHER]) for start in range(0, writers, TOGETHER)]
    criteria = initiative_in(Phase.SCREENING, lead=people[0], title="Eksempel: Kriterierne")
    codes = [one.code for one in draft_of(criteria, to_phase=Phase.MATURATION).criteria()]
    return {
        "password": PASSWORD,
        "agreement": agreement.pk,
        "codes": codes,
        "writers": [
            {"username": one.username, "own": owned[no], "shared": shared[no // TOGETHER]}
            for no, one in enumerate(people)
        ],
        "managers": [{"username": one.username} for one in _people(Role.MANAGER, managers)],
        "readers": [{"username": one.username} for one in _people(Role.READER, readers)],
        "handed_in": [_handed_in(people[no % writers], no) for no in range(handed_in)],
    }


def _people(role: Role, count: int) -> list[User]:
    return [person(role, username=f"eksempel-{role.name.lower()}-{no}") for no in range(count)]


def _with_a_draft(lead: User, title: str) -> str:
    initiative = initiative_in(Phase.SCREENING, lead=lead, title=title)
    draft_of(initiative, to_phase=Phase.MATURATION)
    return initiative.number


def _shared(people: list[User]) -> str:
    initiative = initiative_in(Phase.SCREENING, lead=people[0], title="Eksempel: Fælles initiativ")
    initiative.members.set(people[1:])
    draft_of(initiative, to_phase=Phase.MATURATION)
    return initiative.number


def _handed_in(lead: User, no: int) -> str:
    initiative = initiative_in(Phase.SCREENING, lead=lead, title=f"Eksempel: Indsendt {no}")
    submitted(initiative, to_phase=Phase.MATURATION)
    return initiative.number


if __name__ == "__main__":
    main()
