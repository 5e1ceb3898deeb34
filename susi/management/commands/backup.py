from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from susi.backup.actions import back_up
from susi.errors import Refused


class Command(BaseCommand):
    help = "Tager en sikkerhedskopi af database og filer i én fil med kontrolsummer, mens systemet er i brug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="den nye fil; den må ikke findes")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            contents = back_up(path)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"{path} kan ikke skrives: {error.strerror}.") from error
        self.stdout.write(f"{path}: {contents.rows} rækker og {contents.files} filer.")
        for name in contents.missing:
            self.stderr.write(f"Filen {name} findes ikke, men en række siger, at den er gemt.")
        if contents.missing:
            raise CommandError("Sikkerhedskopien er taget, men der mangler filer. Kør check_portfolio.", returncode=2)
