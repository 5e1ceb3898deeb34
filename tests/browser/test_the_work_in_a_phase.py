"""A new officer carries a screening from the proposal to modning, without Drejebogen at hand: every step is reached by
the links of the page before, and what is worked out on the way is in place in the gate room."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from phases.loading import load_rulebook
from phases.terms import Phase, Track
from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen
from tests.factories import PASSWORD, person
from tests.files import pdf

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE = "Eksempel: Et trygt sted efter skole"
CONDITIONS = (
    "Rettet mod et konkret socialt problem",
    "En defineret og afgrænset indsats",
    "Efterlevelse af samlet indsats som forudsætning for virkning",
    "National vidensudvikling",
)


@pytest.fixture
def people(live_server) -> dict[Role, User]:
    return {
        Role.LEAD: person(Role.LEAD, username="anna", first_name="Anna"),
        Role.MANAGER: person(Role.MANAGER, username="lene", first_name="Lene"),
    }


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_screening_from_its_start_to_modning(screen: Screen, people, viewport, tmp_path: Path) -> None:
    load_rulebook(settings.BASE_DIR / "fixtures" / "rulebook.json")
    screen.page.set_viewport_size(viewport)
    lead, manager = people[Role.LEAD], people[Role.MANAGER]

    screen.log_in(lead, PASSWORD).opens("/initiativer/")
    proposes(screen)
    screen.log_in(manager, PASSWORD).follow("Registrér beslutning om forslaget")
    decides_that_it_begins(screen)

    screen.log_in(lead, PASSWORD).opens(f"/initiativer/{Initiative.objects.get().number}/")
    screen.follow("Gå til arbejdet i screeningsfasen").is_sound("Der er ikke lagt en strategi.", "0 af 6 leverancer")
    involves_the_users(screen)
    works_on_the_deliverables(screen, tmp_path)
    registers_who_takes_part(screen)
    plans_the_length(screen)
    chooses_the_track(screen)

    to_the_phase(screen).is_sound("Spor 1 er valgt i arket.", "Brugerne er inddraget 1 gang.", "1 deltager i fasen.")
    finds_the_documentation_in_the_gate_room(screen)
    rates_and_submits(screen)
    screen.log_in(manager, PASSWORD).follow("Læs SUSI-vurderingen")
    screen.is_sound("Videnssammenfatning (screening), version 1", "Indsatsen kan beskrives med fidelitetskriterier.")
    screen.press("Godkend SUSI-vurderingen").reads("SUSI-vurderingen er godkendt og forseglet.")
    decides_that_it_goes_on(screen)

    screen.log_in(lead, PASSWORD)
    passes_the_knowledge_on(screen)
    hands_out_the_case_file(screen)


def to_the_phase(screen: Screen) -> Screen:
    return screen.follow("Arbejdet i fasen")


def proposes(screen: Screen) -> None:
    screen.follow("Opret forslag").write("Titel", TITLE)
    screen.press("Opret forslaget").reads("Forslaget begynder, når det er besluttet.")
    to_the_phase(screen).is_sound("Initiativet er et forslag.")


def decides_that_it_begins(screen: Screen) -> None:
    screen.choose("Hvad er besluttet?", "Videreføres (initiativet begynder i en fase)")
    screen.choose("Hvem har besluttet det?", "Socialstyrelsen")
    screen.write("Hvornår er det besluttet?", danish(timezone.localdate()))
    screen.choose("Fase, der overgås til", "Screening")
    for condition in CONDITIONS:
        screen.choose(condition, "Opfyldt")
    screen.press("Registrér beslutningen").reads("Initiativet er nu i screening.")


def involves_the_users(screen: Screen) -> None:
    screen.follow("Læg en strategi for brugerinddragelse").follow("Læg en strategi for brugerinddragelse")
    screen.is_sound("Inddragelsen må ikke være symbolsk.")
    for area in screen.page.locator("form.work-form textarea").all():
        area.fill("Børn og forældre inddrages i workshopper.")
    screen.press("Gem strategien").reads("Strategien for brugerinddragelse er gemt.")
    screen.follow("Skriv i loggen").write("Hvornår?", danish(timezone.localdate()))
    screen.write("Hvad fandt sted?", "Workshop om åbningstider").write("Med hvem?", "Børn i 3. klasse")
    screen.press("Skriv i loggen").is_sound("Det er skrevet i loggen.")


def works_on_the_deliverables(screen: Screen, folder: Path) -> None:
    file = folder / "videnssammenfatning.pdf"
    file.write_bytes(pdf())
    to_the_phase(screen).follow("Leverancer").is_sound("Videnssammenfatning", "Ikke begyndt")
    screen.follow("Videnssammenfatning").is_sound("gennemsigtig redegørelse for vidensgrundlaget")
    screen.follow("Ret planen").write("Frist (frivilligt)", danish(timezone.localdate())).press("Gem planen")
    screen.follow("Tilføj en version").page.get_by_label("Fil", exact=True).set_input_files(file)
    screen.page.get_by_label("Leverancen er færdig med denne version").check()
    screen.press("Gem versionen").is_sound("Version 1 af »Videnssammenfatning« er gemt.")
    screen.follow("Leverancer").follow("Beskrivelse af prototypen").follow("Tilføj en version")
    screen.write("Journalnummer", "2026-1234-7").press("Gem versionen")
    screen.follow("Leverancer").follow("Indledende omkostningsvurdering").follow("Udelad leverancen")
    screen.write("Begrundelse", "Omkostningerne er belyst i en tidligere screening.").press("Udelad leverancen")
    screen.follow("Leverancer").is_sound("1 af 5 leverancer er færdig.", "Udeladt")


def registers_who_takes_part(screen: Screen) -> None:
    tabs = screen.page.get_by_role("navigation", name="Initiativets sider")
    tabs.get_by_role("link", name="Deltagere").click()
    screen.follow("Registrér deltager").follow("Opret organisation")
    screen.pick("Type", "Leverandør").write("Navn", "Eksempel: Foreningen Gadeplan").press("Opret organisationen")
    screen.reads("Registrér deltager").pick("Organisation", "Eksempel: Foreningen Gadeplan")
    screen.pick("Rolle", "Deltagende leverandør").press("Gem deltageren").is_sound("Deltageren er gemt.")


def plans_the_length(screen: Screen) -> None:
    to_the_phase(screen).follow("Længde").follow("Skriv, hvornår fasen forventes afsluttet")
    screen.write("Screening forventet afsluttet (frivilligt)", str(timezone.localdate().year + 1))
    screen.write("Hvor ved vi det fra?", "Projektplanen").press("Gem datoerne").reads("Datoerne er gemt.")


def chooses_the_track(screen: Screen) -> None:
    to_the_phase(screen).follow("Sporvalg").follow("Vælg spor.")
    for number in range(1, 6):
        for track, answer in ((1, "Passer"), (2, "Passer ikke")):
            boxes = screen.page.locator(f"[name=fit-{track}-{number}]")
            boxes.and_(screen.page.get_by_label(answer, exact=True)).check()
    screen.choose("Er den næste fase velforberedt?", "Ja").choose("Valgt spor", "Spor 1")
    screen.write("Hvad viser det?", "Prototypen er beskrevet.")
    screen.write("Begrundelse for valget", "Indsatsen kan beskrives med fidelitetskriterier.").is_sound()
    screen.press("Gem arket").is_sound("Arket om sporvalg er gemt.")


def finds_the_documentation_in_the_gate_room(screen: Screen) -> None:
    screen.follow("Påbegynd SUSI-vurdering").reads("Arket om sporvalg peger på spor 1.")
    screen.press("Påbegynd SUSI-vurdering").is_sound("Dokumentation", "Videnssammenfatning")
    screen.press("Brug som henvisning: Videnssammenfatning")
    expect(screen.page.get_by_label("Titel", exact=True).first).to_have_value("Videnssammenfatning, version 1")


def rates_and_submits(screen: Screen) -> None:
    documented = 0
    while "/kriterier/" in screen.page.url:
        documented += screen.page.locator(".gate-documentation > li").count() > 0
        screen.choose("Vurdering", "Opfyldt").write("Begrundelse", "Det fremgår af dokumentationen.")
        screen.press("Gem og fortsæt til")
    assert documented >= 7  # of 13: half of it is in place
    screen.choose("Er indsatsen egnet til den nye fase?", "Ja").write("Konklusion", "Prototypen er klar til modning.")
    screen.choose("Indstilling", "Initiativet indstilles til videreførelse")
    screen.choose("Skal den nye viden formidles nu", "Ja")
    screen.write("Begrundelse for svaret om fast track", "Kommunerne får et notat.")
    screen.press("Gem").press("Indsend til godkendelse").is_sound("er indsendt til godkendelse", "Sporvalg")


def decides_that_it_goes_on(screen: Screen) -> None:
    screen.follow("Registrér beslutning om faseovergang").choose("Hvad er besluttet?", "Videreføres")
    screen.choose("Hvem har besluttet det?", "Socialstyrelsen")
    screen.write("Hvornår er det besluttet?", danish(timezone.localdate())).press("Registrér beslutningen")
    screen.reads("Initiativet er nu i modning, spor 1.")
    initiative = Initiative.objects.get()
    assert (initiative.phase, initiative.track) == (Phase.MATURATION, Track.ONE)


def passes_the_knowledge_on(screen: Screen) -> None:
    screen.opens("/mit-arbejde/").follow("Læg en strategi for brugerinddragelse i modningsfasen")
    screen.opens("/mit-arbejde/").follow("Planlæg, hvordan viden fra screeningsfasen formidles")
    screen.is_sound("Den nye viden skal formidles nu, men der er ikke planlagt noget produkt.")
    screen.page.get_by_role("link", name="Tilføj et produkt").last.click()
    screen.write("Produktets titel", "Eksempel: Notat om åbne væresteder").write("Til hvem?", "Kommuner")
    screen.page.get_by_label("Vidensportalen").check()
    screen.press("Tilføj produktet").is_sound("Eksempel: Notat om åbne væresteder")
    screen.follow("Se formidling på tværs af porteføljen").is_sound("Eksempel: Notat om åbne væresteder")


def hands_out_the_case_file(screen: Screen) -> None:
    screen.opens(f"/initiativer/{Initiative.objects.get().number}/").follow("Hent sagens akter")
    screen.is_sound("Leverance: Videnssammenfatning, version 1", "Brugerinddragelse", "Deltagere")
    screen.press("Hent sagens akter")
    save = screen.page.get_by_role("link", name="Gem filen")
    save.wait_for()
    response = screen.page.request.get(f"{screen.address}{save.get_attribute('href')}")
    names = zipfile.ZipFile(io.BytesIO(response.body())).namelist()
    assert any("videnssammenfatning" in name.lower() for name in names), names
