"""The pure parts of the bench: what a result says, and where the table is kept."""

import pytest

from scripts.bench.servers import name_of
from scripts.bench.table import BEGIN, END, Result, as_markdown, write_into


@pytest.mark.parametrize(
    ("result", "cells"),
    [
        (Result("bare", 2.94), ["bare", "2.9 ms", "", "", ""]),
        (Result("list", 12.0, base=3.0, target=6), ["list", "12.0 ms", "4.0 ×", "≤ 6 ×", "met"]),
        (Result("list", 18.3, base=3.0, target=6), ["list", "18.3 ms", "6.1 ×", "≤ 6 ×", "NOT met"]),
        (Result("asked", 15, "queries", target=15), ["asked", "15 queries", "", "≤ 15 queries", "met"]),
        (Result("file", 1234.5, target=1000), ["file", "1,234.5 ms", "", "≤ 1000 ms", "NOT met"]),
        (Result("gone", None, base=3.0, target=3), ["gone", "–", "", "≤ 3 ×", "no such page"]),
    ],
)
def test_a_result_says_what_it_is_judged_by(result: Result, cells: list[str]) -> None:
    assert result.cells() == cells


def test_the_table_takes_the_place_of_the_last_one_and_leaves_the_rest(tmp_path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_into(document, as_markdown([Result("a", 1.0), Result("longer", 2.0, target=3)], "machine"))
    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\nmachine\n\n| measurement |")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1
    document.write_text("without marks", encoding="utf-8")
    with pytest.raises(ValueError, match="not found"):
        write_into(document, "table")


def test_a_database_is_known_by_its_name() -> None:
    assert name_of("postgres://postgres@127.0.0.1:5432/susi_bench_1") == "susi_bench_1"
    assert name_of("sqlite:////tmp/x/susi.sqlite3") == "/tmp/x/susi.sqlite3"  # noqa: S108
