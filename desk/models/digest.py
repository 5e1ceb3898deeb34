"""The weekly mail: who wants it, what each week's was, and what a person has been told already."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class ReminderChoice(models.Model):
    """What a person wants to be told by mail. Whoever has chosen nothing gets the weekly mail with every kind."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="bruger", on_delete=models.PROTECT, related_name="reminder_choice"
    )
    weekly = models.BooleanField("ugentlig mail", default=True)
    left_out = models.JSONField("fravalgte slags", default=list, blank=True)
    version = models.PositiveIntegerField("version", default=1)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "valg af påmindelser"
        verbose_name_plural = "valg af påmindelser"

    def __str__(self) -> str:
        return f"{self.person}: {'ugentlig mail' if self.weekly else 'ingen mail'}"


class Digest(models.Model):
    """The mail of one week to one person, claimed before it is sent: there is at most one (ADR 19).

    One that stays claimed was being sent when the sender died: nobody knows whether it went out, so it is not sent
    again. One that failed surely did not go out, and is tried again.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", "Undervejs"
        SENT = "sent", "Sendt"
        FAILED = "failed", "Kunne ikke sendes"
        NOTHING = "nothing", "Intet nyt"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="digests")
    week = models.DateField("ugens mandag")
    state = models.CharField("tilstand", max_length=8, choices=State.choices)
    attempts = models.PositiveSmallIntegerField("forsøg", default=1)
    claimed_at = models.DateTimeField("påbegyndt")
    sent_at = models.DateTimeField("sendt", null=True, blank=True)
    problem = models.CharField("hvorfor ikke", max_length=300, blank=True)

    class Meta:
        verbose_name = "ugentlig mail"
        verbose_name_plural = "ugentlige mails"
        ordering = ["-week", "person"]
        constraints = [
            models.UniqueConstraint(fields=["person", "week"], name="one_digest_a_week"),
            models.CheckConstraint(
                name="digest_sent_at_a_time",
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(name="digest_failed_for_a_reason", condition=~Q(state="failed") | ~Q(problem="")),
        ]

    def __str__(self) -> str:
        return f"{self.person}, uge {self.week.isocalendar().week}: {self.get_state_display()}"


class Told(models.Model):
    """That a person has been told of one thing, and how it was then: `fingerprint` changes when it is worth telling
    again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="told")
    key = models.CharField("hvad", max_length=100)
    fingerprint = models.CharField("aftryk", max_length=64)
    digest = models.ForeignKey(Digest, verbose_name="senest fortalt i", on_delete=models.PROTECT, related_name="told")

    class Meta:
        verbose_name = "fortalt"
        verbose_name_plural = "fortalt"
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="told_once_each")]

    def __str__(self) -> str:
        return f"{self.person}: {self.key}"
