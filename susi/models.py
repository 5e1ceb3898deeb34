"""The people who use the system."""

from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import DEFAULT_DB_ALIAS
from simple_history.models import HistoricalRecords

from susi.prepared import Prepared
from susi.roles import Role

_NOT_OF_THE_PERSON = frozenset({"last_login", "password"})


class User(AbstractUser):
    """A member of staff with a log-in. What the person may do follows from the groups (`susi.roles`)."""

    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta(AbstractUser.Meta):
        verbose_name = "bruger"
        verbose_name_plural = "brugere"

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with a history row, so that the past knows people by the names they had; none for a mere log-in."""
        fields = kwargs.get("update_fields")
        if fields is None or not _NOT_OF_THE_PERSON.issuperset(fields):
            super().save(*args, **kwargs)
            return
        self.skip_history_when_saving = True
        try:
            super().save(*args, **kwargs)
        finally:
            del self.skip_history_when_saving

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The person's roles, read once per request. An inactive person has none."""
        if not self.is_active:
            return frozenset()
        names = set(self.groups.values_list("name", flat=True))
        return frozenset(role for role in Role if role.value in names)

    @classmethod
    def with_roles(cls, pk: int) -> "User | None":
        """Return the person with the roles read, in one query: it gives the person once for each group."""
        found = _with_groups(pk).rows()
        if not found:
            return None
        names = {group for *_, group in found}
        person = cls.from_db(DEFAULT_DB_ALIAS, _columns(), found[0][:-1])
        person.roles = frozenset(role for role in Role if person.is_active and role.value in names)
        return person

    def has_role(self, role: Role) -> bool:
        return role in self.roles

    @property
    def may_administer(self) -> bool:
        """Whether the administration is open to the person: as administrator, or as superuser."""
        return self.has_role(Role.ADMINISTRATOR) or (self.is_active and self.is_superuser)


@lru_cache(maxsize=500)
def _with_groups(pk: int) -> Prepared:
    """The query of the person `pk`, once for each group, whose name comes last."""
    return Prepared(User.objects.filter(pk=pk).values_list(*_columns(), "groups__name"))


def _columns() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]
