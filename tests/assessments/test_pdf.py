"""The printed SUSI-vurdering: what it says, and that everyone can read it."""

import io
import logging
from pathlib import Path
from typing import Any

import page
import pytest
from pypdf import PdfReader

from assessments.pdf import DATA_NAME, SCHEMA_NAME, SCHEMAS, render
from assessments.record import checksum, dump
from assessments.templatetags.reading import in_groups
from susi import typesetting
from susi.typesetting import FontsOnly, typeset
from tests.assessments.pdf_records import PARAGRAPH, choice, criterion, deviation, full, minimal, pages, text

LONG_WORD = "Indsatsbeskrivelsesimplementeringsstøttekoordinatorfunktionsansvarlig" * 3


_printed: dict[tuple[str, bool], bytes] = {}


def printed(record: dict[str, Any], *, draft: bool = False) -> bytes:
    """Return the document. Making one takes its time, so the tests share them."""
    sealed = dump(record)
    if (sealed, draft) not in _printed:
        _printed[sealed, draft] = render(record, sealed="" if draft else sealed)
    return _printed[sealed, draft]


def blank() -> dict[str, Any]:
    """A draft nobody has written in."""
    record = minimal(
        verdict=choice("", ""),
        conclusion="",
        recommendation=choice("", ""),
        fast_track={"answer": None, "text": ""},
        submitted=None,
        approved=None,
        authors=[],
    )
    record["themes"][0]["criteria"] = [criterion("M1", "Problemet er kendt.", "")]
    return record


def long_words() -> dict[str, Any]:
    record = full(conclusion=LONG_WORD, recommendation_text=LONG_WORD)
    record["initiative"] |= dict.fromkeys(("title", "programme", "funding", "case_number", "lead"), LONG_WORD)
    for one in record["deviations"]:
        one |= dict.fromkeys(("reason", "handling", "owner", "wording"), LONG_WORD) | {"grounds": [LONG_WORD]}
    for theme in record["themes"]:
        theme["heading"] = LONG_WORD
        for one in theme["criteria"]:
            one |= {"reasoning": LONG_WORD, "wording": LONG_WORD}
            one["references"][0] |= dict.fromkeys(("title", "link", "case_document", "page"), LONG_WORD)
    return record


def long_texts() -> dict[str, Any]:
    record = full(paragraphs=25, conclusion=PARAGRAPH * 50, recommendation_text=PARAGRAPH * 25)
    for one in record["deviations"]:
        one |= {"reason": PARAGRAPH * 25, "handling": PARAGRAPH * 25}
    return record


def merged() -> dict[str, Any]:
    """The initiative carries on two others; each left a fravigelse from the same criterion."""
    rows = [
        deviation("M2.1", "Indsatsen kan forankres.", initiative=number)
        | {"outcome": choice("settled", "Afklaret"), "text": f"Fra {number}."}
        for number in ("2026-002", "2026-003")
    ]
    return minimal(former_deviations=rows)


MARKUP = '<b>fed</b> <script>alert(1)</script> <img src="file:///etc/passwd"> <!-- --> & &amp; {{ record }} {% if %}'
EDGE = "ÆØÅ æøå éüñ ąćğőž αβγ АБВ „citat“ »citat« – — … ‰ € ½ ≥ ≠ → ✓ • № ﬁ i\u0308 a\u0301 \u00a0 \u00ad \t slut"


