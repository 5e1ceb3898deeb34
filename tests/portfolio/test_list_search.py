"""The search of the list: where it looks, for whom, and what it says of where it found the words."""

import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from assessments.actions import drafting, review
from assessments.inputs import CriterionInput
from assessments.models import Assessment, Deviation
from phases.terms import Outcome, Phase, Track
from portfolio import actions
from portfolio.models import Continuation, Initiative
from portfolio.selection import selection
from susi import keys
from susi.clock import clock_at
from susi.dates import danish
from susi.days import today
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person, rulebook
from tests.portfolio.portfolios import decide

pytestmark = pytest.mark.django_db
URL = "/initiativer/"


@pytest.fixture
def lead():
    return person(Role.LEAD)


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def reader():
    return person(Role.READER)


def found(client, user, **chosen: str) -> list[str]:
    """The titles found by `user`, in the order of the list."""
    client.force_login(user)
    return [row.title for row in client.get(URL, chosen).context["page"].object_list]


def page(client, user, **chosen: str) -> str:
    client.force_login(user)
    return client.get(URL, chosen).content.decode()


@pytest.fixture
def draft(lead) -> Assessment:
    """A whole draft whose conclusion says "Ærinde", and whose fravigelse is handled by collecting data."""
    rulebook()
    initiative = initiative_in(Phase.SCREENING, title="Bolig", lead=lead, problem="Hjemløshed blandt UNGE")
    return factories.complete_draft(
        initiative, to_phase=Phase.MATURATION, departed=("M1.2",), conclusion="Et ÆRINDE i byen."
    )


def test_the_words_may_stand_in_different_texts_in_any_order(client, draft, manager) -> None:
    assert found(client, manager, q="ærinde bolig UNGE") == ["Bolig"]
    assert found(client, manager, q="unge indsamles BOLIG") == ["Bolig"]
    assert found(client, manager, q="ærinde bolig voksne") == []


def test_a_draft_is_found_by_those_who_may_read_it_only(client, draft, lead, manager, reader) -> None:
    stranger, administrator = person(Role.LEAD), person(Role.ADMINISTRATOR)
    for word in ("ærinde", "indsamles", "begrundelse"):  # the conclusion, a fravigelse, a rating
        assert found(client, lead, q=word) == found(client, manager, q=word) == ["Bolig"]
        for user in (reader, stranger, administrator):
            assert found(client, user, q=word) == []
            html = page(client, user, q=word, phase="screening")
            assert "(1 initiativ)" in html  # without the word; with it there is none, and nothing else is told
    review.submit(assessment=draft, by=lead)
    assert found(client, reader, q="ærinde") == ["Bolig"]


def test_a_withdrawn_text_is_no_longer_found(client, draft, lead, reader) -> None:
    review.submit(assessment=draft, by=lead)
    assert found(client, reader, q="ærinde") == ["Bolig"]
    review.withdraw(assessment=Assessment.objects.get(pk=draft.pk), by=lead)
    assert found(client, reader, q="ærinde") == []


def test_nor_in_the_past_and_nobody_who_has_left_reads_on_there(client, draft, lead, reader, manager) -> None:
    def found_then(user) -> list[str]:
        return found(client, user, q="ærinde", dag=danish(submitted_on))

    review.submit(assessment=draft, by=lead)
    submitted_on = today()
    with clock_at(timezone.now() + datetime.timedelta(days=3)):
        assert found_then(reader) == ["Bolig"]
        review.withdraw(assessment=Assessment.objects.get(pk=draft.pk), by=lead)
        assert found_then(lead) == found_then(manager) == ["Bolig"]
        initiative = Initiative.objects.get(pk=draft.initiative_id)
        actions.set_people(initiative=initiative, by=manager, version=initiative.version, lead=None, members=[])
        assert found_then(reader) == found_then(lead) == []
        assert found_then(manager) == ["Bolig"]


def test_a_draft_given_up_is_found_by_nobody(client, draft, lead, manager) -> None:
    review.annul(assessment=draft, by=lead, reason="Skrevet forkert")
    assert found(client, lead, q="ærinde") == found(client, manager, q="ærinde") == []


def test_a_fravigelse_of_a_decision_is_found_once_it_is_in_force(client, manager, reader) -> None:
    rulebook()
    initiative = initiative_in(Phase.TRIAL, Track.ONE, title="Skole")
    decision = decide(initiative, manager, Outcome.AWAITING, reason="Afventer")
    fravigelse = Deviation.objects.create(
        initiative=initiative, decision=decision, practical=True, reason="Økonomien er ØDE", handling="Se igen",
        owner=manager, review_on=datetime.date(2027, 1, 1),
    )  # fmt: skip
    assert found(client, reader, q="øde") == []
    for state in Deviation.State:
        fravigelse.state = state
        fravigelse.save()
        in_force = state in (Deviation.State.OPEN, Deviation.State.SETTLED, Deviation.State.FAILED)
        assert found(client, reader, q="øde") == (["Skole"] if in_force else []), state


