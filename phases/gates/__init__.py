"""Whether a gate opens: the rules of the transition as pure functions over plain values.

The findings are the only judge. The page shows them, the action enforces them, the PDF prints them; nothing else
decides whether an assessment may be submitted or a decision registered. Nothing here touches the database.
"""

from phases.gates.assessment import (
    AssessmentFacts,
    Readiness,
    assessment_findings,
    begins_past_screening,
    needs_weighing,
    readiness,
    screening_is_left_out,
)
from phases.gates.decision import (
    DecisionFacts,
    GroundsFacts,
    decision_findings,
    departs_from_recommendation,
    unexplained,
)
from phases.gates.findings import CriterionFacts, DeviationFacts, EntryFacts, Finding, Severity
from phases.gates.tracks import TrackChange, may_split, track_change

__all__ = [
    "AssessmentFacts",
    "CriterionFacts",
    "DecisionFacts",
    "DeviationFacts",
    "EntryFacts",
    "Finding",
    "GroundsFacts",
    "Readiness",
    "Severity",
    "TrackChange",
    "assessment_findings",
    "begins_past_screening",
    "decision_findings",
    "departs_from_recommendation",
    "may_split",
    "needs_weighing",
    "readiness",
    "screening_is_left_out",
    "track_change",
    "unexplained",
]
