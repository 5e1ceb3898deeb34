"""The pages of the imports, as an administrator meets them; nobody else does."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from phases.terms import Phase
from portfolio import actions
from portfolio import columns as c
from portfolio.imports.carrying_out import digest
from portfolio.imports.taking_back import take_back
from portfolio.models import Initiative, PortfolioImport
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew, from_source
from tests.portfolio.sheets import confirmed, csv_text, uploaded, xlsx

pytestmark = pytest.mark.django_db
LIST = "/indlaesning/"


@pytest.fixture
def by():
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def visit(client, by):
    client.force_login(by)
    return client


@pytest.fixture
def initiative() -> Initiative:
    return from_source(Phase.MATURATION, title="Eksempel: Et sted at bo", funding="Før")


def at(name: str, made: PortfolioImport) -> str:
    return reverse(f"portfolio:import_{name}", args=[made.pk])


def sent(client, content: bytes, name: str = "rettelser.xlsx"):
    return client.post(LIST, {"file": SimpleUploadedFile(name, content)}, follow=True)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_ten_leads_are_corrected_in_excel_and_loaded_back(visit, initiative) -> None:
    others = [initiative_in(Phase.TRIAL) for _ in range(9)]
    lead = person(Role.LEAD, first_name="Bo", last_name="Eksempel")
    book = load_workbook(io.BytesIO(visit.get("/indlaesning/initiativer/").content))
    sheet = book["Initiativer"]
    column = next(cell.column for cell in sheet[1] if cell.value == c.LEAD)
    for row in range(2, 12):
        sheet.cell(row, column).value = "Bo Eksempel"
    changed = io.BytesIO()
    book.save(changed)
    page = sent(visit, changed.getvalue())
    assert page.status_code == 200
    assert "<strong>10</strong> ændrede" in text(page)
    made = PortfolioImport.objects.get()
    done = visit.post(at("confirm", made), {"reason": "Ny fordeling", "seen": digest(made.plan)}, follow=True)
    assert "Filen er indlæst: 0 initiativer oprettet, 10 ændret" in text(done)
    assert {one.lead for one in Initiative.objects.all()} == {lead}
    assert len(others) == 9
    history = text(visit.get(reverse("portfolio:initiative_history", args=[initiative.number])))
    assert "Indlæst fra rettelser.xlsx: Ny fordeling" in history


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (None, "Vælg en fil."),
        (SimpleUploadedFile("a.xlsx", b""), "Filen er tom."),
        (SimpleUploadedFile("a.xlsx", b"nej"), "er ikke en Excel-projektmappe"),
        (SimpleUploadedFile("a.csv", b"Titel\nEksempel\n"), "Kolonnen »Nummer« mangler."),
        (SimpleUploadedFile("a.csv", b"Nummer;Titel;titel\n;a;b\n"), "Kolonnen »Titel« står to gange."),
        (SimpleUploadedFile(f"{'a' * 201}.csv", b"x"), "Filens navn er for langt."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_not_stored(visit, file, why) -> None:
    response = visit.post(LIST, {"file": file} if file else {})
    assert response.status_code == 422
    assert why in text(response)
    assert not PortfolioImport.objects.exists()


def test_unknown_columns_are_named(visit, initiative) -> None:
    content = csv_text({c.NUMBER: initiative.number, "Farve": "blå", c.FUNDING: "Efter"}).encode()
    assert "Disse kolonner kendes ikke og er ikke læst: »Farve«." in text(sent(visit, content, "a.csv"))


def test_a_change_is_shown_with_its_cell_and_what_was(visit, initiative) -> None:
    page = text(sent(visit, xlsx({c.NUMBER: initiative.number, c.FUNDING: None})))
    assert f"{c.FUNDING} (B2)" in page
    assert '<del class="susi-written">Før</del>' in page
    assert '<ins class="susi-written">(tomt)</ins>' in page


def test_a_refused_cell_leaves_nothing_to_confirm(visit, initiative) -> None:
    page = text(sent(visit, xlsx({c.NUMBER: initiative.number, c.PHASE: "Udbredelse", c.FUNDING: "Efter"})))
    assert "Fase (B2)" in page
    assert "Fasen kan kun ændres ved en beslutning om faseovergang." in page
    assert "Indlæs filen i porteføljen" not in page
    assert "Filen kan ikke indlæses endnu" in page
    assert "Fejl: " not in page, "nothing that was sent is refused: the page is only opened"
    assert "error-summary" not in page


def test_a_reason_is_asked_for(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    response = visit.post(at("confirm", made), {"seen": digest(made.plan)})
    assert (response.status_code, anew(initiative).funding) == (422, "Før")
    assert "Feltet skal udfyldes." in text(response)


def test_the_same_title_is_confirmed_by_itself(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: None, c.TITLE: initiative.title})
    assert f"Samme titel</strong> som {initiative.number}" in text(visit.get(at("detail", made)))
    answers = {"reason": "r", "seen": digest(made.plan)}
    assert visit.post(at("confirm", made), answers).status_code == 422
    assert visit.post(at("confirm", made), answers | {"same_titles": "on"}).status_code == 302
    assert Initiative.objects.filter(title=initiative.title).count() == 2


def test_what_somebody_wrote_meanwhile_is_shown_before_it_is_confirmed_again(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    initiative.members.add(member := person(Role.LEAD))
    actions.edit_initiative(initiative=initiative, by=member, version=1, funding="Midt imellem")
    response = visit.post(at("confirm", made), {"reason": "Aftalt", "seen": digest(made.plan)})
    assert response.status_code == 409
    page = text(response)
    assert f"Række 2: Initiativ {initiative.number} er ændret" in page
    assert '<del class="susi-written">Midt imellem</del>' in page
    assert 'value="Aftalt"' in page
    made.refresh_from_db()
    assert f'value="{digest(made.plan)}"' in page


def test_a_second_confirmation_is_told(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    answers = {"reason": "r", "seen": digest(made.plan)}
    first, second = (visit.post(at("confirm", made), answers) for _ in range(2))
    assert (first.status_code, second.status_code, anew(initiative).version) == (302, 409, 2)
    page = text(second)
    assert f"Filen blev indlæst af {by} den " in page
    assert "Du har ikke ændret noget." in page
    assert "Hvorfor tages indlæsningen tilbage?" in page
    assert 'value="r"' not in page, "the reason for loading is none for taking back"


def test_what_can_no_longer_be_done_is_said_and_not_offered(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    answers = {"reason": "r", "seen": digest(made.plan)}
    for reason in ("r", ""):
        too_early = visit.post(at("take_back", made), {"reason": reason})
        assert "Filen er ikke indlæst, og der er intet at tage tilbage." in text(too_early)
        assert "Indlæs filen i porteføljen" in text(too_early)
    visit.post(at("confirm", made), answers)
    visit.post(at("take_back", made), {"reason": "Forkert fil"})
    for act in ("confirm", "take_back"):
        for sent_along in (answers, {}):  # also what would be refused by itself
            response = visit.post(at(act, made), sent_along)
            assert response.status_code == 409
            assert f"Filen blev taget tilbage af {by} den " in text(response)
            assert "Du har ikke ændret noget." in text(response)
            assert 'name="reason"' not in text(response)
    assert anew(initiative).funding == "Før"


def test_discarding(visit, by, initiative) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    for said in ("er kasseret", "Du har ikke ændret noget."):
        assert said in text(visit.post(at("discard", made), follow=True))
    assert "Kasseret" in text(visit.get(at("detail", made)))


def test_taking_back(visit, by, initiative) -> None:
    made = confirmed(by, {c.NUMBER: initiative.number, c.TITLE: initiative.title, c.FUNDING: "Efter"},
                     {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})  # fmt: skip
    assert visit.post(at("take_back", made), {"reason": ""}).status_code == 422
    assert "Alt, hvad den ændrede, er som før." in text(
        visit.post(at("take_back", made), {"reason": "Forkert fil"}, follow=True)
    )
    assert (anew(initiative).funding, Initiative.objects.count()) == ("Før", 1)
    assert visit.post(at("take_back", made), {"reason": "igen"}).status_code == 409


def test_what_was_edited_since_is_named_instead_of_the_button(visit, by, initiative) -> None:
    made = confirmed(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    initiative.members.add(person(Role.LEAD))
    page = text(visit.get(at("detail", made)))
    assert f"Initiativ {initiative.number} er ændret" in page
    assert "Tag hele indlæsningen tilbage" not in page
    assert visit.post(at("take_back", made), {"reason": "r"}).status_code == 422


def test_the_template_says_what_may_be_chosen(visit) -> None:
    lead = person(Role.LEAD, username="bo")
    book = load_workbook(io.BytesIO(visit.get("/indlaesning/skabelon/").content))
    assert [cell.value for cell in book["Initiativer"][1]] == list(c.COLUMNS)
    said = [value for row in book["Vejledning"].values for value in row if value]
    assert f"{lead} (bo)" in said
    assert set(c.COLUMNS) <= set(said)


def test_the_rows_to_correct_keep_numbers_as_text(visit, initiative) -> None:
    sheet = load_workbook(io.BytesIO(visit.get("/indlaesning/initiativer/").content))["Initiativer"]
    place = [*c.COLUMNS].index(c.CASE_NUMBER) + 1
    assert initiative.case_number == ""
    assert {sheet.cell(row, place).number_format for row in range(2, 300)} == {"@"}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_the_other_roles_see_none_of_it(client, by, initiative, role) -> None:
    made = uploaded(by, {c.NUMBER: initiative.number, c.FUNDING: "Efter"})
    client.force_login(person(role))
    for address in (LIST, "/indlaesning/skabelon/", "/indlaesning/initiativer/", at("detail", made)):
        assert client.get(address).status_code == 403
    assert sent(client, xlsx({c.NUMBER: None, c.TITLE: "x"})).status_code == 403
    for act in ("confirm", "discard", "take_back"):
        assert client.post(at(act, made), {"reason": "r"}).status_code == 403


def test_a_long_file_is_shown_in_pages_at_the_same_cost(visit, by) -> None:
    cost = []
    for size in (1, 60):
        made = uploaded(by, *[{c.NUMBER: None, c.TITLE: f"Eksempel {size} {no}"} for no in range(size)])
        with CaptureQueriesContext(connection) as queries:
            page = visit.get(at("detail", made))
        cost.append(len(queries))
    assert cost[0] == cost[1] <= 6
    assert "Side 1 af 2" in text(page)
    assert text(visit.get(at("detail", made) + "?page=2")).count('<h3 class="h5">') == 10


def test_what_was_taken_back_is_passed_over_without_a_fault_by_every_page(visit, by, initiative) -> None:
    new = {c.NUMBER: None, c.TITLE: "Eksempel: Fra før", c.PHASE: "Screening/modning", c.SOURCE: "Eksempelkilde"}
    made = confirmed(by, new)
    number = made.written[0]["number"]
    take_back(portfolio_import=made, by=by, reason="Forkert fil")
    for address in (
        "/",
        "/initiativer/",
        "/bilag-1/",
        "/tidslinje/",
        "/aendringer/",
        "/indlaesning/",
        at("detail", made),
    ):
        assert visit.get(address).status_code == 200, address
    assert f"/initiativer/{number}/" not in text(visit.get(at("detail", made)))
    assert visit.get(f"/initiativer/{number}/").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_as_exported_is_loaded_back_without_a_change(visit, initiative, kind) -> None:
    initiative_in(Phase.TRIAL, title="=Eksempel", counts_as=2)
    response = visit.get(reverse("portfolio:initiative_export", args=[kind]))
    content = b"".join(response.streaming_content) if response.streaming else response.content
    page = text(sent(visit, content, f"liste.{kind}"))
    made = PortfolioImport.objects.get()
    assert (made.unchanged_count, made.touched_count, made.refused_count) == (2, 0, 0), made.plan
    assert made.plan["remarks"] == []
    assert "Ingen ændringer." in page
