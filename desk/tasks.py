"""What the background worker does for the desk, by the clock of `susi.celery` or when asked."""

import logging

from desk.actions import case_files, digests
from desk.models import CaseFile
from susi.celery import app
from susi.errors import Refused

log = logging.getLogger(__name__)


@app.task(time_limit=1800)
def send_digests() -> None:
    """Send the weekly mails, where this installation sends any. Called twice, the second call finds them sent."""
    try:
        log.info("Weekly mails: %s", dict(digests.send_digests()))
    except Refused as refused:
        log.info("%s", refused)


@app.task
def make_case_file(pk: int) -> None:
    """Make the next step of an ordered case file, and ask for the one after it: none takes long. Called twice, the
    calls share the steps."""
    if case_files.make_step(CaseFile.objects.get(pk=pk)).is_making:
        make_case_file.delay(pk)


@app.task
def make_waiting_case_files() -> None:
    """Ask for the case files that are still being made: the broker was away, or its queue was lost. Asked for by the
    clock; one that somebody is at work on is made no slower by two."""
    for pk in CaseFile.objects.filter(state=CaseFile.State.MAKING).order_by("pk").values_list("pk", flat=True):
        make_case_file.delay(pk)


@app.task
def expire_case_files() -> None:
    """Take away the case files that have been there long enough."""
    log.info("Case files taken away: %s", case_files.expire_case_files())
