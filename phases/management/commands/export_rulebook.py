from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import CommandParser

from phases import exports
from susi.exports import ExportCommand


class Command(ExportCommand):
    help = "Skriv overgangskriterierne eller de typiske leverancer i de offentliggjorte udgaver af regelsættet ud."
    columns = exports.COLUMNS
    parts: dict[str, tuple[exports.Columns, Callable[[], Iterable[Any]]]] = {
        "kriterier": (exports.COLUMNS, exports.criteria),
        "leverancer": (exports.DELIVERABLE_COLUMNS, exports.deliverables),
    }

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--part", choices=list(self.parts), default="kriterier", help="kriterier uden andet valg")

    def handle(self, *args: Any, **options: Any) -> None:
        self.part = options["part"]
        self.columns = self.parts[self.part][0]  # type: ignore[misc]
        super().handle(*args, **options)

    def items(self) -> Iterable[Any]:
        return self.parts[self.part][1]()
