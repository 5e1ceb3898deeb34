"""What the tests of the desk share."""

import pytest

from susi import typesetting


@pytest.fixture(autouse=True)
def printed_as_text(monkeypatch, request) -> None:
    """Let a document be what it is typeset from, but where the test is about the bytes."""
    if "real" not in request.keywords:
        monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())
