"""Staff who have left: their account is closed for good, and their name taken out of everything but sealed records.

What a person has written, led or decided still leads to the account, which is called "Fratrådt medarbejder 17" from
then on, on pages of past days too. It cannot be undone: nothing here remembers the name.
"""

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils import timezone

from susi.history import save_with_reason
from susi.models import User

FIRST_NAME = "Fratrådt"


def names_of(pk: int) -> dict[str, str]:
    """Return what the account `pk` is called when the person has left: the columns of a user that hold a name."""
    return {
        "username": f"fratraadt-{pk}",
        "first_name": FIRST_NAME,
        "last_name": f"medarbejder {pk}",
        "email": "",
    }


def has_no_name(person: User) -> bool:
    """Whether nothing is left of the name in the account of a person who has left, nor in its history."""
    names = names_of(person.pk)
    here = {name: getattr(person, name) for name in names}
    return not person.is_active and here == names and not User.history.filter(id=person.pk).exclude(**names).exists()


def all_names(person: User) -> set[str]:
    """Return everything the person is or was called where a list or a file names people."""
    called = [person, *User.history.filter(id=person.pk)]
    full = {(f"{one.first_name} {one.last_name}".strip(), one.username) for one in called}
    return {name for pair in full for name in (*pair, f"{pair[0]} ({pair[1]})") if name}


def take_name(person: User, *, by: User) -> None:
    """Close the account of `person` and take the name out of it and its history; within a transaction.

    No log-in leads to it any more: not the password, not an open session, and not the agency's account, which is found
    by the user name.
    """
    _forget_what_was_tried(person)
    for name, value in names_of(person.pk).items():
        setattr(person, name, value)
    person.is_active = person.is_staff = person.is_superuser = False
    person.left_at = timezone.now()
    person.set_unusable_password()
    save_with_reason(person, by=by, reason="Fratrådt")
    person.groups.clear()
    User.history.filter(id=person.pk).update(**names_of(person.pk))
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)).update(
        object_repr=str(person)
    )
    _end_sessions(person)


def _forget_what_was_tried(person: User) -> None:
    """Delete the wrong passwords under the user name and under earlier ones."""
    for username in {person.username, *User.history.filter(id=person.pk).values_list("username", flat=True)}:
        AccessAttempt.objects.filter(username__iexact=username).delete()


def _end_sessions(person: User) -> None:
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
