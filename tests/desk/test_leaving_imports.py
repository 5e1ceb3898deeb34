"""The spreadsheets that were taken in name nobody who has left: not as a lead, nor where a lead was refused."""

import pytest

from desk.actions.leaving import register_left
from phases.terms import Phase
from portfolio import columns
from portfolio.models import PortfolioImport
from susi.models import User
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.portfolio import sheets

pytestmark = pytest.mark.django_db
NAME = "Hanne Fjordager"


@pytest.fixture
def administrator() -> User:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def hanne() -> User:
    return person(Role.LEAD, username="hfj", first_name="Hanne", last_name="Fjordager")


def anew(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_the_spreadsheets_taken_in_name_nobody_either(hanne, administrator) -> None:
    initiative = initiative_in(Phase.SCREENING, lead=person(Role.LEAD), title="Eksempel om Hanne Fjordager")
    row = {columns.NUMBER: initiative.number, columns.TITLE: initiative.title, columns.LEAD: NAME}
    made = sheets.uploaded(administrator, row)
    assert NAME in str(made.table)
    register_left(person=hanne, by=administrator)
    kept = PortfolioImport.objects.get(pk=made.pk)
    assert f"Fratrådt medarbejder {hanne.pk}" in str(kept.table)
    cells = f"{kept.table}{kept.plan}".replace(initiative.title, "")  # what somebody wrote in a text stays
    assert "Fjordager" not in cells


@pytest.mark.parametrize("written", [NAME, " hanne  FJORDAGER", "Hanne Fjordager (hfj)", "H. Fjordager (HFJ)", "Hfj"])
def test_however_the_import_finds_the_person(administrator, hanne, written) -> None:
    row = {columns.NUMBER: initiative_in(None).number, columns.TITLE: "Hanne Fjordager", columns.LEAD.upper(): written}
    made = sheets.uploaded(administrator, row)
    register_left(person=hanne, by=administrator)
    kept, called = PortfolioImport.objects.get(pk=made.pk), f"Fratrådt medarbejder {hanne.pk}"
    [[_, cells]] = kept.table["lines"]
    assert [text for _, text in cells.values()][1:] == ["Hanne Fjordager", called]  # what is no lead stays
    [_, [_, header, _, new]] = kept.plan["rows"][0]["cells"]
    assert (header, new) == (columns.LEAD, called)


@pytest.mark.parametrize(
    ("lead", "before", "after"),
    [
        ("Ukendt", "»Ukendt« findes ikke. Skriv en af disse: {hanne} (hfj), {hanne} Holm (hfjh).", "{called}, "),
        ("Lea", "Lea har ikke rollen Initiativansvarlig. Skriv en af disse: {hanne} (hfj)", "{called}, "),
        ("Ida", "Flere hedder »Ida«. Skriv en af disse: hfi, hfj.", "hfi, {called}."),
    ],
)
def test_nor_do_the_sentences_that_refuse_a_lead(administrator, hanne, lead, before, after) -> None:
    person(Role.LEAD, username="hfjh", first_name="Hanne", last_name="Fjordager Holm")
    person(Role.READER, username="lea", first_name="Lea", last_name="")
    if lead == "Ida":
        person(Role.LEAD, username="hfi", first_name="Ida", last_name="")
        User.objects.filter(pk=hanne.pk).update(first_name="Ida", last_name="")
    made = sheets.uploaded(administrator, {columns.NUMBER: None, columns.TITLE: "Eksempel", columns.LEAD: lead})
    [(_, _, said)] = sheets.refusals(made)
    assert before.format(hanne=NAME) in said
    register_left(person=anew(hanne), by=administrator)
    [(_, _, said)] = sheets.refusals(PortfolioImport.objects.get(pk=made.pk))
    assert f"Skriv en af disse: {after}".format(called=f"Fratrådt medarbejder {hanne.pk}") in said
    assert "hfj)" not in said
    assert lead == "Ida" or "Hanne Fjordager Holm (hfjh)" in said  # a colleague of a longer name


def test_one_who_has_left_is_refused_by_another_name(administrator, hanne) -> None:
    hanne.groups.clear()
    made = sheets.uploaded(administrator, {columns.NUMBER: None, columns.TITLE: "Eksempel", columns.LEAD: NAME.upper()})
    register_left(person=anew(hanne), by=administrator)
    [(_, _, said)] = sheets.refusals(PortfolioImport.objects.get(pk=made.pk))
    assert said.startswith(f"Fratrådt medarbejder {hanne.pk} har ikke rollen Initiativansvarlig.")
