"""Choosing what one is told by mail."""

from collections.abc import Iterable

from django.db import transaction

from desk.models import ReminderChoice
from desk.owed import kinds
from susi.errors import Conflict
from susi.history import save_with_reason
from susi.models import User


@transaction.atomic
def choose_reminders(*, by: User, version: int, weekly: bool, wanted: Iterable[str]) -> ReminderChoice:
    """Keep what the person chooses for oneself. Kinds that come later are wanted until they are left out.

    Raises `Conflict` where the person has saved in another window since `version` was read; 0 is none yet.
    """
    User.objects.select_for_update().get(pk=by.pk)
    choice = ReminderChoice.objects.filter(person=by).first() or ReminderChoice(person=by, version=0)
    if choice.version != version:
        raise Conflict("Du har gemt dine påmindelser i et andet vindue imens. Se dit valg efter, og gem igen.")
    left_out = [kind for kind in kinds() if kind not in set(wanted)]
    choice.weekly, choice.left_out, choice.version = weekly, left_out, version + 1
    save_with_reason(choice, by=by, reason="Påmindelser valgt")
    return choice
