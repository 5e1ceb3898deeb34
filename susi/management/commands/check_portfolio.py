from typing import Any

from django.core.management.base import BaseCommand, CommandError

from susi.invariants import breaches


class Command(BaseCommand):
    help = "Efterser alt, hvad der altid skal gælde for data og filer, og nævner hvert brud. Ændrer intet."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for count, breach in enumerate(breaches(), start=1):
            self.stdout.write(f"{count}. {breach.about}: {breach.sentence}")
        if count:
            raise CommandError(f"{count} brud er fundet. Se docs/operations.md, “Check what holds”.", returncode=1)
        self.stdout.write("Alt er efterset, og der er ikke fundet brud.")
