from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from susi.clock import clock_at, story_begins


class Command(BaseCommand):
    help = (
        "Opdaterer databasens tabeller og regelsættet: det, der mangler, kommer til, og det, der findes, bliver. En "
        "database uden brugere får også porteføljen, og uden for drift eksempler at logge ind på."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        call_command("load_rulebook", stdout=self.stdout)
        # The examples bring the first users and are loaded last, so a set-up that was interrupted is taken up again.
        if get_user_model().objects.exists():
            call_command("load_organisations", stdout=self.stdout)  # what the law has changed since
            return
        if settings.PRODUCTION:
            call_command("load_uip", stdout=self.stdout)
            call_command("load_organisations", stdout=self.stdout)
            return
        with clock_at(story_begins()):  # so that the examples have a past with the whole portfolio in it
            call_command("load_uip", stdout=self.stdout)
            call_command("load_organisations", stdout=self.stdout)
        call_command("load_demo", stdout=self.stdout)
