"""From HTML to a tagged PDF. Loading WeasyPrint takes over a second: import this module where a PDF is made.

What is to last is made for the archive: PDF/A-3a and PDF/UA-1 in one file, with the data it was made from inside. Other
documents are PDF/UA-1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

import pydyf
from fontTools.ttLib import woff2
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from susi.pdf_fonts import FONTS, font_file

FONT_SCHEME = "font:"
_END_OF_XMP = b"</rdf:RDF>"
# A file names one standard of its own accord. That it also keeps the other is said here, in a property that PDF/A wants
# described before it is used (ISO 19005-3, 6.6.2.3; ISO 14289-1, 5).
_ALSO_PDF_UA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
    <pdfaProperty:name>part</pdfaProperty:name>
    <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
    <pdfaProperty:category>internal</pdfaProperty:category>
    <pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


@dataclass(frozen=True)
class Enclosed:
    """A file inside a document. `relationship` is what it is to the document: "Data", "Supplement" (ISO 19005-3)."""

    name: str
    content: bytes
    description: str
    relationship: str
    made_at: datetime


class FontsOnly(URLFetcher):
    """Hands out the fonts of the document, and refuses every other address, on this machine and elsewhere."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(FONT_SCHEME)
        if not url.startswith(FONT_SCHEME) or name not in FONTS:
            raise ValueError(f"A document may not load {url}.")
        return URLFetcherResponse(url, _unpacked(name), {"Content-Type": "font/ttf"})


def typeset(html: str, css: str, *, for_archive: bool = False, enclosed: Iterable[Enclosed] = ()) -> bytes:
    """Return `html` as a PDF, set by `css`: PDF/UA-1, and `for_archive` PDF/A-3a as well, with the files `enclosed`.

    The same input gives the same bytes. Raises `ValueError` where the page or its style refers to anything but the
    fonts, `FileNotFoundError` where those are missing.
    """
    fetcher, fonts = FontsOnly(), FontConfiguration()
    archived: dict[str, Any] = {
        "pdf_variant": "pdf/a-3a",
        "attachments": [_attachment(one, fetcher) for one in enclosed],
        "finisher": _keep_both_standards,
        "uncompressed_pdf": True,  # only what the finisher packs: every reader finds its way in such a file
    }
    try:
        stylesheet = CSS(string=css, url_fetcher=fetcher, font_config=fonts)
        return HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[stylesheet], font_config=fonts, **(archived if for_archive else {"pdf_variant": "pdf/ua-1"})
        )
    except FatalURLFetchingError as refusal:  # not an Exception, so it would pass every handler above
        raise refusal.__cause__ or ValueError(str(refusal)) from None


def _attachment(enclosed: Enclosed, fetcher: FontsOnly) -> Attachment:
    moment = enclosed.made_at.astimezone(UTC)
    return Attachment(
        file_obj=BytesIO(enclosed.content),
        url_fetcher=fetcher,
        name=enclosed.name,
        description=enclosed.description,
        created=moment,
        modified=moment,
        relationship=enclosed.relationship,
    )


def _keep_both_standards(document: Any, pdf: Any) -> None:
    """Say in the description of the file that it is PDF/UA too, and pack everything but that."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    for stream in [one for one in pdf.objects if isinstance(one, pydyf.Stream) and one is not metadata]:
        _pack(stream)
    metadata.stream = [
        part.replace(_END_OF_XMP, _ALSO_PDF_UA + _END_OF_XMP) if isinstance(part, bytes) else part
        for part in metadata.stream
    ]
    if "AF" in pdf.catalog:  # WeasyPrint lists each file twice
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


def _pack(stream: Any) -> None:
    """Compress it, unless its last byte would be taken for the end of a line, and its length so be found wrong."""
    stream.compress = True
    if stream.data.endswith(b"\r\nendstream"):
        stream.compress = False


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


@cache
def _unpacked(name: str) -> bytes:
    """The font as WeasyPrint wants it. Unpacking takes 80 ms, so it is done once per process."""
    unpacked = BytesIO()
    woff2.decompress(BytesIO(font_file(name).read_bytes()), unpacked)
    return unpacked.getvalue()
