"""The case file while it is made: the page goes on by itself, and is sound at every step."""

import pytest

from phases.terms import Phase
from susi import typesetting
from susi.roles import Role
from tests.browser.screen import Screen
from tests.factories import initiative_in, person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_it_is_made_while_one_looks_and_can_be_saved(screen: Screen, monkeypatch) -> None:
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())
    initiative = initiative_in(Phase.TRIAL)
    screen.enter(person(Role.MANAGER)).opens(f"/initiativer/{initiative.number}/akter/")
    screen.page.get_by_role("button", name="Hent sagens akter").click()
    screen.page.get_by_text("dele er dannet").wait_for()
    assert screen.faults() == []
    save = screen.page.get_by_role("link", name="Gem filen")
    save.wait_for()
    assert screen.faults() == []
    with screen.page.expect_download() as download:
        save.click()
    assert download.value.suggested_filename.startswith(f"Sagsakter_{initiative.number}_")
