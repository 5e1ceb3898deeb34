"""Files of initiatives for the tests of the imports."""

import csv
import io
from typing import Any

from openpyxl import Workbook

from portfolio import columns
from portfolio.imports import carrying_out
from portfolio.imports.carrying_out import digest
from portfolio.models import Initiative, PortfolioImport
from susi.exports import csv_cell
from susi.models import User

Row = dict[str, Any]


def xlsx(*rows: Row, sheet: str = "Initiativer", headers: list[str] | None = None) -> bytes:
    """Return a workbook with the headers of the rows, and their values as they are."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = sheet
    headers = headers or list(dict.fromkeys(header for row in rows for header in row))
    first.append(headers)
    for row in rows:
        first.append([row.get(header) for header in headers])
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def csv_text(*rows: Row, separator: str = ";") -> str:
    text = io.StringIO()
    headers = list(dict.fromkeys(header for row in rows for header in row))
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([csv_cell(row.get(header)) for header in headers] for row in rows)
    return text.getvalue()


def exported(*initiatives: Initiative) -> list[Row]:
    """Return the rows our export has of the initiatives."""
    found = Initiative.objects.with_standing().filter(pk__in=[one.pk for one in initiatives])
    return [{header: _cell(value(one)) for header, value in columns.COLUMNS.items()} for one in found]


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def uploaded(by: User, *rows: Row, name: str = "rettelser.xlsx") -> PortfolioImport:
    return carrying_out.upload(by=by, file_name=name, content=xlsx(*rows))


def confirmed(by: User, *rows: Row, reason: str = "Aftalt på mødet", same_titles: bool = False) -> PortfolioImport:
    made = uploaded(by, *rows)
    return carrying_out.confirm(
        portfolio_import=made, by=by, seen=digest(made.plan), reason=reason, same_titles=same_titles
    )


def refusals(made: PortfolioImport) -> list[tuple[str, str, str]]:
    return [tuple(one) for row in made.plan["rows"] for one in row["refusals"]]


def changes(made: PortfolioImport) -> list[tuple[str, str, str, str]]:
    return [tuple(one) for row in made.plan["rows"] for one in row["cells"]]
