"""Run the whole suite on SQLite and, where a server answers, once more on PostgreSQL.

Says in one line each what is left out; with CI=true leaving out is an error. Arguments are passed on to pytest.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

from tests import chromium  # noqa: E402

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


def main() -> int:
    server = os.environ.get("TEST_DATABASE_URL") or LOCAL_SERVER
    problem = why_not(server)
    left_out = []
    if problem:
        left_out.append(
            f"Udeladt: prøverne på PostgreSQL ({problem}). Sæt TEST_DATABASE_URL til en server, der svarer."
        )
    if not chromium.find():
        left_out.append("Udeladt: prøverne i browser (ingen Chromium). Installér chromium, eller sæt CHROMIUM.")

    marks = ["not system"] if chromium.find() else ["not system", "not browser"]  # `make smoke` runs the former
    runs = [("SQLite", "", marks)] + ([] if problem else [("PostgreSQL", server, [*marks, "not once"])])
    failed = [name for name, url, only in runs if not passes(name, url, ["-m", " and ".join(only), *sys.argv[1:]])]
    for line in left_out:
        print(line)
    for name in failed:
        print(f"Prøverne fejler på {name}.")
    incomplete = bool(left_out) and os.environ.get("CI") == "true"
    if incomplete:
        print("Med CI=true må intet udelades.")
    return 1 if failed or incomplete else 0


def why_not(server: str) -> str:
    """Return why the database server at `server` can't be used, in its own words; empty when it answers."""
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return ""


def passes(name: str, database_url: str, arguments: list[str]) -> bool:
    """Run pytest on the database at `database_url` (SQLite where empty) and return whether all went well."""
    print(f"\n== {name} ==", flush=True)
    environment = {**os.environ, "TEST_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
