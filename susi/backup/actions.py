"""Taking a backup of the whole system, and restoring it into an empty one."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.utils import validate_file_name
from django.db import connection, transaction

from susi.backup import tables
from susi.backup.archive import BLOCK, FILE, TABLE, Damaged, Reader, Writer, seal
from susi.errors import Refused
from susi.files import stored_files
from susi.health import applied_migrations, known_migrations


@dataclass
class Contents:
    """What an archive holds: rows and files, and the files that rows name and that were not to be found."""

    rows: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)


def back_up(path: Path) -> Contents:
    """Write everything to a new archive at `path`, as it stood at one moment, while others go on working.

    A file is stored before the row that names it, and never changed: so what the rows of the moment name is there.
    Raises `Refused` where `path` is there already or the tables are not those of this code.
    """
    if path.exists():
        raise Refused(f"{path} findes allerede. Vælg et andet navn: En sikkerhedskopi overskrives aldrig.")
    _refuse_other_tables()
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        contents = _write(unfinished)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return contents


def _write(path: Path) -> Contents:
    contents = Contents()
    path.touch(mode=0o600)  # it holds names, log-ins and drafts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, one_moment():
        writer = Writer(archive)
        for model in tables.tables():
            name = TABLE.format(model._meta.label)
            rows = writer.add(name, tables.lines(model)) - 1  # the first line names the columns
            writer.members[name]["rows"] = rows
            contents.rows += rows
        _write_files(writer, contents)
        migrations = sorted(applied_migrations())
        writer.close(database=connection.vendor, migrations=migrations, missing=contents.missing)
    seal(path)
    return contents


def _write_files(writer: Writer, contents: Contents) -> None:
    for stored in stored_files():
        try:
            file = default_storage.open(stored.name, "rb")
        except FileNotFoundError:
            contents.missing.append(stored.name)
            continue
        with file:
            writer.add(FILE.format(stored.name), iter(lambda: file.read(BLOCK), b""))  # noqa: B023
        contents.files += 1


@contextmanager
def one_moment() -> Iterator[None]:
    """Let every query within see the database as it stands at the first of them, without holding up whoever writes."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    mode = connection.transaction_mode  # type: ignore[attr-defined]
    connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]


def restore(path: Path) -> Contents:
    """Fill the empty system from the archive at `path`, all or nothing.

    Everything is verified before anything is touched. Raises `Damaged` where the archive is not whole, `Refused` where
    the system is not empty or the tables are not those the archive was taken from.
    """
    with Reader(path) as archive:
        _refuse_other_migrations(archive)
        _refuse_other_tables()
        _refuse_other_members(archive)
        _refuse_unless_empty(archive)
        contents = Contents(missing=list(archive.manifest["missing"]))
        written: list[str] = []
        try:
            with transaction.atomic(durable=True):
                contents.rows = _fill_tables(archive)
                for name in _names_of_files(archive):
                    _restore_file(archive, name, written)
        except BaseException:
            for name in written:
                default_storage.delete(name)
            raise
    contents.files = len(written)
    ContentType.objects.clear_cache()
    return contents


def _fill_tables(archive: Reader) -> int:
    models = tables.tables()
    tables.empty(model for model in reversed(models) if model._meta.label in tables.MADE_BY_MIGRATE)
    total = 0
    for model in models:
        name = TABLE.format(model._meta.label)
        rows = tables.fill(model, archive.lines(name))
        if rows != archive.members[name]["rows"]:
            raise Damaged(f"{name} har ikke det antal rækker, fortegnelsen siger.")
        total += rows
    tables.count_on()
    connection.check_constraints()
    return total


def _restore_file(archive: Reader, name: str, written: list[str]) -> None:
    with archive.archive.open(FILE.format(name)) as member:
        stored = default_storage.save(name, File(member, name=name))
    written.append(stored)
    if stored != name:
        raise Refused(f"Filen {name} kunne ikke lægges på sin plads. Tøm filerne, og prøv igen.")


def _names_of_files(archive: Reader) -> list[str]:
    prefix = FILE.format("")
    return [name.removeprefix(prefix) for name in archive.members if name.startswith(prefix)]


def _refuse_other_tables() -> None:
    missing = known_migrations() - applied_migrations()
    if missing:
        raise Refused("Databasens tabeller svarer ikke til denne udgave. Kør manage.py migrate først.")
    apps = {app for app, _ in known_migrations()}
    if any(app in apps for app, _ in applied_migrations() - known_migrations()):
        raise Refused("Databasens tabeller er nyere end denne udgave, som ikke kender alt i dem. Brug den nye udgave.")


def _refuse_other_migrations(archive: Reader) -> None:
    theirs = {(app, name) for app, name in archive.manifest["migrations"]}
    ours = applied_migrations()
    if theirs == ours:
        return
    differing = sorted(theirs ^ ours)
    app, name = differing[0]
    raise Refused(
        f"Sikkerhedskopien er taget af en anden udgave: {len(differing)} ændringer af tabellerne er forskellige, "
        f"den første er {app}.{name}. Installér den udgave, kopien er taget af, indlæs den dér, og opgradér derefter."
    )


def _refuse_other_members(archive: Reader) -> None:
    """Every table is there and no other, and no file's name leads out of its folder."""
    expected = {TABLE.format(model._meta.label) for model in tables.tables()}
    names = {name for name in archive.members if not name.startswith(FILE.format(""))}
    if expected != names:
        raise Damaged(f"Sikkerhedskopien har andre tabeller: {', '.join(sorted(expected ^ names))}.")
    for name in _names_of_files(archive):
        try:
            validate_file_name(name, allow_relative_path=True)
        except SuspiciousFileOperation as error:
            raise Damaged("Sikkerhedskopien indeholder et filnavn, der fører ud af mappen.") from error


def _refuse_unless_empty(archive: Reader) -> None:
    named_first = sorted(tables.tables(), key=lambda one: bool(one._meta.auto_created or hasattr(one, "history_type")))
    for model in named_first:
        if model._meta.label not in tables.MADE_BY_MIGRATE and not tables.is_empty(model):
            raise Refused(
                f"Systemet er ikke tomt: Der er {model._meta.verbose_name_plural}. "
                "Indlæs i en ny database, hvor kun manage.py migrate er kørt."
            )
    for name in _names_of_files(archive):
        if default_storage.exists(name):
            raise Refused(f"Systemet er ikke tomt: Filen {name} findes allerede. Brug en tom mappe eller bøtte.")
