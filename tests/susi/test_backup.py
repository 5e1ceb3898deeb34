"""Backup and restore: all of it, exactly, all or nothing, and never from an archive that is not whole."""

import io
import json
import shutil
import threading
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from assessments.models import Assessment, Snapshot
from assessments.pdf import ensure_pdf
from phases.terms import Phase
from portfolio.models import Initiative, StatusNote
from susi import typesetting
from susi.backup import actions, tables
from susi.backup.actions import back_up, restore
from susi.backup.archive import Damaged, Reader, seal
from susi.errors import Refused
from susi.invariants import breaches
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())
    return tmp_path


@pytest.fixture
def document() -> Assessment:
    """A small system with a document."""
    factories.rulebook()
    manager = factories.person(Role.MANAGER)
    initiative = factories.initiative_in(Phase.SCREENING, title="Eksempel: »Ærø« og 100 %")
    note = {"text": "Linje\nog \u2028 tegn \\ i række", "written_by": manager, "written_at": manager.date_joined}
    StatusNote.objects.create(initiative=initiative, **note)
    return ensure_pdf(factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION))


@pytest.fixture
def within(monkeypatch) -> None:
    """Take the backup within the transaction of the test, which begins no other."""
    monkeypatch.setattr(actions, "one_moment", nullcontext)


def emptied() -> None:
    """Leave neither rows nor files."""
    tables.empty(reversed(tables.tables()))
    ContentType.objects.clear_cache()
    shutil.rmtree(default_storage.base_location)


def members(path: Path) -> dict:
    with Reader(path) as archive:
        return archive.members


@pytest.mark.django_db(transaction=True)
def test_everything_comes_back_as_it_was(folder) -> None:
    world = World()
    ensure_pdf(world.approved)
    first, second = folder / "first.zip", folder / "second.zip"
    taken = back_up(first)
    sums = list(Assessment.objects.order_by("pk").values_list("pk", "sealed_sha256", "pdf_sha256", "created_at"))
    counts = {model: model._base_manager.count() for model in tables.tables()}
    assert all(counts[model] for model in (Snapshot, Initiative.history.model, Initiative.members.through))
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(folder / "media")

    assert restore(first) == taken
    assert {model: model._base_manager.count() for model in tables.tables()} == counts
    assert (
        list(Assessment.objects.order_by("pk").values_list("pk", "sealed_sha256", "pdf_sha256", "created_at")) == sums
    )
    back_up(second)
    assert members(second) == members(first)  # the checksum of every table and file
    manager = User.objects.get(pk=world.manager.pk)
    assert (manager.check_password(factories.PASSWORD), manager.has_role(Role.MANAGER)) == (True, True)
    note = StatusNote.objects.create(
        initiative=world.hub, text="Eksempel", written_by=manager, written_at=manager.date_joined
    )
    assert note.pk > counts[StatusNote]
    assert {breach.sentence.partition(" er ændret, efter")[2] for breach in breaches()} <= {" at den trådte i kraft."}


def test_the_commands_say_what_they_did(folder, within, document) -> None:
    path, out = folder / "susi.zip", io.StringIO()
    call_command("backup", path, stdout=out)
    assert " rækker og 1 filer." in out.getvalue()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match=r"Intet er indlæst\. Systemet er ikke tomt: Der er (?!historical)"):
        call_command("restore", path)
    with pytest.raises(CommandError, match="findes allerede"):
        call_command("backup", path)
    assert document.initiative.title in Initiative.objects.values_list("title", flat=True)
    emptied()
    out = io.StringIO()
    call_command("restore", path, stdout=out)
    assert out.getvalue().startswith("Indlæst: ")
    assert Path(Assessment.objects.get().pdf.path).read_bytes()
    assert Initiative.objects.get().title == document.initiative.title
    assert StatusNote.objects.get().text == "Linje\nog \u2028 tegn \\ i række"
    assert list(breaches()) == []


def test_a_folder_that_is_not_there(folder) -> None:
    with pytest.raises(CommandError, match="kan ikke skrives"):
        call_command("backup", folder / "findes" / "ikke.zip")
    with pytest.raises(CommandError, match="findes ikke"):
        call_command("restore", folder / "findes-ikke.zip")


