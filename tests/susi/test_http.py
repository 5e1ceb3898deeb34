"""How files are answered with."""

from tempfile import TemporaryFile

import pytest

from susi.http import as_file

pytestmark = pytest.mark.django_db  # a response that is closed looks to its connection
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        ("bytes", "liste.xlsx", XLSX),
        ("a file", "liste.xlsx", XLSX),
        ("an iterator", "liste.csv", "text/csv; charset=utf-8"),
        ("bytes", "2026-014_v2.pdf", "application/pdf"),
    ],
)
@pytest.mark.parametrize(("is_saved", "how"), [(True, "attachment"), (False, "inline")])
def test_a_file_is_sent_whole_under_its_name_and_kept_nowhere(content, name, kind, is_saved, how) -> None:
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    file.write("Æble".encode())
    file.seek(0)
    contents = {"bytes": "Æble".encode(), "a file": file, "an iterator": iter(["Æ", "ble"])}
    response = as_file(contents[content], name, is_saved=is_saved)
    assert b"".join(response) == "Æble".encode()
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"] == f'{how}; filename="{name}"'
    assert response["Cache-Control"] == "no-store"
    response.close()
    assert file.closed == (content == "a file")
    file.close()


def test_a_record_may_be_kept() -> None:
    assert "Cache-Control" not in as_file(b"%PDF", "2026-014.pdf", may_be_kept=True)


def test_a_file_of_an_unknown_kind_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        as_file(b"", "liste.exe")
