"""What the rows of a file can refer to, fetched in a number of queries that does not grow with the rows."""

from collections.abc import Iterable
from typing import Any

from portfolio.models import Agreement, Initiative, Programme, TargetGroup
from portfolio.rows import open_deviations
from susi.danish import fold
from susi.models import User
from susi.roles import Role


class Names:
    """Objects by what they may be called, without regard to case. `choices` are the names to offer."""

    def __init__(self) -> None:
        self.choices: list[str] = []
        self.by_pk: dict[int | None, Any] = {}
        self._found: dict[str, dict[int, Any]] = {}

    def add(self, one: Any, *names: str, offered: str = "") -> None:
        self.by_pk[one.pk] = one
        for name in names:
            self._found.setdefault(fold(name), {})[one.pk] = one
        if offered:
            self.choices.append(offered)

    def find(self, name: str) -> list[Any]:
        """Return everything called `name`: nothing, one, or several of the same name."""
        return list(self._found.get(fold(name), {}).values())


class Known:
    """The rows of the database a table is compared with. `numbers` are those of the initiatives it names."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self.programmes, self.agreements, self.target_groups = _programmes(), _agreements(), _target_groups()
        self.people = _people()
        named = Initiative.objects.with_standing().prefetch_related("target_groups").filter(number__in=set(numbers))
        self.initiatives = {initiative.number: initiative for initiative in named}
        self.titles: dict[str, list[str]] = {}  # the numbers of those that have each
        for title, number in Initiative.objects.order_by("number").values_list("title", "number"):
            self.titles.setdefault(fold(title), []).append(number)

    def count_deviations(self) -> None:
        """Give each initiative its `open_deviations`, for a file that tells of them as our exports do."""
        counts = open_deviations()
        for initiative in self.initiatives.values():
            initiative.open_deviations = counts.get(initiative.pk, 0)  # type: ignore[attr-defined]


def _programmes() -> Names:
    names = Names()
    for programme in Programme.objects.all():
        names.add(programme, programme.name, programme.key, offered=programme.name)
    return names


def _agreements() -> Names:
    names = Names()
    for agreement in Agreement.objects.select_related("programme"):
        name = f"{agreement.programme.name} {agreement.year}"
        names.add(agreement, name, offered=name)
    return names


def _target_groups() -> Names:
    names = Names()
    for group in TargetGroup.objects.all():
        names.add(group, group.name, group.key, offered=group.name)
    return names


def _people() -> Names:
    """Everybody who is active, by full name and by user name; offered are those who may be responsible."""
    names = Names()
    people = User.objects.filter(is_active=True).prefetch_related("groups")
    for person in people.order_by("first_name", "last_name", "username"):
        may_lead = any(group.name == Role.LEAD.value for group in person.groups.all())
        person.may_lead = may_lead  # type: ignore[attr-defined]
        offered = f"{person} ({person.username})" if may_lead and str(person) != person.username else ""
        names.add(person, person.get_full_name() or person.username, person.username,
                  offered=offered or (person.username if may_lead else ""))  # fmt: skip
    return names