def markup_everywhere(value: Any, key: str = "") -> Any:
    """The record with markup for every text a person can write."""
    if isinstance(value, dict):
        return {name: markup_everywhere(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [markup_everywhere(item, key) for item in value]
    fixed = key in ("value", "number", "pdf_template", "schema", "at") or not isinstance(value, str)
    return value if fixed else MARKUP


RECORDS = {
    "minimal": minimal(),
    "full": full(),
    "blank": blank(),
    "long words": long_words(),
    "long texts": long_texts(),
    "merged": merged(),
    "markup": markup_everywhere(full()),
    "edge of the fonts": full(conclusion=EDGE, recommendation_text=EDGE),
    "beyond the fonts": full(conclusion="Emoji 🙂, 漢字, \x0b og \u2028 slut", recommendation_text="العربية"),
    "no tracks": minimal(
        edition={"number": "1.0", "name": "SUSI 1.0", "valid_from": "2017"},
        transition={
            "from_stage": choice("proposal", "Forslag"),
            "from_track": choice("", ""),
            "to_phase": choice("trial", "Afprøvning"),
            "to_track": choice("", ""),
        },
        deviations=[deviation("", "Screeningsfasen springes over.", subject="fasemodellen")],
    ),
}


@pytest.mark.parametrize(
    ("name", "draft"),
    [
        *((name, False) for name in RECORDS if name not in ("blank", "long texts", "beyond the fonts")),
        pytest.param("long texts", False, marks=pytest.mark.slow),
        *((name, True) for name in ("blank", "full", "beyond the fonts")),
    ],
)
def test_every_document_is_accessible_fit_for_the_archive_and_set_without_complaint(
    name: str, draft: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        document = printed(RECORDS[name], draft=draft)
    assert caplog.records == []
    file = tmp_path / "document.pdf"
    file.write_bytes(document)
    for profile in ("ua1",) if draft else ("ua1", "3a"):
        result = page.validate_pdf(str(file), profile=profile)
        assert result.is_compliant, result
    reader = PdfReader(file)
    assert reader.trailer["/Root"]["/Lang"] == "da"
    assert reader.metadata is not None
    assert reader.metadata.title.startswith("SUSI-vurdering 2026-0")
    assert all(sheet.mediabox.height > sheet.mediabox.width for sheet in reader.pages)


class TestContent:
    def test_page_one_answers_the_question(self) -> None:
        first = pages(printed(full()))[0]
        for expected in (
            "Socialstyrelsen Eksempelvej 1 5000 Odense C",
            "Screening → Modning, spor 1",
            "Initiativ 2026-014",
            "Program UIP voksne",
            "Aftale UIP 2024, UIP 2025",
            "Målgruppe Udsatte voksne, Mennesker med handicap",
            "Journalnummer 2026-004711",
            "Initiativansvarlig Karen Holm",
            "Regelsæt SUSI 2.0",
            "Dokument 2026-014-1, version 2 (retter version 1)",
            "Egnet til ny fase: Delvist",
            "13 kriterier: 0 opfyldt, 7 delvist opfyldt, 6 ikke opfyldt. 13 fravigelser.",
            "Indstilling Initiativet indstilles til videreførelse.",
            "Konklusion Indsatsbeskrivelsen er prøvet af",
        ):
            assert expected in first

    def test_every_part_of_the_record_is_printed(self) -> None:
        record = full()
        whole = text(printed(record))
        leaves = (
            record["initiative"]["problem"],
            record["document"]["change_note"],
            record["weighing"]["way"]["label"],
            record["fast_track"]["text"],
            *(condition["heading"] for condition in record["entry_conditions"]),
            *(theme["heading"] for theme in record["themes"]),
            *(row["code"] for theme in record["themes"] for row in theme["criteria"]),
            *(row["wording"] for theme in record["themes"] for row in theme["criteria"]),
            "Evaluering af modningen, side 12-14, journalnr. 2026-1234-7, https://example.org/evaluering",
            *(row["owner"] for row in record["deviations"]),
            *(row["review_on"] for row in record["deviations"]),
            "Håndtering af M3.4: Evaluator følger op efter et halvt år.",
            "Fravigelse fra kriterie M4: Målgruppen er afgrænset.",
            "Skrevet af Karen Holm, Søren Ærø",
            "Indsendt af Karen Holm, 01.11.2026 kl. 09.15",
            "Godkendt af Mette Lund, 02.11.2026 kl. 14.03",
        )
        assert [leaf for leaf in leaves if leaf not in whole] == []

    def test_parts_without_content_are_left_out(self) -> None:
        whole = text(printed(minimal()))
        for heading in ("Afvejning", "Betingelser", "Tidligere fravigelser", "rettet", "Finansiering", "problem "):
            assert heading not in whole
        assert "Program Ikke oplyst" in whole
        assert "Der er ingen fravigelser." in whole

    def test_every_page_says_which_document_it_is_of(self) -> None:
        sheets, seal = pages(printed(full())), checksum(dump(full()))
        for no, sheet in enumerate(sheets, start=1):
            assert f"SUSI-vurdering 2026-014-1 · version 2 · kontrolsum {seal[:12]}…" in sheet
            assert f"Side {no} af {len(sheets)}" in sheet
        assert in_groups(seal) in sheets[-1]
        assert in_groups(seal) not in " ".join(sheets[:-1])

    def test_markup_is_text(self) -> None:
        assert text(printed(full(conclusion=MARKUP, recommendation_text=MARKUP))).count(MARKUP) == 2

    def test_what_the_fonts_lack_is_named(self) -> None:
        whole = text(printed(RECORDS["beyond the fonts"], draft=True))
        assert "Emoji [U+1F642], [U+6F22][U+5B57], [U+000B] og [U+2028] slut" in whole

    def test_former_fravigelser_of_merged_initiatives_are_told_apart(self) -> None:
        whole = text(printed(merged()))
        assert "Fravigelse fra kriterie M2.1 (initiativ 2026-002): Indsatsen kan forankres." in whole
        assert "Fravigelse fra kriterie M2.1 (initiativ 2026-003): Indsatsen kan forankres." in whole

    def test_a_change_of_track_shows_both(self) -> None:
        record = full()
        record["transition"] |= {"from_stage": choice("maturation", "Modning"), "from_track": choice("2", "Spor 2")}
        assert "Modning, spor 2 → Modning, spor 1" in pages(printed(record))[0]

    def test_the_same_record_gives_the_same_file(self) -> None:
        assert render(full(), sealed=dump(full())) == printed(full())


class TestEnclosed:
    """What a reader of the file in thirty years has, who has nothing but the file."""

    def test_the_sealed_text_lies_in_it_byte_for_byte_as_its_data(self) -> None:
        sealed = dump(full())
        reader = PdfReader(io.BytesIO(printed(full())))
        assert reader.attachments[DATA_NAME] == [sealed.encode()]
        enclosed = {one["/UF"]: one for one in reader.trailer["/Root"]["/AF"]}
        assert {name: one["/AFRelationship"] for name, one in enclosed.items()} == {
            DATA_NAME: "/Data",
            SCHEMA_NAME: "/Supplement",
        }
        data = enclosed[DATA_NAME]["/EF"]["/F"]
        assert data["/Subtype"] == "/application/json"
        assert data["/Params"]["/ModDate"] == "D:20261102130300Z"  # 14.03 in Copenhagen
        assert "susi-vurdering/2" in enclosed[DATA_NAME]["/Desc"]

    def test_so_does_the_description_of_the_data(self) -> None:
        reader = PdfReader(io.BytesIO(printed(full())))
        assert reader.attachments[SCHEMA_NAME] == [(SCHEMAS / "susi-vurdering-2.json").read_bytes()]

    def test_its_bytes_tell_the_checksum_and_the_standards_without_being_unpacked(self) -> None:
        document = printed(full())
        for told in (checksum(dump(full())), 'pdfuaid:part="1"', 'pdfaid:part="3"', 'pdfaid:conformance="A"'):
            assert told.encode() in document

    def test_data_of_a_form_without_description_are_enclosed_alone(self) -> None:
        record = minimal(schema="susi-vurdering/1", pdf_template="v1")
        document = render(record, sealed=dump(record))
        assert list(PdfReader(io.BytesIO(document)).attachments) == [DATA_NAME]

    def test_a_draft_holds_nothing_and_is_not_for_the_archive(self) -> None:
        draft = printed(full(), draft=True)
        assert not PdfReader(io.BytesIO(draft)).attachments
        assert b"pdfaid" not in draft


class TestDraft:
    def test_is_watermarked_on_every_page_and_signed_by_nobody(self) -> None:
        sheets = pages(printed(full(), draft=True))
        assert all("Udkast" in sheet and "version 2 · udkast" in sheet for sheet in sheets)
        whole = " ".join(sheets)
        assert "SUSI-vurderingen er ikke godkendt." in whole
        for signature in ("Mette Lund", "Godkendt af", "Indsendt af", "kontrolsum", "Kontrolsum"):
            assert signature not in whole

    def test_the_watermark_is_not_read_aloud(self) -> None:
        record = minimal(authors=[])
        sealed, draft = (PdfReader(io.BytesIO(printed(record, draft=draft))) for draft in (False, True))
        assert _marked(draft.pages[0]) - _read_aloud(draft)[0] > _marked(sealed.pages[0]) - _read_aloud(sealed)[0]

    def test_a_sealed_document_is_not_watermarked(self) -> None:
        assert "Udkast" not in text(printed(full()))


def _marked(sheet: Any) -> int:
    """How many pieces of text the page has, read aloud or not."""
    return sum(b"BDC" in operator for _, operator in sheet.get_contents().operations)


def _read_aloud(reader: PdfReader) -> list[int]:
    """How many pieces of text of each page hang in the document's structure."""
    counts = dict.fromkeys((sheet.indirect_reference.idnum for sheet in reader.pages), 0)
    elements = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while elements:
        element = elements.pop()
        for kid in element.get("/K", []):
            if isinstance(kid, int):
                counts[element.raw_get("/Pg").idnum] += 1
            elif "/K" in kid.get_object():
                elements.append(kid.get_object())
    return list(counts.values())


class TestFetching:
    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "https://example.org/font.woff2",
            "data:text/plain,x",
            "font:../../../../settings.py",
            "font:/etc/passwd",
            "relative.png",
        ],
    )
    def test_nothing_but_the_fonts_is_handed_out(self, url: str) -> None:
        with pytest.raises(ValueError, match="may not load"):
            FontsOnly().fetch(url)

    def test_a_template_that_asks_for_more_is_refused(self) -> None:
        with pytest.raises(ValueError, match="may not load"):
            typeset('<html lang="da"><img src="file:///etc/passwd" alt="">', "")

    def test_a_missing_font_stops_the_document(self, monkeypatch: pytest.MonkeyPatch) -> None:
        typesetting._unpacked.cache_clear()
        monkeypatch.setattr("susi.pdf_fonts.FOLDER", "vendor/nowhere")
        with pytest.raises(FileNotFoundError, match="make setup"):
            render(minimal())
