"""Files of every kind, well-meant and hostile: read right, or refused with a sentence and nothing stored."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from portfolio import columns as c
from portfolio.imports import workbook
from portfolio.imports.reading import read
from portfolio.imports.table import Cell, Kind, Table, Unreadable
from tests.portfolio.sheets import csv_text, saved, xlsx

ROW = {c.NUMBER: "2026-001", c.TITLE: "Eksempel: Å, Æ; Ø", c.FUNDING: "-5 mio. kr."}


def texts(table: Table) -> list[dict[str, str]]:
    return [{table.headers[place]: cell.text for place, cell in line.cells.items()} for line in table.lines]


def repacked(content: bytes, *, drop: str = "", **added: bytes) -> bytes:
    """Return the zip file with parts taken out and put in."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != drop and part.filename not in added:
                new.writestr(part, old.read(part))
        for name, data in added.items():
            new.writestr(name, data)
    return result.getvalue()


def book_of(change) -> bytes:
    book = load_workbook(io.BytesIO(xlsx(ROW)))
    change(book)
    return saved(book)


class TestReadRight:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    def test_csv_in_every_encoding_with_every_separator(self, encoding, separator) -> None:
        assert texts(read("a.csv", csv_text(ROW, separator=separator).encode(encoding))) == [ROW]

    def test_xlsx(self) -> None:
        assert texts(read("a.XLSX", xlsx(ROW))) == [ROW]

    def test_what_our_exports_say_of_themselves_is_passed_over(self) -> None:
        text = (
            f"# Viser: Porteføljen, som den er nu\r\n\r\n{csv_text(ROW)}\r\n# Filtre: Ingen\r\n# Antal: 1 initiativ\r\n"
        )
        assert texts(read("a.csv", text.encode())) == [ROW]
        about = book_of(lambda book: book.create_sheet("Om udtrækket", 0).append(["Dato", "02.11.2026"]))
        found = read("a.xlsx", about)
        assert texts(found) == [ROW]
        assert found.remarks == []

    @pytest.mark.parametrize("title", ["# Vigtigt projekt", "#", "# Antal: 3"])
    def test_a_title_is_none_of_our_remarks(self, title: str) -> None:
        row = {"Titel": title, "Nummer": "2026-001"}
        assert texts(read("a.csv", csv_text(row).encode())) == [row]
        assert texts(read("a.xlsx", xlsx(row))) == [row]

    def test_a_title_alone_is_none_of_our_remarks(self) -> None:
        assert texts(read("a.csv", b"Titel;Nummer\r\n# Vigtigt projekt;\r\n")) == [{"Titel": "# Vigtigt projekt"}]

    def test_the_first_line_of_excel_that_names_the_separator(self) -> None:
        assert texts(read("a.csv", ("sep=;\r\n" + csv_text(ROW)).encode())) == [ROW]

    def test_also_where_it_is_a_tab(self) -> None:
        text = "sep=\t\r\nNummer\tTitel\r\n\tEksempel; a, b\r\n"
        assert texts(read("a.csv", text.encode())) == [{c.TITLE: "Eksempel; a, b"}]

    def test_a_line_break_within_a_cell(self) -> None:
        row = ROW | {c.PROBLEM: 'Første linje\nAnden »linje«, "citat"'}
        assert texts(read("a.csv", csv_text(row).encode())) == [row]
        assert texts(read("a.xlsx", xlsx(row))) == [row]

    def test_the_sheet_of_initiatives_wherever_it_is(self) -> None:
        found = read("a.xlsx", book_of(lambda book: book.create_sheet("Noter", 0).append(["x"])))
        assert texts(found) == [ROW]
        assert found.remarks == ["Kun arket »Initiativer« er læst, ikke »Noter«."]

    def test_a_hidden_sheet_is_passed_over(self) -> None:
        book = Workbook()
        book.worksheets[0].append([c.NUMBER])
        book.worksheets[0].append(["hemmelig"])
        shown = book.create_sheet("Vist")
        shown.append(list(ROW))
        shown.append(list(ROW.values()))
        book.worksheets[0].sheet_state = "hidden"
        assert texts(read("a.xlsx", saved(book))) == [ROW]

    def test_a_table_is_stored_and_read_back_the_same(self) -> None:
        table = read("a.xlsx", xlsx(ROW | {c.COUNTS_AS: 3}))
        assert Table.from_json(table.as_json()) == table

    def test_blank_rows_far_down_do_not_count(self) -> None:
        book = load_workbook(io.BytesIO(xlsx(ROW)))
        book.worksheets[0].cell(200_000, 1).number_format = "@"
        assert texts(read("a.xlsx", saved(book))) == [ROW]


class TestCellsRefused:
    @pytest.mark.parametrize(
        ("value", "why"),
        [
            ("=1+1", "C2 indeholder en formel."),
            ('=HYPERLINK("https://eksempel.dk")', "C2 indeholder en formel."),
            ("#N/A", "C2 indeholder en fejl fra regnearket (#N/A)."),
            (True, "C2 indeholder et klokkeslæt eller sandt/falsk."),
        ],
    )
    def test_by_address(self, value, why) -> None:
        [line] = read("a.xlsx", xlsx(ROW | {c.FUNDING: value})).lines
        assert line.cells[2].kind == Kind.BAD
        assert line.cells[2].text.startswith(why)

    def test_the_character_no_database_stores(self) -> None:
        [line] = read("a.csv", b"Nummer;Titel\n2026-001;Eks\0empel\n").lines
        assert line.cells[1] == Cell(Kind.BAD, "B2 indeholder et ulæseligt tegn. Slet indholdet, og skriv det igen.")


