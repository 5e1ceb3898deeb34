"""What the forms hand to the actions: plain values, as far as they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from phases.models import Criterion, EntryCondition
from portfolio.models import Agreement, Initiative
from susi.models import User


@dataclass(frozen=True, slots=True)
class ReferenceInput:
    title: str
    link: str = ""
    case_document: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class DeviationInput:
    """A fravigelse as far as it is written; `grounds` are values of `phases.terms.Ground`."""

    grounds: Iterable[str] = ()
    reason: str = ""
    handling: str = ""
    owner: User | None = None
    review_on: date | None = None

    @property
    def is_empty(self) -> bool:
        return not (list(self.grounds) or self.reason or self.handling or self.owner or self.review_on)


@dataclass(frozen=True, slots=True)
class CriterionInput:
    """Everything the form of one criterion holds."""

    value: str = ""
    reasoning: str = ""
    references: Iterable[ReferenceInput] = ()
    deviation: DeviationInput = DeviationInput()


class ContinueIn(StrEnum):
    """Where the work goes on."""

    SAME = "same"
    NEW = "new"
    EXISTING = "existing"


@dataclass(frozen=True)
class DecisionInput:
    """What the form of a decision holds.

    `merged` are other initiatives the decision also is about, when they go on as one. `then_phase` is a second phase
    run together with the one entered. `split_title` is the title of a new initiative that takes a selection of the core
    elements to spor 1 while the whole goes on. `deviations` are the decision's own fravigelser by criterion, None
    standing for the model itself. `entry` judges the conditions for entering the model: (met, note) for each.
    """

    outcome: str
    decided_by: str
    decided_on: date
    agreement: Agreement | None = None
    to_phase: str = ""
    to_track: str = ""
    then_phase: str = ""
    then_track: str = ""
    awaits: Initiative | None = None
    reason: str = ""
    departure_reason: str = ""
    merged: Sequence[Initiative] = ()
    continue_in: ContinueIn = ContinueIn.SAME
    new_title: str = ""
    existing: Initiative | None = None
    split_title: str = ""
    deviations: dict[Criterion | None, DeviationInput] = field(default_factory=dict)
    entry: dict[EntryCondition, tuple[bool | None, str]] = field(default_factory=dict)
