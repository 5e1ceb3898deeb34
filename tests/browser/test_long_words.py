"""A word that is longer than its window."""

import pytest
from django.urls import reverse

from phases.terms import Phase
from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen
from tests.factories import initiative_in, person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_title_in_one_word_breaks(screen: Screen, viewport: dict[str, int]) -> None:
    lead = person(Role.LEAD, Role.MANAGER, first_name="W" * 100)
    number = initiative_in(Phase.SCREENING, lead=lead, title="W" * 300).number
    screen.enter(lead).page.set_viewport_size(viewport)
    own = ["initiative_detail", "initiative_edit", "initiative_people", "initiative_history"]
    addresses = [reverse(f"portfolio:{name}", args=[number]) for name in own]
    addresses += ["/", reverse("portfolio:initiative_list"), reverse("assessments:decision_create", args=[number])]
    for address in addresses:
        screen.opens(address)
        assert [fault for fault in screen.faults() if "too wide" in fault] == [], address
