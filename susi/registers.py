"""What the registers across the portfolio have in common: filters in the address, and the same list as a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from susi.dates import COPENHAGEN, danish, danish_moment
from susi.days import DAY
from susi.errors import Refused
from susi.exports import danish_csv
from susi.forms import Form
from susi.numbers import grouped
from susi.reports import report_pdf

ALL = ("", "Alle")
PRINTED_AT_MOST = 300  # takes some seconds
KINDS = ("xlsx", "csv", "pdf")

Columns = Mapping[str, Callable[[Any], Any]]


class RegisterForm(Form):
    """The filters of a register, made from the address. A choice that is gone is said to be, and not filtered by."""

    NO_FILTER: tuple[str, ...] = ("sort",)
    data: QueryDict

    def is_valid(self) -> bool:
        for name, one in self.fields.items():
            if name not in self.NO_FILTER:
                one.error_messages["invalid_choice"] = (
                    "Valget findes ikke på listen (længere), og der er derfor ikke filtreret efter det. "
                    "Vælg en af mulighederne på listen."
                )
        return super().is_valid()

    def require_valid(self) -> None:
        """Raise `Refused` where a choice of the address is not understood: a file never leaves a filter out."""
        if not self.is_valid():
            errors = [f"{one.label}: {error}" for one in self for error in one.errors]
            raise Refused("Et valg i adressen kan ikke læses.", *errors)

    def chosen(self, path: str) -> list[dict[str, str]]:
        """Return what is filtered by: `label`, `words`, and `without`, the address of `path` without that filter."""
        return [
            {
                "label": str(one.label),
                "words": _words(one.field, value),
                "without": self._address(path, without=(one.name,)),
            }
            for one in self
            if one.name not in self.NO_FILTER and (value := self.cleaned_data.get(one.name))
        ]

    def without_any(self, path: str) -> str:
        """Return the address of `path` without any filter, in the same order and as of the same day."""
        return self._address(path, without=tuple(name for name in self.fields if name not in self.NO_FILTER))

    def _address(self, path: str, *, without: tuple[str, ...]) -> str:
        kept = [(name, str(value)) for name, value in self.data.items() if value and name not in (*without, "page")]
        return f"{path}?{urlencode(kept)}" if kept else path

    @property
    def kept_day(self) -> str:
        """The day the address names, to be kept when the filters are sent; "" today."""
        return str(self.data.get(DAY, ""))


def _words(one: forms.Field, value: Any) -> str:
    if isinstance(one, forms.ChoiceField):
        return str(dict(one.choices)[value])  # type: ignore[arg-type]
    return danish(value) if isinstance(value, date) else f"»{value}«"


@dataclass
class Extract:
    """A register as a file, with what it says of itself: of when it is, what it is filtered by, and how many.

    `name` begins the file's name; `columns` give the cells of each of `rows`, and `printed` are those of them that a
    page has room for, each with its share of the width. `things` is what a row and several are called.
    """

    name: str
    title: str
    things: tuple[str, str]
    columns: Columns
    printed: Mapping[str, int]
    rows: Sequence[Any]
    chosen: Iterable[Mapping[str, str]] = ()
    sorted_by: str = ""
    day: date | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    taken_at: datetime = field(default_factory=timezone.now)

    def written(self, kind: str) -> Any:
        """Return the file's content of the `kind` in `KINDS`. Raises `Refused` where it is too long for a PDF."""
        return {"csv": self.csv, "xlsx": self.xlsx, "pdf": self.pdf}[kind]()

    def csv(self) -> Iterator[str]:
        return danish_csv(self.columns, self.rows, lambda: [f"{label}: {one}" for label, one in self.facts().items()])

    def xlsx(self) -> IO[bytes]:
        widths = {header: 40 if share > 15 else 16 for header, share in self.printed.items()}
        from susi.workbooks import Book

        return Book(self.title[:31], self.columns, widths).write(self.rows, self.facts)

    def pdf(self) -> bytes:
        if len(self.rows) > PRINTED_AT_MOST:
            raise Refused(
                f"En PDF rummer højst {PRINTED_AT_MOST} rækker, og listen har flere. "
                "Vælg flere filtre, eller hent listen som Excel."
            )
        cells = [self.columns[header] for header in self.printed]
        context = {
            "title": self.title,
            "headers": self.printed,
            "rows": [[_printed(cell(row)) for cell in cells] for row in self.rows],
            "facts": self.facts(),
            "day": self.day or self.taken_at,
        }
        return report_pdf("pdf/register.html", context, landscape=True, styles="pdf/register.css")

    def file_name(self, kind: str) -> str:
        """Return "fravigelser_2026-11-25.csv"; of a past day "fravigelser_pr_2026-10-31_udtrukket_2026-11-25.csv"."""
        taken = self.taken_at.astimezone(COPENHAGEN).date().isoformat()
        when = f"pr_{self.day.isoformat()}_udtrukket_{taken}" if self.day else taken
        return f"{self.name}_{when}.{kind}"

    def facts(self) -> dict[str, str]:
        """Return what the file says of itself, by label."""
        chosen = "; ".join(f"{one['label']}: {one['words']}" for one in self.chosen)
        return {
            "System": f"{settings.PRODUCT_NAME}, {settings.LETTERHEAD['name']}",
            "Udtrukket": danish_moment(self.taken_at),
            "Viser": f"Som det var den {danish(self.day)}" if self.day else "Som det er nu",
            "Filtre": chosen or "Ingen",
            **({"Sorteret efter": self.sorted_by} if self.sorted_by else {}),
            "Antal": f"{len(self.rows)} {self.things[len(self.rows) != 1]}",
            **self.more,
        }


def _printed(value: Any) -> str:
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, date):
        return danish(value)
    return "" if value is None else str(value)
