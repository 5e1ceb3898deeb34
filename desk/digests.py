"""What the weekly mail says: what is new or changed for a person since the last one, and nothing else."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.template.loader import render_to_string

from desk.models import ReminderChoice, Told
from desk.owed import Owed, Urgency, owed_by
from susi.models import User

_PRESSING = (Urgency.OVERDUE, Urgency.THIS_WEEK)


@dataclass(frozen=True)
class News:
    """One thing to tell: `is_new`, or told before and changed since."""

    owed: Owed
    fingerprint: str
    is_new: bool

    @property
    def key(self) -> str:
        return self.owed.task.key

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.owed.task.url}"


def week_of(day: date) -> date:
    """Return the Monday of the week `day` is in: what a weekly mail is known by."""
    return day - timedelta(days=day.weekday())


def fingerprint(one: Owed) -> str:
    """Return what changes when `one` is worth telling again: what is to be done, by when, what came of it since, for
    whom, and that it has become pressing."""
    task = one.task
    pressing = one.urgency.value if one.urgency in _PRESSING else ""
    told = [task.text, task.due.isoformat() if task.due else "", task.stamp, task.for_whom, pressing]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def news(owed: Iterable[Owed], told: Mapping[str, str]) -> list[News]:
    """Return what of `owed` is not as it was `told`: the fingerprint of each key, when it was last told."""
    found = [(one, fingerprint(one)) for one in owed]
    return [
        News(one, print_now, one.task.key not in told)
        for one, print_now in found
        if told.get(one.task.key) != print_now
    ]


def wants_digest(person: User) -> bool:
    """Whether the person gets the weekly mail: unless the person chose otherwise, where there is an address, and a role
    to see anything with."""
    choice = ReminderChoice.objects.filter(person=person).first()
    return bool(person.is_active and person.roles and person.email and (choice is None or choice.weekly))


def news_for(person: User) -> list[News]:
    """Return what there is to tell `person` of, among what the person wants to be told."""
    choice = ReminderChoice.objects.filter(person=person).first()
    owed = owed_by(person, choice.left_out if choice else ()).owed
    return news(owed, dict(Told.objects.filter(person=person).values_list("key", "fingerprint")))


def subject(found: list[News]) -> str:
    overdue = sum(one.owed.urgency == Urgency.OVERDUE for one in found)
    things = "1 ting er ny eller ændret" if len(found) == 1 else f"{len(found)} ting er nye eller ændrede"
    late = "1 er forfalden" if overdue == 1 else f"{overdue} er forfaldne"
    return f"{settings.PRODUCT_NAME}: {things}{f', {late}' if overdue else ''}"


def text(person: User, found: list[News], week: date) -> str:
    """Return the mail as plain text."""
    groups = [(one, [news for news in found if news.owed.urgency == one]) for one in Urgency]
    context = {
        "person": person,
        "week": week.isocalendar().week,
        "groups": [(urgency.label, members) for urgency, members in groups if members],
        "site": settings.SITE_URL,
        "product": settings.PRODUCT_NAME,
    }
    return render_to_string("desk/digest.txt", context)
