"""What the search of the list finds in a SUSI-vurdering: every text people write in it, folded, in one column."""

from collections.abc import Iterator

from assessments.models import Assessment, Deviation
from susi.danish import fold

_OWN_TEXTS = ("conclusion", "recommendation_text", "weighing_text", "fast_track_text", "change_note")


def refresh_search_text(assessment: Assessment) -> None:
    """Set `search_text` to what is written now. The caller saves it."""
    assessment.search_text = fold(" ".join(_texts(assessment)))


def _texts(assessment: Assessment) -> Iterator[str]:
    yield from (getattr(assessment, name) for name in _OWN_TEXTS)
    yield from assessment.ratings.order_by("criterion").values_list("reasoning", flat=True)
    yield from assessment.entry_judgements.order_by("pk").values_list("note", flat=True)
    yield from assessment.judgements.order_by("pk").values_list("text", flat=True)
    in_play = assessment.deviations.exclude(state=Deviation.State.ANNULLED)
    for reason, handling in in_play.order_by("pk").values_list("reason", "handling"):
        yield f"{reason} {handling}"
