"""The entry point of the web server: `gunicorn susi.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

application = get_wsgi_application()
