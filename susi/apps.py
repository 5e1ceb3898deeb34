from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps
from django.db.backends.signals import connection_created

_STATEMENTS_KEPT = 500


class SusiConfig(AppConfig):
    name = "susi"
    verbose_name = "Brugere"

    def ready(self) -> None:
        connection_created.connect(keep_statements)


def keep_statements(connection: Any, **kwargs: Any) -> None:
    """Let a connection to PostgreSQL keep the queries of all pages: psycopg would give them up from 100 (ADR 14)."""
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = _STATEMENTS_KEPT


class AdministrationConfig(apps.AdminConfig):
    """Django's admin, with a site of our own."""

    default = False
    default_site = "susi.administration.AdministrationSite"
