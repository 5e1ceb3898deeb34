"""What kind of file it is, told by its content; and the kinds that are refused, each with what to do instead."""

from pathlib import PurePath

from portfolio.imports import delimited
from portfolio.imports.table import MAX_BYTES, Table, Unreadable

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ASK_FOR = "Gem filen som Excel-projektmappe (.xlsx) eller CSV (.csv), og indlæs den igen."


def read(name: str, content: bytes) -> Table:
    """Return what the file `name` holds. Raises `Unreadable` where it cannot be used."""
    if not content:
        raise Unreadable("Filen er tom.")
    if len(content) > MAX_BYTES:
        raise Unreadable("Filen er større end 5 MB. Del den i flere filer, og indlæs dem hver for sig.")
    ending = PurePath(name).suffix.lower()
    if ending not in (".xlsx", ".csv", ".txt"):
        said = f"Filer af typen {ending} kan ikke indlæses." if ending else "Filens navn har ingen endelse."
        raise Unreadable(f"{said} {_ASK_FOR}")
    if content.startswith(_OLD_OFFICE):
        raise Unreadable(f"Filen er låst med adgangskode eller gemt i et ældre Excel-format. {_ASK_FOR}")
    is_zip = content.startswith(_ZIP)
    if is_zip != (ending == ".xlsx"):
        found = "er ikke en Excel-projektmappe" if ending == ".xlsx" else "er ikke en tekstfil"
        raise Unreadable(f"Filen hedder {ending}, men {found}. {_ASK_FOR}")
    if not is_zip:
        return delimited.read(content)
    from portfolio.imports import workbook  # what reads workbooks is loaded where one is read

    return workbook.read(content)
