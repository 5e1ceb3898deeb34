"""What the background worker does for the whole system, by the clock of `susi.celery`."""

import logging

from susi import traces
from susi.celery import app

log = logging.getLogger(__name__)


@app.task
def expire_traces() -> None:
    """Take away what has been kept of people's coming and going long enough. Called twice, the second finds nothing."""
    log.info("Traces taken away: %s", traces.expire())
