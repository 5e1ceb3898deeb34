"""Every page in a real browser, wide and narrow: styled, in its window, and free of breaches of WCAG 2.2 AA. So is the
answer of every form to what it refuses, and what those see who are not logged in, or not let through.
"""

import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from phases.loading import load_rulebook
from portfolio.loading import load_uip
from portfolio.models import Initiative
from susi.roles import Role
from tests.browser.refusals import refusals
from tests.browser.screen import NARROW, WIDE, Screen
from tests.factories import initiative_in, person
from tests.pages import PAGES, Place, places
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# How many forms each sends that are refused, so that none is lost; the others of its pages cannot be filled in wrongly.
SENT_AT_LEAST = {Role.READER: 1, Role.LEAD: 53, Role.MANAGER: 5, Role.ADMINISTRATOR: 4}
LONG = "Eksempel Implementeringsstøttekoordinationsgruppe"
FILES = (
    "assessments:pdf ",
    "bilag1_xlsx ",
    "bilag1_pdf ",
    "changes_pdf ",
    "portfolio:import_template ",
    "portfolio:initiative_export ",
    "portfolio:import_present ",
    "registers_access_csv ",
    "registers_knowledge_csv ",
    "registers_deviations_export ",
    "registers_outside_export ",
    "registers_coming_export ",
    "work:version_file ",
    "desk:case_file_fetch ",
    "desk:case_file_detail case file being made",  # `test_case_file` looks at it while it is made
)
ADMINISTRATION = (
    "admin:index ",
    "admin:phases_edition_change ",
    "admin:phases_edition_copy ",
    "admin:phases_edition_publish ",
    "admin:phases_theme_change ",
    "admin:susi_user_add ",
    "admin:susi_user_change ",
    "admin:susi_user_changelist ",
    "admin:portfolio_agreement_changelist ",
    "admin:portfolio_programme_change ",
)
TAKEN = (  # what these forms mean when nothing is chosen in them is no mistake
    "portfolio:initiative_people ",
    "desk:reminders ",
)


def to_look_at(world: World) -> list[Place]:
    """Return every page once, for the first it is for; the overview for all; of the administration a few."""
    first = {(view, place, query): str(roles[0]) for view, place, roles, query in PAGES}
    for_all = {f"{view} {place}{query} ({role})" for (view, place, query), role in first.items()}
    return [
        page
        for page in places(world)
        if (page.name in for_all or page.name.startswith("overview"))
        and not page.name.startswith(FILES)
        and (not page.name.startswith("admin:") or page.name.startswith(ADMINISTRATION))
    ]


@pytest.mark.parametrize("role", list(Role), ids=[role.name.lower() for role in Role])
def test_every_page_is_sound_wide_and_narrow_and_so_is_what_it_refuses(screen: Screen, role: Role) -> None:
    world, faults, sent = World(2, text=LONG), {}, set()
    screen.enter(world.person_as(role))
    for page in [page for page in to_look_at(world) if page.role == role]:
        screen.page.set_viewport_size(WIDE)
        screen.opens(page.address)
        faults[f"{page.name} wide"] = [*screen.faults(), *screen.faults_enlarged()]
        screen.page.set_viewport_size(NARROW)
        faults[f"{page.name} narrow"] = screen.faults()
        if not page.name.startswith(("admin:", *TAKEN)):
            faults |= {f"{page.name} to {name}": found for name, found in refusals(screen, page.address, sent)}
    wrong = [f"{name}: {fault}" for name, found in faults.items() for fault in found]
    assert not wrong, "\n".join(wrong)
    assert len(sent) >= SENT_AT_LEAST[role]


def looked_at(screen: Screen, *texts: str) -> None:
    """Expect the texts, and the page sound wide and narrow."""
    for viewport in (WIDE, NARROW):
        screen.page.set_viewport_size(viewport)
        screen.is_sound(*texts)
        assert screen.faults_enlarged() == []


