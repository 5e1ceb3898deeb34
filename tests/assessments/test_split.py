"""A selection of core elements is taken to spor 1 in an initiative of its own, while the whole goes on in spor 2."""

import pytest
from django.urls import reverse

from assessments.actions import decisions, review
from assessments.actions.decisions import ContinueIn
from phases.gates import screening_is_left_out
from phases.terms import Phase, Track, WayOn
from portfolio.bilag1 import carried_forward
from portfolio.invariants import continuations_lead_on
from portfolio.lineage import chain_of
from portfolio.models import Continuation, Initiative
from susi.errors import Refused
from susi.roles import Role
from tests import factories
from tests.assessments.deciding import register
from tests.factories import draft_of, initiative_in, person
from tests.portfolio.portfolios import anew, decide

pytestmark = pytest.mark.django_db
TITLE = "Eksempel: udvalget"


@pytest.fixture
def manager():
    factories.rulebook()
    return person(Role.MANAGER)


@pytest.fixture
def whole(manager) -> Initiative:
    """A modning in spor 2, assessed for afprøvning in spor 2."""
    return assessed(manager, Track.TWO, WayOn.TRIAL_TRACK_TWO)


def assessed(manager, track: str, way: str) -> Initiative:
    initiative = initiative_in(Phase.MATURATION, Track.TWO)
    factories.approved(
        initiative,
        manager=manager,
        to_phase=Phase.TRIAL,
        to_track=track,
        weighing_way=way,
        weighing_text="Afvejet.",
    )
    return anew(initiative)


def split(whole: Initiative, manager, **values):
    wanted = {"to_phase": Phase.TRIAL, "to_track": Track.TWO, "split_title": TITLE, **values}
    return decide(whole, manager, **wanted)


def test_the_whole_goes_on_and_the_selection_is_a_proposal_of_its_own(whole, manager) -> None:
    decision = split(whole, manager)
    link = Continuation.objects.get()
    selection = link.to_initiative
    assert (link.from_initiative, link.is_split, link.decision) == (whole, True, decision)
    assert (anew(whole).phase, anew(whole).track) == (Phase.TRIAL, Track.TWO)
    assert (selection.title, selection.lead, selection.is_proposal) == (TITLE, whole.lead, True)
    assert selection.phases_run() == {Phase.MATURATION, Phase.TRIAL}  # of the whole it is taken from
    assert not list(continuations_lead_on())


def test_the_selection_takes_the_gate_of_spor_1_itself(whole, manager) -> None:
    split(whole, manager)
    selection = Initiative.objects.get(title=TITLE)
    draft = draft_of(selection, to_phase=Phase.TRIAL, to_track=Track.ONE, by=whole.lead)
    assert {criterion.code for criterion in draft.criteria()} == {"A1.1", "A1.2", "A2.1"}
    assert screening_is_left_out(draft.from_stage, draft.to_phase, selection.phases_run()) is True


@pytest.mark.parametrize(
    "values",
    [
        {"continue_in": ContinueIn.NEW, "new_title": "Eksempel: helheden"},
        {"to_phase": Phase.DISSEMINATION},
    ],
)
def test_it_is_refused_where_the_whole_does_not_go_on_itself(whole, manager, values) -> None:
    with pytest.raises(Refused) as refusal:
        split(whole, manager, **values)
    assert "split_title" in [finding.code for finding in refusal.value.findings]
    assert Initiative.objects.count() == 1


def test_where_the_selection_goes_on_alone_the_initiative_changes_its_track(manager) -> None:
    initiative = assessed(manager, Track.ONE, WayOn.TRIAL_TRACK_ONE)
    with pytest.raises(Refused, match="skifter initiativet spor"):
        split(initiative, manager, to_track=Track.ONE)
    decide(initiative, manager, to_phase=Phase.TRIAL, to_track=Track.ONE)
    assert (anew(initiative).track, Continuation.objects.count()) == (Track.ONE, 0)


def test_it_is_refused_from_any_other_phase(manager) -> None:
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.TRIAL, to_track=Track.TWO)
    with pytest.raises(Refused, match="efter modning i spor 2"):
        split(anew(initiative), manager)


def test_it_is_reversed_with_its_decision_unless_the_selection_is_assessed(whole, manager) -> None:
    decision = split(whole, manager)
    selection = Initiative.objects.get(title=TITLE)
    draft = draft_of(selection, to_phase=Phase.TRIAL, by=whole.lead)
    with pytest.raises(Refused, match="udskilte initiativ"):
        decisions.reverse_decision(decision=decision, by=manager, reason="Fejl.")
    review.annul(assessment=draft, by=whole.lead, reason="Fejl.")
    decisions.reverse_decision(decision=decision, by=manager, reason="Fejl.")
    assert Continuation.objects.get().is_annulled
    assert (anew(whole).phase, anew(selection).is_proposal) == (Phase.MATURATION, True)


def test_the_figure_says_so_and_bilag_1_does_not_take_it_for_an_end(whole, manager) -> None:
    split(whole, manager)
    chain = chain_of(anew(whole), manager)
    assert [(tie.words, tie.is_split) for tie in chain.ties] == [("Udskilt", True)]
    assert (chain.before, chain.after, chain.split) == (0, 0, 1)
    matured = anew(whole).runs.get(phase=Phase.MATURATION)
    assert carried_forward(matured) == f"Ja ({whole.title})"


def test_it_is_chosen_on_the_page_of_the_decision_and_a_reader_sees_no_proposal(client, whole, manager) -> None:
    client.force_login(manager)
    values = {"to_phase": Phase.TRIAL, "to_track": Track.TWO, "split_title": TITLE}
    page = register(client, whole, **values).content.decode()
    assert "er udskilt som forslaget" in page
    decision = whole.decisions.get()
    places = [
        reverse("portfolio:initiative_detail", args=[whole.number]),
        reverse("assessments:decision_detail", args=[whole.number, decision.no]),
        reverse("timeline"),
    ]
    assert TITLE in client.get(places[0]).content.decode()
    client.force_login(person(Role.READER))
    for place in places:
        assert TITLE not in client.get(place).content.decode(), place
