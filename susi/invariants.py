"""What always holds, asked of the rows and files as they are: what no page can break, but a shell, a script or a disk.

Each app lists its own in `<app>/invariants.py` as `INVARIANTS`: functions without arguments that yield a `Breach` for
everything found wrong, in constant memory. They read and repair nothing. `manage.py check_portfolio` asks them all.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import NamedTuple

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from susi.files import file_columns, stored_files, stored_names
from susi.health import applied_migrations, known_migrations
from susi.leaving import has_no_name
from susi.models import User
from susi.words import missing

A_WHILE = timedelta(hours=1)  # a file is stored before its row is committed


class Breach(NamedTuple):
    """What is wrong, in a Danish sentence, and with what: the number of an initiative or document, or a name."""

    about: str
    sentence: str


Invariant = Callable[[], Iterable[Breach]]


def all_invariants() -> list[Invariant]:
    """Return those of every app, in the order of the apps."""
    found: list[Invariant] = []
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, "invariants"):
            found.extend(import_module(f"{app.name}.invariants").INVARIANTS)
    return found


def breaches() -> Iterator[Breach]:
    """Yield everything that is wrong in the whole system."""
    for invariant in all_invariants():
        yield from invariant()


def migrations_are_those_of_the_code() -> Iterator[Breach]:
    """The tables are those this code was written for."""
    for app, name in sorted(known_migrations() - applied_migrations()):
        yield Breach(f"{app}.{name}", "Ændringen af databasens tabeller er ikke udført. Kør manage.py migrate.")


def rules_are_in_the_database() -> Iterator[Breach]:
    """Every constraint of every model stands in the database, which then refuses what breaks it (ADR 2)."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            expected = {constraint.name for constraint in model._meta.constraints}
            if not expected:
                continue
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
            for name in sorted(expected - set(there)):
                yield Breach(model._meta.db_table, f"Reglen {name} mangler i databasen, så den håndhæves ikke.")


def references_lead_somewhere() -> Iterator[Breach]:
    """Every foreign key names a row. PostgreSQL sees to it itself; SQLite only while the check is on."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        while row := cursor.fetchone():
            yield Breach(row[0], f"Række {row[1]} henviser til en række i {row[2]}, som ikke findes.")


def rows_have_their_files() -> Iterator[Breach]:
    """Every file a row names is there."""
    for stored in stored_files():
        if not default_storage.exists(stored.name):
            yield Breach(stored.name, f"Filen findes ikke, men {stored.owner} siger, at den er gemt.")


def files_have_their_rows() -> Iterator[Breach]:
    """Every stored file is named by a row. One stored just now may be waiting for its row to be committed."""
    for name in stored_names():
        has_row = any(model._base_manager.filter(**{field: name}).exists() for model, field in file_columns())
        if not has_row and timezone.now() - default_storage.get_modified_time(name) > A_WHILE:
            yield Breach(name, "Filen hører ikke til nogen række. Den kan være efterladt af et job, der blev afbrudt.")


def who_has_left_has_no_name() -> Iterator[Breach]:
    """The account of a person who has left is closed, and its name is taken out of it and of its history."""
    for person in User.objects.filter(left_at__isnull=False).order_by("pk").iterator():
        if not has_no_name(person):
            yield Breach(f"Bruger {person.pk}", "Personen er fratrådt, men kontoen er åben eller har et navn.")


def every_word_is_found() -> Iterator[Breach]:
    """A search finds every word of the texts that are searched (`susi.words`)."""
    for table, what in missing():
        yield Breach(table, f"{what}, så en søgning kan overse noget eller tage lang tid.")


INVARIANTS: tuple[Invariant, ...] = (
    migrations_are_those_of_the_code,
    rules_are_in_the_database,
    references_lead_somewhere,
    rows_have_their_files,
    files_have_their_rows,
    who_has_left_has_no_name,
    every_word_is_found,
)
