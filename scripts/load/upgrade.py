"""An upgrade with live data, as `docs/operations.md` describes it, while people work: the release of a revision serves,
the tables of this one are made meanwhile, and this one goes on with the rows the other wrote.

    python -m scripts.load.upgrade 1a2b3c4    on PostgreSQL, 40 seconds with either release

It fails where there was an error or a lost update on the way.
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts import processes
from scripts.load.__main__ import Crowd, found_afterwards, let_them_work, said_by_the_logs, world_for
from scripts.load.writes import SAVED, not_saved, noted
from scripts.processes import BASE_DIR
from scripts.trial import Trial, trial

CROWD = Crowd("PostgreSQL", 9, 4, 3, 16, 40, "0.2-0.8")
TABLES_AFTER = 15  # seconds with the old release
NOT_IN_GIT = "susi/static/vendor"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("revision", help="of the release before")
    with tempfile.TemporaryDirectory(prefix="susi-upgrade-") as folder:
        old = release(parser.parse_args().revision, Path(folder))
        problems = list(problems_of_the_way(old))
    print("\n".join(problems) or "No error, no lost update.")
    sys.exit(1 if problems else 0)


def release(revision: str, folder: Path) -> Path:
    """Lay the code of `revision` in `folder`."""
    packed = subprocess.run(["git", "archive", revision], cwd=BASE_DIR, stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    (folder / NOT_IN_GIT).symlink_to(BASE_DIR / NOT_IN_GIT)
    return folder


def problems_of_the_way(old: Path) -> Iterator[str]:
    with trial(code=old) as installation:
        before, after = halves(world_for(CROWD, installation))
        writes = installation.folder / "writes"
        installation.serve()
        with ThreadPoolExecutor() as beside:
            making = beside.submit(make_tables, installation)
            yield from let_them_work(CROWD, installation, before, writes)
        making.result()
        said = say(installation, writes, "the old release, with the tables of the new one")
        installation.go_on_with(BASE_DIR)
        yield from let_them_work(CROWD, installation, after, writes)
        installation.processes["web"].stop()
        if say(installation, writes, "the new release") == said:
            yield "nothing was written with the new release"
        yield from not_saved(noted(writes))
        yield from said_by_the_logs(installation)
        yield from found_afterwards(installation, writes)


def make_tables(installation: Trial) -> None:
    """Make the tables of this release while the old one is at work. Raises `CalledProcessError` where it fails."""
    time.sleep(TABLES_AFTER)
    processes.run("release", installation.environment)


def halves(world: Path) -> tuple[Path, Path]:
    """Return two files that tell of `world`, each with half of what is handed in: nothing is decided on twice."""
    told = json.loads(world.read_text())
    handed_in = told["handed_in"]
    found = []
    for name, some in (("before", handed_in[::2]), ("after", handed_in[1::2])):
        path = world.with_name(f"{name}.json")
        path.write_text(json.dumps({**told, "handed_in": some}))
        found.append(path)
    return found[0], found[1]


def say(installation: Trial, writes: Path, after: str) -> int:
    """Print what has been done so far, and which migrations there are; return how many writes were acknowledged."""
    saved = sum(write.outcome == SAVED for write in noted(writes))
    applied = installation.python("manage.py", "showmigrations", "--list").stdout.count("[X]")
    print(f"After {after}: {saved} writes acknowledged, {applied} migrations applied that it knows.", flush=True)
    return saved


if __name__ == "__main__":
    main()
