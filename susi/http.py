"""What the pages know of a request, and how files are answered with."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from io import IOBase
from typing import IO, Any

from django.core.files.base import File
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.http import content_disposition_header

from susi.models import User

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@lru_cache(maxsize=5000, typed=True)
def address(view: str, *args: Any) -> str:
    """Return the address of the page `view`, as `reverse` does, but looked up once: for pages with many links."""
    return reverse(view, args=args)


def texts_in(sent: QueryDict) -> list[str]:
    """Return what was written by hand, as far as it is more than a word: what is chosen has no blank."""
    written = [text.strip() for name, texts in sent.lists() for text in texts if "password" not in name]
    return [text for text in written if len(text.split()) > 1]


class UserRequest(HttpRequest):
    """A request of somebody who has logged in: `LoginRequiredMiddleware` lets nobody else through to a page.

    `day` is the past day a page is asked for as of (`susi.days.of_any_day`); None is the present. `about` is the number
    of the initiative the page is about, where the address does not name it; who opened it is noted (ADR 21).
    """

    user: User
    day: date | None = None
    about: str = ""


def as_file(
    content: bytes | IO[bytes] | File | Iterator[str],
    name: str,
    *,
    is_saved: bool = True,
    may_be_kept: bool = False,
    rows: int | None = None,
) -> HttpResponseBase:
    """Return the response with `content` as the file `name`, whose ending is its kind ("csv", "pdf", …).

    The browser saves it, or shows it where `is_saved` is false. It keeps no copy but of what `may_be_kept`: a record.
    An iterator is sent bit by bit, and a file is closed when it has been sent. That it was fetched is noted
    (`susi.access_log`), with the number of `rows` where it is known.
    """
    response = _response(content, name, is_saved, may_be_kept)
    response.rows = rows  # type: ignore[attr-defined]
    return response


def file_kind(response: HttpResponseBase) -> str:
    """Return the kind of a file that is answered with ("csv"), "" where it is none of those above."""
    said = response.get("Content-Type", "")
    return next((kind for kind, content_type in _KINDS.items() if content_type == said), "")


def _response(
    content: bytes | IO[bytes] | File | Iterator[str], name: str, is_saved: bool, may_be_kept: bool
) -> HttpResponseBase:
    headers = {"Content-Disposition": str(content_disposition_header(is_saved, name))}
    if not may_be_kept:
        headers["Cache-Control"] = "no-store"
    kind = _KINDS[name.rpartition(".")[2]]
    if isinstance(content, bytes):
        return HttpResponse(content, content_type=kind, headers=headers)
    if isinstance(content, IOBase | File):
        return FileResponse(content, as_attachment=is_saved, filename=name, content_type=kind, headers=headers)
    return StreamingHttpResponse(content, content_type=kind, headers=headers)
