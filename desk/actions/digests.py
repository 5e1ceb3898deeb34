"""Sending the weekly mail, at most once to each person each week, whatever happens meanwhile (ADR 19)."""

import logging
import smtplib
from collections import Counter
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from desk.digests import News, news_for, subject, text, wants_digest, week_of
from desk.models import Digest, Told
from susi.days import today
from susi.errors import Refused
from susi.models import User

log = logging.getLogger(__name__)

_SAID_NO = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)  # the server answered, and it was no


class NotSent(Exception):
    """The mail surely did not go out, and may be tried again."""


def send_digests(*, day: date | None = None) -> Counter[str]:
    """Send everybody the mail of the week `day` (today) is in, to whom it has not been sent. Return how many came to
    which state, by its code; what fails with one person keeps nobody else from theirs.

    Raises `Refused` where this installation sends no mail.
    """
    if not settings.SENDS_MAIL:
        raise Refused("Der sendes ikke mail herfra. Sæt EMAIL_URL, så de ugentlige mails kan sendes.")
    week, states = week_of(day or today()), Counter[str]()
    for person in User.objects.filter(is_active=True).exclude(email="").order_by("pk"):
        try:
            state = send_digest(person=person, week=week)
        except Exception:
            log.exception("The weekly mail to user %s went wrong.", person.pk)
            state = "error"
        states[state or "not wanted"] += 1
    return states


def send_digest(*, person: User, week: date) -> str:
    """Send `person` the mail of `week`, unless it was, or there is nothing to tell. Return the state it is in; "" where
    the person wants none.

    It is claimed in a transaction of its own before it goes out. Whoever dies in between leaves it claimed, and it is
    never sent again: its news come with the next week's.
    """
    if not wants_digest(person):
        return ""
    claimed, found = _claim(person, week)
    if not found:
        return claimed.state
    try:
        _send(person, found, week)
    except NotSent as problem:
        log.warning("The weekly mail to user %s could not be sent: %s", person.pk, problem)
        return _failed(claimed, str(problem))
    return _sent(claimed, found)


@transaction.atomic
def _claim(person: User, week: date) -> tuple[Digest, list[News]]:
    """Return the digest, and what to send in it: nothing where it is not ours to send."""
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    digest = Digest.objects.filter(person=person, week=week).first()
    if digest and digest.state != Digest.State.FAILED:
        return digest, []
    found = news_for(person)
    if digest is None:
        digest = Digest(person=person, week=week)
    else:
        digest.attempts += 1
    digest.state = Digest.State.CLAIMED if found else Digest.State.NOTHING
    digest.claimed_at, digest.problem = timezone.now(), ""
    digest.save()
    return digest, found


def _send(person: User, found: list[News], week: date) -> None:
    """Hand the mail to the server. Raises `NotSent` where it surely did not go out; whatever else is raised leaves
    that open."""
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:  # nothing has been said yet, whatever it was
        raise NotSent(_named(error)) from error
    try:
        message = EmailMessage(subject(found), text(person, found, week), to=[person.email], connection=connection)
        message.send()
    except _SAID_NO as error:
        raise NotSent(_named(error)) from error
    finally:
        connection.close()


def _named(error: Exception) -> str:
    """The kind of error, without what the server said: that may hold an address."""
    return f"{type(error).__name__}{f' {error.smtp_code}' if isinstance(error, smtplib.SMTPResponseException) else ''}"


@transaction.atomic
def _failed(digest: Digest, problem: str) -> str:
    digest.state, digest.problem = Digest.State.FAILED, problem
    digest.save()
    return digest.state


@transaction.atomic
def _sent(digest: Digest, found: list[News]) -> str:
    digest.state, digest.sent_at = Digest.State.SENT, timezone.now()
    digest.save()
    for one in found:
        Told.objects.update_or_create(
            person=digest.person, key=one.key, defaults={"fingerprint": one.fingerprint, "digest": digest}
        )
    return digest.state
