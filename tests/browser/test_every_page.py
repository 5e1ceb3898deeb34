"""Every page in a real browser, wide and narrow: styled, in its window, and free of breaches of WCAG 2.2 AA."""

import pytest
from django.conf import settings

from phases.loading import load_rulebook
from portfolio.loading import load_uip
from portfolio.models import Initiative
from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen
from tests.factories import initiative_in, person
from tests.pages import PAGES, Place, places
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

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
        and not page.name.startswith(FILES)
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
