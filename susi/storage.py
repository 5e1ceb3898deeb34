"""Where the files are: the documents, and in production the static files."""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

LEAST_FREE = 50 * 2**20  # bytes; a document takes less than one of these megabytes


class StorageUnfit(Exception):
    """No document can be stored now. The message is for the log."""


class Folder(FileSystemStorage):
    """The documents in a folder of this machine; with several machines a shared one, or a bucket (`susi.bucket`)."""

    def refuse_if_unfit(self) -> None:
        """Raise `StorageUnfit` where the folder takes no files or its disk is full. Writes nothing."""
        folder = Path(self.base_location)
        while not folder.exists():
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StorageUnfit("the folder of the documents takes no files")
        if shutil.disk_usage(folder).free < LEAST_FREE:
            raise StorageUnfit("the disk of the documents is full")


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Knows the addresses by heart: a page names some thirty, and they stand still while a process runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(super().url)
