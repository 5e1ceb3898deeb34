"""The people who use the system, who stands in for them, and what they have opened."""

from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from susi.access_words import words
from susi.dates import COPENHAGEN
from susi.past import in_the_present
from susi.prepared import Given, Prepared
from susi.roles import Role

_NOT_OF_THE_PERSON = frozenset({"last_login", "password"})


class User(AbstractUser):
    """A member of staff with a log-in. What the person may do follows from the groups (`susi.roles`)."""

    left_at = models.DateTimeField("fratrådt", null=True, editable=False)  # and nameless since (`susi.leaving`)
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

    @property
    def has_left(self) -> bool:
        """Whether the person has left the agency: an account without a name, that never opens again."""
        return self.left_at is not None

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


class AppendOnly(Exception):
    """Something tried to change what is only ever added to. A mistake in the code, never in the data."""


class AccessEntryQuerySet(models.QuerySet["AccessEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("Access is noted once and not changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("What is noted of access is taken away by its age alone.")

    def expire(self, before: datetime) -> int:
        """Take away what was noted before that moment, and return how much it was."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]


class AccessEntry(models.Model):
    """That somebody opened or fetched something, changed the administration, or logged in or out.

    Written by `susi.access_log` alone, once; taken away after `ACCESS_LOG_DAYS`. It holds keys and nothing anybody has
    written: `path` is the address without its query, and names the object. `view` is the page's name in the code.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", "Åbnet"
        FETCHED = "fetched", "Hentet som fil"
        CHECKED = "checked", "Dokument kontrolleret"
        ADMINISTERED = "administered", "Gemt i administrationen"
        LOGGED_IN = "logged_in", "Logget ind"
        REFUSED = "refused", "Log ind afvist"
        LOGGED_OUT = "logged_out", "Logget ud"

    at = models.DateTimeField("tidspunkt")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="bruger", null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("hændelse", max_length=12, choices=Kind.choices)
    view = models.CharField("side", max_length=100)
    path = models.CharField("adresse", max_length=300)
    initiative = models.CharField("initiativ", max_length=12, blank=True)
    past_day = models.DateField("vist som den dag", null=True)
    file_kind = models.CharField("filtype", max_length=5, blank=True)
    rows = models.PositiveIntegerField("rækker i filen", null=True)
    request_id = models.CharField("anmodning", max_length=64)

    objects = AccessEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "adgang"
        verbose_name_plural = "adgange"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"], name="access_at"),
            models.Index(fields=["initiative", "at"], name="access_of_initiative"),
        ]
        constraints = [
            # whoever tries to log in under a name that is none here is nobody
            models.CheckConstraint(name="access_by_somebody", condition=Q(user__isnull=False) | Q(kind="refused")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.path}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Access is noted once and not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("What is noted of access is taken away by its age alone.")

    @property
    def page(self) -> str:
        """What the page is called."""
        return words(self.view)
