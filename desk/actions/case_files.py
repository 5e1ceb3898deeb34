"""Ordering the case file, making it step by step, and taking it away again."""

import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
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

MOST_ATTEMPTS = 3  # at one step
_STUCK = f"Arbejdet gik i stå {MOST_ATTEMPTS} gange samme sted. Prøv igen, eller kontakt administratoren."


class Overtaken(Exception):
    """The step was made by another meanwhile, who goes on from there."""


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
    pk, done = case_file.pk, case_file.done
    transaction.on_commit(lambda: _make_soon(pk, done), robust=True)  # it is ordered, also where the queue is gone
    return case_file


def waiting_case_files() -> list[tuple[int, int]]:
    """Return the key of each that is being made, and how many of its steps are, without those somebody is at work on
    this moment (where the database can tell)."""
    waiting = CaseFile.objects.filter(state=CaseFile.State.MAKING).order_by("pk").values_list("pk", "done")
    if not connection.features.has_select_for_update_skip_locked:
        return list(waiting)
    with transaction.atomic():
        return list(waiting.select_for_update(skip_locked=True))


def make_step(case_file: CaseFile, *, done: int | None = None) -> CaseFile:
    """Make the next step of it, the last of which is the zip. Return it as it stands then.

    Two that ask at once make one step each, unless they say how many should be `done` before theirs: then one does.
    What goes wrong ends the making, with the reason; so does a step that time and again ends whoever makes it.

    Raises `Overtaken` where not so many are `done`.
    """
    try:
        _count_attempt(case_file, done)
        return _next_step(case_file, done)
    except Overtaken:
        raise
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
def _count_attempt(case_file: CaseFile, done: int | None) -> None:
    """Take down that the step is tried, before it is: one that ends the worker leaves no other trace."""
    case_file = _locked(case_file, done)
    plan: making.Plan = case_file.plan or []
    if not plan:
        return
    step = plan[min(case_file.done, len(plan) - 1)]  # the last one for the zip too
    step["attempts"] = step.get("attempts", 0) + 1
    if step["attempts"] > MOST_ATTEMPTS:
        raise Refused(_STUCK)
    case_file.save(update_fields=["plan"])


@transaction.atomic
def _next_step(case_file: CaseFile, done: int | None) -> CaseFile:
    case_file = _locked(case_file, done)
    if not case_file.is_making:
        return case_file
    plan: making.Plan = case_file.plan or []
    if case_file.done < len(plan):
        making.keep(case_file.folder, plan[case_file.done], case_file.done)
        plan[case_file.done].pop("attempts", None)
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
    case_file = _locked(case_file)
    if case_file.is_making:
        _end_making(case_file, problem)
    return case_file


def _locked(case_file: CaseFile, done: int | None = None) -> CaseFile:
    """Return it as it stands, locked. Raises `Overtaken` where not so many steps are `done`."""
    case_file = CaseFile.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=case_file.pk)
    if done is not None and case_file.done != done:
        raise Overtaken
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


def _make_soon(pk: int, done: int) -> None:
    """Ask the worker for it where there is one; else its page makes it, step by step."""
    if settings.PDF_IN_BACKGROUND:
        from desk.tasks import make_case_file  # it imports this module

        make_case_file.delay(pk, done)
