"""`{% url %}` looks an address up once, and says what Django's says."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse

from phases.terms import Phase
from susi.http import address
from tests.factories import initiative_in


def drawn(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


def test_an_address_is_looked_up_once() -> None:
    address.cache_clear()
    for number in ("2026-001", "2026-002", "2026-001"):
        url = drawn('{% url "portfolio:initiative_detail" number %}', number=number)
        assert url == reverse("portfolio:initiative_detail", args=[number])
    assert (address.cache_info().hits, address.cache_info().misses) == (1, 2)


def test_a_value_that_equals_a_number_is_not_taken_for_it() -> None:
    assert drawn('{% url "registers_deviation" key %}', key=1) == reverse("registers_deviation", args=[1])
    with pytest.raises(NoReverseMatch):
        drawn('{% url "registers_deviation" key %}', key=True)


@pytest.mark.django_db
def test_what_is_no_plain_text_or_number_is_left_to_django() -> None:
    initiative = initiative_in(Phase.SCREENING)
    address.cache_clear()
    named = drawn('{% url "portfolio:initiative_detail" number=one.number as there %}{{ there }}', one=initiative)
    assert named == reverse("portfolio:initiative_detail", args=[initiative.number])
    assert drawn('{% url "admin:index" %}') == reverse("admin:index")
    assert address.cache_info().misses == 0


def test_an_address_that_is_none_is_an_error_but_where_it_is_asked_for_by_name() -> None:
    with pytest.raises(NoReverseMatch):
        drawn('{% url "nowhere" %}')
    assert drawn('{% url "nowhere" as there %}{{ there }}') == ""
