"""From HTML to a tagged PDF. Loading WeasyPrint takes over a second: import this module where a PDF is made."""

from functools import cache
from io import BytesIO

from fontTools.ttLib import woff2
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from susi.pdf_fonts import FONTS, font_file

FONT_SCHEME = "font:"


class FontsOnly(URLFetcher):
    """Hands out the fonts of the document, and refuses every other address, on this machine and elsewhere."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(FONT_SCHEME)
        if not url.startswith(FONT_SCHEME) or name not in FONTS:
            raise ValueError(f"A document may not load {url}.")
        return URLFetcherResponse(url, _unpacked(name), {"Content-Type": "font/ttf"})


def typeset(html: str, css: str) -> bytes:
    """Return `html` as a PDF/UA-1 file, set by `css`.

    Raises `ValueError` where either refers to anything but the fonts, `FileNotFoundError` where those are missing.
    """
    fetcher, fonts = FontsOnly(), FontConfiguration()
    try:
        stylesheet = CSS(string=css, url_fetcher=fetcher, font_config=fonts)
        return HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[stylesheet], font_config=fonts, pdf_variant="pdf/ua-1"
        )
    except FatalURLFetchingError as refusal:  # not an Exception, so it would pass every handler above
        raise refusal.__cause__ or ValueError(str(refusal)) from None


@cache
def _unpacked(name: str) -> bytes:
    """The font as WeasyPrint wants it. Unpacking takes 80 ms, so it is done once per process."""
    unpacked = BytesIO()
    woff2.decompress(BytesIO(font_file(name).read_bytes()), unpacked)
    return unpacked.getvalue()
