"""What one does without a mouse, beside the way through the gate room (`test_gate_room`): the focus is seen, lies under
nothing, and is never lost, also where something on the page is exchanged.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from assessments.actions import drafting
from assessments.inputs import CriterionInput
from assessments.models import Assessment, Rating
from phases.terms import Outcome, Phase, RatingValue
from portfolio.models import Decision, Initiative
from susi.dates import danish
from susi.days import today
from susi.roles import Role
from tests import factories
from tests.browser.keyboard import Keyboard
from tests.browser.screen import NARROW, Screen
from tests.factories import initiative_in, person
from tests.files import pdf

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def initiative(live_server) -> Initiative:
    factories.rulebook()
    return initiative_in(Phase.SCREENING, lead=person(Role.LEAD, first_name="Anna"))


@pytest.fixture
def keys(screen: Screen) -> Keyboard:
    return Keyboard(screen.page)


def at_the_summary(keys: Keyboard) -> None:
    """Expect a page that says first that something is wrong, and what."""
    assert keys.page.title().startswith("Fejl: ")
    assert keys.page.evaluate("document.activeElement.dataset.module") == "error-summary"


@pytest.mark.parametrize("colours", ["none", "active"])
def test_a_manager_approves_and_registers_the_decision(screen: Screen, keys, initiative, colours) -> None:
    screen.page.emulate_media(forced_colors=colours)
    factories.submitted(initiative, to_phase=Phase.MATURATION)
    screen.enter(person(Role.MANAGER)).opens("/")
    keys.to("Læs SUSI-vurderingen").enters().to("Send tilbage med bemærkninger", kind="submit")
    with screen.expecting(422):
        keys.enters()
    at_the_summary(keys)
    keys.to("Bemærkninger", kind="a").press("Enter")
    assert keys.here()["kind"] == "textarea"
    keys.to("Godkend SUSI-vurderingen", key="Shift+Tab").enters().to("Registrér beslutning om faseovergang").enters()
    keys.to("Registrér beslutningen", kind="submit")
    with screen.expecting(422):
        keys.enters()
    at_the_summary(keys)
    keys.press("Tab").press("Enter")
    assert keys.here()["group"].startswith("Hvad er besluttet?")
    keys.press("Shift+Tab").chooses("Hvad er besluttet?", "Videreføres")
    keys.chooses("Hvem har besluttet det?", "Socialstyrelsen")
    keys.to("Hvornår er det besluttet?").writes(danish(today())).to("Registrér beslutningen", kind="submit").enters()
    screen.is_sound("Initiativet er nu i modning, spor 1.")
    assert Decision.objects.get().outcome == Outcome.CONTINUED


def test_a_list_is_filtered_and_what_is_folded_is_opened(screen: Screen, keys, initiative) -> None:
    screen.enter(initiative.lead).opens("/initiativer/")
    keys.to("Gå til sidens indhold").press("Enter").press("Tab")
    assert screen.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    keys.to("Vis en tidligere dag").press("Space").to("Vis, som det var den")
    keys.to("Fase", kind="select").press("ArrowDown").press("ArrowUp")
    keys.to("Flere filtre og sortering").press("Enter").to("Program", kind="select").to("Vis", kind="submit").enters()
    screen.is_sound("1 initiativ")
    keys.to(initiative.title).enters()
    expect(screen.heading).to_contain_text(initiative.title)


def test_the_menu_of_a_phone_holds_the_focus_and_gives_it_back(screen: Screen, keys, initiative) -> None:
    screen.page.set_viewport_size(NARROW)
    screen.enter(initiative.lead).opens("/")
    keys.to("Menu").press("Enter")
    for _ in range(25):
        assert screen.page.evaluate("document.activeElement.closest('.mobile-drawer') !== null"), keys.here()
        keys.press("Tab")
    keys.press("Escape")
    assert keys.here()["name"] == "Menu"
    keys.press("Enter").to("Mit arbejde").enters()
    expect(screen.heading).to_have_text("Mit arbejde")


def test_a_document_is_uploaded(screen: Screen, keys, initiative, tmp_path: Path) -> None:
    file = tmp_path / "videnssammenfatning.pdf"
    file.write_bytes(pdf())
    screen.enter(initiative.lead).opens(f"/initiativer/{initiative.number}/leverancer/")
    keys.to("Leverance a").enters().to("Tilføj en version").enters().to("Gem versionen")
    with screen.expecting(422):
        keys.enters()
    at_the_summary(keys)
    keys.to("Fil", kind="file")
    screen.page.locator(":focus").set_input_files(file)  # the window one chooses it in is the system's
    keys.to("Gem versionen").enters()
    screen.is_sound("er gemt.", "Version 1")


@pytest.fixture
def draft(initiative: Initiative) -> Assessment:
    return factories.draft_of(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def room(screen: Screen, draft: Assessment) -> Screen:
    """The first criterion of the draft, opened by its lead."""
    screen.enter(draft.initiative.lead)
    return screen.opens(f"/initiativer/{draft.initiative.number}/vurderinger/{draft.no}/kriterier/M1.1/")


def test_saving_takes_the_focus_from_nobody(room: Screen, keys: Keyboard) -> None:
    held: list[Route] = []  # the save, until the focus is where the answer will exchange what has it
    room.page.route("**/kriterier/**", lambda route: held.append(route), times=1)
    with room.page.expect_request(lambda request: request.method == "POST"):
        keys.chooses("Vurdering", "Opfyldt").to("Begrundelse", kind="textarea").writes("Det er vist.")
    room.page.locator("[data-autosave-missing] a").first.focus()
    settled = keys.here()["name"]
    held.pop().continue_()
    expect(room.page.locator("[data-autosave-status]")).to_contain_text("Gemt kl.")
    assert keys.here()["kind"] == "a"
    assert keys.here()["name"] != settled  # what was saved has settled it
    assert room.page.evaluate("document.activeElement.closest('[data-autosave-missing]') !== null")
    keys.to("Tilføj en henvisning", key="Shift+Tab").press("Enter")
    assert keys.here()["name"].startswith("Titel")


def test_after_a_conflict_one_writes_on(room: Screen, keys: Keyboard, draft: Assessment) -> None:
    criterion = draft.criteria().get(code="M1.1")
    written = CriterionInput(value=RatingValue.MET, reasoning="Den andens tekst.")
    drafting.save_criterion(assessment=draft, criterion=criterion, by=draft.initiative.lead, version=0, written=written)
    with room.expecting(409):
        keys.to("Begrundelse", kind="textarea").writes("Min tekst.")
        expect(room.page.get_by_role("alert").filter(has_text="har gemt, mens du skrev")).to_be_visible()
    assert keys.here()["kind"] == "textarea"
    keys.to("Gem min tekst", key="Shift+Tab").press("Enter")
    assert keys.here()["kind"] == "textarea"
    expect(room.page.locator("[data-autosave-status]")).to_contain_text("Gemt kl.")
    assert Rating.objects.get().reasoning == "Min tekst."
