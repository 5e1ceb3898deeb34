"""What is registered of who takes part: each entry is corrected under a version and annulled with a reason."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.rules import Problem
from portfolio.models import Initiative, PhaseRun
from susi.dates import Precision
from susi.models import User


def precision(**options: Any) -> models.CharField:
    """Return the column that says how exactly a date is known."""
    return models.CharField(max_length=5, choices=Precision.choices, blank=True, **options)


def whole(*fields: str) -> Q:
    """Each date with its precision, or neither."""
    condition = Q()
    for field in fields:
        unknown = Q(**{f"{field}__isnull": True, f"{field}_precision": ""})
        condition &= unknown | (Q(**{f"{field}__isnull": False}) & ~Q(**{f"{field}_precision": ""}))
    return condition


class EntryQuerySet(models.QuerySet[Any]):
    def in_force(self) -> "EntryQuerySet":
        return self.filter(annulled_at__isnull=True)

    def of(self, initiative: Initiative) -> "EntryQuerySet":
        return self.filter(**{f"{self._run}__initiative": initiative})

    def visible_to(self, user: User) -> "EntryQuerySet":
        """Return the entries of the initiatives `user` may see."""
        return self.filter(**{f"{self._run}__initiative__in": Initiative.objects.visible_to(user).order_by()})

    @property
    def _run(self) -> str:
        model: Any = self.model
        return str(model.RUN)


class Entry(models.Model):
    """An entry of a phase. Never deleted: a mistake is annulled with a reason and stays to be read.

    `RUN` is the way to the phase, `DATES` are its dates known to the day, month or year.
    """

    RUN: ClassVar[str] = "run"
    DATES: ClassVar[tuple[str, ...]] = ()

    version = models.PositiveIntegerField("version", default=1, editable=False)
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True, editable=False)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=1000, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_annulled_with_a_reason",
                condition=Q(annulled_at__isnull=True, annulled_by__isnull=True, annulment_reason="")
                | (Q(annulled_at__isnull=False, annulled_by__isnull=False) & ~Q(annulment_reason="")),
            )
        ]

    @property
    def phase_run(self) -> PhaseRun:
        """The phase it belongs to."""
        run: PhaseRun = self.run  # type: ignore[attr-defined]
        return run

    @property
    def initiative(self) -> Initiative:
        return self.phase_run.initiative

    @property
    def is_annulled(self) -> bool:
        return self.annulled_at is not None

    def problems(self) -> list[Problem]:
        """Return what keeps the entry from being saved as it stands, the fields and sentences of it."""
        return [*self.contradictions(), *self.outlived()]

    def contradictions(self) -> list[Problem]:
        """Return the problems that cannot come about by themselves: no entry in force has any (`invariants`)."""
        return []

    def outlived(self) -> list[Problem]:
        """Return the problems with an organisation that is not there at the time: they come where one ends."""
        return []

    def others(self) -> Any:
        """Return the entries of the kind in force besides this one."""
        return type(self)._default_manager.filter(annulled_at__isnull=True).exclude(pk=self.pk)
