"""How fast the system is, against a bare Django view in the same run: `make bench`.

    python -m scripts.bench            on the PostgreSQL server of TEST_DATABASE_URL (127.0.0.1 where it is not set)
    python -m scripts.bench --sqlite   on SQLite
    python -m scripts.bench --write    also puts the table into docs/performance.md

A benchmark, not a test: it judges and fails nobody. It makes databases of its own and drops them.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from scripts.bench.servers import ROOT, WORKERS, Databases, Visitor, empty_project, name_of, run, serving, started
from scripts.bench.table import Result, as_markdown, write_into

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
LIST, CSV, XLSX = "/initiativer/", "/initiativer/hent/csv/", "/initiativer/hent/xlsx/"
FEW, SOME, MANY, CHANGES = 44, 1_000, 10_000, 5
# At least as frequent in the made-up texts as in the source documents: in 78, 30 and 9 of 100 SUSI-vurderinger,
# there in 63, 28 and 4 of 100 stretches of 600 words. What finds thousands is in nearly every text.
HITS, NO_HITS = "?q=kommunerne+borgerne+bostøtte", "?q=kommunerne+borgerne+findesikke"
THOUSANDS = "?q=indsatsen+evalueringen+kommunerne"
MEGABYTE = 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    server = "" if options.sqlite else os.environ.get("TEST_DATABASE_URL") or LOCAL_SERVER
    databases = Databases(server)
    try:
        results = []
        for result in measurements(databases):
            print("  ".join(filter(None, result.cells())), flush=True)
            results.append(result)
        table = as_markdown(results, machine(databases))
    finally:
        databases.drop_all()
    print(f"\n{table}")
    if options.write:
        write_into(ROOT / "docs" / "performance.md", table)


def machine(databases: Databases) -> str:
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{date.today():%Y-%m-%d}: {cores} cores, {WORKERS} workers, Python {platform.python_version()}, "  # noqa: DTZ011
        f"{databases.version()}, load {load:.1f}. Medians of 21, one request at a time."
    )


def measurements(databases: Databases) -> Iterator[Result]:
    """Make the portfolios and measure one after the other."""
    say("Collecting static files, making the databases …")
    urls = portfolios(databases)
    with serving("scripts.bench.bare", urls["bare"]) as visitor:
        bare = visitor.median("/") or 0.0
        yield Result("bare view: 44 rows × 8 columns, 1 query", bare)
    with serving("scripts.bench.bare_admin", urls["bare"]) as visitor:
        visitor.session = run("-m", "scripts.bench.bare_admin", url=urls["bare"]).strip()
        yield Result("the same table in Django's admin list", visitor.median("/auth/line/"), base=bare)
    few: dict[str, float] = {}
    with serving("susi.wsgi", urls["few"]) as visitor:
        yield from of_the_44(visitor, told_by(urls["few"]), bare, few)
    with serving("susi.wsgi", urls["made"]) as visitor:
        few["made up"] = slowest(visitor, told_by(urls["made"]), "/")
        yield Result("front page of 44 made-up ones, with their work", few["made up"], base=bare)
    yield from of_a_case(urls["case"], bare)
    yield from of_the_start(databases, urls["few"])
    with serving("susi.wsgi", urls["many"]) as visitor:
        yield from of_many(visitor, told_by(urls["many"]), bare, few)
    with serving("susi.wsgi", urls["some"]) as visitor:
        yield from of_the_past(visitor, told_by(urls["some"]))
    yield from of_exports(urls)


def portfolios(databases: Databases) -> dict[str, str]:
    """Return the addresses of the databases: the bare one's, the 44, as many made up, 10,000 besides, and 1,000 with
    five changes."""
    bare, made = databases.create("bare"), databases.create("made")
    run("-m", "scripts.bench.bare", url=bare)
    run("manage.py", "collectstatic", "--noinput", "-v0", url=made)
    run("manage.py", "migrate", "-v0", url=made)
    run("manage.py", "load_rulebook", url=made)
    few = databases.create("few", like=made)
    run("manage.py", "load_uip", url=few)
    urls = {name: databases.create(name, like=few) for name in ("many", "some", "case")} | {"bare": bare}
    generate(made, FEW)
    generate(few, 0)
    generate(urls["case"], 0)
    say(f"Making up {MANY} initiatives, and {SOME} with {CHANGES} changes each …")
    generate(urls["many"], MANY)
    generate(urls["some"], SOME, changes=CHANGES)
    urls |= {"few": few, "made": made}
    for url in urls.values():
        databases.settle(url)
    return urls


def generate(url: str, initiatives: int, changes: int = 0) -> None:
    arguments = [
        "--initiatives",
        str(initiatives),
        "--changes",
        str(changes),
        "--seed",
        "1",
        "--database",
        name_of(url),
    ]
    run("manage.py", "generate_portfolio", *arguments, url=url)


def told_by(url: str) -> dict[str, Any]:
    """Return what `scripts.bench.inside` tells of the database."""
    return json.loads(run("-m", "scripts.bench.inside", url=url))


def of_the_44(visitor: Visitor, told: dict[str, Any], bare: float, few: dict[str, float]) -> Iterator[Result]:
    """The slowest role counts; `few` takes down the milliseconds, for those of many to be compared with."""
    for name, address, page in (("front page", "/", "front"), ("list", LIST, "list")):
        few[page] = slowest(visitor, told, address)
        yield Result(f"{name} of the 44", few[page], base=bare, target=6)
        yield Result(f"{name} of the 44, queries", queries(told, page), "queries", target=14)
    yield Result("detail page of the 44", slowest(visitor, told, told["detail"]), base=bare, target=8)
    yield Result("detail page of the 44, queries", queries(told, "detail"), "queries", target=15)


def of_a_case(url: str, bare: float) -> Iterator[Result]:
    """What is done with a SUSI-vurdering of 13 criteria and five fravigelser."""
    told = json.loads(run("-m", "scripts.bench.case", url=url))
    with serving("susi.wsgi", url) as visitor:
        visitor.session = told["session"]
        yield Result("detail page with its draft", visitor.median(told["detail"]), base=bare)
        yield Result("gate room: a criterion", visitor.median(told["gate"]), base=bare, target=8)
    yield Result("a decision", told["decision"], target=25)
    yield Result("a decision, queries", told["decision_queries"], "queries", target=25)
    yield Result("the same page by plain WeasyPrint, untagged", told["plain_document"])
    yield Result("PDF of the SUSI-vurdering", told["document"], base=told["plain_document"], target=1.5)


def of_the_start(databases: Databases, url: str) -> Iterator[Result]:
    """Until the first answer, and the memory of master and workers after some, beside an empty Django project."""
    empty, ours = (
        started("empty.wsgi", url, empty_project(databases.folder)),
        started("susi.wsgi", url, page="/log-ind/"),
    )
    yield Result("empty Django project: until the first answer", empty.milliseconds)
    yield Result("cold start: until the first answer", ours.milliseconds, base=empty.milliseconds, target=3)
    yield Result("empty Django project: memory of two workers", empty.memory, "MB")
    yield Result("memory of two workers", ours.memory, "MB", base=empty.memory, target=1.6)


def of_many(visitor: Visitor, told: dict[str, Any], bare: float, few: dict[str, float]) -> Iterator[Result]:
    """The pages beside the bare view, where 3 times the 6 of the 44 are allowed, and beside those of the 44."""
    for name, address, page in (("front page", "/", "front"), ("list", LIST, "list")):
        value = slowest(visitor, told, address)
        yield Result(f"{name} with 10,000", value, base=bare, target=18)
        yield Result(f"{name} with 10,000, beside that of the 44", value, base=few[page], target=3)
        if page == "front":
            yield Result("front page with 10,000, beside that of 44 made-up ones", value, base=few["made up"])
        yield Result(f"{name} with 10,000, queries", queries(told, page), "queries", target=14)
    yield Result("detail page with 10,000: a draft, several carried on", slowest(visitor, told, told["detail"]))
    yield Result("the same, queries of the role that asks most", queries(told, "detail"), "queries", target=15)
    visitor.session = told["sessions"]["MANAGER"]
    plain = visitor.median(LIST)
    yield Result("search over 10,000: three words, hits", visitor.median(LIST + quoted(HITS)), base=plain, target=3)
    yield Result("search over 10,000: no hits", visitor.median(LIST + quoted(NO_HITS)), base=plain, target=3)
    yield Result("search over 10,000: thousands of hits", visitor.median(LIST + quoted(THOUSANDS)), base=plain)


def of_the_past(visitor: Visitor, told: dict[str, Any]) -> Iterator[Result]:
    visitor.session = told["sessions"]["MANAGER"]
    day = date.today() - timedelta(days=60)  # noqa: DTZ011
    live = visitor.median(LIST)
    yield Result("list of 1,000 with five changes each, live", live)
    yield Result("the same as of a day", visitor.median(f"{LIST}?dag={day:%d.%m.%Y}"), base=live, target=5)


def of_exports(urls: dict[str, str]) -> Iterator[Result]:
    """The files, each from a server of its own, so that what its workers come to hold is the file's."""
    grown: dict[tuple[str, str], float | None] = {}
    for name, address, targets in (("CSV", CSV, (100, 1000)), ("XLSX", XLSX, (None, 5000))):
        for rows, key, target in (("1,000", "some", targets[0]), ("10,000", "many", targets[1])):
            session = told_by(urls[key])["sessions"]["MANAGER"]
            with serving("susi.wsgi", urls[key]) as visitor:
                visitor.session = session
                for _ in range(WORKERS * 3):
                    visitor.get(LIST)
                before = visitor.workers.peak()
                value = visitor.median(address, times=5, warm_up=2)
                grown[name, key] = None if value is None else (visitor.workers.peak() - before) / MEGABYTE
            yield Result(f"{name} of {rows}", value, target=target)
        few, many = grown[name, "some"], grown[name, "many"]
        yield Result(f"{name} of 1,000: memory a worker adds", few, "MB")
        target = (
            None if few is None else few + 10
        )  # what the allocator and ten times the keys take; the rows would be 30
        yield Result(f"{name} of 10,000: memory a worker adds", many, "MB", target=target)


def slowest(visitor: Visitor, told: dict[str, Any], address: str) -> float:
    """Return the median of the role that waits longest for the page."""
    found = []
    for session in told["sessions"].values():
        visitor.session = session
        found.append(visitor.median(address) or 0.0)
    return max(found)


def queries(told: dict[str, Any], page: str) -> float:
    return max(told["queries"][page].values())


def quoted(query: str) -> str:
    return query.replace("ø", "%C3%B8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