@pytest.mark.parametrize("a_few", [0, 2, 300])
def test_each_search_finds_its_own_whether_it_finds_few_or_many(client, manager, monkeypatch, a_few: int) -> None:
    monkeypatch.setattr(keys, "_A_FEW", a_few)
    for title in ("Bolig for unge", "Bolig for voksne", "Skole for unge"):
        initiative_in(Phase.SCREENING, title=title)
    with_bolig = ["Bolig for unge", "Bolig for voksne"]
    for _ in range(2):
        assert found(client, manager, q="bolig") == with_bolig
        assert found(client, manager, q="unge") == ["Bolig for unge", "Skole for unge"]
        assert found(client, manager, q="for") == [*with_bolig, "Skole for unge"]
        assert found(client, manager, q="for", phase=Phase.MATURATION) == []
        assert found(client, manager, q="bolig", sort="-title") == with_bolig[::-1]
        assert found(client, manager, q="findes ikke") == []
        assert "2 initiativer" in page(client, manager, q="bolig")


def test_signs_of_patterns_are_signs(client, manager) -> None:
    initiative_in(None, title="Øget 100% a_b [c]")
    initiative_in(None, title="Andet axb")
    for sign in ("100%", "a_b", "%", "_", "[c]", "\\"):
        assert found(client, manager, q=sign) == (["Øget 100% a_b [c]"] if sign != "\\" else []), sign


def test_the_hit_says_where_it_was_found_and_marks_the_word(client, draft, manager) -> None:
    html = page(client, manager, q="hjemløshed")
    assert "I det sociale problem: <mark>Hjemløshed</mark> blandt UNGE</li>" in html
    html = page(client, manager, q="ærinde")
    address = f"/initiativer/{draft.initiative.number}/vurderinger/{draft.no}/"
    assert f'<a href="{address}">I SUSI-vurderingen</a>: ' in html
    assert "<mark>ærinde</mark> i byen." in html
    assert "<mark>" not in page(client, manager, q="bolig")  # the title shows it


def test_an_extract_is_short_and_whole_words(client, manager) -> None:
    initiative_in(None, title="Lang", problem=f"{'før ' * 100}NÅLEN {'efter ' * 100}")
    html = page(client, manager, q="nålen")
    assert "…før før" in html
    assert "<mark>NÅLEN</mark> efter" in html
    assert "efter…</li>" in html
    assert html.count("efter") < 15


def test_markup_that_people_write_is_text(client, manager) -> None:
    initiative_in(None, title="Farlig", problem="<b>fed</b> & <script>", description="x")
    html = page(client, manager, q="<b>fed")
    assert "I det sociale problem: <mark>&lt;b&gt;fed</mark>&lt;/b&gt; &amp; &lt;script&gt;" in html


def test_a_reader_finds_no_proposal(client, manager, reader) -> None:
    initiative_in(None, title="Forslag", problem="Hemmelig")
    assert found(client, manager, q="hemmelig") == ["Forslag"]
    assert found(client, reader, q="hemmelig") == []


def test_the_past_is_searched_in_the_words_of_the_past(client, lead, manager) -> None:
    initiative = initiative_in(Phase.SCREENING, title="Gammelt navn", lead=lead)
    before = timezone.now()
    initiative = actions.edit_initiative(
        initiative=Initiative.objects.get(pk=initiative.pk), by=lead, version=initiative.version, title="Nyt navn"
    )
    with as_of(before):
        assert found_in_the_past(manager, "gammelt") == ["Gammelt navn"]
        assert found_in_the_past(manager, "nyt") == []
    assert found(client, manager, q="gammelt") == []


def found_in_the_past(user, words: str) -> list[str]:
    request = RequestFactory().get(URL, {"q": words, "deviations": "no", "sort": "lead"})
    request.user = user
    selected = selection(request)
    return [row.title for row in selected.initiatives]


def test_open_fravigelser_are_those_the_page_shows(client, manager) -> None:
    """They follow into what continues the initiative, through mergers, splits and chains, not over annulled links."""
    rulebook()
    first = initiative_in(Phase.SCREENING, title="A")
    others = [initiative_in(Phase.MATURATION, title=title) for title in "BCDE"]
    factories.approved(first, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    for before, after, annulled in [(first, others[0], False), (others[0], others[1], False),
                                    (others[0], others[2], False), (first, others[3], True)]:  # fmt: skip
        Continuation.objects.create(from_initiative=before, to_initiative=after, source="x", is_annulled=annulled)
    assert found(client, manager, deviations="yes") == ["A", "B", "C", "D"]
    assert found(client, manager, deviations="no") == ["E"]
    Deviation.objects.update(state=Deviation.State.SETTLED)
    assert found(client, manager, deviations="yes") == []


def test_a_criterion_alone_can_be_found(client, draft, lead, manager) -> None:
    criterion = draft.criteria()[0]
    rating = draft.ratings.get(criterion=criterion)
    drafting.save_criterion(
        assessment=draft, criterion=criterion, by=lead, version=rating.version,
        written=CriterionInput(value=rating.value, reasoning="Kun her står Ålesund."),
    )  # fmt: skip
    assert found(client, manager, q="ålesund") == ["Bolig"]
