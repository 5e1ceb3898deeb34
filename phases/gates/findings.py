"""What the rules say, and the plain values they say it of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from phases.terms import RatingValue


class Severity(StrEnum):
    BLOCKS = "blocks"  # has to be put right
    EXPLAIN = "explain"  # can be explained by a fravigelse (følg-eller-forklar)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing: `code` names the rule, `sentence` is Danish.

    `criterion` is the code of the criterion or condition it is about ("" for none), or the section of an unprintable.
    """

    code: str
    criterion: str
    sentence: str
    severity: Severity = Severity.BLOCKS


@dataclass(frozen=True, slots=True)
class DeviationFacts:
    """A fravigelse as written so far."""

    has_ground: bool = False
    reason: str = ""
    handling: str = ""
    has_owner: bool = False
    has_review_date: bool = False
    review_date_has_passed: bool = False

    def missing(self) -> list[str]:
        """Return what is still to be written, as Danish noun phrases. Reason, handling and ground are Drejebogen's
        demands ("følg-eller-forklar", Fasemodel); owner and date are the system's."""
        parts = [
            (self.has_ground, "grundlag"),
            (self.reason.strip(), "begrundelse"),
            (self.handling.strip(), "håndtering"),
            (self.has_owner, "ansvarlig"),
            (self.has_review_date, "dato for opfølgning"),
            (not self.review_date_has_passed, "en dato for opfølgning, der ligger fremme i tiden"),
        ]
        return [name for present, name in parts if not present]


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """A criterion with what has been judged of it."""

    code: str
    rating: str = ""
    reasoning: str = ""
    references: int = 0
    presumes: str = ""
    deviation: DeviationFacts | None = None

    @property
    def is_departed_from(self) -> bool:
        return self.rating in (RatingValue.PARTLY, RatingValue.NOT_MET)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One of the conditions for entering the model. `met` is None while nobody has judged it."""

    code: str
    heading: str
    met: bool | None = None
    note: str = ""


def deviation_findings(criterion: CriterionFacts) -> list[Finding]:
    """Return what the fravigelse of a criterion that is not fully met still needs (følg-eller-forklar)."""
    label = RatingValue(criterion.rating).label.lower()
    if criterion.deviation is None:
        sentence = f"Kriterie {criterion.code} er {label}. Forklar det med en fravigelse."
        return [Finding("deviation", criterion.code, sentence, Severity.EXPLAIN)]
    missing = criterion.deviation.missing()
    if not missing:
        return []
    sentence = f"Fravigelsen fra kriterie {criterion.code} mangler {listed(missing)}."
    return [Finding("deviation", criterion.code, sentence, Severity.EXPLAIN)]


def model_deviation_findings(deviation: DeviationFacts | None) -> list[Finding]:
    """Return what the fravigelse from the model itself still needs, where screening is left out."""
    if deviation is None:
        sentence = "Screeningsfasen springes over. Forklar det med en fravigelse fra fasemodellen."
        return [Finding("screening_left_out", "", sentence, Severity.EXPLAIN)]
    missing = deviation.missing()
    if not missing:
        return []
    sentence = f"Fravigelsen fra fasemodellen mangler {listed(missing)}."
    return [Finding("screening_left_out", "", sentence, Severity.EXPLAIN)]


def listed(words: Sequence[str]) -> str:
    """Return "a", "a og b" or "a, b og c"."""
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} og {words[-1]}"
