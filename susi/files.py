"""The stored files and the rows that name them, whichever models they belong to."""

import hashlib
import posixpath
from collections.abc import Iterator
from typing import IO, NamedTuple

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models

CHUNK = 500
_BLOCK = 2**16


class StoredFile(NamedTuple):
    """A file by its name in the storage, and the row that names it, in words."""

    name: str
    owner: str


def file_columns() -> list[tuple[type[models.Model], str]]:
    """Return every column that names a file, as (model, field)."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.FileField)
    ]


def stored_files() -> Iterator[StoredFile]:
    """Yield every file that a row names."""
    for model, field in file_columns():
        named = model._base_manager.exclude(**{field: ""}).order_by("pk")
        for pk, name in named.values_list("pk", field).iterator(chunk_size=CHUNK):
            yield StoredFile(name, f"{model._meta.verbose_name} nr. {pk}")


def stored_names() -> Iterator[str]:
    """Yield the name of every file in the storage, whoever it belongs to."""
    yield from _within("")


def _within(folder: str) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (posixpath.join(folder, name) for name in sorted(names))
    for one in sorted(folders):
        yield from _within(posixpath.join(folder, one))


def sha256_of(name: str | None) -> str:
    """Return the SHA-256 of the stored file, "" where there is none."""
    if not name or not default_storage.exists(name):
        return ""
    with default_storage.open(name, "rb") as file:
        return checksum_of(file)


def checksum_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of what is left to read of `file`."""
    total = hashlib.sha256()
    while block := file.read(_BLOCK):
        total.update(block)
    return total.hexdigest()
