"""`manage.py send_digests`: the weekly mails by hand, where no beat does it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from desk.actions.digests import send_digests
from susi.errors import Refused

_WORDS = {
    "sent": "sendt",
    "nothing": "uden nyt",
    "claimed": "undervejs eller afbrudt",
    "failed": "kunne ikke sendes og forsøges igen",
    "error": "fejlede, se loggen",
    "not wanted": "fravalgt",
}


class Command(BaseCommand):
    help = "Sender ugens mail til alle, der ikke har fået den. Kan køres igen: ingen får den to gange."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            states = send_digests()
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        for state, word in _WORDS.items():
            if states[state]:
                self.stdout.write(f"{states[state]} {word}")
        if not states:
            self.stdout.write("Ingen brugere har en e-mailadresse.")
        if missing := states["failed"] + states["error"]:
            raise CommandError(f"{missing} {'mail' if missing == 1 else 'mails'} blev ikke sendt.")
