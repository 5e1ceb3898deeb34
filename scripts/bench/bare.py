"""The yardstick: the least a Django page can be. Sessions and authentication, one template, one table of 44 rows by 8
columns, one query. Served by gunicorn as `scripts.bench.bare`; `prepare()` makes its table.
"""

import os
from pathlib import Path

import django
import environ
from django.conf import settings

ROWS, COLUMNS = 44, "abcdefgh"
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware"]  # fmt: skip

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=MIDDLEWARE,
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).resolve().parent]}
    ],
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402


class Line(models.Model):  # noqa: DJ008
    a, b, c, d, e, f, g, h = (models.CharField(max_length=50) for _ in COLUMNS)

    class Meta:
        app_label = "bare"


def table(request: HttpRequest) -> HttpResponse:
    return render(request, "bare.html", {"rows": Line.objects.all()})


def prepare() -> None:
    """Make and fill the table in an empty database."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    Line.objects.bulk_create(Line(**{name: f"Række {no}, {name}" for name in COLUMNS}) for no in range(ROWS))


urlpatterns = [path("", table)]
application = get_wsgi_application()

if __name__ == "__main__":
    prepare()
