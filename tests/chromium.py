"""Where the browser of the browser tests is."""

import os
import shutil
from pathlib import Path

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLAYWRIGHT = Path.home() / ".cache" / "ms-playwright"


def find() -> str:
    """Return the path of a Chromium: the environment's CHROMIUM, else an installed one, else empty."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, _PROGRAMS)]
    found += [str(path) for path in sorted(_PLAYWRIGHT.glob("chromium-*/chrome-linux*/chrome"), reverse=True)]
    return next((path for path in found if path), "")
