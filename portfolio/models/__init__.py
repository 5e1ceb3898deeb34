"""What the agency runs, and where it stands."""

from portfolio.models.continuation import Continuation
from portfolio.models.decision import Decision
from portfolio.models.imported import PortfolioImport
from portfolio.models.initiative import Initiative, StatusNote
from portfolio.models.phase_run import PhaseRun
from portfolio.models.programme import Agreement, Programme, TargetGroup, foreign_agreements

__all__ = [
    "Agreement",
    "Continuation",
    "Decision",
    "Initiative",
    "PhaseRun",
    "PortfolioImport",
    "Programme",
    "StatusNote",
    "TargetGroup",
    "foreign_agreements",
]
