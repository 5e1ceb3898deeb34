"""The table of the bare view in Django's admin list, for comparison. Served by gunicorn as `scripts.bench.bare_admin`;
run as a program, it makes somebody who may see it, and prints the key of that person's session.
"""

import os

import django
import environ
from django.conf import settings

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=MIDDLEWARE,
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    STATIC_URL="static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": PROCESSORS},
        }
    ],
    USE_TZ=True,
)
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402

COLUMNS = "abcdefgh"


class Line(models.Model):  # noqa: DJ008
    a, b, c, d, e, f, g, h = (models.CharField(max_length=50) for _ in COLUMNS)

    class Meta:
        app_label = "auth"  # the admin lists no model without an app
        db_table = "bare_line"
        managed = False


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    list_display = tuple(COLUMNS)


def session() -> str:
    call_command("migrate", verbosity=0)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("admin"))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


urlpatterns = [path("", admin.site.urls)]
application = get_wsgi_application()

if __name__ == "__main__":
    print(session())
