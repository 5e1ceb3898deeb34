"""The people who use the system, and who stands in for them."""

from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from susi.dates import COPENHAGEN
from susi.past import in_the_present
from susi.prepared import Given, Prepared
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

    @cached_property
    def stands_in_for(self) -> frozenset[int]:
        """The primary keys of those the person stands in for now, read once per request. Rights are those of today,
        also on a page of a past day."""
        if not self.is_active:
            return frozenset()
        with in_the_present():
            return frozenset(self.standing_in.in_force().order_by().values_list("person", flat=True))

    @property
    def acts_for(self) -> frozenset[int]:
        """The primary keys of the person and of those stood in for: whose work is the person's own now."""
        return self.stands_in_for | {self.pk}

    @classmethod
    def with_roles(cls, pk: int) -> "User | None":
        """Return the person with the roles, and those stood in for, read in one query: it gives the person once for
        each group and each period of standing in."""
        found = _with_groups(pk).rows()
        if not found:
            return None
        own = len(_columns())
        person = cls.from_db(DEFAULT_DB_ALIAS, _columns(), found[0][:own])
        names, periods = {row[own] for row in found}, {tuple(row[own + 1 :]) for row in found if row[own + 1]}
        now = timezone.now()
        person.roles = frozenset(role for role in Role if person.is_active and role.value in names)
        person.stands_in_for = frozenset(
            absent for absent, *period in periods if person.is_active and holds(*period, moment=now)
        )
        return person

    def has_role(self, role: Role) -> bool:
        return role in self.roles

    @property
    def may_administer(self) -> bool:
        """Whether the administration is open to the person: as administrator, or as superuser."""
        return self.has_role(Role.ADMINISTRATOR) or (self.is_active and self.is_superuser)


@lru_cache(maxsize=500)
def _with_groups(pk: int) -> Prepared:
    """The query of the person `pk`, once for each group, whose name comes last but for the period of standing in."""
    period = (f"standing_in__{name}" for name in ("person", "from_day", "to_day", "ended_at"))
    return Prepared(User.objects.filter(pk=pk).values_list(*_columns(), "groups__name", *period))


def _columns() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]


def holds(from_day: date, to_day: date, ended_at: datetime | None, *, moment: datetime) -> bool:
    """Return whether a period of standing in holds at `moment`: on its days in Copenhagen, until it was ended."""
    return from_day <= timezone.localdate(moment, COPENHAGEN) <= to_day and (ended_at is None or moment < ended_at)


def in_force_at(moment: datetime | Given, day: date | Given) -> Q:
    """Return the condition that a period of standing in `holds` at `moment`, which is on `day` in Copenhagen."""
    return Q(from_day__lte=day, to_day__gte=day) & (Q(ended_at__isnull=True) | Q(ended_at__gt=moment))


class StandInQuerySet(models.QuerySet["StandIn"]):
    def in_force(self) -> "StandInQuerySet":
        now = timezone.now()
        return self.filter(in_force_at(now, timezone.localdate(now, COPENHAGEN)))

    def not_over(self) -> "StandInQuerySet":
        """Return those that hold now or will."""
        return self.filter(to_day__gte=timezone.localdate(timezone=COPENHAGEN), ended_at__isnull=True)


class StandIn(models.Model):
    """Who does a person's work while the person is away: from `from_day` to `to_day`, both included, in Copenhagen.

    A stand-in writes where the person does and has the person's work on the own list, in the own name. Never deleted:
    one that ends early has `ended_at`, so that what was done under it can still be told.
    """

    class Reason(models.TextChoices):
        """A choice, not a text: why somebody is ill is nobody's business here."""

        HOLIDAY = "holiday", "Ferie"
        LEAVE = "leave", "Orlov"
        JOURNEY = "journey", "Tjenesterejse"
        OTHER = "other", "Andet fravær"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="fraværende", on_delete=models.PROTECT, related_name="stand_ins"
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="stedfortræder", on_delete=models.PROTECT, related_name="standing_in"
    )
    from_day = models.DateField("fra og med")
    to_day = models.DateField("til og med")
    reason = models.CharField("anledning", max_length=10, choices=Reason.choices)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("udpeget")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("ophævet", null=True, blank=True)
    history = HistoricalRecords()

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = "stedfortræder"
        verbose_name_plural = "stedfortrædere"
        ordering = ["from_day", "pk"]
        constraints = [
            models.CheckConstraint(name="stand_in_ends_after_it_begins", condition=Q(to_day__gte=F("from_day"))),
            models.CheckConstraint(name="stand_in_is_another", condition=~Q(person=F("stand_in"))),
            models.CheckConstraint(
                name="stand_in_ended_by_somebody",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} er stedfortræder for {self.person}"

    def holds_at(self, moment: datetime) -> bool:
        return holds(self.from_day, self.to_day, self.ended_at, moment=moment)
