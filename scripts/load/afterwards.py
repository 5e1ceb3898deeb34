"""Whether everything that was acknowledged under `make load` is there, once: the check for lost updates.

python -m scripts.load.afterwards WRITES      prints each breach; run in the installation
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.load.writes import (
    APPROVAL,
    DECISION,
    EDIT,
    IN_DOUBT,
    RATING,
    RETURN,
    SAVED,
    STATUS,
    Write,
    marks,
    noted,
    of,
)

FROM_HISTORY = "Stamoplysninger rettet"


def breaches(writes: list[Write]) -> Iterator[str]:
    """Yield a sentence for each write that is lost, doubled or came from nowhere, and each number that does not fit."""
    checks = {
        EDIT: _edits,
        RATING: _ratings,
        STATUS: _notes,
        APPROVAL: _approvals,
        RETURN: _returns,
        DECISION: _decisions,
    }
    for kind, check in checks.items():
        for key, some in sorted(of(writes, kind).items()):
            for breach in check(key, some):
                yield f"{kind} of {key}: {breach}"
    yield from _documents_made_twice()


def _edits(number: str, writes: list[Write]) -> Iterator[str]:
    from portfolio.models import Initiative

    saved = Initiative.history.filter(number=number, history_change_reason=FROM_HISTORY).order_by("history_id")
    rows = list(saved.values_list("version", "description"))
    versions = [version for version, _ in rows]
    if versions != list(range(2, len(rows) + 2)):  # a new initiative is version 1
        yield f"the versions are {versions}"
    yield from _each_once([text for _, text in rows], writes)
    now = Initiative.objects.get(number=number)
    if rows and (now.version, now.description) != rows[-1]:
        yield "what stands is not what was saved last"


def _ratings(key: str, writes: list[Write]) -> Iterator[str]:
    """No history is kept of a draft: the versions that were acknowledged tell whether one saved over another."""
    from assessments.models import Rating

    number, _, code = key.partition("/")
    rating = Rating.objects.get(assessment__initiative__number=number, assessment__no=1, criterion__code=code)
    saved = {write.version: write.mark for write in writes if write.outcome == SAVED}
    doubtful = marks(writes, IN_DOUBT)
    acknowledged = len(marks(writes, SAVED))
    if len(saved) != acknowledged:
        yield "two saves were told the same version"
    if not acknowledged <= rating.version <= acknowledged + len(doubtful):
        yield f"{acknowledged} saves were acknowledged, and the version is {rating.version}"
    if rating.reasoning != saved.get(rating.version) and rating.reasoning not in doubtful:
        yield "what stands is not what was saved last"


def _notes(number: str, writes: list[Write]) -> Iterable[str]:
    from portfolio.models import StatusNote

    return _each_once(StatusNote.objects.filter(initiative__number=number).values_list("text", flat=True), writes)


def _approvals(number: str, writes: list[Write]) -> Iterable[str]:
    from assessments.models import Assessment

    approved = Assessment.history.filter(initiative__number=number, history_change_reason="Godkendt og forseglet")
    return _each_once(approved.values_list("approved_by__username", flat=True), writes)


def _returns(number: str, writes: list[Write]) -> Iterable[str]:
    from assessments.models import Assessment

    returned = Assessment.history.filter(
        initiative__number=number, history_change_reason="Sendt tilbage med bemærkninger"
    )
    return _each_once(returned.values_list("return_remarks", flat=True), writes)


def _decisions(number: str, writes: list[Write]) -> Iterable[str]:
    from portfolio.models import Decision

    return _each_once(Decision.objects.filter(initiative__number=number).values_list("reason", flat=True), writes)


def _each_once(found: Iterable[str], writes: list[Write]) -> Iterator[str]:
    """What was acknowledged is found once; what is in doubt once or not at all; nothing else is found."""
    there = Counter(found)
    saved, doubtful = Counter(marks(writes, SAVED)), Counter(marks(writes, IN_DOUBT))
    for mark in saved - there:
        yield f"»{mark}« was acknowledged and is lost"
    for mark in there - saved - doubtful:
        yield f"»{mark}« is there once more than anybody was told"


def _documents_made_twice() -> Iterator[str]:
    from assessments.models import Assessment

    made = Counter(Assessment.history.filter(history_change_reason="PDF dannet").values_list("id", flat=True))
    yield from (f"the PDF of SUSI-vurdering {pk} was made {times} times" for pk, times in made.items() if times > 1)


if __name__ == "__main__":
    import django

    django.setup()
    found = list(breaches(noted(Path(sys.argv[1]))))
    print("\n".join(found))
    sys.exit(1 if found else 0)
