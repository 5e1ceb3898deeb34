"""PDFs from outside: what they say of themselves, and that those made to do harm do none."""

import hashlib
import io
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from susi import foreign_pdf
from susi.foreign_pdf import Locked, Says, Unreadable, read

DATA = "data.json"
SUM = "0123456789abcdef" * 4


def made(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def one_page(**properties: str) -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({f"/{name.title()}": value for name, value in properties.items()})
    return writer


def bare(body: bytes) -> bytes:
    """Return a PDF of one page with the objects of `body`, and no table of where they are."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" + body + b"\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def bomb() -> bytes:
    """A page whose content unpacks to a hundred times its size, twice over."""
    packed = zlib.compress(zlib.compress(b"0 " * 100_000_000, 9), 9)
    return bare(
        b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>>>endobj\n4 0 obj<</Length "
        + str(len(packed)).encode()
        + b"/Filter[/FlateDecode/FlateDecode]>>stream\n"
        + packed
        + b"\nendstream endobj"
    )


def endless_work() -> bytes:
    """A page that asks for more operations than anybody waits for."""
    writer = one_page()
    content = DecodedStreamObject()
    content.set_data(b"BT (a) Tj ET\n" * 700_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    return made(writer)


def test_what_it_says_of_itself_is_read() -> None:
    writer = one_page(title="Titel", subject=f"Kontrolsum: {SUM}")
    writer.add_attachment(DATA, b"et")
    writer.add_attachment("andet.json", b"andet")
    assert read(made(writer), enclosed=DATA) == Says("Titel", (hashlib.sha256(b"et").hexdigest(),), (SUM,))


def test_so_is_one_that_says_nothing() -> None:
    assert read(made(one_page()), enclosed=DATA) == Says("", (), ())


def test_all_files_of_the_name_are_told() -> None:
    writer = one_page()
    writer.add_attachment(DATA, b"et")
    writer.add_attachment(DATA, b"to")
    assert len(read(made(writer), enclosed=DATA).enclosed) == 2


def test_a_longer_number_is_no_checksum() -> None:
    assert read(made(one_page(subject=f"{SUM}a")), enclosed=DATA).printed == ()


def test_a_locked_one_is_told() -> None:
    writer = one_page(title="Titel")
    writer.encrypt("hemmelig", algorithm="RC4-128")
    with pytest.raises(Locked):
        read(made(writer), enclosed=DATA)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"%PDF-1.7\n" + b"\0" * 1000,
        made(one_page())[:-200],
        bare(b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 3 0 R>>endobj").replace(b"[3 0 R]", b"[2 0 R]"),
        b"%PDF-1.7\n" + b"[" * 200_000,
    ],
    ids=["empty", "head alone", "zeros", "cut off", "turning in a ring", "too deep"],
)
def test_a_broken_one_is_unreadable_or_says_nothing(content: bytes) -> None:
    with suppress(Unreadable):
        assert read(content, enclosed=DATA) == Says("", (), ())


@pytest.mark.slow
@pytest.mark.parametrize("make", [bomb, endless_work])
def test_what_would_take_too_much_is_given_up(make: Callable[[], bytes]) -> None:
    content, begun = make(), time.monotonic()
    with suppress(Unreadable):
        assert read(content, enclosed=DATA).enclosed == ()
    assert time.monotonic() - begun < foreign_pdf.SECONDS_OF_WAITING + 5


def test_it_is_ended_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_pdf, "SECONDS_OF_WAITING", 0.01)
    with pytest.raises(Unreadable):
        read(made(one_page()), enclosed=DATA)


@pytest.mark.parametrize(
    ("deed", "end"),
    [
        ("bytearray(600 * 2**20)", "MemoryError"),
        ("Path(sys.argv[1]).write_text('x')", "File too large"),
        ("[0 for _ in iter(int, 1)]", ""),
    ],
    ids=["memory", "file", "time"],
)
def test_the_reader_may_not_use_more_than_its_share(deed: str, end: str, tmp_path: Path) -> None:
    program = f"""
import sys; from pathlib import Path; from susi import foreign_pdf
foreign_pdf.SECONDS_OF_WORK = 1
foreign_pdf._keep_within_limits()
{deed}
"""
    command = [sys.executable, "-c", program, str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert done.returncode
    assert end in done.stderr
