"""Queries that are put together once: what they give is what Django gives, each time anew."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import CharField, Count, Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.keys import Among
from susi.prepared import Given, GivenKeys, Kept, Prepared
from tests.factories import initiative_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Initiative]:
    return [initiative_in(Phase.MATURATION, title=f"Eksempel {no}") for no in range(3)]


def test_objects_are_those_of_the_queryset_with_what_is_fetched_along(three: list[Initiative]) -> None:
    rows = Initiative.objects.select_related("current_run", "lead").annotate(how_many=Count("runs")).order_by("pk")
    found = Prepared(rows).rows()
    assert found == list(rows)
    with CaptureQueriesContext(connection) as queries:
        told = [(one.title, one.current_run.phase, one.lead and one.lead.username, one.how_many) for one in found]
    assert told == [(one.title, Phase.MATURATION, one.lead and one.lead.username, 1) for one in three]
    assert len(queries) == 0


def test_what_is_deferred_is_fetched_when_it_is_asked_for(three: list[Initiative]) -> None:
    (first, *_) = Prepared(Initiative.objects.defer("title").order_by("pk")).rows()
    with CaptureQueriesContext(connection) as queries:
        assert first.title == "Eksempel 0"
    assert len(queries) == 1


def test_values_left_open_are_told_each_time(three: list[Initiative]) -> None:
    named = Prepared(Initiative.objects.filter(number=Given("number", CharField())).values_list("title"))
    assert [named.rows(number=one.number) for one in three] == [[(one.title,)] for one in three]
    assert named.rows(number="findes ikke") == []
    by_key = Prepared(Initiative.objects.filter(pk=Given("key")))
    assert by_key.rows(key=three[0].pk) == [three[0]]
    assert by_key.rows(key=10**30) == []  # in an address, say
    with pytest.raises(KeyError, match="number"):
        named.rows()


def test_any_number_of_keys_is_one_parameter(three: list[Initiative]) -> None:
    among = Prepared(Initiative.objects.filter(pk__in=GivenKeys("keys")).order_by("pk"))
    assert among.rows(keys=[three[0].pk, three[2].pk]) == [three[0], three[2]]
    assert among.rows(keys=[]) == []
    assert among.rows(keys=range(100_000)) == three
    assert list(Initiative.objects.filter(Among("pk", [three[1].pk], "one"))) == [three[1]]
    assert not Initiative.objects.filter(Among("pk", [], "none")).exists()
    assert Initiative.objects.exclude(Among("pk", [three[1].pk], "one")).count() == 2


def test_which_few_keys_a_query_is_made_from_is_told_each_time(three: list[Initiative]) -> None:
    first, second, third = (one.pk for one in three)
    few = Among("pk", [first], "held")
    assert few.is_told
    kept = Prepared(Initiative.objects.filter(few, title__startswith="Eksempel").order_by("pk"))
    assert kept.rows(held=[first]) == three[:1]
    assert kept.rows(held=[third, second]) == three[1:]
    assert kept.rows(held=[]) == []


def test_many_keys_are_part_of_what_a_query_is_made_from(three: list[Initiative]) -> None:
    many = Among("pk", [*range(10**6, 10**6 + 300), three[0].pk], "held")
    assert not many.is_told
    assert Prepared(Initiative.objects.filter(many)).rows(held=many.keys) == three[:1]


def test_an_open_value_may_stand_within_a_subquery(three: list[Initiative]) -> None:
    runs = PhaseRun.objects.filter(initiative=OuterRef("pk"), phase=Given("phase", CharField()))
    in_phase = Prepared(Initiative.objects.filter(Exists(runs)).order_by("pk"))
    assert in_phase.rows(phase=Phase.MATURATION) == three
    assert in_phase.rows(phase=Phase.TRIAL) == []


def test_the_answer_is_never_kept(three: list[Initiative]) -> None:
    titles = Prepared(Initiative.objects.order_by("pk").values_list("title"))
    assert len(titles.rows()) == 3
    three[0].title = "Et andet navn"
    three[0].save()
    initiative_in(Phase.TRIAL, title="Den fjerde")
    assert titles.rows() == [("Et andet navn",), ("Eksempel 1",), ("Eksempel 2",), ("Den fjerde",)]


def test_what_cannot_be_is_not_asked(three: list[Initiative]) -> None:
    nothing = Prepared(Initiative.objects.filter(pk__in=[]))
    with CaptureQueriesContext(connection) as queries:
        assert nothing.rows() == []
    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_one_query_serves_several_threads_each_by_its_own_connection(three: list[Initiative]) -> None:
    among = Prepared(Initiative.objects.filter(pk__in=GivenKeys("keys")).select_related("current_run"))

    def ask(one: Initiative) -> list[Initiative]:
        try:
            return [found for _ in range(20) for found in among.rows(keys=[one.pk])]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        assert [set(found) for found in threads.map(ask, three)] == [{one} for one in three]


def test_a_query_is_kept_by_what_it_depends_on_and_not_without(three: list[Initiative]) -> None:
    made: list[str] = []
    queries = Kept(at_most=2)

    def of(phase: str):
        made.append(phase)
        return Initiative.objects.filter(phase=phase)

    for phase in ("maturation", "maturation", "trial"):
        queries.query(phase, lambda phase=phase: of(phase))
    assert made == ["maturation", "trial"]
    assert (
        queries.query("maturation", lambda: of("never made")).rows()
        == queries.query(None, lambda: of("maturation")).rows()
    )
    queries.query("screening", lambda: of("screening"))  # one too many: all are made anew
    queries.query("maturation", lambda: of("maturation"))
    assert made == ["maturation", "trial", "maturation", "screening", "maturation"]


def test_postgresql_keeps_plans_and_neither_compiles_a_query_nor_shares_it_out() -> None:
    """Each took longer than the query itself (ADR 14)."""
    if connection.vendor != "postgresql":
        pytest.skip("Kun PostgreSQL har disse indstillinger")
    told = {"jit": "off", "max_parallel_workers_per_gather": "0", "plan_cache_mode": "force_generic_plan"}
    with connection.cursor() as cursor:
        for name, value in told.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)