def test_so_is_what_is_seen_without_a_log_in(screen: Screen, settings) -> None:
    somebody = person(Role.READER)
    link = [urlsafe_base64_encode(str(somebody.pk).encode()), default_token_generator.make_token(somebody)]
    for address, text in [
        ("/log-ind/?next=/initiativer/", "Log ind, så kommer du tilbage til siden."),
        (reverse("password_reset"), "Så får du en mail med et link"),
        (reverse("password_reset_confirm", args=link), "Er du logget ind et sted"),
    ]:
        looked_at(screen.opens(address), text)
        assert [found for _, found in refusals(screen, address, set())] == [[]]
    looked_at(screen.opens(reverse("password_reset_done")), "Se i din indbakke")
    looked_at(screen.opens(reverse("password_reset_confirm", args=["MQ", "x-y"])), "Linket virker ikke længere")
    screen.opens("/log-ind/").context.clear_cookies()
    with screen.expecting(403):
        screen.press("Log ind")
    looked_at(screen, "Siden var for gammel til at gemme")
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 1
    with screen.expecting(429):
        screen.opens("/log-ind/").write("Brugernavn", "anna").write("Adgangskode", "forkert").press("Log ind")
    looked_at(screen, "Adgangen er lukket en tid")


def test_so_is_what_is_seen_where_there_is_no_way_on(screen: Screen, settings, monkeypatch) -> None:
    screen.enter(person(Role.READER))
    with screen.expecting(403):
        screen.opens("/administration/")
    looked_at(screen, "Det har du ikke adgang til")
    with screen.expecting(404):
        screen.opens("/findes-ikke/")
    looked_at(screen, "Gå til overblikket")
    with screen.expecting(405):
        screen.opens(reverse("logout"))
    looked_at(screen, "Adressen kan ikke åbnes")
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "searches": 1}
    with screen.expecting(429):
        screen.opens("/initiativer/?q=eksempel").opens("/initiativer/?q=eksempel")
    looked_at(screen, "Vent lidt")
    monkeypatch.setattr("susi.views.render", None)
    with screen.expecting(500):
        screen.opens("/registre/")
    looked_at(screen, "Der er en fejl i systemet")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_so_are_the_real_rulebook_the_real_portfolio_and_forms_with_errors(screen: Screen, viewport) -> None:
    load_rulebook(settings.BASE_DIR / "fixtures" / "rulebook.json")
    load_uip(settings.BASE_DIR / "fixtures" / "uip.json")
    lead = person(Role.LEAD)
    own = initiative_in(None, lead=lead, number="2030-001")
    screen.page.set_viewport_size(viewport)
    screen.enter(lead)
    screen.opens("/").is_sound("Overblik")
    screen.opens("/initiativer/").is_sound("rækker, der tæller som 45 initiativer")
    screen.opens("/initiativer/?programme=uip-voksne&q=misbrug").is_sound("Fritekst: »misbrug«")
    screen.follow("ADHD og misbrug").is_sound("Videreføres i", "Påbegyndt før systemet.")
    screen.opens("/regelsaet/").is_sound("Der er 13 kriterier i spor 1 og 12 i spor 2.")
    screen.follow("SUSI 1.0").is_sound("Udgaven har 12 kriterier og ingen spor.")

    screen.opens("/initiativer/nyt/")
    with screen.expecting(422):
        screen.write("Titel", "Borgeren 010190-1234").press("Opret forslaget")
    screen.is_sound("ligner et CPR-nummer")
    screen.opens(f"/initiativer/{own.number}/rediger/")
    Initiative.objects.filter(pk=own.pk).update(version=2, title="Den andens titel")
    with screen.expecting(409):
        screen.write("Titel", "Min titel").press("Gem stamoplysningerne")
    screen.is_sound("har gemt, mens du skrev", "Den andens titel", "Min titel")
    assert screen.page.title().startswith("Fejl: ")
