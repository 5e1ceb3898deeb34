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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

from scripts.bench.servers import (
    ROOT,
    WORKERS,
    Databases,
    Page,
    Visitor,
    empty_project,
    medians,
    name_of,
    nothing,
    run,
    serving,
    started,
)
from scripts.bench.table import Result, as_markdown, write_into

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
LIST, CSV, XLSX = "/initiativer/", "/initiativer/hent/csv/", "/initiativer/hent/xlsx/"
FEW, SOME, MANY, CHANGES = 44, 1_000, 10_000, 5
# At least as frequent in the made-up texts as in the source documents: in 78, 30 and 9 of 100 SUSI-vurderinger,
# there in 63, 28 and 4 of 100 stretches of 600 words. What finds thousands is in nearly every text.
HITS, NO_HITS = "?q=kommunerne+borgerne+bostøtte", "?q=kommunerne+borgerne+findesikke"
THOUSANDS, SMALL = "?q=indsatsen+evalueringen+kommunerne", "?q=er"
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


class Site(NamedTuple):
    """A portfolio that is served, and what the application tells of it (`scripts.bench.inside`)."""

    visitor: Visitor
    told: dict[str, Any]

    def as_role(self, role: str, address: str, first: Callable[[], None] = nothing) -> Page:
        return Page(self.visitor, address, self.told["sessions"][role], first)

    def queries(self, page: str) -> int:
        """Return how many queries the page asks for the role that asks most."""
        return max(self.told["queries"][page].values())


@contextmanager
def site(url: str) -> Iterator[Site]:
    with serving("susi.wsgi", url) as visitor:
        yield Site(visitor, json.loads(run("-m", "scripts.bench.inside", url=url)))


def measurements(databases: Databases) -> Iterator[Result]:
    """Make the portfolios and measure them, each page in turn with what it is compared to."""
    say("Collecting static files, making the databases …")
    urls = portfolios(databases)
    with serving("scripts.bench.bare", urls["bare"]) as visitor, databases.writer() as write:
        bare = Page(visitor, "/")
        yield Result("bare view: 44 rows × 8 columns, 1 query", medians(bare)[0])
        yield from of_the_admin(urls["bare"], bare)
        with site(urls["few"]) as few:
            yield from of_the_44(few, bare, write)
            with site(urls["made"]) as made, site(urls["many"]) as many:
                yield from of_many(many, few, made, bare, write)
        yield from of_a_case(urls["case"], bare)
    yield from of_the_start(databases, urls["few"])
    with site(urls["some"]) as some:
        yield from of_the_past(some)
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


def of_the_admin(url: str, bare: Page) -> Iterator[Result]:
    with serving("scripts.bench.bare_admin", url) as visitor:
        session = run("-m", "scripts.bench.bare_admin", url=url).strip()
        took, beside = medians(Page(visitor, "/auth/line/", session), bare)
    yield Result("the same table in Django's admin list", took, base=beside)


def of_the_44(few: Site, bare: Page, write: Callable[[], None]) -> Iterator[Result]:
    """The slowest role counts."""
    anew, beside = slowest(few, "/", beside=[bare], first=write)
    yield Result("front page of the 44, the first after a change", anew, base=beside, target=6)
    pages = (("front page", "/", "front", 6, 14), ("list", LIST, "list", 6, 14))
    for name, address, page, target, most in (*pages, ("detail page", few.told["detail"], "detail", 8, 15)):
        took, beside = slowest(few, address, beside=[bare])
        yield Result(f"{name} of the 44", took, base=beside, target=target)
        yield Result(f"{name} of the 44, queries", few.queries(page), "queries", target=most)


