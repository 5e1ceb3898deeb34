"""What the history tells of user involvement, knowledge passed on, and the worksheets; and to whom."""

import pytest

from phases.terms import Phase, Track
from portfolio.history import Kind, history_of
from portfolio.models import Initiative
from susi.dates import parse
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew
from tests.work.workings import chosen, logged, product, strategy_texts, weighed
from work.actions.fast_track import annul_product, edit_product
from work.actions.involvement import annul_involvement, save_strategy

pytestmark = pytest.mark.django_db


def told(initiative: Initiative) -> list[str]:
    """The sentences on the work, the oldest first."""
    events = history_of(anew(initiative), person(Role.READER))
    return [event.text for event in events if event.kind == Kind.WORKED][::-1]


def test_each_act_is_told_once_in_order() -> None:
    initiative = initiative_in(Phase.MATURATION, Track.TWO)
    run, lead = initiative.current_run, initiative.lead
    save_strategy(run=run, by=lead, version=0, whom="Unge")
    save_strategy(run=run, by=lead, version=1, **strategy_texts())
    annul_involvement(event=logged(run, lead), by=lead, reason="Forkert initiativ.")
    weighed(run, lead)
    made = product(run, lead, title="Guide")
    values = {"title": "Guide", "audience": "Kommuner", "channel": made.channel, "published_on": parse("2026")}
    edit_product(product=made, by=lead, version=1, **values)
    annul_product(product=made, by=lead, reason="Trukket tilbage.")
    assert told(initiative) == [
        "Strategi for brugerinddragelse i modningsfasen er lagt",
        "Strategi for brugerinddragelse i modningsfasen er rettet",
        "Brugerinddragelse i modningsfasen er skrevet i loggen",
        "Brugerinddragelse i modningsfasen er annulleret",
        "Afvejningen af de tre veje er begyndt",
        "Vidensproduktet »Guide« er planlagt",
        "Vidensproduktet »Guide« er formidlet",
        "Vidensproduktet »Guide« er annulleret",
    ]


def test_the_choice_of_a_proposal_is_told_to_those_who_may_see_it() -> None:
    factories.rulebook()
    proposal = initiative_in(None)
    chosen(proposal, proposal.lead)
    (event,) = [one for one in history_of(proposal, proposal.lead) if one.kind == Kind.WORKED]
    assert (event.text, event.detail.startswith("Valgt: Spor 2."), event.who) == (
        "Arket om sporvalg er begyndt",
        True,
        proposal.lead,
    )
    assert event.url == f"/initiativer/{proposal.number}/sporvalg/"
