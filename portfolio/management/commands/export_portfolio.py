from collections.abc import Iterable

from portfolio.bilag1 import COLUMNS, initiatives
from portfolio.models import Initiative
from susi.exports import ExportCommand


class Command(ExportCommand):
    help = "Skriv programmernes initiativer ud, som Bilag 1 viser dem."
    columns = COLUMNS

    def items(self) -> Iterable[Initiative]:
        return initiatives()
