from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from susi.backup.actions import restore
from susi.errors import Refused


class Command(BaseCommand):
    help = "Indlæser en sikkerhedskopi i et tomt system: en ny database, hvor kun migrate er kørt. Alt eller intet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="sikkerhedskopien")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            contents = restore(options["file"])
        except Refused as refused:
            raise CommandError(f"Intet er indlæst. {refused}") from refused
        self.stdout.write(f"Indlæst: {contents.rows} rækker og {contents.files} filer.")
        for name in contents.missing:
            self.stderr.write(f"Filen {name} manglede allerede, da sikkerhedskopien blev taget.")
        self.stdout.write("Kør nu check_portfolio.")
