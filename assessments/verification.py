"""Whether a document is what was approved here: "Kontrollér et dokument".

Three things are known of a sealed SUSI-vurdering: the bytes of its PDF, the sealed data inside that, and the checksum
of the data, which is printed. Only the bytes vouch for what one reads on the pages. The data may be taken from a
genuine file and put into another, and a checksum can be copied by hand (ADR 20).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from assessments.models import Assessment
from assessments.models.assessment import AssessmentQuerySet
from assessments.pdf import DATA_NAME
from assessments.record import Record
from susi import foreign_pdf
from susi.foreign_pdf import Locked, Says, Unreadable
from susi.models import User


class Verdict(StrEnum):
    GENUINE = "genuine"  # the very file that was made here
    CHECKSUM = "checksum"  # the checksum is that of a document here; no file was seen
    RESAVED = "resaved"  # the data inside are those sealed here; the file around them is another
    CHANGED = "changed"  # the file names a document of ours, and is not it
    DRAFT = "draft"
    UNKNOWN = "unknown"
    LOCKED = "locked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Answer:
    """What is known of the document asked about.

    `assessment` is the one it is, or names, where the person who asks may see it; `is_hidden` says that there is one he
    may not see. `has_newer` says that a later version is approved, and `newer` is that version where he may see it.
    """

    verdict: Verdict
    assessment: Assessment | None = None
    is_hidden: bool = False
    has_newer: bool = False
    newer: Assessment | None = None

    @property
    def record(self) -> Record | None:
        """The sealed data of the assessment that may be shown."""
        return json.loads(self.assessment.sealed_data) if self.assessment else None


def of_checksum(checksum: str, *, by: User) -> Answer:
    """Return what `by` is told of a checksum, or of the beginning of one (as the foot of each page shows it)."""
    found = _sealed().filter(Q(sealed_sha256__startswith=checksum) | Q(pdf_sha256__startswith=checksum)).first()
    return _answer(Verdict.CHECKSUM if found else Verdict.UNKNOWN, found, by)


def of_file(content: bytes, *, by: User) -> Answer:
    """Return what `by` is told of a PDF. A file made here is known by its bytes, and not opened."""
    made_here = _sealed().filter(pdf_sha256=hashlib.sha256(content).hexdigest()).first()
    if made_here:
        return _answer(Verdict.GENUINE, made_here, by)
    try:
        says = foreign_pdf.read(content, enclosed=DATA_NAME)
    except Locked:
        return Answer(Verdict.LOCKED)
    except Unreadable:
        return Answer(Verdict.UNREADABLE)
    holds, names = _sealed_as(says.enclosed), _sealed_as(says.printed)
    return _answer(verdict_on(says, holds=bool(holds), names=bool(names)), holds or names, by)


def verdict_on(says: Says, *, holds: bool, names: bool) -> Verdict:
    """Return the verdict on a file whose bytes are not ours.

    `holds`: the data inside are sealed here. `names`: it shows the checksum of a document of ours. A file with several
    data inside vouches for none of them.
    """
    if holds:
        return Verdict.RESAVED if len(set(says.enclosed)) == 1 else Verdict.CHANGED
    if names:
        return Verdict.CHANGED
    is_draft = says.title.startswith("SUSI-vurdering") and says.title.endswith("(udkast)")
    return Verdict.DRAFT if is_draft else Verdict.UNKNOWN


def _answer(verdict: Verdict, found: Assessment | None, by: User) -> Answer:
    if found is None:
        return Answer(verdict)
    newer = (
        _sealed()
        .filter(initiative=found.initiative_id, document_no=found.document_no, doc_version__gt=found.doc_version)
        .order_by("-doc_version")
        .first()
    )
    if not Assessment.objects.visible_to(by).filter(pk=found.pk).exists():
        return Answer(verdict, is_hidden=True, has_newer=newer is not None)
    return Answer(verdict, found, has_newer=newer is not None, newer=newer)


def _sealed_as(checksums: Iterable[str]) -> Assessment | None:
    return _sealed().filter(sealed_sha256__in=tuple(checksums)).first()


def _sealed() -> AssessmentQuerySet:
    return Assessment.objects.approved().select_related("initiative")
