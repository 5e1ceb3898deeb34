"""The chain an initiative belongs to: what it holds, what is said at every link, and where it stands in the figure."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assessments.actions.decisions import ContinueIn, reverse_decision
from phases.terms import Outcome, Phase, SusiStatement, Track, Verdict
from portfolio.lineage import ACROSS, HEIGHT, SIDE, WIDTH, Chain, chain_of, places_of
from portfolio.models import Continuation, Initiative, PhaseRun
from portfolio.whole import whole
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide, from_source

ENDED = PhaseRun.State.ENDED


@pytest.fixture
def manager():
    return person(Role.MANAGER)


def linked(before: Initiative, after: Initiative, **values) -> Continuation:
    return Continuation.objects.create(from_initiative=before, to_initiative=after, source="Bilag 1", **values)


def ended(title: str, susi: str = SusiStatement.YES) -> Initiative:
    return from_source(Phase.SCREENING, state=ENDED, outcome=Outcome.CONTINUED, title=title, susi=susi)


def titles(chain: Chain | None) -> set[str]:
    return {node.initiative.title for node in chain.nodes} if chain else set()


def said(chain: Chain | None) -> list[tuple[str, str, str]]:
    ties = chain.ties if chain else []
    return [(tie.before.initiative.title, tie.after.initiative.title, tie.words) for tie in ties]


@pytest.mark.django_db
class TestChain:
    def test_holds_all_that_hangs_together_whichever_it_is_asked_of(self, manager) -> None:
        first, second, merged, split, other, last = (ended(name) for name in ("A", "B", "C", "D", "E", "F"))
        alone = ended("Alene")
        for before, after in [(first, merged), (second, merged), (merged, split), (merged, other), (split, last)]:
            linked(before, after)
        for one in (first, second, merged, split, other, last):
            chain = chain_of(one, manager)
            assert titles(chain) == {"A", "B", "C", "D", "E", "F"}
            assert len(chain.ties) == 5
            assert [node.initiative for node in chain.nodes if node.is_here] == [one]
        assert (chain_of(merged, manager).before, chain_of(merged, manager).after) == (2, 2)
        assert chain_of(alone, manager) is None

    def test_an_annulled_link_is_left_out(self, manager) -> None:
        first, second, third = ended("A"), ended("B"), ended("C")
        linked(first, second)
        linked(second, third, is_annulled=True)
        assert titles(chain_of(first, manager)) == {"A", "B"}
        assert chain_of(third, manager) is None

    def test_a_ring_in_bad_data_ends(self, manager) -> None:
        first, second, third = ended("A"), ended("B"), ended("C")
        for before, after in [(first, second), (second, third), (third, first)]:
            linked(before, after)
        assert len(chain_of(second, manager).ties) == 3

    @pytest.mark.parametrize(
        ("susi", "words"),
        [(SusiStatement.YES_PARTLY, "Ja og delvist"), (SusiStatement.NO, "Nej"), ("", "Ikke oplyst")],
    )
    def test_a_source_says_the_verdict_where_no_assessment_does(self, manager, susi, words) -> None:
        first, second = ended("A", susi), ended("B")
        linked(first, second)
        assert said(chain_of(first, manager)) == [("A", "B", words)]
        assert (chain_of(first, manager).ties[0].decision, chain_of(first, manager).ties[0].source) == (None, "Bilag 1")

    @pytest.mark.slow
    def test_a_merger_says_the_verdict_of_the_assessment_of_each(self, manager) -> None:
        factories.rulebook()
        first, second = (initiative_in(Phase.SCREENING, title=title) for title in ("A", "B"))
        factories.approved(first, manager=manager, to_phase=Phase.MATURATION)
        factories.approved(second, manager=manager, to_phase=Phase.MATURATION, verdict=Verdict.PARTLY)
        decision = decide(
            first,
            manager,
            to_phase=Phase.MATURATION,
            to_track=Track.ONE,
            merged=[second],
            continue_in=ContinueIn.NEW,
            new_title="C",
            agreement=AgreementFactory(),
        )
        chain = chain_of(anew(second), person(Role.READER))
        assert sorted(said(chain)) == [("A", "C", "Egnet: Ja"), ("B", "C", "Egnet: Delvist")]
        assert {tie.decision for tie in chain.ties} == {(first.number, decision.no)}
        reverse_decision(decision=decision, by=manager, reason="Forkert.")
        assert chain_of(anew(second), manager) is None

    def test_what_a_person_may_not_see_is_not_in_it(self) -> None:
        first, proposal = ended("A"), initiative_in(None, title="Forslag")
        linked(first, proposal)
        assert chain_of(first, person(Role.READER)) is None
        assert titles(chain_of(first, person(Role.LEAD))) == {"A", "Forslag"}

    def test_costs_the_same_however_long(self, manager) -> None:
        assert manager.roles  # as on a page, where they have been asked for
        chain = [ended("0")]
        assert cost(chain[0], manager) == 5  # itself, the links of all, its runs, what it has, its decisions
        for no in range(1, 6):
            chain.append(ended(str(no)))
            linked(chain[-2], chain[-1])
            assert cost(chain[0], manager) == 8


def cost(initiative: Initiative, user) -> int:
    with CaptureQueriesContext(connection) as queries:
        found = whole(user, initiative.number)
        chain = chain_of(found, user, found.chain, found.links)
        _ = [(node.initiative.phase_label, node.initiative.standing_label) for node in chain.nodes] if chain else []
    return len(queries)


@pytest.mark.django_db
def test_the_page_shows_the_chain_as_a_figure_and_the_same_as_a_table(client, manager) -> None:
    first, second = ended("Første"), ended("Anden" * 20)
    linked(first, second, cited_title="En anden")
    client.force_login(manager)
    html = client.get(reverse("portfolio:initiative_detail", args=[first.number])).content.decode()
    figure, _, table = html.partition('<svg class="susi-lineage"')[2].partition("</svg>")
    for text in ("Ja til begge", first.number, second.number, "Anden" * 20, "Afsluttet og videreført", "Screening"):
        assert text in figure
        assert text.lower() in table.lower()
    assert "Videreføres i 1 initiativ." in html
    assert "I kilden: »En anden«" in table
    alone = client.get(reverse("portfolio:initiative_detail", args=[ended("Alene").number])).content.decode()
    assert "susi-lineage" not in alone


def test_a_merger_stands_below_and_in_the_middle_of_those_it_continues() -> None:
    places = places_of([1, 2, 3], [(1, 3), (2, 3)])
    assert (places[1].x, places[2].x) == (SIDE, SIDE + WIDTH + ACROSS)
    assert places[3].x == (places[1].x + places[2].x) // 2
    assert places[1].y == places[2].y < places[3].y - HEIGHT


def test_what_joins_late_stands_just_above_what_continues_it() -> None:
    places = places_of([1, 2, 3, 4], [(1, 2), (2, 3), (4, 3)])
    assert places[4].y == places[2].y


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)).filter(lambda pair: pair[0] != pair[1]), max_size=12))
def test_whatever_the_links_no_boxes_lie_on_each_other_and_all_but_rings_go_down(pairs) -> None:
    order = [1, 2, 3, 4, 5, 6, 7]
    places = places_of(order, pairs)
    assert len({*places.values()}) == len(order)
    for one in order:
        for other in order:
            if one < other and places[one].y == places[other].y:
                assert abs(places[one].x - places[other].x) >= WIDTH
    forward = [(min(pair), max(pair)) for pair in pairs]  # no rings
    places = places_of(order, forward)
    assert all(places[before].y < places[after].y for before, after in forward)
