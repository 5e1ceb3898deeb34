"""The results as a table, and where `docs/performance.md` keeps the last one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "<!-- the last run of `make bench` -->", "<!-- end of the last run -->"


@dataclass(frozen=True)
class Result:
    """One measurement. `value` is in `unit`; None where there was nothing to measure. `target` is the most it may be,
    None where it is told for its own sake. `base` is what a ratio is the ratio of."""

    name: str
    value: float | None
    unit: str = "ms"
    base: float | None = None
    target: float | None = None

    @property
    def judged(self) -> float | None:
        """What the target is about: the ratio where there is a base, else the value."""
        return self.value / self.base if self.value is not None and self.base else self.value

    @property
    def met(self) -> str:
        if self.target is None:
            return ""
        if self.judged is None:
            return "no such page"
        return "met" if self.judged <= self.target else "NOT met"

    def cells(self) -> list[str]:
        ratio = f"{self.judged:.1f} ×" if self.base and self.judged is not None else ""
        target = "" if self.target is None else f"≤ {self.target:g} {'×' if self.base else self.unit}"
        value = "–" if self.value is None else f"{self.value:,.{1 if self.unit == 'ms' else 0}f} {self.unit}"
        return [self.name, value, ratio, target, self.met]


def as_markdown(results: Iterable[Result], machine: str) -> str:
    """Return the table with the machine it was measured on above it, in columns that line up."""
    rows = [["measurement", "measured", "ratio", "target", ""], *(result.cells() for result in results)]
    return "\n".join([machine, "", *lined_up(rows), ""])


def lined_up(rows: list[list[str]]) -> list[str]:
    """Return the lines of a table whose first row is its head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return [lines[0], rule, *lines[1:]]


def write_into(path: Path, table: str, *, begin: str = BEGIN, end_mark: str = END) -> None:
    """Put `table` in the file in place of the one between the marks. Raises `ValueError` where a mark is missing."""
    text = path.read_text(encoding="utf-8")
    start = text.index(begin) + len(begin)
    end = text.index(end_mark, start)
    path.write_text(f"{text[:start]}\n{table}{text[end:]}", encoding="utf-8")
