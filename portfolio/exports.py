"""What the list shows, taken out whole: as CSV, as an Excel workbook and as a PDF.

Each says of when it is, what it is filtered by and how many there are.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import IO

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from portfolio import columns
from portfolio.models import Initiative
from portfolio.rows import Row, rows
from susi.dates import COPENHAGEN, danish, danish_moment
from susi.errors import Refused
from susi.exports import danish_csv
from susi.past import as_of, moment_of
from susi.reports import report_pdf

PRINTED_AT_MOST = 300  # takes some seconds
PRINTED = (
    columns.NUMBER, columns.TITLE, columns.PHASE, columns.TRACK, columns.STATUS, columns.PROGRAMME, columns.AGREEMENTS,
    columns.LEAD, columns.STARTED, columns.EXPECTED_END, columns.OPEN_DEVIATIONS,
)  # fmt: skip
_WIDTHS = {
    columns.NUMBER: 11, columns.TITLE: 50, columns.STATUS: 22, columns.AGREEMENTS: 24, columns.TARGET_GROUPS: 24,
    columns.LEAD: 22, columns.FUNDING: 20, columns.PROBLEM: 60, columns.DESCRIPTION: 60, columns.COUNTS_AS: 8,
    columns.OUTCOME: 20, columns.SUSI: 18, columns.SOURCE: 24, columns.OPEN_DEVIATIONS: 11,
}  # fmt: skip


class Extract:
    """The `initiatives` of a list, fetched `with_standing`, as of `day` (None is now).

    `chosen` is what they are filtered by (`label` and `words`), `sorted_by` their order in words.
    """

    def __init__(
        self, initiatives: QuerySet[Initiative], *, chosen: list[dict[str, str]], sorted_by: str, day: date | None
    ) -> None:
        self.initiatives, self.chosen, self.sorted_by, self.day = initiatives, chosen, sorted_by, day
        self.taken_at: datetime = timezone.now()
        self.count = self.counts_as = 0

    def csv(self) -> Iterator[str]:
        """Yield the CSV text. It is read from the database while it is sent, also that of a past day."""
        with as_of(moment_of(self.day)):
            yield from danish_csv(columns.EXPORTED, self._rows(), self._notes)

    def xlsx(self) -> IO[bytes]:
        """Return the workbook as a temporary file."""
        from susi.workbooks import Book  # loading openpyxl takes a sixth of a second, and most workers make no workbook

        return Book("Initiativer", columns.EXPORTED, _WIDTHS).write(self._rows(), self.facts)

    def pdf(self) -> bytes:
        """Return the list as a PDF/UA-1 file with its main columns.

        Raises `Refused` where there are more than `PRINTED_AT_MOST`, which nobody should wait for or read on paper.
        """
        if self.initiatives[PRINTED_AT_MOST:].exists():
            raise Refused(
                f"En PDF rummer højst {PRINTED_AT_MOST} initiativer, og listen har flere. "
                "Vælg flere filtre, eller hent listen som Excel."
            )
        values = [columns.EXPORTED[header] for header in PRINTED]
        printed = [[value(row) for value in values] for row in self._rows()]
        context = {"headers": PRINTED, "rows": printed, "facts": self.facts(), "day": self.day or self.taken_at}
        return report_pdf("pdf/initiatives.html", context, landscape=True)

    def file_name(self, kind: str) -> str:
        """Return "initiativer_2026-11-25.csv"; of a past day "initiativer_pr_2026-10-31_udtrukket_2026-11-25.csv"."""
        taken = self.taken_at.astimezone(COPENHAGEN).date().isoformat()
        name = f"pr_{self.day.isoformat()}_udtrukket_{taken}" if self.day else taken
        return f"initiativer_{name}.{kind}"

    def facts(self) -> dict[str, str]:
        """Return what the export says of itself. Asked when the rows have been read, since it counts them."""
        chosen = "; ".join(f"{one['label']}: {one['words']}" for one in self.chosen)
        said = (
            f"{settings.PRODUCT_NAME}, {settings.LETTERHEAD['name']}",
            danish_moment(self.taken_at),
            f"Porteføljen, som den var den {danish(self.day)}" if self.day else "Porteføljen, som den er nu",
            chosen or "Ingen",
            self.sorted_by,
            _counted(self.count, self.counts_as),
        )
        return dict(zip(columns.STATED, said, strict=True))

    def _notes(self) -> list[str]:
        return [f"{label}: {words}" for label, words in self.facts().items()]

    def _rows(self) -> Iterator[Row]:
        for row in rows(self.initiatives):
            self.count += 1
            self.counts_as += row.counts_as
            yield row


def _counted(count: int, counts_as: int) -> str:
    """Say how many as the list does: "44 rækker, der tæller som 46 initiativer", "1 initiativ"."""
    if counts_as > count:
        return f"{count} {'række' if count == 1 else 'rækker'}, der tæller som {counts_as} initiativer"
    return f"{count} {'initiativ' if count == 1 else 'initiativer'}"
