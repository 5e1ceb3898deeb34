"""The background worker, `celery -A susi worker`, and its clock, `celery -A susi beat`.

Tasks are declared with `@app.task` on the app below, so the web process loads Celery only where a task is imported.
A job's lines in the log bear the id of the request that asked for it.
"""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings

from susi.logs import REQUEST_ID, WHO

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

app = Celery("susi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# What is done by the clock, in Copenhagen (`CELERY_TIMEZONE`). The mail of a week goes out on Monday; the days after
# try again what failed, and catch up where nobody was there on Monday.
app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "digests": {"task": "desk.tasks.send_digests", "schedule": crontab(hour="7", minute="0", day_of_week="mon-fri")},
    "waiting case files": {"task": "desk.tasks.make_waiting_case_files", "schedule": settings.CATCH_UP_SECONDS},
    "case files": {"task": "desk.tasks.expire_case_files", "schedule": crontab(hour="3", minute="30")},
    "traces": {"task": "susi.tasks.expire_traces", "schedule": crontab(hour="3", minute="40")},
}


@setup_logging.connect
def _log_as_the_web_does(**kwargs: Any) -> None:
    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def _pass_on_who_asks(headers: dict[str, Any], **kwargs: Any) -> None:
    headers["susi_request_id"], headers["susi_user_id"] = REQUEST_ID.get(), WHO.get()()


@task_prerun.connect
def _know_who_asked(task: Any, task_id: str, **kwargs: Any) -> None:
    REQUEST_ID.set(getattr(task.request, "susi_request_id", "") or task_id)
    user_id = getattr(task.request, "susi_user_id", None)
    WHO.set(lambda: user_id)


@task_postrun.connect
def _forget_who_asked(**kwargs: Any) -> None:
    REQUEST_ID.set("")
    WHO.set(lambda: None)
