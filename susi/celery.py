"""The background worker, `celery -A susi worker`, and its clock, `celery -A susi beat`.

Tasks are declared with `@app.task` on the app below, so the web process loads Celery only where a task is imported.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

app = Celery("susi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# What is done by the clock, in Copenhagen (`CELERY_TIMEZONE`). The mail of a week goes out on Monday; the days after
# try again what failed, and catch up where nobody was there on Monday.
app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "digests": {"task": "desk.tasks.send_digests", "schedule": crontab(hour="7", minute="0", day_of_week="mon-fri")},
    "case files": {"task": "desk.tasks.expire_case_files", "schedule": crontab(hour="3", minute="30")},
}
