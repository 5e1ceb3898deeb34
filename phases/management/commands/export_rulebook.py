from phases.exports import COLUMNS, criteria
from phases.models import Criterion
from susi.exports import ExportCommand


class Command(ExportCommand):
    help = "Skriv overgangskriterierne i de offentliggjorte udgaver af regelsættet ud."
    columns = COLUMNS

    def items(self) -> list[Criterion]:
        return criteria()
