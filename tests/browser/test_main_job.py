"""The main job in a real browser, with the real rulebook: as lead, manager and reader, wide and narrow."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from phases.loading import load_rulebook
from phases.terms import Phase
from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen
from tests.factories import PASSWORD, AgreementFactory, initiative_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Eksempel: Skolestart i ro"
EXPLAINED = "M2.3"
REASON = "Kommunernes erfaringer er endnu få."
HANDLING = "Erfaringerne samles i et læringsloop i modningsfasen."
REMARKS = "Uddyb, hvad de ni kommuner har bidraget med."


@pytest.fixture
def people(live_server) -> dict[Role, User]:
    return {
        Role.LEAD: person(Role.LEAD, username="anna", first_name="Anna"),
        Role.MANAGER: person(Role.MANAGER, username="lene", first_name="Lene"),
        Role.READER: person(Role.READER, username="lasse", first_name="Lasse"),
    }


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_from_the_criteria_to_the_next_phase(screen: Screen, people, viewport) -> None:
    load_rulebook(settings.BASE_DIR / "fixtures" / "rulebook.json")
    initiative = initiative_in(Phase.SCREENING, lead=people[Role.LEAD], title=TITLE)
    home = reverse("portfolio:initiative_detail", args=[initiative.number])
    screen.page.set_viewport_size(viewport)

    fails_to_log_in(screen)
    screen.log_in(people[Role.LEAD], PASSWORD).is_sound("Kræver din handling")
    begins(screen)
    rates_every_criterion(screen, people[Role.LEAD])
    concludes_and_submits(screen)

    screen.log_in(people[Role.MANAGER], PASSWORD).is_sound("SUSI-vurderinger til godkendelse")
    returns_it(screen)

    screen.log_in(people[Role.LEAD], PASSWORD).is_sound("Sendt tilbage til dig", REMARKS)
    amends_it(screen)

    screen.log_in(people[Role.MANAGER], PASSWORD).follow("Læs SUSI-vurderingen")
    screen.is_sound("1 tekst er ændret siden").press("Godkend SUSI-vurderingen")
    screen.is_sound("SUSI-vurderingen er godkendt og forseglet.", "Godkendt og forseglet")
    registers_the_decision(screen)

    screen.log_in(people[Role.READER], PASSWORD).is_sound("Senest besluttet").opens(home)
    screen.is_sound("Modning", f"Siden {danish(timezone.localdate())}", f"Fravigelse fra kriterie {EXPLAINED}")
    with screen.expecting(404):
        screen.opens(f"{home}findes-ikke/")
    screen.is_sound("Gå til overblikket")
    with screen.expecting(403):
        screen.opens("/administration/login/")
    screen.is_sound("Kun administratorer har adgang til administrationen.")


def fails_to_log_in(screen: Screen) -> None:
    screen.opens("/").is_sound("Log ind")
    screen.write("Brugernavn", "anna").write("Adgangskode", "forkert").press("Log ind")
    screen.is_sound("Brugernavn eller adgangskode er forkert. Prøv igen.")


def begins(screen: Screen) -> None:
    screen.follow("Påbegynd SUSI-vurdering").is_sound("Vælg den fase, initiativet skal overgå til.")
    with screen.expecting(422):
        screen.press("Påbegynd SUSI-vurdering")
    screen.is_sound("Vælg spor.")
    screen.page.get_by_label("Spor 1:").check()
    screen.press("Påbegynd SUSI-vurdering").is_sound("SUSI-vurderingen er påbegyndt.", "Vurdér kriterie M1.1")


def rates_every_criterion(screen: Screen, owner: User) -> None:
    rated = 0
    while "/kriterier/" in screen.page.url:
        code = screen.page.url.rstrip("/").rpartition("/")[2]
        screen.write("Begrundelse", f"Det er vist, hvad {code} angår.")
        if code == EXPLAINED:
            departs_from_it(screen, owner)
        else:
            screen.choose("Vurdering", "Opfyldt")
        screen.press("Gem og fortsæt til")
        rated += 1
    assert rated == 13


def departs_from_it(screen: Screen, owner: User) -> None:
    screen.choose("Vurdering", "Delvist opfyldt")
    expect(screen.page.get_by_label("Begrundelse for fravigelsen")).to_be_visible()
    screen.is_sound("Et kriterie, der ikke er helt opfyldt, følges eller forklares.")
    screen.choose("Grundlag", "Faglig vurdering", "Praktiske forhold")
    screen.write("Begrundelse for fravigelsen", REASON).write("Håndtering", HANDLING)
    screen.pick("Ansvarlig for håndteringen", str(owner)).write("Dato for opfølgning", "01.09.2029")
    screen.is_sound()


def concludes_and_submits(screen: Screen) -> None:
    screen.is_sound("Skriv konklusionen.")
    with screen.expecting(422):
        screen.press("Indsend til godkendelse")
    screen.is_sound("SUSI-vurderingen er ikke indsendt.").follow("Skriv konklusionen.")
    screen.choose("Er indsatsen egnet til den nye fase?", "Ja").write("Konklusion", "Indsatsen er velbeskrevet.")
    screen.choose("Indstilling", "Initiativet indstilles til videreførelse")
    screen.choose("Skal den nye viden formidles nu", "Nej")
    screen.write("Begrundelse for svaret om fast track", "Der er endnu ikke ny viden at formidle.")
    screen.press("Gem").is_sound("Der mangler ikke noget.").press("Indsend til godkendelse")
    screen.is_sound("SUSI-vurderingen er indsendt til godkendelse.", "Træk tilbage")


def returns_it(screen: Screen) -> None:
    screen.follow("Læs SUSI-vurderingen").is_sound("12 opfyldt, 1 delvist opfyldt", REASON, HANDLING)
    with screen.expecting(422):
        screen.press("Send tilbage med bemærkninger")
    screen.is_sound("Skriv, hvad der skal ændres.")
    screen.write("Bemærkninger", REMARKS).press("Send tilbage med bemærkninger").is_sound("er sendt tilbage", REMARKS)


def amends_it(screen: Screen) -> None:
    screen.follow("Fortsæt på SUSI-vurderingen").is_sound(REMARKS)
    screen.opens(screen.page.url.partition("kriterier/")[0].partition("konklusion/")[0] + "konklusion/")
    screen.write("Konklusion", "Indsatsen er velbeskrevet i ni kommuner.").press("Gem")
    screen.press("Indsend til godkendelse").reads("SUSI-vurderingen er indsendt til godkendelse.")


def registers_the_decision(screen: Screen) -> None:
    agreement = AgreementFactory()
    screen.follow("Registrér beslutning om faseovergang").is_sound("Før beslutningen")
    with screen.expecting(422):
        screen.press("Registrér beslutningen")
    screen.is_sound("Beslutningen er ikke registreret. Ret dette", "Vælg, hvem der har besluttet det.")
    screen.choose("Hvad er besluttet?", "Videreføres").choose("Hvem har besluttet det?", "Aftalepartierne")
    screen.write("Hvornår er det besluttet?", danish(timezone.localdate())).pick("Aftale", str(agreement))
    screen.is_sound("Når initiativet videreføres").press("Registrér beslutningen")
    screen.is_sound("Initiativet er nu i modning, spor 1.")
    screen.follow("Omgør beslutningen").is_sound("Det sker, når du omgør den")
    assert Initiative.objects.get().phase == Phase.MATURATION
