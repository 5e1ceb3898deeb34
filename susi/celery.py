"""The background worker: `celery -A susi worker`.

Tasks are declared with `@app.task` on the app below, so the web process loads Celery only where a task is imported.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

app = Celery("susi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
