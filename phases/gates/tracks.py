"""What a change of track does to the ratings."""

from collections.abc import Sequence
from dataclasses import dataclass

from phases.gates.assessment import needs_weighing
from phases.terms import Outcome, Phase, Track


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


def may_split(*, stage: str, from_track: str, outcome: str, to_phase: str, to_track: str, stays_itself: bool) -> bool:
    """Return whether a selection of core elements may be taken to spor 1 in an initiative of its own.

    After modning in spor 2, and only when the whole goes on too: to afprøvning in spor 2, in the initiative itself.
    Where the selection goes on alone, the initiative itself changes its track (Drejebogen, Formål med modningsfasen).
    """
    whole_goes_on = outcome == Outcome.CONTINUED and to_phase == Phase.TRIAL and to_track == Track.TWO
    return needs_weighing(stage, from_track) and whole_goes_on and stays_itself
