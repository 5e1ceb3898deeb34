"""A page on paper, and for those who want nothing to move."""

import pytest
from django.urls import reverse

from susi.roles import Role
from tests.browser.screen import Screen
from tests.factories import person
from tests.pages import Place, places
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SHEETS = {"auto": (794, 673), "susi-wide": (1123, 1047)}  # A4 in CSS pixels, and what the margins leave of it
LONG = "Eksempel Implementeringsstøttekoordinationsgruppe"
PRINTED = (
    "overview  (Leder)",
    "portfolio:initiative_list  (Initiativansvarlig)",
    "portfolio:initiative_detail hub (Leder)",
    "assessments:criterion criterion (Initiativansvarlig)",
    "assessments:detail approved (Leder)",
    "bilag1  (Leder)",
    "changes  (Leder)",
    "statistics  (Leder)",
    "registers_deviations  (Leder)",
    "participants:map  (Leder)",
    "handbook_topic help (Leder)",
)
ON_PAPER = """(width) => {
  document.body.style.width = `${width}px`;
  const shown = (one) => one.getClientRects().length && getComputedStyle(one).visibility === "visible";
  const pressed = ".skipnav, nav, .button, .function-link, footer, details:not([open])";
  return {
    pressed: [...document.querySelectorAll(pressed)].filter(shown).map((one) => one.outerHTML.slice(0, 120)),
    wide: [...document.querySelectorAll("main *:not(.sr-only)")]
      .filter((one) => !one.ownerSVGElement && shown(one) && one.getBoundingClientRect().right > width + 1)
      .map((one) => one.outerHTML.slice(0, 120)),
    cut: [...document.querySelectorAll("main *")]
      .filter((one) => getComputedStyle(one).overflowX === "auto" && one.scrollWidth > one.clientWidth)
      .map((one) => one.outerHTML.slice(0, 120)),
  };
}"""
MOVING = """() => Math.max(...[...document.querySelectorAll("*")].flatMap((one) =>
  ["", "::before", "::after"].flatMap((part) => {
    const style = getComputedStyle(one, part);
    return [style.transitionDuration, style.animationDuration].flatMap((all) => all.split(", ").map(parseFloat));
  })))"""


def test_what_is_printed_is_the_content_and_all_of_it(screen: Screen) -> None:
    world, wrong = World(2, text=LONG), {}
    asked = [page for page in places(world) if page.name in PRINTED]
    assert len(asked) == len(PRINTED)
    screen.page.emulate_media(media="print")
    for page in asked:
        found = on_paper(screen.enter(world.person_as(page.role)), page)
        if any(found.values()):
            wrong[page.name] = found
    assert wrong == {}


def on_paper(screen: Screen, page: Place) -> dict[str, list[str]]:
    """Return what is wrong with the page on its sheet: some lie on their side."""
    sheet = screen.opens(page.address).page.evaluate("() => getComputedStyle(document.body).page")
    outer, inner = SHEETS[sheet]
    screen.page.set_viewport_size({"width": outer, "height": 900})
    return screen.page.evaluate(ON_PAPER, inner)


@pytest.mark.parametrize("view", ["overview", "admin:index"])
def test_nothing_moves_for_those_who_have_asked_for_that(screen: Screen, view: str) -> None:
    screen.enter(person(Role.ADMINISTRATOR)).opens(reverse(view))
    assert view == "admin:index" or screen.page.evaluate(MOVING) > 0.1
    screen.page.emulate_media(reduced_motion="reduce")
    assert screen.page.evaluate(MOVING) < 0.001
