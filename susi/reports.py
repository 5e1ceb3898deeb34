"""Reports as documents: a template of `templates/pdf/`, typeset as a tagged PDF. Unlike a SUSI-vurdering they are not
records: they are made anew each time and say what they show, and of when."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from susi.pdf_fonts import as_printed


def report_pdf(template: str, context: dict[str, Any], *, landscape: bool = False, styles: str = "") -> bytes:
    """Return the page `template` as a PDF/UA-1 file on A4. The template extends `pdf/report.html`.

    `styles` is a style sheet of the report's own beside that of all reports.

    What the fonts lack stands as its number ("[U+1F600]").
    """
    from susi.typesetting import typeset

    html = render_to_string(template, {"agency": settings.LETTERHEAD["name"], **context})
    css = render_to_string("pdf/report.css", {"orientation": "landscape" if landscape else "portrait"})
    if styles:
        css += render_to_string(styles)
    return typeset(as_printed(html), css)
