"""How it goes when an office works at once: people reading and writing, for minutes, on either database.

    python -m scripts.load            50 people on PostgreSQL, then 10 on SQLite, 5 minutes each
    python -m scripts.load --short    a few people in a hurry, 20 seconds each, as in .ci/run
    python -m scripts.load --write    also puts the tables into docs/performance.md

The servers are its own and on this machine. It fails where there was an error or a lost update, or a kind of write of
which not one was acknowledged; never because it was slow: that depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scripts.bench.table import lined_up, write_into
from scripts.load.writes import CONFLICT, SAVED, not_saved, noted
from scripts.processes import BASE_DIR
from scripts.servers import NoServer
from scripts.trial import Trial, trial

BEGIN, END = "<!-- the last run of `make load` -->", "<!-- end of the last run of `make load` -->"
AIM = 300  # milliseconds, for 95 of 100 answers
PATIENCE = 180  # seconds for those in the middle of something when time is up; it is rarely needed
HEAD = ["page", "answers", "median", "95 of 100 within", "errors"]


@dataclass(frozen=True)
class Crowd:
    """How many people on which database, for how many seconds, and how long they think between two pages."""

    database: str
    writers: int
    managers: int
    readers: int
    handed_in: int  # SUSI-vurderinger for the managers to take a stand on
    seconds: int
    think: str

    @property
    def size(self) -> int:
        return self.writers + self.managers + self.readers


CROWDS = [Crowd("PostgreSQL", 30, 5, 15, 40, 300, "1-5"), Crowd("SQLite", 6, 2, 2, 16, 300, "1-5")]
IN_A_HURRY = [Crowd("PostgreSQL", 9, 4, 3, 8, 20, "0.2-0.8"), Crowd("SQLite", 6, 2, 2, 4, 20, "0.2-0.8")]


@dataclass
class Report:
    """How it went with a crowd."""

    crowd: Crowd
    rows: list[list[str]]
    within: int
    written: Counter[str]
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        crowd = self.crowd
        lines = [
            f"{crowd.database}: {crowd.size} people ({crowd.writers} write, {crowd.managers} decide, {crowd.readers} "
            f"read) for {crowd.seconds} seconds, thinking {crowd.think} seconds",
            f"between two pages. 95 of 100 answers within {self.within} ms (aim: {AIM}). {self.written[SAVED]} writes "
            f"acknowledged, {self.written[CONFLICT]} told that somebody was first.",
            f"{len(self.problems)} problems." if self.problems else "No error, no lost update.",
        ]
        return "\n".join([*lines, "", *lined_up([HEAD, *self.rows])])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    reports = []
    for crowd in IN_A_HURRY if options.short else CROWDS:
        try:
            report = report_of(crowd)
        except NoServer as problem:
            sys.exit(str(problem))
        print("\n".join([f"\n{report}", *report.problems]), flush=True)
        reports.append(report)
    if options.write:
        text = "\n\n".join([machine(), *map(str, reports), ""])
        write_into(BASE_DIR / "docs" / "performance.md", text, begin=BEGIN, end_mark=END)
    sys.exit(1 if any(report.problems for report in reports) else 0)


def machine() -> str:
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"{date.today():%Y-%m-%d}: {cores} cores that also do the asking, 2 workers, Python "  # noqa: DTZ011
        f"{platform.python_version()}, load {load:.1f} afterwards."
    )


def report_of(crowd: Crowd) -> Report:
    """Let the crowd work on an installation of its own, and look through what is there afterwards."""
    with trial(on_sqlite=crowd.database == "SQLite") as installation:
        world = world_for(crowd, installation)
        installation.serve()
        writes = installation.folder / "writes"
        went = list(let_them_work(crowd, installation, world, writes))
        installation.processes["web"].stop()  # what somebody still waited for when time was up is done, or is not
        rows, within = table(installation.folder / "load_stats.csv")
        written = noted(writes)
        report = Report(crowd, rows, within, Counter(write.outcome for write in written))
        report.problems += [*went, *not_saved(written), *said_by_the_logs(installation)]
        report.problems += found_afterwards(installation, writes)
    return report


def world_for(crowd: Crowd, installation: Trial) -> Path:
    """Make what the crowd works on, and return the file that tells of it."""
    people = [crowd.writers, crowd.managers, crowd.readers, crowd.handed_in]
    world = installation.folder / "world.json"
    world.write_text(installation.python("-m", "scripts.load.world", *map(str, people)).stdout)
    return world


def let_them_work(crowd: Crowd, installation: Trial, world: Path, writes: Path) -> Iterator[str]:
    """Yield what locust calls a failure: an answer that is none, or a page that is not as it should be."""
    known = {"LOAD_WORLD": str(world), "LOAD_WRITES": str(writes), "LOAD_THINK": crowd.think}
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", "scripts/load/people.py", "--headless", "--only-summary"),
        *(
            "--host",
            installation.home,
            "--users",
            str(crowd.size),
            "--spawn-rate",
            str(crowd.size / min(10, crowd.seconds / 10)),
        ),
        *("--run-time", f"{crowd.seconds}s", "--stop-timeout", str(PATIENCE)),
        *("--csv", str(installation.folder / "load"), "--loglevel", "WARNING"),
    ]
    environment = {**os.environ, **known, "PYTHONPATH": str(BASE_DIR)}
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    failures = read(installation.folder / "load_failures.csv")
    if done.returncode and not failures:
        yield f"locust ended with {done.returncode}: {done.stderr}"
    for one in [*failures, *read(installation.folder / "load_exceptions.csv")]:
        yield "locust: " + ", ".join(filter(None, one.values()))


def said_by_the_logs(installation: Trial) -> Iterator[str]:
    for name in installation.processes:
        for line in installation.lines(name):
            if line["level"] in ("ERROR", "CRITICAL"):
                yield f"{name}: {json.dumps(line, ensure_ascii=False)}"


def found_afterwards(installation: Trial, writes: Path) -> Iterator[str]:
    for check in (["-m", "scripts.load.afterwards", str(writes)], ["manage.py", "check_portfolio"]):
        done = installation.python(*check, check=False)
        if done.returncode:
            yield f"{' '.join(check[:2])}: {done.stdout}"


def table(path: Path) -> tuple[list[list[str]], int]:
    """Return a row for each page, those asked for most first, and within how many ms 95 of 100 answers came."""
    told = {one["Name"]: one for one in read(path)}
    within = int(float(told.pop("Aggregated")["95%"] or 0))
    ordered = sorted(told.values(), key=lambda one: -int(one["Request Count"]))
    return [cells(one) for one in ordered], within


def cells(one: dict[str, str]) -> list[str]:
    milliseconds = [f"{float(one[name] or 0):.0f} ms" for name in ("Median Response Time", "95%")]
    return [one["Name"], one["Request Count"], *milliseconds, one["Failure Count"]]


def read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
