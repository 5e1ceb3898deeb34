"""What the agency concludes: the SUSI-vurdering, its ratings and fravigelser, and its sealed record."""

from assessments.models.assessment import Assessment
from assessments.models.deviation import Deviation, DeviationJudgement
from assessments.models.follow_up import DeviationFollowUp
from assessments.models.grounds import DecisionGround, EntryJudgement
from assessments.models.rating import Rating, Reference
from assessments.models.record import Snapshot

__all__ = [
    "Assessment",
    "DecisionGround",
    "Deviation",
    "DeviationFollowUp",
    "DeviationJudgement",
    "EntryJudgement",
    "Rating",
    "Reference",
    "Snapshot",
]
