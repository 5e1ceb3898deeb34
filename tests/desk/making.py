"""What the desk has to show in a `World`."""

import datetime
from typing import Any

from django.utils import timezone

from desk.actions.exemptions import exempt
from desk.case_file.making import zip_of
from desk.models import CaseFile, Exemption
from phases.terms import Phase
from portfolio import actions
from portfolio.models import Initiative, StatusNote
from susi.days import today
from susi.models import AccessEntry, StandIn, User
from susi.roles import Role
from tests.factories import initiative_in, person


def stand_ins(world: Any) -> StandIn:
    """`size` colleagues are away and the lead stands in for them; the lead is away too, with a stand-in."""
    for no in range(world.size):
        colleague = person(Role.LEAD, last_name=f"{world.text} kollega {no}")
        _away(world, colleague, world.lead)
        number = f"2020-{Initiative.objects.count():03d}"
        initiative_in(Phase.SCREENING, number=number, lead=colleague, title=f"{world.text} initiativ")
    _away(world, world.lead, world.members[0])
    return StandIn.objects.filter(stand_in=world.lead)[0]


def _away(world: Any, colleague: User, stand_in: User) -> None:
    days = {"from_day": today(), "to_day": today() + datetime.timedelta(days=30)}
    reason, who = StandIn.Reason.OTHER, world.manager
    StandIn.objects.create(
        person=colleague, stand_in=stand_in, reason=reason, created_by=who, created_at=timezone.now(), **days
    )


def exemptions(world: Any, hub: Initiative) -> tuple[StatusNote, Exemption]:
    """Every status of the initiative is exempt, but for one."""
    kept_back = list(hub.status_notes.all())
    status = actions.write_status(initiative=hub, by=world.lead, text=f"{world.text} udleveres")
    made = [
        exempt(
            initiative=hub, kind="status", key=str(note.pk), ground=Exemption.Ground.OTHER, reason=world.text,
            by=world.manager,
        )
        for note in kept_back
    ]  # fmt: skip
    return status, made[0]


def access(world: Any, hub: Initiative) -> None:
    """Each colleague has opened the initiative and fetched the list; somebody unknown tried to log in."""
    for who in [world.lead, *world.members]:
        noted = {"user": who, "at": timezone.now(), "request_id": "eksempel"}
        address = f"/initiativer/{hub.number}/"
        AccessEntry.objects.create(
            **noted, kind="opened", view="portfolio:initiative_detail", path=address, initiative=hub.number
        )
        AccessEntry.objects.create(
            **noted, kind="fetched", view="registers_deviations_export", path="/fravigelser/hent/csv/", file_kind="csv",
            rows=world.size,
        )  # fmt: skip
    AccessEntry.objects.create(at=timezone.now(), kind="refused", view="login", path="/log-ind/", request_id="eksempel")


def case_files(world: Any, hub: Initiative) -> tuple[CaseFile, CaseFile]:
    """`size` that were made, the first of which can be fetched, and one being made."""
    ordered = {"initiative": hub, "ordered_by": world.lead, "ordered_at": timezone.now(), "steps": 2}
    expires = today() + datetime.timedelta(days=30)
    content, manifest = zip_of([])
    made = {"made_at": timezone.now(), "expires_on": expires, "manifest_sha256": manifest, "done": 2}
    ready = CaseFile(**ordered, **made, state=CaseFile.State.READY, documents=3, left_out=1)
    with content:
        ready.file.save("eksempel.zip", content)
    for _ in range(1, world.size):
        CaseFile.objects.create(**ordered, **made, state=CaseFile.State.EXPIRED)
    table = {"do": "table", "name": "1", "heading": "", "lead": "", "note": "", "columns": ["A"], "rows": [["b"]]}
    return ready, CaseFile.objects.create(**ordered, plan=[table], folder=f"sagsakter/{hub.pk}")
