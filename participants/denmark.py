"""The map of Denmark: a square for each municipality, of equal size, placed about where the municipality lies (ADR 16).

A map by area would make Frederiksberg a dot and Ringkøbing-Skjern a tenth of Jylland; what is shown here is who takes
part, and there each counts as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from participants.load import Load

WIDTH, HEIGHT, GAP = 62, 48, 3  # of a square, in the units of the drawing
_FULL = 3  # from this number on the darkest shade

# The rows from north to south; each square as column, code and what has room to be written on it.
_ROWS: tuple[str, ...] = (
    "3 860 Hjørring, 4 813 Fr.havn, 6 825 Læsø",
    "2 849 Jammerb., 3 810 Brønders., 4 851 Aalborg, 14 270 Gribskov, 15 217 Helsingør",
    "0 787 Thisted, 1 773 Morsø, 2 820 Vesthim., 3 840 Rebild, 4 846 Mariagerf.,"
    "13 260 Halsnæs, 14 219 Hillerød, 15 210 Fredensb.",
    "0 665 Lemvig, 1 671 Struer, 2 779 Skive, 3 791 Viborg, 4 730 Randers, 5 707 Norddj.,"
    "13 250 Fr.sund, 14 201 Allerød, 15 223 Hørsholm",
    "1 661 Holstebro, 2 657 Herning, 3 740 Silkeborg, 4 710 Favrskov, 5 706 Syddjurs,"
    "13 240 Egedal, 14 190 Furesø, 15 230 Rudersdal, 16 173 Lyngby-T.",
    "1 760 Ringkøb., 2 756 Ikast, 3 746 Skanderb., 4 751 Aarhus,"
    "10 306 Odsherred, 12 265 Roskilde, 13 151 Ballerup, 14 163 Herlev, 15 159 Gladsaxe, 16 157 Gentofte",
    "1 573 Varde, 2 530 Billund, 3 615 Horsens, 4 727 Odder, 6 741 Samsø, 9 326 Kalundb., 10 316 Holbæk, 11 350 Lejre,"
    "12 169 Høje-T., 13 165 Albertsl., 14 161 Glostrup, 15 175 Rødovre, 16 147 Fr.berg, 17 101 Kbh.",
    "0 563 Fanø, 1 561 Esbjerg, 2 630 Vejle, 3 766 Hedensted, 9 330 Slagelse, 10 340 Sorø, 11 329 Ringsted,"
    "12 253 Greve, 13 183 Ishøj, 14 187 Vallensb., 15 153 Brøndby, 16 167 Hvidovre, 17 185 Tårnby",
    "1 575 Vejen, 2 621 Kolding, 3 607 Fredericia, 5 410 Middelf., 6 480 Nordfyns, 7 440 Kertem.,"
    "11 259 Køge, 12 269 Solrød, 17 155 Dragør",
    "1 550 Tønder, 2 510 Haderslev, 5 420 Assens, 6 461 Odense, 7 450 Nyborg,"
    "10 370 Næstved, 11 320 Faxe, 12 336 Stevns,"
    "18 400 Bornholm",
    "2 580 Aabenraa, 3 540 Sønderb., 6 430 Faaborg, 7 479 Svendborg, 11 390 Vordingb.",
    "6 492 Ærø, 7 482 Langeland, 10 360 Lolland, 11 376 Guldborgs.",
)


class Place(NamedTuple):
    """Where the square of a municipality lies, and the short name on it."""

    column: int
    row: int
    short: str


def _places() -> dict[str, Place]:
    places = {}
    for row, line in enumerate(_ROWS):
        for square in line.split(","):
            column, code, short = square.split(maxsplit=2)
            places[code] = Place(int(column), row, short)
    return places


PLACES = _places()
COLUMNS = max(place.column for place in PLACES.values()) + 1


@dataclass(frozen=True)
class Square:
    """A square as drawn. `look` is its shade: 0 for none, 1 to 3, or "dropped" where there is nothing but frafald."""

    x: int
    y: int
    short: str
    name: str
    pk: int
    number: int
    look: str
    said: str


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    squares: tuple[Square, ...]


def draw(rows: Iterable[Load]) -> Map:
    """Return the map of the municipalities in `rows` that have a place on it; the same numbers as the table's."""
    squares = tuple(_square(row, PLACES[row.organisation.code]) for row in rows if row.organisation.code in PLACES)
    return Map(COLUMNS * (WIDTH + GAP) + GAP, len(_ROWS) * (HEIGHT + GAP) + GAP, squares)


def _square(row: Load, place: Place) -> Square:
    number = len(row.ever)
    look = "dropped" if row.only_dropped_out else str(min(number, _FULL))
    said = f"{number} initiativ{'' if number == 1 else 'er'}"
    if row.only_dropped_out:
        said += ", faldet fra"
    one = row.organisation
    x, y = GAP + place.column * (WIDTH + GAP), GAP + place.row * (HEIGHT + GAP)
    return Square(x, y, place.short, one.name, one.pk, number, look, f"{one.name}: {said if number else 'ingen'}")
