"""Ordering the case file, making it step by step, and taking it away again."""

import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from desk.case_file import making
from desk.case_file.documents import contents_of
from desk.models import CaseFile
from portfolio.access import require_case_file
from portfolio.actions import lock
from portfolio.models import Initiative
from susi.days import today
from susi.errors import Refused
from susi.models import User

log = logging.getLogger(__name__)


@transaction.atomic
def order_case_file(*, initiative: Initiative, by: User) -> CaseFile:
    """Begin to make the case file, of what there is now. Return it; the one that is being made where there is one (a
    second click), which is taken up again where its making was broken off.

    Raises `NotAllowed`.
    """
    initiative = lock(initiative)
    require_case_file(by, initiative)
    case_file = CaseFile.objects.filter(initiative=initiative, state=CaseFile.State.MAKING).first()
    if case_file is None:
        contents = contents_of(initiative)
        plan = making.plan_of(initiative, contents)
        case_file = CaseFile.objects.create(
            initiative=initiative,
            ordered_by=by,
            ordered_at=timezone.now(),
            plan=plan,
            folder=f"sagsakter/{secrets.token_hex(12)}",
            steps=len(plan) + 1,
            documents=len(contents.documents),
            left_out=len([one for one in contents.documents if one.ref in contents.left_out]),
        )
    pk = case_file.pk
    transaction.on_commit(lambda: _make_soon(pk), robust=True)  # it is ordered, also where the queue is gone
    return case_file


def make_step(case_file: CaseFile) -> CaseFile:
    """Make the next step of it, the last of which is the zip. Return it as it stands then.

    Two that ask at once make one step each. What goes wrong ends the making, with the reason.
    """
    try:
        return _next_step(case_file)
    except Refused as refused:
        return _failed(case_file, str(refused))
    except OSError:
        log.exception("The case file %s could not be stored.", case_file.pk)
        return _failed(
            case_file, "Filen kunne ikke gemmes. Der mangler måske plads på serveren. Kontakt administratoren."
        )
    except Exception:
        log.exception("The case file %s could not be made.", case_file.pk)
        return _failed(
            case_file, "Der skete en fejl undervejs. Intet er udleveret. Prøv igen, eller kontakt administratoren."
        )


def make_whole(case_file: CaseFile) -> CaseFile:
    """Make all the steps that are left."""
    while case_file.is_making:
        case_file = make_step(case_file)
    return case_file


@transaction.atomic
def withdraw_case_files(initiative: Initiative) -> None:
    """Let nobody fetch what was made, or is being made, before a document was exempt.

    What is being made is locked first: one that is finished while we wait for it is then found among the ready ones.
    """
    mine = CaseFile.objects.select_for_update().filter(initiative=initiative)
    for case_file in mine.filter(state=CaseFile.State.MAKING):
        _end_making(case_file, "Et dokument er undtaget fra aktindsigt, mens akterne blev dannet. Bestil dem igen.")
    for case_file in mine.filter(state=CaseFile.State.READY):
        _take_away(case_file)


def expire_case_files() -> int:
    """Take away the files that have been there long enough. Return how many."""
    expired = 0
    for pk in CaseFile.objects.filter(state=CaseFile.State.READY, expires_on__lte=today()).values_list("pk", flat=True):
        with transaction.atomic():
            case_file = CaseFile.objects.select_for_update().get(pk=pk)
            if case_file.is_ready:
                _take_away(case_file)
                expired += 1
    return expired


@transaction.atomic
def _next_step(case_file: CaseFile) -> CaseFile:
    case_file = CaseFile.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=case_file.pk)
    if not case_file.is_making:
        return case_file
    plan: making.Plan = case_file.plan or []
    if case_file.done < len(plan):
        making.keep(case_file.folder, plan[case_file.done], case_file.done)
        case_file.done += 1
        case_file.save()
        return case_file
    return _finish(case_file, plan)


def _finish(case_file: CaseFile, plan: making.Plan) -> CaseFile:
    content, case_file.manifest_sha256 = making.zip_of(plan)
    with content:
        case_file.file.save(f"{secrets.token_hex(16)}.zip", content, save=False)
        case_file.size = case_file.file.size
    case_file.state, case_file.made_at, case_file.plan = CaseFile.State.READY, timezone.now(), None
    case_file.done = case_file.steps
    case_file.expires_on = today() + timedelta(days=settings.CASE_FILE_DAYS)
    case_file.save()
    transaction.on_commit(lambda: making.drop_parts(case_file.folder, plan))
    return case_file


@transaction.atomic
def _failed(case_file: CaseFile, problem: str) -> CaseFile:
    case_file = CaseFile.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=case_file.pk)
    if case_file.is_making:
        _end_making(case_file, problem)
    return case_file


def _end_making(case_file: CaseFile, problem: str) -> None:
    plan, case_file.plan = case_file.plan, None
    case_file.state, case_file.problem = CaseFile.State.FAILED, problem[:500]
    case_file.save()
    transaction.on_commit(lambda: making.drop_parts(case_file.folder, plan))


def _take_away(case_file: CaseFile) -> None:
    name, storage = str(case_file.file.name), case_file.file.storage
    case_file.file, case_file.state = "", CaseFile.State.EXPIRED
    case_file.save()
    transaction.on_commit(lambda: storage.delete(name))


def _make_soon(pk: int) -> None:
    """Ask the worker for it where there is one; else its page makes it, step by step."""
    if settings.PDF_IN_BACKGROUND:
        from desk.tasks import make_case_file  # it imports this module

        make_case_file.delay(pk)
