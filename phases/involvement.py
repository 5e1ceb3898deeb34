"""User involvement: when a strategy is due, what it consists of, and which criteria ask about it.

Source: Drejebogen, Brugerinddragelse, and the section Brugerperspektiv og efterspørgsel of each phase.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from phases.terms import Phase

_PERSPECTIVE = "brugerperspektiv"

_ALL = ("whom", "how", "reason", "premise", "ethics", "representation")
_PARTS: dict[str, tuple[str, ...]] = {
    Phase.SCREENING: _ALL,
    Phase.MATURATION: _ALL,
    Phase.TRIAL: ("whom", "design", "interpretation", "reason", "premise", "ethics", "representation"),
}
_MISSING = {
    "whom": "Skriv, hvem der inddrages.",
    "how": "Skriv, hvordan de inddrages.",
    "design": "Skriv, hvordan brugernes perspektiv kommer med i evalueringsdesignet.",
    "interpretation": "Skriv, hvordan brugerne er med til at fortolke evalueringens resultater.",
    "reason": "Begrund konkret, hvorfor inddragelsen er tilrettelagt sådan.",
    "premise": "Beskriv præmissen: hvordan brugernes perspektiv afvejes mod andre hensyn.",
    "ethics": "Skriv de etiske overvejelser.",
    "representation": "Overvej, om brugerne skal have formel repræsentation i projektorganisationen.",
}


@dataclass(frozen=True, slots=True)
class StrategyDue:
    """What Drejebogen asks of the involvement in a phase: when the strategy is due, in a sentence of ours."""

    sentence: str
    source: str


DUE: dict[str, StrategyDue] = {
    Phase.SCREENING: StrategyDue(
        "Strategien lægges i begyndelsen af screeningsfasen. Brugernes perspektiv er vigtigt både for forståelsen af "
        "problemet og for udviklingen af prototypen.",
        "Drejebogen, Screeningsfasen, Brugerperspektiv og efterspørgsel",
    ),
    Phase.MATURATION: StrategyDue(
        "Strategien lægges i begyndelsen af modningsfasen, gerne sammen med de kommuner eller leverandører, der skal "
        "modne indsatsen. Tænk både indsatsbeskrivelsen og evalueringen med.",
        "Drejebogen, Modningsfasen, Brugerinddragelse og efterspørgsel",
    ),
    Phase.TRIAL: StrategyDue(
        "I afprøvningsfasen inddrages brugernes perspektiv i evalueringsdesignet og i fortolkningen af evalueringens "
        "resultater.",
        "Drejebogen, Afprøvningsfasen, Brugerperspektiv og efterspørgsel",
    ),
}


def strategy_is_due(phase: str) -> bool:
    """Return whether a strategy belongs to `phase`: to all but udbredelse (Drejebogen asks for none there)."""
    return phase in _PARTS


def strategy_parts(phase: str) -> tuple[str, ...]:
    """Return the names of the texts a strategy consists of in `phase`, in the order they are written."""
    return _PARTS.get(phase, ())


def strategy_missing(phase: str, texts: Mapping[str, str]) -> list[str]:
    """Return a sentence for each part of the strategy that is still to be written; empty means it is whole."""
    return [_MISSING[name] for name in strategy_parts(phase) if not texts.get(name, "").strip()]


def asks_about_users(wording: str) -> bool:
    """Return whether a criterion is on the user perspective: whether its official wording names it.

    In SUSI 2.0 these are M3.3, M3.4, A5.3 and U4.2; SUSI 1.0 has headings only, and none of them.
    """
    return _PERSPECTIVE in wording.casefold()
