"""What the background worker does for the desk, by the clock of `susi.celery` or when asked."""

import logging
from contextlib import suppress

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
def make_case_file(pk: int, done: int) -> None:
    """Make the step of an ordered case file that comes after those `done`, and ask for the one after it: none takes
    long. Of two calls for one step, one makes it and goes on; the other ends."""
    with suppress(case_files.Overtaken):
        case_file = case_files.make_step(CaseFile.objects.get(pk=pk), done=done)
        if case_file.is_making:
            make_case_file.delay(pk, case_file.done)


@app.task
def make_waiting_case_files() -> None:
    """Ask for the case files that are still being made: the broker was away, its queue was lost, or the worker was
    stopped in the middle. Asked for by the clock; one that is already asked for is not asked for any faster."""
    for pk, done in case_files.waiting_case_files():
        make_case_file.delay(pk, done)


@app.task
def expire_case_files() -> None:
    """Take away the case files that have been there long enough."""
    log.info("Case files taken away: %s", case_files.expire_case_files())