@pytest.mark.once
def test_any_damaged_byte_is_refused_before_anything_is_touched(folder, within, document) -> None:
    path = folder / "susi.zip"
    back_up(path)
    emptied()
    whole = path.read_bytes()
    damaged = folder / "damaged.zip"
    for place in [*range(0, len(whole), len(whole) // 40), len(whole) - 1]:
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            restore(damaged)
    for shortened in (whole[:-1], whole[: len(whole) // 2], whole + b"0", b""):
        damaged.write_bytes(shortened)
        with pytest.raises(Damaged):
            restore(damaged)
    assert not Initiative.objects.exists()
    restore(path)
    assert Initiative.objects.count() == 1


def rewritten(path: Path, *, without: str = "", change: dict | None = None, more: dict | None = None) -> Path:
    """Return an archive that differs in one thing and is sealed again, as by somebody who knows how."""
    copy = path.with_name("rewritten.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json" and change:
                content = json.dumps({**json.loads(content), **change}).encode()
            if not without or without not in name:
                new.writestr(name, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
        new.comment = b"0" * 64
    seal(copy)
    return copy


@pytest.mark.once
def test_what_is_missing_added_or_of_another_format_is_refused(folder, within, document) -> None:
    path = folder / "susi.zip"
    back_up(path)
    emptied()
    member = members(path)["database/portfolio.Initiative.jsonl"]
    known = {**members(path), "files/../../x": member}
    cases = {
        "mangler i sikkerhedskopien": {"without": "portfolio.Initiative."},
        "er beskadiget": {"without": "manifest"},
        "hører ikke til": {"more": {"files/x.pdf": b"x"}},
        "har formatet susi-backup/2": {"change": {"format": "susi-backup/2"}},
        "er ændret, siden": {"change": {"members": {**members(path), "database/portfolio.Programme.jsonl": member}}},
    }
    for sentence, how in cases.items():
        with pytest.raises(Damaged, match=sentence):
            restore(rewritten(path, **how))
    with zipfile.ZipFile(path) as archive:
        table = archive.read("database/portfolio.Initiative.jsonl")
    with pytest.raises(Damaged, match="fører ud af mappen"):
        restore(rewritten(path, change={"members": known}, more={"files/../../x": table}))
    assert not Initiative.objects.exists()


def test_another_state_of_the_tables_is_refused(folder, within, document) -> None:
    path = folder / "susi.zip"
    back_up(path)
    emptied()
    MigrationRecorder(connection).record_applied("portfolio", "9999_newer")
    try:
        with pytest.raises(Refused, match=r"taget af en anden udgave: 1 .* portfolio\.9999_newer"):
            restore(path)
        with pytest.raises(Refused, match="er nyere end denne udgave"):
            back_up(folder / "other.zip")
    finally:
        MigrationRecorder(connection).record_unapplied("portfolio", "9999_newer")
    MigrationRecorder(connection).record_unapplied("portfolio", "0001_initial")
    try:
        with pytest.raises(Refused, match="taget af en anden udgave"):
            restore(path)
        with pytest.raises(Refused, match=r"Kør manage\.py migrate"):
            back_up(folder / "other.zip")
    finally:
        MigrationRecorder(connection).record_applied("portfolio", "0001_initial")


def test_a_file_in_the_way_is_refused_and_a_failure_leaves_nothing(folder, within, document, monkeypatch) -> None:
    path, name = folder / "susi.zip", document.pdf.name
    back_up(path)
    tables.empty(reversed(tables.tables()))
    with pytest.raises(Refused, match=r"Filen susi-vurderinger/.* findes allerede"):
        restore(path)
    default_storage.delete(name)

    def fails(*args: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tables, "count_on", fails)
        with pytest.raises(OSError, match="No space"):
            restore(path)
    real = actions._restore_file

    def fails_after(*args: object) -> None:
        real(*args)
        fails()

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_restore_file", fails_after)
        with pytest.raises(OSError, match="No space"):
            restore(path)
    assert (Initiative.objects.exists(), default_storage.exists(name)) == (False, False)
    restore(path)
    assert default_storage.exists(name)


@pytest.mark.once
def test_a_file_that_is_gone_is_told_when_the_backup_is_taken_and_when_it_is_restored(folder, within, document) -> None:
    default_storage.delete(document.pdf.name)
    path, err = folder / "susi.zip", io.StringIO()
    with pytest.raises(CommandError, match="der mangler filer") as failure:
        call_command("backup", path, stderr=err)
    assert (failure.value.returncode, document.pdf.name in err.getvalue()) == (2, True)
    emptied()
    err = io.StringIO()
    call_command("restore", path, stderr=err)
    assert document.pdf.name in err.getvalue()


@pytest.mark.once
def test_a_backup_that_fails_leaves_no_file(folder, within, document, monkeypatch) -> None:
    monkeypatch.setattr(actions, "seal", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        back_up(folder / "susi.zip")
    assert [one.name for one in folder.iterdir()] == ["media"]


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_one_moment_while_others_write(folder, document, monkeypatch) -> None:
    """What is committed meanwhile is wholly in it or wholly not: here not, it began after the first table."""
    real, written = tables.lines, threading.Event()

    def writes_meanwhile() -> None:
        with transaction.atomic():
            Initiative.objects.update(title="Skrevet imens")
        written.set()
        connection.close()

    def lines(model):
        yield from real(model)
        if not written.is_set():
            thread = threading.Thread(target=writes_meanwhile)
            thread.start()
            thread.join(timeout=20)

    monkeypatch.setattr(tables, "lines", lines)
    path = folder / "susi.zip"
    back_up(path)
    assert written.is_set()
    with Reader(path) as archive:
        rows = b"".join(archive.lines("database/portfolio.Initiative.jsonl"))
    assert b"Skrevet imens" not in rows
    assert Initiative.objects.get().title == "Skrevet imens"
