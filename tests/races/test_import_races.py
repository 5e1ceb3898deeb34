"""Two administrators, or one who clicks twice, confirm or take back the same import: it is done once."""

import pytest

from phases.terms import Phase
from portfolio import actions
from portfolio import columns as c
from portfolio.imports.carrying_out import confirm, digest, discard, upload
from portfolio.imports.taking_back import take_back
from portfolio.models import Initiative, PortfolioImport
from susi.errors import Conflict, Gone, Refused
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.portfolio.sheets import confirmed, uploaded, xlsx
from tests.races.test_races import ROUNDS, at_once, one_won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NEW = {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"}


@pytest.fixture
def admins():
    return [person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)]


@pytest.mark.parametrize("_", ROUNDS)
def test_two_confirmations_write_once(_, admins) -> None:
    made = uploaded(admins[0], NEW)
    seen = digest(made.plan)
    assert one_won(
        at_once(*(lambda by=by: confirm(portfolio_import=made, by=by, seen=seen, reason="r") for by in admins))
    )
    assert Initiative.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_confirmed_or_discarded(_, admins) -> None:
    made = uploaded(admins[0], NEW)
    results = at_once(
        lambda: confirm(portfolio_import=made, by=admins[0], seen=digest(made.plan), reason="r"),
        lambda: discard(portfolio_import=made, by=admins[1]),
    )
    assert one_won(results)
    made.refresh_from_db()
    assert Initiative.objects.count() == (1 if made.state == PortfolioImport.State.CONFIRMED else 0)


@pytest.mark.parametrize("_", ROUNDS)
def test_the_file_uploaded_again_while_it_is_confirmed(_, admins) -> None:
    """Either the confirmation stands and the upload is another, or what was confirmed is still to be."""
    by, content = admins[0], xlsx(NEW)
    made = upload(by=by, file_name="a.xlsx", content=content)
    results = at_once(
        lambda: upload(by=by, file_name="a.xlsx", content=content),
        lambda: confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r"),
    )
    assert None not in results
    made.refresh_from_db()
    assert made.state == PortfolioImport.State.CONFIRMED
    assert len(made.written) == Initiative.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_taken_back_once(_, admins) -> None:
    made = confirmed(admins[0], NEW)
    assert one_won(at_once(*(lambda by=by: take_back(portfolio_import=made, by=by, reason="r") for by in admins)))
    assert not Initiative.objects.exists()


@pytest.mark.parametrize("_", ROUNDS)
def test_an_edit_at_the_same_moment_is_not_lost(_, admins) -> None:
    """Either the import is told of the edit, or the writer is told of the import."""
    initiative = initiative_in(Phase.TRIAL)
    made = uploaded(admins[0], {c.NUMBER: initiative.number, c.FUNDING: "Af filen"})
    results = at_once(
        lambda: confirm(portfolio_import=made, by=admins[0], seen=digest(made.plan), reason="r"),
        lambda: actions.edit_initiative(
            initiative=initiative, by=initiative.lead, version=1, funding="Af den ansvarlige"
        ),
    )
    assert one_won(results)
    assert Initiative.objects.get().version == 2


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("title", ["Rettet af filen", "Oprettet af filen"])
def test_taken_back_or_edited_and_nothing_half(_, title, admins) -> None:
    """Either all the import did is undone and the writer is told, or all of it stands and the administrator is."""
    lead = person(Role.LEAD)
    changed = [initiative_in(Phase.TRIAL, title=f"Før {no}", lead=lead) for no in range(3)]
    made = confirmed(
        admins[0],
        *({c.NUMBER: one.number, c.TITLE: "Rettet af filen", c.LEAD: str(lead)} for one in changed),
        {c.NUMBER: None, c.TITLE: "Oprettet af filen", c.LEAD: str(lead)},
        same_titles=True,
    )
    edited = Initiative.objects.filter(title=title).last()
    taken_back, written = at_once(
        lambda: take_back(portfolio_import=made, by=admins[1], reason="r"),
        lambda: actions.edit_initiative(initiative=edited, by=lead, version=edited.version, funding="Skrevet imens"),
        answers=(Refused, Gone),
    )
    made.refresh_from_db()
    left = sorted(Initiative.objects.values_list("title", "funding"))
    if made.state == PortfolioImport.State.TAKEN_BACK:
        assert isinstance(written, (Conflict, Gone))
        assert left == [("Før 0", ""), ("Før 1", ""), ("Før 2", "")]
    else:
        assert isinstance(taken_back, Refused)
        assert written == edited
        assert [one for one, _ in left] == ["Oprettet af filen", *["Rettet af filen"] * 3]
        assert [one for one in left if one[1]] == [(title, "Skrevet imens")]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_number_is_given_once(_, admins) -> None:
    made, lead = uploaded(admins[0], NEW), person(Role.LEAD)
    at_once(
        lambda: confirm(portfolio_import=made, by=admins[0], seen=digest(made.plan), reason="r"),
        lambda: actions.create_initiative(by=lead, title="Eksempel: Et andet"),
    )
    numbers = [one.number for one in Initiative.objects.all()]
    assert len(numbers) == len(set(numbers)) >= 1
