"""What every test shares. The settings of the tests are in `tests/settings.py`."""

import pytest
from hypothesis import settings

from tests import chromium

settings.register_profile("susi", deadline=None, print_blob=True)  # a shared machine has slow moments
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
