from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assessments.demo import load_demo
from susi.errors import Refused
from susi.models import User


class Command(BaseCommand):
    help = "Indlæs eksempler at lære systemet at kende på: kun i en udviklingsdatabase, som endnu ikke har brugere."
    fixture = settings.BASE_DIR / "fixtures" / "demo.json"

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() and not settings.PRODUCTION:
            self.stdout.write("Databasen har brugere. Alt er bevaret, og der er ikke indlæst eksempler.")
            return
        try:
            initiatives = load_demo(self.fixture)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{len(initiatives)} eksempler er indlæst.")
