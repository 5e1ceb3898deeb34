"""What every test shares. The settings of the tests are in `tests/settings.py`."""

import os

import pytest
from hypothesis import settings

from tests import chromium

# A shared machine has slow moments. In CI the examples are the same each time; elsewhere new ones are looked for.
settings.register_profile("susi", deadline=None, print_blob=True, derandomize=os.environ.get("CI") == "true")
settings.load_profile("susi")


@pytest.hookimpl(tryfirst=True)  # before those that are not asked for are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it in the end. What asks no database says the
    same on every one.
    """
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or item.get_closest_marker("browser")))
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if not item.get_closest_marker("django_db") and "django_db_setup" not in fixtures and "db" not in fixtures:
            item.add_marker("once")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of the browser tests; without one they are left out, and `make test` says so."""
    path = chromium.find()
    if not path:
        pytest.skip("Chromium findes ikke")
    return path
