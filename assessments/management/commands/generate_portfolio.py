from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.generator import generate
from susi.errors import Refused


class Command(BaseCommand):
    help = (
        "Fyld en ny database med opdigtede initiativer til målinger. "
        "Kun hvor ingen arbejder: der må ikke være brugere, og højst det indlæste regelsæt og UIP-porteføljen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--initiatives", type=int, required=True, help="hvor mange")
        parser.add_argument("--seed", type=int, default=1, help="det samme tal giver de samme initiativer på samme dag")
        parser.add_argument("--changes", type=int, default=0, help="hvor mange gange hvert initiativ er rettet")
        parser.add_argument("--database", default="", help="databasens navn. Skal nævnes i drift")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = generate(
                initiatives=options["initiatives"],
                seed=options["seed"],
                changes=options["changes"],
                database=options["database"],
            )
        except Refused as refused:
            raise CommandError(" ".join(refused.sentences)) from refused
        for name, rows in sorted(written.items()):
            self.stdout.write(f"{name}: {rows}")
