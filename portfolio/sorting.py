"""The orders of the list: a column, either way, in Danish order, the same on both databases.

What is equal stands by title, then by number. What a column does not tell of stands last, either way.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Length, Substr

from phases.terms import Phase, Track
from portfolio.models import Initiative, Programme
from portfolio.standing import standing_place
from susi.danish import sort_key
from susi.models import User

DEFAULT = "title"
_TRACKS = (
    (Track.ONE.value, Q(current_run__track=Track.ONE)),
    (Track.TWO.value, Q(current_run__track=Track.TWO)),
    ("unknown", Q(current_run__isnull=False) & ~Q(current_run__phase=Phase.SCREENING)),
)


def _places(rules: Iterable[Q], last: int | None = None) -> Case:
    """Return the place of the first rule that fits; `last` where none does, None being after everything."""
    numbered = [When(rule, then=Value(place)) for place, rule in enumerate(rules)]
    # Without rules the default stands alone, and PostgreSQL orders by no constant.
    return Case(*numbered, default=Cast(Value(last), IntegerField()), output_field=IntegerField())


def _title() -> list[Any]:
    return [F("sort_key")]


def _number() -> list[Any]:
    """By year, then as numbers: the thousandth of a year comes after its 999th."""
    return [Substr("number", 1, 4), Length("number"), F("number")]


def _phase() -> list[Any]:
    phases = [Q(current_run__phase=phase) for phase in Phase]
    return [_places([Q(current_run__isnull=True), *phases]), *_track()]


def _track() -> list[Any]:
    return [_places(rule for _, rule in _TRACKS)]


def _programme() -> list[Any]:
    names = Programme.objects.order_by().values_list("pk", "name")
    return [_places(Q(programme=pk) for pk, _ in sorted(names, key=lambda row: sort_key(row[1])))]


def _agreement() -> list[Any]:
    """By the year of the first agreement, as the names of the agreements begin with it."""
    rests_on: Any = Initiative.agreements.through.objects.filter(initiative=OuterRef("pk"))
    return [Subquery(rests_on.order_by("agreement__year").values("agreement__year")[:1])]


def _status() -> list[Any]:
    return [standing_place()]


def _lead() -> list[Any]:
    """By the names of the leads. They are some tens: the order is found here, since the databases disagree on it."""
    leads = User.objects.filter(pk__in=Initiative.objects.order_by().values("lead"))
    return [_places(Q(lead=user.pk) for user in sorted(leads, key=lambda user: (sort_key(str(user)), user.pk)))]


COLUMNS: dict[str, tuple[str, Callable[[], list[Any]]]] = {
    "number": ("Nummer", _number),
    "title": ("Titel", _title),
    "phase": ("Fase", _phase),
    "track": ("Spor", _track),
    "programme": ("Program", _programme),
    "agreement": ("Aftale", _agreement),
    "status": ("Status", _status),
    "lead": ("Initiativansvarlig", _lead),
}
ASKS_FIRST = {"programme", "lead"}  # names are put in order here, and their order is part of the query
CHOICES = [
    (DEFAULT, COLUMNS[DEFAULT][0]),
    *((name, label) for name, (label, _) in COLUMNS.items() if name != DEFAULT),
    *((f"-{name}", f"{label}, omvendt") for name, (label, _) in COLUMNS.items()),
]


def order(sort: str) -> list[Any]:
    """Return what to order initiatives fetched `with_standing` by; `sort` is one of `CHOICES`."""
    _, expressions = COLUMNS[sort.removeprefix("-")]
    if sort.startswith("-"):
        chosen = [one.desc(nulls_last=True) for one in expressions()]
    elif sort == DEFAULT:
        chosen = []
    else:
        chosen = [one.asc(nulls_last=True) for one in expressions()]
    return [*chosen, "sort_key", "number"]


def headers(sort: str) -> list[dict[str, str]]:
    """Return the columns of the list: `label`, `sort`, what the link of the header asks for, and `aria`, how it is
    sorted now ("ascending", "descending" or "").
    """
    now = {sort.removeprefix("-"): "descending" if sort.startswith("-") else "ascending"}
    return [
        {"label": label, "sort": f"-{name}" if name == sort else name, "aria": now.get(name, "")}
        for name, (label, _) in COLUMNS.items()
    ]
