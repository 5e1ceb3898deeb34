from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.demo import load_demo
from desk.demo import play_desk
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
            with transaction.atomic():
                initiatives = load_demo(self.fixture)
                play_desk(initiatives)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{len(initiatives)} eksempler er indlæst.")
