"""Migrations run while the code before them serves (`docs/operations.md`, Upgrade): a release only adds.

What takes away, renames, narrows or asks for more than the old code gives is refused here, unless it was looked at.
"""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.migrations import AddConstraint, AddField, AlterField, CreateModel, Migration, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddIndex, AlterModelManagers, AlterModelOptions, SeparateDatabaseAndState
from django.db.migrations.state import ProjectState

from tests.test_repository import APPS

ADDS = (CreateModel, AddIndex, AlterModelOptions, AlterModelManagers)

# What breaks the rule and was looked at: nobody runs the code before these, for they all come with the first release.
# One that comes later stands here with why the old code goes on, or with the note that the web is stopped for it.
REVIEWED = {
    *("assessments.0002_history_of_search_and_people", "assessments.0003_fill_search"),
    *("assessments.0005_words_to_search", "portfolio.0002_history_of_search_and_people"),
    *("portfolio.0003_fill_history_of_search", "portfolio.0007_continuation_split", "portfolio.0008_course"),
    *("susi.0002_roles", "susi.0004_first_history_of_people"),
    *("assessments.0004_history_reasons_whole", "phases.0003_history_reasons_whole"),
    *("portfolio.0005_history_reasons_whole", "susi.0005_history_reasons_whole"),
    "portfolio.0009_indexes_of_the_overview",  # in place of each index it takes away is a better one of the same column
    # Triggers, which learn what the old code writes, too, and indexes that are made while it writes.
    *("susi.0009_words", "portfolio.0010_words", "portfolio.0012_words_found"),
    *("assessments.0008_words_of_assessments", "assessments.0009_words_of_deviations", "assessments.0011_words_found"),
}


def ours() -> Iterator[tuple[Migration, ProjectState]]:
    """Yield every migration of ours with the state of the tables before it."""
    loader = MigrationLoader(None)
    for app, name in sorted(key for key in loader.graph.nodes if key[0] in APPS):
        yield loader.get_migration(app, name), loader.project_state((app, name), at_end=False)


def breaches(migration: Migration, before: ProjectState) -> Iterator[str]:
    """Yield what the code before `migration` may not survive."""
    state, new = before.clone(), set()
    for operation in migration.operations:
        if isinstance(operation, CreateModel):
            new.add(operation.name_lower)
        elif getattr(operation, "model_name_lower", "") not in new and not is_harmless(operation, migration, state):
            yield operation.describe()
        operation.state_forwards(migration.app_label, state)


def is_harmless(operation: object, migration: Migration, before: ProjectState) -> bool:
    """Whether code that does not know of it can go on reading and writing."""
    if isinstance(operation, AddField):
        field = operation.field
        return field.many_to_many or field.null or field.has_db_default()
    if isinstance(operation, AlterField):
        old = before.models[migration.app_label, operation.model_name_lower].fields[operation.name]
        return not changes(old, operation.field)
    return isinstance(operation, ADDS)


def changes(old: models.Field, new: models.Field) -> bool:
    """Whether `new` refuses what `old` took, or is kept otherwise: PostgreSQL answers a plan it has kept with an error
    where a column it gives is of another type or length (ADR 14).
    """
    is_as_before = type(old) is type(new) and old.max_length == new.max_length
    return bool((old.null and not new.null) or (new.unique and not old.unique) or not is_as_before)


@pytest.mark.parametrize(("migration", "before"), [pytest.param(*one, id=str(one[0])) for one in ours()])
def test_the_code_before_a_migration_goes_on(migration: Migration, before: ProjectState) -> None:
    found = list(breaches(migration, before))
    assert bool(found) is (str(migration) in REVIEWED), found  # nor does any stand there that need not


A_TABLE = CreateModel(
    "Thing", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=50))]
)


@pytest.mark.parametrize(
    ("operation", "is_breach"),
    [
        (AddField("Thing", "more", models.TextField(null=True)), False),
        (AddField("Thing", "more", models.TextField(db_default="")), False),
        (AddField("Thing", "more", models.TextField(default="")), True),
        (AlterField("Thing", "name", models.CharField("Navn", max_length=50)), False),
        (AlterField("Thing", "name", models.CharField(max_length=80)), True),
        (AlterField("Thing", "name", models.TextField()), True),
        (AlterField("Thing", "name", models.CharField(max_length=20)), True),
        (AlterField("Thing", "name", models.IntegerField()), True),
        (AlterField("Thing", "name", models.CharField(max_length=50, unique=True)), True),
        (RunSQL("DROP TABLE thing"), True),
        (RunPython(RunPython.noop), True),
        (AddConstraint("Thing", models.CheckConstraint(name="named", condition=~models.Q(name=""))), True),
        (SeparateDatabaseAndState(), True),
        (AddIndex("Thing", models.Index("name", name="by_name")), False),
    ],
)
def test_what_is_a_breach(operation, is_breach: bool) -> None:
    before = ProjectState()
    A_TABLE.state_forwards("app", before)
    migration = Migration("0002", "app")
    migration.operations = [operation]
    assert bool(list(breaches(migration, before))) is is_breach
