"""Where the boxes and arrows of the phase model stand in the figure (Drejebogen, To spor i fasemodellen).

`templates/components/phase_model.html` draws it twice from the same cells: wide, with the phases from left to right,
and tall, from top to bottom, for a telephone.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Cell = Mapping[str, Any]


class Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def centre(self) -> int:
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


PHASES = {"screening": "Screening", "maturation": "Modning", "trial": "Afprøvning", "dissemination": "Udbredelse"}
LANES = {"1": "Spor 1", "2": "Spor 2", "": "Spor ikke oplyst"}
WITH_TRACKS = ("maturation", "trial")

_WIDE = {"column": 210, "between": 40, "head": 36, "lane": 72, "gap": 8, "outside": 44, "fall": 36}
_TALL = {"column": 262, "between": 28, "head": 32, "lane": 56, "gap": 6, "outside": 44, "fall": 34}


def layout(cells: Iterable[Cell]) -> dict[str, Any]:
    """Return the figure of `cells`, one per box: mappings with `phase`, `track` ("1", "2" or ""), `count` and `url`.

    Screening and udbredelse are one box each. A box without a cell counts 0 and has no link; the lane of an unknown
    track is left out where nothing stands in it.
    """
    given = {(cell["phase"], cell["track"] if cell["phase"] in WITH_TRACKS else ""): cell for cell in cells}
    unknown = any(given[key]["count"] for key in given if key in {(phase, "") for phase in WITH_TRACKS})
    lanes = [lane for lane in LANES if lane or unknown]
    boxes = [
        _described(phase, lane, given.get((phase, lane)))
        for phase in PHASES
        for lane in (lanes if phase in WITH_TRACKS else [""])
    ]
    return {"boxes": boxes, "wide": _wide(boxes, len(lanes)), "tall": _tall(boxes)}


def _described(phase: str, lane: str, cell: Cell | None) -> dict[str, Any]:
    count = cell["count"] if cell else 0
    track = LANES[lane] if phase in WITH_TRACKS else ""
    return {
        "phase": phase,
        "name": PHASES[phase],
        "track": track,
        "count": count,
        "url": cell["url"] if cell else "",
        "words": f"{PHASES[phase]}{', ' + track.lower() if track else ''}: "
        f"{count} {'initiativ' if count == 1 else 'initiativer'}",
    }


def _wide(boxes: list[dict[str, Any]], lanes: int) -> dict[str, Any]:
    size = _WIDE
    top = size["head"] + size["gap"]
    height = lanes * size["lane"] + (lanes - 1) * size["gap"]
    heads, placed, arrows, falls = [], [], [], []
    for column, phase in enumerate(PHASES):
        x = column * (size["column"] + size["between"])
        heads.append({"phase": phase, "name": PHASES[phase], "box": Box(x, 0, size["column"], size["head"])})
        own = [box for box in boxes if box["phase"] == phase]
        for row, box in enumerate(own):
            y = top + row * (size["lane"] + size["gap"])
            placed.append({**box, "box": Box(x, y, size["column"], size["lane"] if len(own) > 1 else height)})
        if column:
            arrows += [
                {"x": x - size["between"] + 6, "y": top + row * (size["lane"] + size["gap"]) + size["lane"] // 2}
                for row in range(lanes)
            ]
        if phase != "dissemination":
            falls.append({"x": x + size["column"] // 2, "y": top + height + 4})
    outside = Box(0, top + height + size["fall"], 3 * size["column"] + 2 * size["between"], size["outside"])
    return {
        "heads": heads,
        "boxes": placed,
        "arrows": arrows,
        "falls": falls,
        "outside": outside,
        "width": 4 * size["column"] + 3 * size["between"],
        "height": outside.bottom,
    }


def _tall(boxes: list[dict[str, Any]]) -> dict[str, Any]:
    size = _TALL
    heads, placed, arrows, falls = [], [], [], []
    y = 0
    for phase in PHASES:
        if y:
            arrows.append({"x": size["column"] // 2, "y": y + 4})
            y += size["between"]
        start = y
        heads.append({"phase": phase, "name": PHASES[phase], "box": Box(0, y, size["column"], size["head"])})
        y += size["head"] + size["gap"]
        for box in (box for box in boxes if box["phase"] == phase):
            placed.append({**box, "box": Box(0, y, size["column"], size["lane"])})
            y += size["lane"] + size["gap"]
        y -= size["gap"]
        if phase != "dissemination":
            falls.append({"x": size["column"] + 4, "y": (start + y) // 2})
            end = y
    outside = Box(size["column"] + size["fall"], 0, size["outside"], end)
    return {
        "heads": heads,
        "boxes": placed,
        "arrows": arrows,
        "falls": falls,
        "outside": outside,
        "width": outside.right,
        "height": y,
    }
