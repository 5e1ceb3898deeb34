"""Rules about the repository itself."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "susi",
    "phases",
    "portfolio",
    "participants",
    "work",
    "assessments",
    "desk",
)  # an app imports only from its left
NOT_OURS = {".git", ".venv", ".tools", "node_modules", "var", "staticfiles", "vendor", "__pycache__"}
NOT_OURS |= {".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"}
TEXT = {"", ".cfg", ".css", ".csv", ".html", ".js", ".json", ".md", ".py", ".svg", ".toml", ".txt", ".yaml", ".yml"}
GENERATED = {"package-lock.json", "uv.lock"}
WRITTEN = {".css", ".html", ".js", ".py"}
NO_DRAWERS = {"utils.py", "helpers.py", "services.py", "signals.py"}


def files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in names if name != ".env")


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that the module at `path` imports, wherever in it, and those its migration depends on."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "dependencies":  # of a migration
            yield from (leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant))


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_from_its_left(app: str) -> None:
    right = set(APPS[APPS.index(app) + 1 :])
    wrong = [
        f"{short(path)} imports {name}"
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == app
        for name in imported(path)
        if name in right
    ]
    assert wrong == []


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [short(path) for path in files() if path.name in NO_DRAWERS] == []


def test_files_stay_readable() -> None:
    long = {
        short(path): lines
        for path in files()
        if path.suffix in WRITTEN and path.parent.name != "migrations"
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_nothing_is_tied_to_one_machine() -> None:
    folders = re.compile(r"(?<![\w.*}])/(" + "|".join(["home", "root", "work", "Users"]) + r")/\w")
    wrong = [
        f"{short(path)}: {found.group()}"
        for path in files()
        if path.suffix in TEXT and path.name not in GENERATED
        if (found := folders.search(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


def test_only_sources_are_kept() -> None:
    pictures = ROOT / "docs" / "screenshots"
    wrong = [
        short(path)
        for path in files()
        if (path.suffix not in TEXT | {".lock"} and not (path.suffix == ".png" and path.parent == pictures))
        if not path.name.startswith(".")
    ]
    assert wrong == []
    assert [short(path) for path in files() if path.name.endswith((".min.js", ".min.css", ".map"))] == []


INLINE = {
    "script without a file": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[a-z][^>]*\s(on\w+|hx-on[\w:-]*)\s*=", re.IGNORECASE),
    "script in a link": re.compile(r"javascript:", re.IGNORECASE),
    "file of another site": re.compile(
        r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=\"(?:https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("kind", INLINE)
def test_pages_hold_nothing_the_content_security_policy_refuses(kind: str) -> None:
    pages = [path for path in files() if path.suffix == ".html" and path.is_relative_to(ROOT / "templates")]
    assert pages
    wrong = [
        f"{short(path)}: {found.group()}"
        for path in pages
        if (found := INLINE[kind].search(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []
