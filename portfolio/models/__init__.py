"""What the agency runs, and where it stands."""

from portfolio.models.agreement_entry import AgreementEntry
from portfolio.models.continuation import Continuation
from portfolio.models.decision import Decision
from portfolio.models.imported import PortfolioImport
from portfolio.models.initiative import Initiative, StatusNote
from portfolio.models.length import LengthReason, PhaseExtension, PhasePause
from portfolio.models.outside import OutsideStrategy
from portfolio.models.phase_run import PhaseRun
from portfolio.models.programme import Agreement, Programme, TargetGroup, foreign_agreements

__all__ = [
    "Agreement",
    "AgreementEntry",
    "Continuation",
    "Decision",
    "Initiative",
    "LengthReason",
    "OutsideStrategy",
    "PhaseExtension",
    "PhasePause",
    "PhaseRun",
    "PortfolioImport",
    "Programme",
    "StatusNote",
    "TargetGroup",
    "foreign_agreements",
]
