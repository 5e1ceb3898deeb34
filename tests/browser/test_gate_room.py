"""The gate room in a real browser: with the keyboard alone, without a connection, and with two who write."""

import re

import pytest
from playwright.sync_api import expect

from assessments.actions import drafting
from assessments.inputs import CriterionInput
from assessments.models import Assessment, Rating
from phases.terms import Phase, RatingValue
from portfolio.models import Initiative
from susi.roles import Role
from tests import factories
from tests.browser.keyboard import Keyboard
from tests.browser.screen import NARROW, Screen
from tests.factories import initiative_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def initiative(live_server) -> Initiative:
    factories.rulebook()
    return initiative_in(Phase.SCREENING, lead=person(Role.LEAD, first_name="Anna"))


def test_the_whole_way_with_the_keyboard_alone(screen: Screen, initiative: Initiative) -> None:
    keys = Keyboard(screen.page)
    screen.enter(initiative.lead).opens("/")
    keys.to("Påbegynd SUSI-vurdering").enters()
    keys.chooses("Spor", "Spor 1").to("Påbegynd SUSI-vurdering", kind="submit").enters()

    for code in ("M1.1", "M1.2", "M2.1"):
        expect(screen.page.locator("h2", has_text=code)).to_be_visible()
        departs = code == "M1.2"
        keys.chooses("Vurdering", "Delvist opfyldt" if departs else "Opfyldt")
        keys.to("Begrundelse", kind="textarea").writes(f"Begrundelse for {code}.")
        if departs:
            explains(keys)
        keys.to("Gem og fortsæt til").enters()

    keys.chooses("Er indsatsen egnet", "Ja").to("Konklusion", kind="textarea").writes("Indsatsen er velbeskrevet.")
    keys.chooses("Indstilling", "Initiativet indstilles til videreførelse")
    keys.chooses("Skal den nye viden formidles nu", "Nej").to("Begrundelse for svaret").writes("Ikke moden endnu.")
    keys.to("Gem", kind="submit").enters()
    expect(screen.page.get_by_text("Der mangler ikke noget.")).to_be_visible()
    keys.to("Indsend til godkendelse").enters()
    screen.is_sound("SUSI-vurderingen er indsendt til godkendelse.")
    assert Assessment.objects.get().state == Assessment.State.SUBMITTED


def explains(keys: Keyboard) -> None:
    keys.to("Faglig vurdering", "Grundlag")
    keys.page.keyboard.press("Space")
    keys.to("Begrundelse for fravigelsen").writes("Datagrundlaget er spinkelt.")
    keys.to("Håndtering").writes("Data indsamles i modningsfasen.")
    keys.to("Ansvarlig for håndteringen")
    keys.page.keyboard.type("Anna")  # the list goes to what one types
    keys.to("Dato for opfølgning").writes("01.09.2029")


@pytest.fixture
def draft(initiative: Initiative) -> Assessment:
    return factories.draft_of(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def room(screen: Screen, draft: Assessment) -> Screen:
    """The first criterion of the draft, opened by its lead."""
    screen.enter(draft.initiative.lead)
    return screen.opens(f"/initiativer/{draft.initiative.number}/vurderinger/{draft.no}/kriterier/M1.1/")


def status(room: Screen):
    return room.page.locator("[data-autosave-status]")


def test_what_is_written_without_a_connection_is_saved_when_it_is_back(room: Screen, draft: Assessment) -> None:
    room.context.set_offline(True)
    room.choose("Vurdering", "Opfyldt").write("Begrundelse", "Skrevet i toget.")
    expect(status(room)).to_contain_text("Ikke gemt: ingen forbindelse.")
    room.is_sound()
    assert not Rating.objects.exists()

    room.context.set_offline(False)
    expect(status(room)).to_contain_text("Gemt kl.", timeout=10_000)
    rating = Rating.objects.get()
    assert (rating.value, rating.reasoning) == (RatingValue.MET, "Skrevet i toget.")
    room.follow("M1.2").opens(room.page.url.replace("M1.2", "M1.1"))
    expect(room.page.get_by_label("Begrundelse", exact=True)).to_have_value("Skrevet i toget.")


@pytest.mark.parametrize("viewport", [None, NARROW], ids=["wide", "narrow"])
def test_when_two_write_both_texts_stay_until_one_is_chosen(room: Screen, draft: Assessment, viewport) -> None:
    if viewport:
        room.page.set_viewport_size(viewport)
    drafting.save_criterion(
        assessment=draft,
        criterion=draft.criteria().get(code="M1.1"),
        by=draft.initiative.lead,
        version=0,
        written=CriterionInput(value=RatingValue.MET, reasoning="Den andens tekst."),
    )
    with room.expecting(409):
        room.write("Begrundelse", "Min tekst.")
        expect(room.page.get_by_role("heading", name="har gemt, mens du skrev")).to_be_visible()
    room.is_sound("Den andens tekst.", "Min tekst.")
    assert Rating.objects.get().reasoning == "Den andens tekst."
    room.page.get_by_role("button", name="Gem min tekst").click()
    expect(status(room)).to_have_text(re.compile("^Gemt kl."))
    assert Rating.objects.get().reasoning == "Min tekst."
