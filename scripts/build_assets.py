"""Copy the design system from node_modules to susi/static/vendor/dkfds/: what the pages use, and nothing else.

The whole package is 33 MB. The pages need one style sheet, what it refers to, one script and the icon sprite. Only the
standard library is used; the copy replaces the former one as a whole, so a broken build leaves the old one standing.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SOURCE = BASE_DIR / "node_modules" / "dkfds" / "dist"
TARGET = BASE_DIR / "susi" / "static" / "vendor" / "dkfds"

FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
FONT_SOURCE = re.compile(r"src:[^;}]*")
WOFF2 = re.compile(r"url\([^)]*\.woff2\) format\(\"woff2\"\)")
SOURCE_MAP = re.compile(r"\s*(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+)\s*$")
REFERENCE = re.compile(r"url\(([^)]+)\)")


def build(source: Path = SOURCE, target: Path = TARGET) -> None:
    """Write `target` anew from `source`. Raises `FileNotFoundError` where a file the CSS refers to is missing."""
    css = SOURCE_MAP.sub("\n", (source / "css" / "dkfds.min.css").read_text(encoding="utf-8"))
    css = FONT_FACE.sub(lambda face: woff2_only(face.group()), css)
    script = SOURCE_MAP.sub("\n", (source / "js" / "dkfds.min.js").read_text(encoding="utf-8"))

    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    write(fresh / "css" / "dkfds.min.css", css)
    write(fresh / "js" / "dkfds.min.js", script)
    files = {Path("css", name.strip("\"'")) for name in REFERENCE.findall(css) if not name.startswith("data:")}
    wanted = {Path(*path.parts[2:]) for path in files}  # css/../fonts/x -> fonts/x
    wanted |= {
        Path("img/all-svg-icons.svg"),
        Path("LICENSE.md"),
        Path("fonts/IBMPlexSans/complete/woff2/license.txt"),
    }
    for path in sorted(wanted):
        copy = fresh / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(source / path), str(copy))

    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def woff2_only(face: str) -> str:
    """Return the CSS rule `face` with its woff2 source alone; a rule without one (local fonts) stays as it is."""
    found = WOFF2.search(face)
    return FONT_SOURCE.sub(lambda _: "src:" + found.group(), face) if found else face


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if not SOURCE.is_dir():
        sys.exit("node_modules/dkfds mangler. Kør `make setup`.")
    build()
