"""A search finds what the texts hold, however they were written; on PostgreSQL by an index of their words."""

import threading
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.models import Assessment
from phases.terms import Phase
from portfolio import search
from portfolio.models import Initiative
from susi.danish import search_words
from susi.invariants import every_word_is_found
from susi.models import User
from susi.past import as_of
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.races.test_races import at_once

pytestmark = pytest.mark.django_db
# What a text is made of here: parts of words, and what means something to a database.
PARTS = [
    "bo",
    "støtte",
    "ÆBLE",
    "å",
    "'",
    '"',
    "%",
    "_",
    "\\",
    "{",
    "}",
    ",",
    "NULL",
    "e\u0301",
    "ß",
    " ",
    "\u00a0",
    "\n",
]
texts = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


@pytest.fixture
def on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Kun PostgreSQL har et register over ordene")


def found(words: str, user: User) -> set[int]:
    return set(search.holding(search.words_of(words), user).keys)


def problem(text: str) -> Initiative:
    return Initiative.objects.create(
        number=f"2026-{Initiative.objects.count() + 1:03d}", title="Eksempel", problem=text
    )


class EveryTextIsFound(TestCase):
    @settings(max_examples=60)
    @given(st.lists(texts, min_size=1, max_size=4), texts)
    def test_by_any_part_of_its_words(self, written: list[str], asked: str) -> None:
        user, words = person(Role.MANAGER), search.words_of(asked)
        initiatives = [problem(text) for text in written]
        holding = {one.pk for one in initiatives if words and all(word in one.search_text for word in words)}
        assert found(asked, user) == holding


def test_however_a_text_came_into_the_table() -> None:
    user, one = person(Role.MANAGER), problem("Først")
    Initiative.objects.filter(pk=one.pk).update(search_text=search_words("Uden om modellen"))
    several = Initiative.objects.bulk_create(
        Initiative(number=f"2027-{no:03d}", title="E", search_text=f"samlet-{no}") for no in range(3)
    )
    assert found("modellen", user) == {one.pk}
    assert found("først", user) == set()
    assert found("amlet", user) == {other.pk for other in several}


def test_a_word_is_found_in_whatever_is_read_of_an_initiative() -> None:
    """Two words may stand in two texts, and a draft is searched only by those who read it."""
    factories.rulebook()
    manager, other = person(Role.MANAGER), person(Role.LEAD)
    initiative = initiative_in(Phase.SCREENING, problem="Problemet")
    draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
    Assessment.objects.filter(pk=draft.pk).update(search_words="kladdens ord")
    assert found("problemet kladdens", manager) == {initiative.pk}
    assert found("problemet kladdens", other) == set()
    assert found("problemet", other) == {initiative.pk}


def test_a_string_longer_than_an_index_holds_is_saved_and_found() -> None:
    user = person(Role.MANAGER)
    one = problem("x" * 400 + "ø" * 9000 + "slutningen")
    other = problem("x" * 400 + "ø" * 9000)
    assert found("x" * 90 + "ø", user) == {one.pk, other.pk}
    assert found("slutningen", user) == {one.pk}


def test_what_very_many_words_hold_is_found_beside_what_few_hold() -> None:
    """A text is read where it takes less than to look up every word: only those of what the other words found."""
    user = person(Role.MANAGER)
    several = [problem(f"{' '.join(f'ord{no}x{at}' for at in range(50))} {'sjældent' * (no % 2)}") for no in range(8)]
    assert found("ord", user) == {one.pk for one in several}
    assert found("ord sjældent", user) == {one.pk for one in several[1::2]}
    assert found("ord3x sjældent x4", user) == {several[3].pk}
    assert found("ord4x sjældent x4", user) == set()


@pytest.mark.parametrize("word", ["kladdens", "d"])
def test_who_may_read_it_decides_each_time(word: str) -> None:
    """One person with other roles, and as a stand-in: the queries are kept, the rights are those of the moment."""
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, problem=" ".join(f"d{no}" for no in range(400)))
    draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
    Assessment.objects.filter(pk=draft.pk).update(search_words="kladdens ord", search_text="kladdens ord")
    pk = person(Role.READER).pk

    def finds_the_draft() -> bool:
        user = User.objects.get(pk=pk)
        held = found(f"kladdens {word}", user) == {initiative.pk}
        shown = [place.where for place in search.places([initiative], ["kladdens"], user)[initiative.pk]]
        assert held is (shown == ["I SUSI-vurderingen"])
        return held

    assert not finds_the_draft()
    manager, lead = (Group.objects.get(name=role.value) for role in (Role.MANAGER, Role.LEAD))
    person_now = User.objects.get(pk=pk)
    person_now.groups.add(manager)
    assert finds_the_draft()
    person_now.groups.set([lead])
    assert not finds_the_draft()
    initiative.members.add(pk)
    assert finds_the_draft()
    initiative.members.clear()
    assert not finds_the_draft()


def test_the_past_finds_what_stood_there_then() -> None:
    user, one = person(Role.MANAGER), problem("Dengang")
    then = one.history.latest().history_date
    one.problem = "Siden"
    one.save()
    with as_of(then):
        assert (found("dengang", user), found("siden", user)) == ({one.pk}, set())
    assert (found("dengang", user), found("siden", user)) == (set(), {one.pk})


def test_what_no_text_holds_is_not_looked_for(on_postgresql, django_assert_num_queries) -> None:
    user = person(Role.MANAGER)
    problem("kommunerne")
    with django_assert_num_queries(1):
        assert found("kommunerne findesikke", user) == set()


def test_it_is_found_by_the_indexes(on_postgresql) -> None:
    user = person(Role.MANAGER)
    problem("kommunerne")
    asked: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        found("kommunerne", user)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked[-1][0]}", asked[-1][1])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for index in ("portfolio_initiative_words", "assessments_assessment_words", "assessments_deviation_words"):
        assert index in plan


@pytest.mark.parametrize(
    ("broken", "table", "sentence"),
    [
        ("DELETE FROM susi_word WHERE text = 'borgerne'", "portfolio_initiative", "Ord i 1 af rækkerne mangler"),
        ("DROP INDEX assessments_deviation_words", "assessments_deviation", "assessments_deviation_words mangler"),
        (
            "ALTER TABLE assessments_assessment DISABLE TRIGGER words_changed",
            "assessments_assessment",
            "føjes ikke til",
        ),
    ],
)
def test_what_is_missing_is_named_by_the_check(on_postgresql, broken: str, table: str, sentence: str) -> None:
    problem("kommunerne borgerne")
    assert list(every_word_is_found()) == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(broken)
    (breach,) = every_word_is_found()
    assert (breach.about, sentence in breach.sentence) == (table, True)


def test_the_words_are_learnt_anew(on_postgresql) -> None:
    one = problem("Kommunerne Borgerrne")
    one.problem = "Kommunerne Borgerne"
    one.save()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM susi_word WHERE text = 'borgerne'")
        call_command("learn_words", stdout=StringIO())
        cursor.execute("SELECT text FROM susi_word ORDER BY text")
        assert [text for (text,) in cursor.fetchall()] == ["2026-001", "borgerne", "eksempel", "kommunerne"]
    assert list(every_word_is_found()) == []


def test_a_word_that_is_stored_twice_hides_no_other(on_postgresql) -> None:
    user = person(Role.MANAGER)
    several = [problem(f"ord{no}x") for no in range(301)]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO susi_word SELECT 'ord0x' FROM generate_series(1, 50)")
        cursor.execute("CREATE TEMPORARY TABLE words ON COMMIT DROP AS SELECT text FROM susi_word ORDER BY text")
        cursor.execute("DELETE FROM susi_word")
        cursor.execute("INSERT INTO susi_word SELECT text FROM words ORDER BY text")  # those that are twice come first
    assert found("ord", user) == {one.pk for one in several}


def test_whoever_writes_need_not_know_of_the_words(on_postgresql) -> None:
    """Another search path (a restore has none), and a role with rights to the text alone."""
    one = problem("først")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE susi_test_writer; GRANT SELECT, UPDATE ON portfolio_initiative TO susi_test_writer")
        cursor.execute("SET LOCAL ROLE susi_test_writer; SET LOCAL search_path = ''")
        cursor.execute("UPDATE public.portfolio_initiative SET search_text = 'sidenhen' WHERE id = %s", [one.pk])
        cursor.execute("RESET ROLE; SET LOCAL search_path TO DEFAULT")
    assert found("sidenhen", person(Role.MANAGER)) == {one.pk}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_same_new_words_do_not_wait_for_each_other(on_postgresql) -> None:
    """Each has written its first when the other writes its second: had they waited, it would be forever."""
    both = threading.Barrier(2)
    here, there = problem("1"), problem("2")

    def writing(one: Initiative, *words: str) -> None:
        with transaction.atomic():
            Initiative.objects.filter(pk=one.pk).update(search_text=words[0])
            both.wait(timeout=20)
            Initiative.objects.filter(pk=one.pk).update(search_text=" ".join(words))

    at_once(lambda: writing(here, "splinternyt", "uhørt"), lambda: writing(there, "uhørt", "splinternyt"))
    assert found("uhørt splinternyt", person(Role.MANAGER)) == {here.pk, there.pk}