def of_many(many: Site, few: Site, made: Site, bare: Page, write: Callable[[], None]) -> Iterator[Result]:
    """The pages beside the bare view, where 3 times the 6 of the 44 are allowed, and beside those of the 44."""
    for name, address, page in (("front page", "/", "front"), ("list", LIST, "list")):
        took, bare_took, few_took, made_took = slowest(many, address, beside=[bare, few, made])
        yield Result(f"{name} with 10,000", took, base=bare_took, target=18)
        yield Result(f"{name} with 10,000, beside that of the 44", took, base=few_took, target=3)
        yield Result(f"{name} with 10,000, beside that of 44 made-up ones", took, base=made_took)
        yield Result(f"{name} with 10,000, queries", many.queries(page), "queries")
    anew, bare_took, few_anew = slowest(many, "/", beside=[bare, few], first=write)
    yield Result("front page with 10,000, the first after a change", anew, base=bare_took, target=18)
    yield Result("the same, beside that of the 44 after a change", anew, base=few_anew)
    detail = slowest(many, many.told["detail"], beside=[])[0]
    yield Result("detail page with 10,000: a draft, several carried on", detail)
    yield Result("the same, queries of the role that asks most", many.queries("detail"), "queries", target=15)
    searches = (many.as_role("MANAGER", LIST + quoted(words)) for words in ("", HITS, NO_HITS, THOUSANDS, SMALL))
    plain, hits, none, thousands, small = medians(*searches)
    yield Result("search over 10,000: three words, hits", hits, base=plain, target=3)
    yield Result("search over 10,000: no hits", none, base=plain, target=3)
    yield Result("search over 10,000: thousands of hits", thousands, base=plain)
    yield Result("search over 10,000: two letters", small, base=plain)


def of_a_case(url: str, bare: Page) -> Iterator[Result]:
    """What is done with a SUSI-vurdering of 13 criteria and five fravigelser."""
    told = json.loads(run("-m", "scripts.bench.case", url=url))
    with serving("susi.wsgi", url) as visitor:
        pages = (Page(visitor, told[name], told["session"]) for name in ("detail", "gate"))
        detail, gate, beside = medians(*pages, bare)
    yield Result("detail page with its draft", detail, base=beside)
    yield Result("gate room: a criterion", gate, base=beside, target=8)
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


def of_the_past(some: Site) -> Iterator[Result]:
    day = date.today() - timedelta(days=60)  # noqa: DTZ011
    live, then = medians(*(some.as_role("MANAGER", LIST + asked) for asked in ("", f"?dag={day:%d.%m.%Y}")))
    yield Result("list of 1,000 with five changes each, live", live)
    yield Result("the same as of a day", then, base=live, target=5)


def of_exports(urls: dict[str, str]) -> Iterator[Result]:
    """The files, each from a server of its own, so that what its workers come to hold is the file's."""
    grown: dict[tuple[str, str], float | None] = {}
    for name, address, targets in (("CSV", CSV, (100, 1000)), ("XLSX", XLSX, (None, 5000))):
        for rows, key, target in (("1,000", "some", targets[0]), ("10,000", "many", targets[1])):
            with site(urls[key]) as served:
                page = served.as_role("MANAGER", address)
                for _ in range(WORKERS * 3):
                    page.visitor.get(LIST, page.session)
                before = page.visitor.workers.peak()
                value = medians(page, times=5, warm_up=2)[0]
                grown[name, key] = None if value is None else (page.visitor.workers.peak() - before) / MEGABYTE
            yield Result(f"{name} of {rows}", value, target=target)
        few, many = grown[name, "some"], grown[name, "many"]
        yield Result(f"{name} of 1,000: memory a worker adds", few, "MB")
        # what the allocator and ten times the keys take; the rows would be 30
        target = None if few is None else few + 10
        yield Result(f"{name} of 10,000: memory a worker adds", many, "MB", target=target)


def slowest(
    served: Site, address: str, *, beside: Sequence[Site | Page], first: Callable[[], None] = nothing
) -> list[float | None]:
    """Return the median of the role that waits longest for the page, and of what is beside it: the same page of other
    portfolios for that role, or another page. `first` is done each time before the page is asked for."""
    found = [
        medians(
            served.as_role(role, address, first),
            *(one if isinstance(one, Page) else one.as_role(role, address, first) for one in beside),
        )
        for role in served.told["sessions"]
    ]
    return max(found, key=lambda each: each[0] or 0.0)


def quoted(query: str) -> str:
    return query.replace("ø", "%C3%B8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
