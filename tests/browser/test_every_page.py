"""Every page in a real browser, wide and narrow: styled, in its window, and free of breaches of WCAG 2.2 AA."""

import pytest

from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen
from tests.pages import PAGES, Place, places
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Eksempel Implementeringsstøttekoordinationsgruppe"
ADMINISTRATION = (
    "admin:index ",
    "admin:phases_edition_publish ",
    "admin:susi_user_add ",
    "admin:susi_user_changelist ",
    "admin:portfolio_agreement_changelist ",
    "admin:portfolio_programme_change ",
)


def to_look_at(world: World) -> list[Place]:
    """Return every page once, for the first it is for; the overview for all; of the administration a few."""
    first = {(view, place, query): str(roles[0]) for view, place, roles, query in PAGES}
    for_all = {f"{view} {place}{query} ({role})" for (view, place, query), role in first.items()}
    return [
        page
        for page in places(world)
        if (page.name in for_all or page.name.startswith("overview"))
        and not page.name.startswith("assessments:pdf")
        and (not page.name.startswith("admin:") or page.name.startswith(ADMINISTRATION))
    ]


def test_every_page_is_sound_wide_and_narrow(screen: Screen) -> None:
    world, faults = World(2, text=LONG), {}
    for role in Role:
        screen.enter(world.person_as(role))
        for page in [page for page in to_look_at(world) if page.role == role]:
            screen.page.set_viewport_size(WIDE)
            screen.opens(page.address)
            faults[f"{page.name} wide"] = screen.faults()
            screen.page.set_viewport_size(NARROW)
            faults[f"{page.name} narrow"] = screen.faults()
    wrong = [f"{name}: {fault}" for name, found in faults.items() for fault in found]
    assert not wrong, "\n".join(wrong)
