"""What the office does each week, in a real browser on the example data: find, print as of last month and the changes
since, correct ten leads in Excel and load them back, with every way to go named by the page before."""

import datetime
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from portfolio.columns import LEAD, NUMBER
from portfolio.models import Initiative
from susi.dates import danish
from susi.days import today
from susi.demo import PASSWORD
from susi.models import User
from susi.roles import Role
from tests.browser.screen import NARROW, WIDE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LAST_MONTH = datetime.timedelta(days=30)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_week_in_the_office(screen: Screen, viewport, tmp_path: Path) -> None:
    for role in Role:  # a test before may have emptied the tables
        Group.objects.get_or_create(name=role.value)
    call_command("prepare_database", stdout=StringIO())
    screen.page.set_viewport_size(viewport)
    finds_modning_in_spor_2_with_an_open_fravigelse(screen)
    prints_bilag_1_as_of_last_month(screen)
    prints_what_has_changed_since(screen)
    corrects_ten_leads_in_excel(screen, tmp_path)


def finds_modning_in_spor_2_with_an_open_fravigelse(screen: Screen) -> None:
    screen.log_in(User.objects.get(username="leder"), PASSWORD)
    goes_to(screen, "Initiativer")
    screen.pick("Fase", "Modning").pick("Spor", "Spor 2").pick("Åbne fravigelser", "Ja").press("Vis")
    screen.is_sound("1 initiativ", "Eksempel: Netværk, der flytter med")


def prints_bilag_1_as_of_last_month(screen: Screen) -> None:
    day = danish(today() - LAST_MONTH)
    goes_to(screen, "Bilag 1")
    screen.page.get_by_text("Vis en tidligere dag").click()
    screen.write("Vis, som det var den", day).press("Vis dagen")
    screen.is_sound(f"Sådan stod porteføljen den {day}", "Gruppebaseret bostøtteforløb")
    assert document(screen, "Hent til udskrift (PDF)").startswith(b"%PDF")


def prints_what_has_changed_since(screen: Screen) -> None:
    goes_to(screen, "Ændringer")
    screen.write("Fra udgangen af", danish(today() - LAST_MONTH)).press("Vis ændringer")
    screen.is_sound("Nye initiativer", "Eksempel: Fælles om fritiden")
    assert document(screen, "Udskriv som PDF").startswith(b"%PDF")


def corrects_ten_leads_in_excel(screen: Screen, folder: Path) -> None:
    screen.log_in(User.objects.get(username="administrator"), PASSWORD)
    goes_to(screen, "Indlæsning")
    file = downloaded(screen, "Hent de nuværende initiativer", folder)
    numbers = give_ten_a_lead(file, "Anders Eksempel")
    screen.page.get_by_label("Fil", exact=True).set_input_files(file)
    screen.press("Gennemgå filen").is_sound("10 ændrede", "0 afviste")
    assert not Initiative.objects.filter(number__in=numbers, lead__isnull=False).exists()
    screen.page.get_by_label("Begrundelse").fill("Ny fordeling af ansvaret")
    screen.press("Indlæs filen i porteføljen").is_sound("Filen er indlæst.")
    leads = Initiative.objects.filter(number__in=numbers).values_list("lead__username", flat=True)
    assert list(leads) == ["ansvarlig2"] * 10


def goes_to(screen: Screen, entry: str) -> None:
    """Choose an entry of the main menu, which a narrow window keeps behind a button."""
    menu = screen.page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    screen.page.get_by_role("link", name=entry, exact=True).locator("visible=true").first.click()
    screen.page.wait_for_load_state()


def document(screen: Screen, link: str) -> bytes:
    """Return what the link opens in the browser's own viewer."""
    address = screen.page.get_by_role("link", name=link).locator("visible=true").first.get_attribute("href")
    response = screen.page.request.get(f"{screen.address}{address}")
    assert response.status == 200
    return response.body()


def downloaded(screen: Screen, link: str, folder: Path) -> Path:
    with screen.page.expect_download() as download:
        screen.page.get_by_role("link", name=link).locator("visible=true").first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def give_ten_a_lead(file: Path, name: str) -> list[str]:
    """Write `name` as the lead of the first ten that have none, as a person does in Excel; return their numbers."""
    workbook = openpyxl.load_workbook(file)
    sheet = workbook["Initiativer"]
    head, *rows = sheet.iter_rows()
    place = {cell.value: column for column, cell in enumerate(head)}
    without = [row for row in rows if row[place[NUMBER]].value and not row[place[LEAD]].value][:10]
    for row in without:
        row[place[LEAD]].value = name
    workbook.save(file)
    return [row[place[NUMBER]].value for row in without]