def bomb() -> bytes:
    return repacked(xlsx(ROW), **{"xl/sharedStrings.xml": b"0" * 40_000_000})


def encrypted() -> bytes:
    content = bytearray(xlsx(ROW))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        offsets = [part.header_offset for part in archive.infolist()]
    for offset in offsets:
        content[offset + 6] |= 1
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 8] |= 1
        start += 4
    return bytes(content)


def garbled() -> bytes:
    """A sheet that was packed and cannot be unpacked."""
    content = bytearray(xlsx(ROW))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    start = sheet.header_offset + 30 + len(sheet.filename)
    content[start : start + sheet.compress_size] = b"\xff" * sheet.compress_size
    return bytes(content)


def entities() -> bytes:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    return repacked(xlsx(ROW), **{"xl/workbook.xml": evil})


def many_rows(rows: int = 100_000) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Initiativer")
    sheet.append([c.NUMBER, c.TITLE])
    for no in range(rows):
        sheet.append([no, "x"])
    return saved(book)


HOSTILE = {
    "empty": ("a.xlsx", lambda: b"", "Filen er tom."),
    "not a zip": ("a.xlsx", lambda: b"Nummer;Titel", "er ikke en Excel-projektmappe"),
    "workbook called csv": ("a.csv", lambda: xlsx(ROW), "er ikke en tekstfil"),
    "old format": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ældre Excel-format"),
    "xls": ("a.xls", lambda: b"\xd0\xcf\x11\xe0", "Filer af typen .xls kan ikke indlæses."),
    "xlsm": ("a.xlsm", lambda: xlsx(ROW), "Filer af typen .xlsm"),
    "ods": ("a.ods", lambda: b"PK\x03\x04", "Filer af typen .ods"),
    "no ending": ("a", lambda: b"x", "Filens navn har ingen endelse."),
    "macros": ("a.xlsx", lambda: repacked(xlsx(ROW), **{"xl/vbaProject.bin": b"x"}), "makroer"),
    "another zip": ("a.xlsx", lambda: repacked(xlsx(ROW), drop="xl/workbook.xml"), "ikke en Excel-projektmappe"),
    "cut off": ("a.xlsx", lambda: xlsx(ROW)[:-300], "beskadiget"),
    "garbled": ("a.xlsx", garbled, "beskadiget"),
    "header of nothing": ("a.csv", lambda: b"Nummer;Ti\0tel\n;x\n", "Overskriften i B1"),
    "bomb": ("a.xlsx", bomb, "fylder for meget, når den pakkes ud"),
    "many parts": ("a.xlsx", lambda: repacked(xlsx(ROW), **{f"x/{n}": b"" for n in range(600)}), "fylder for meget"),
    "entities": ("a.xlsx", entities, "beskadiget"),
    "encrypted": ("a.xlsx", encrypted, "låst med adgangskode"),
    "too large": ("a.csv", lambda: b"x" * (5 * 1024 * 1024 + 1), "større end 5 MB"),
    "merged": ("a.xlsx", lambda: book_of(lambda book: book.worksheets[0].merge_cells("A2:B3")), "»A2:B3«"),
    "no sheet": ("a.xlsx", lambda: book_of(only_instructions), "intet synligt ark"),
    "only headers": ("a.csv", lambda: b"Nummer;Titel\n", "ingen rækker"),
    "only blanks": ("a.csv", lambda: b"\n ; \n", "Filen er tom."),
    "wide": ("a.csv", lambda: (";".join(["x"] * 61) + "\n").encode(), "mere end 60 kolonner"),
    "bytes of nothing": ("a.csv", lambda: b"\x81\x8d\x8f\x90\xff", "Filens tegn kan ikke læses"),
    "open quotation": ("a.csv", lambda: b'Nummer;Titel\n2026-001;"Eksempel\n', "anførselstegn er ikke lukket"),
    "endless cell": ("a.csv", lambda: b'Nummer;Titel\n2026-001;' + b"x" * 200_000, "en celle er for lang"),
    "100,000 rows of csv": ("a.csv", lambda: b"Nummer;Titel\n" + b"2026-001;x\n" * 100_000, "mere end 5.000 rækker"),
}  # fmt: skip


def only_instructions(book: Workbook) -> None:
    book.worksheets[0].title = "Vejledning"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(kind: str) -> None:
    name, content, why = HOSTILE[kind]
    with pytest.raises(Unreadable, match=r".") as refused:
        read(name, content())
    assert why in str(refused.value)


@pytest.mark.slow
def test_more_rows_than_there_is_room_for() -> None:
    with pytest.raises(Unreadable, match=r"mere end 5\.000 rækker"):
        read("a.xlsx", many_rows(5_001))


@pytest.mark.slow
def test_100_000_rows_are_refused_without_being_parsed(monkeypatch) -> None:
    content = many_rows()
    parsed: list[object] = []
    monkeypatch.setattr(workbook, "load_workbook", parsed.append)
    with pytest.raises(Unreadable, match=r"højst 5\.000 rækker"):
        read("a.xlsx", content)
    assert not parsed


def test_what_makes_a_workbook_unreadable_is_logged(caplog, monkeypatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(workbook, "load_workbook", fails)
    with pytest.raises(Unreadable, match="beskadiget"):
        read("a.xlsx", xlsx(ROW))
    assert "a fault of ours" in caplog.text
