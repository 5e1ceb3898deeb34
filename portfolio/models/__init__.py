"""What the agency runs, and where it stands."""

from portfolio.models.continuation import Continuation
from portfolio.models.decision import Decision
from portfolio.models.initiative import Initiative, StatusNote
from portfolio.models.phase_run import PhaseRun
from portfolio.models.programme import Agreement, Programme, TargetGroup

__all__ = [
    "Agreement",
    "Continuation",
    "Decision",
    "Initiative",
    "PhaseRun",
    "Programme",
    "StatusNote",
    "TargetGroup",
]
