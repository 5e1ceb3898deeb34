"""What a change of track does to the ratings."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackChange:
    """What becomes of the ratings when the track is changed: codes of the criteria."""

    carried_over: Sequence[str]
    judged_anew: Sequence[str]
    fallen_away: Sequence[str]


def track_change(before: dict[str, str], after: dict[str, str]) -> TrackChange:
    """Compare the wordings by code before and after a change of track.

    The same wording is the same criterion and its rating carries over; own wording is judged anew; the rest falls away.
    """
    return TrackChange(
        carried_over=[code for code, wording in after.items() if before.get(code) == wording],
        judged_anew=[code for code, wording in after.items() if before.get(code) != wording],
        fallen_away=[code for code in before if code not in after],
    )
