"""What the forms hand to the actions: plain values, as far as they are written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

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
