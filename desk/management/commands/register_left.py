"""`manage.py register_left NAME --by ADMINISTRATOR`: registers that a member of staff has left. It cannot be undone."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from desk.actions.leaving import register_left
from susi.errors import Refused
from susi.models import User


class Command(BaseCommand):
    help = "Registrér en medarbejder som fratrådt: Kontoen lukkes, og navnet slettes. Det kan ikke fortrydes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="den fratrådtes brugernavn")
        parser.add_argument("--by", required=True, help="brugernavnet på den administrator, der registrerer det")

    def handle(self, *args: Any, username: str, by: str, **options: Any) -> None:
        try:
            person = register_left(person=_user(username), by=_user(by))
        except (Refused, PermissionDenied) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{username} er registreret som fratrådt og hedder nu {person}.")


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"Der er ingen bruger, der hedder {username}.")
    return user
