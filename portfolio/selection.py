"""What a page is asked about: the initiatives the filters of the address choose, in the order it says.

The list, its exports, the timeline and the other pages with "filters as in the list" all ask here. The template
`portfolio/_filters.html` shows the filters of a `selection`, and `portfolio/_chosen.html` what is chosen.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, NamedTuple

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.utils.functional import cached_property

from portfolio import search, sorting
from portfolio.filters import SEEN_FIRST, InitiativeFilter
from portfolio.listed import Listed, fetched, listed
from portfolio.models import Initiative
from susi.dates import danish
from susi.days import DAY
from susi.http import UserRequest
from susi.prepared import Kept
from susi.roles import Role

_queries = Kept(at_most=1000)


class Total(NamedTuple):
    """How many: `rows` in the list, which count as `initiatives`, as Bilag 1 counts."""

    rows: int
    initiatives: int


class Selection:
    """The initiatives of one request. Where `is_valid` is false the `form` says what was not understood, and that
    filter is left out: a page shows the form, an export refuses.
    """

    def __init__(self, request: UserRequest) -> None:
        self.request = request
        visible = _visible(request.user.roles)
        self.filter = InitiativeFilter(request.GET, queryset=visible, request=request)
        self.form: forms.Form = self.filter.form
        self.is_valid: bool = self.filter.is_valid()

    @cached_property
    def initiatives(self) -> QuerySet[Initiative]:
        """Filtered and sorted, fetched `with_standing`."""
        return self.filter.qs

    @cached_property
    def chosen(self) -> list[dict[str, str]]:
        """What is filtered by: `label`, `words`, and `without`, the address of the same page without that filter."""
        return self.filter.chosen()

    @property
    def sorted_by(self) -> str:
        """The order in words: "Titel", "Nummer, omvendt"."""
        return dict(sorting.CHOICES)[self.filter.order]

    @cached_property
    def total(self) -> Total:
        counted = self._rows("total", lambda: _counted(self.initiatives))
        rows, initiatives = counted[0] if counted else (0, 0)  # what cannot be is not asked
        return Total(rows, initiatives or 0)

    def _rows(self, kind: Hashable, make: Callable[[], QuerySet]) -> list[Any]:
        """Ask the query that `make` makes of `initiatives`, which is kept by what they depend on, and its `kind`."""
        depends_on = self.filter.depends_on
        return _queries.query(depends_on and (kind, depends_on), make).rows(**self.filter.told)

    @property
    def headers(self) -> list[dict[str, str]]:
        return sorting.headers(self.filter.order)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.form if field.name in SEEN_FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self.form if field.name not in SEEN_FIRST]

    @property
    def more_is_open(self) -> bool:
        """Whether the filters that are folded away hold one that is chosen or not understood."""
        folded = {field.name for field in self.more_fields}
        return any(one["name"] in folded for one in self.chosen) or any(name in folded for name in self.form.errors)

    @property
    def without_any(self) -> str:
        """The address of the same page without any filter."""
        return self.filter.without_any()

    def wider(self) -> list[dict[str, Any]]:
        """Return `chosen`, each with the `hits` there are without it. One query for each filter that is chosen."""
        return self.filter.wider()

    def without_a_word(self) -> list[dict[str, Any]]:
        """Return the words of the free text without which there are hits: `word`, `without` and `hits`."""
        return self.filter.without_a_word()

    @property
    def day(self) -> dict[str, str]:
        """The parameter of the address that keeps the day; empty today."""
        day = getattr(self.request, "day", None)
        return {DAY: danish(day)} if day else {}

    def listed(self, places: range) -> list[Listed]:
        """Return the initiatives at `places` of the selected ones, as the list shows them: with where the words of the
        free text stand, where the title does not show them.
        """
        words = self.filter.words
        found = self._rows(
            (places.start, places.stop, bool(words)),
            lambda: fetched(self.initiatives[places.start : places.stop], with_texts=bool(words)),
        )
        rows = listed(found, agreements=self.filter.agreements, people=self.filter.leads)
        places_of = search.places(rows, words, self.request.user) if words else {}
        for row in rows:
            row.found = places_of.get(row.pk, [])
        return rows


@lru_cache(maxsize=100)
def _visible(roles: frozenset[Role]) -> Any:
    return Initiative.objects.visible_by(roles).with_standing()


def _counted(initiatives: QuerySet[Initiative]) -> QuerySet:
    """Return the query of how many they are, and what they count as."""
    counted = initiatives.order_by().annotate(rows=Count("pk"), initiatives=Sum("counts_as"))
    counted.query.group_by = None  # all of them are one group
    return counted.values_list("rows", "initiatives")


def selection(request: UserRequest) -> Selection:
    """Return what `request` asks for of the initiatives its user may see, as of its day (`susi.days.of_any_day`)."""
    return Selection(request)
