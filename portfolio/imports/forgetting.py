"""Taking a person's name out of the spreadsheets that were taken in, when the person has left.

It stands in the column of leads, in what was shown of its cells, and in the sentences that refuse one of them. What
somebody wrote in another column stays, whatever it says.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from portfolio import columns
from portfolio.models import PortfolioImport
from susi.danish import fold

# How the sentences that refuse a lead (`portfolio.imports.fields`) set a name off, from the names of others too.
_BEFORE = r"(?:^|(?<=»)|(?<=: )|(?<=, ))"
_AFTER = r"(?=«|[,.]| og \d| har ikke )"


def forget(names: Collection[str], called: str) -> None:
    """Put `called` where one of `names`, or anything with one in brackets after it, stands as a lead."""
    one = _pattern(names)
    for taken_in in PortfolioImport.objects.only("table", "plan").iterator(chunk_size=20):
        found = [*_in_table(taken_in.table, one, called), *_in_plan(taken_in.plan, one, called)]
        for place, key, text in found:
            place[key] = text
        if found:
            PortfolioImport.objects.filter(pk=taken_in.pk).update(table=taken_in.table, plan=taken_in.plan)


def _pattern(names: Collection[str]) -> str:
    """Return the expression of what the import finds the person by: a name, or "Navn (brugernavn)" by the brackets."""
    written = "|".join(r"\s+".join(map(re.escape, fold(name).split())) for name in sorted(names))
    return rf"(?:{written}|[^»«:,]*\(\s*(?:{written})\s*\))"


def _in_table(table: dict[str, Any], one: str, called: str) -> Iterator[tuple[list[str], int, str]]:
    """Yield each cell to be overwritten, as (list, place in it, new text)."""
    leads = [place for place, header in table["headers"].items() if fold(header) == fold(columns.LEAD)]
    for _, cells in table["lines"]:
        for cell in (cells[place] for place in leads if place in cells):
            if re.fullmatch(one, fold(cell[1])):
                yield cell, 1, called


def _in_plan(plan: dict[str, Any], one: str, called: str) -> Iterator[tuple[list[str], int, str]]:
    """Yield each text to be overwritten of what the plan shows and refuses of leads."""
    named = re.compile(f"{_BEFORE}{one}{_AFTER}", re.IGNORECASE)
    for row in plan["rows"]:
        for cell in (cell for cell in row["cells"] if cell[1] == columns.LEAD):
            yield from ((cell, place, called) for place in (2, 3) if re.fullmatch(one, fold(cell[place])))
        for refusal in (refusal for refusal in row["refusals"] if refusal[1] == columns.LEAD):
            sentence, times = named.subn(called, unicodedata.normalize("NFC", refusal[2]))
            if times:
                yield refusal, 2, sentence
