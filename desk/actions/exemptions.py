"""Keeping a document back from access to documents (undtage fra aktindsigt), and handing it out again."""

from django.db import transaction
from django.utils import timezone

from desk.actions.case_files import withdraw_case_files
from desk.case_file.documents import contents_of
from desk.models import Exemption
from portfolio.access import may_write
from portfolio.actions import lock
from portfolio.models import Initiative
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role


def may_exempt(user: User, initiative: Initiative) -> bool:
    """Whether `user` decides what of the initiative is handed out: managers, and those who write on it."""
    return user.has_role(Role.MANAGER) or may_write(user, initiative)


def require_exempter(user: User, initiative: Initiative) -> None:
    if not may_exempt(user, initiative):
        raise NotAllowed(
            "Kun ledere, den initiativansvarlige og initiativets medarbejdere kan undtage dokumenter fra aktindsigt."
        )


@transaction.atomic
def exempt(*, initiative: Initiative, kind: str, key: str, ground: str, reason: str, by: User) -> Exemption:
    """Keep one document of the case back. Case files made before can no longer be fetched.

    Raises `NotAllowed`, `Refused` where there is no such document or no reason, or `Conflict` where it is exempt.
    """
    initiative = lock(initiative)
    require_exempter(by, initiative)
    document = next((one for one in contents_of(initiative).documents if one.ref == (kind, key)), None)
    if document is None:
        raise Refused("Dokumentet findes ikke i sagens akter.")
    if not reason.strip():
        raise Refused("Skriv, hvorfor dokumentet undtages.")
    if Exemption.objects.in_force().filter(initiative=initiative, kind=kind, key=key).exists():
        raise Conflict("Dokumentet er allerede undtaget fra aktindsigt.")
    made = Exemption(
        initiative=initiative, kind=kind, key=key, title=document.title, ground=ground, reason=reason,
        made_by=by, made_at=timezone.now(),
    )  # fmt: skip
    save_with_reason(made, by=by, reason="Undtaget fra aktindsigt")
    withdraw_case_files(initiative)
    return made


@transaction.atomic
def lift(*, exemption: Exemption, by: User) -> Exemption:
    """Let the document be handed out again. Raises `NotAllowed`, or `Conflict` where it is already."""
    require_exempter(by, lock(exemption.initiative))
    exemption = Exemption.objects.select_for_update(of=("self",)).get(pk=exemption.pk)
    if exemption.lifted_at:
        raise Conflict("Undtagelsen er allerede ophævet.")
    exemption.lifted_by, exemption.lifted_at = by, timezone.now()
    save_with_reason(exemption, by=by, reason="Undtagelse fra aktindsigt ophævet")
    return exemption
