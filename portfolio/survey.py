"""What the published survey says in figures of the portfolio, and the same counted here from the rows it lists.

The figures are quotations: they stand as the source has them, are never computed and never added to ours.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from phases.terms import Phase
from portfolio.models import Initiative

NAME = "Afdækningen (marts 2023)"
SECTION = f"{NAME}, afsnit 2.2.2"
INTRODUCTION = f"{NAME}, indledningen til bilag 1"
STRATEGY = "Strategien (SUSI 2.0, maj 2022)"
DOCUMENTS = (
    "Afdækningen: »Afdækning af det statslige arbejde med vidensdagsordenen på socialområdet«, marts 2023.",
    "Strategien: »Strategi for Udvikling af den Sociale Indsats« (SUSI 2.0), Social- og Ældreministeriet, maj 2022.",
)
_KEYS = "bilag1-"  # of the rows in fixtures/uip.json
_ADULTS, _CHILDREN = "uip-voksne", "uip-boern-unge"


@dataclass(frozen=True)
class Quotation:
    """A figure that the rows do not show, and where it stands."""

    says: str
    source: str


@dataclass(frozen=True)
class Figure:
    """A figure of the survey beside our count of the same rows."""

    name: str
    said: int
    counted: int
    source: str = SECTION

    @property
    def agrees(self) -> bool:
        return self.said == self.counted


QUOTATIONS = (
    Quotation(
        "Der har i alt været prioriteret 59 initiativer: 37 i UIP på voksenområdet og 22 i UIP på børne- og "
        "ungeområdet. Kilden nævner ikke de øvrige enkeltvis.",
        INTRODUCTION,
    ),
    Quotation(
        "13 initiativer på voksenområdet og et på børne- og ungeområdet er afsluttet. Kilden siger ikke hvilke.",
        f"{INTRODUCTION}; {STRATEGY}",
    ),
)


def _in(programme: str) -> Callable[[Initiative], bool]:
    return lambda initiative: bool(initiative.programme and initiative.programme.key == programme)


def _reported_in(*phases: Phase) -> Callable[[Initiative], bool]:
    """Whether the last phase that the source tells of is one of these; what was decided since is left aside."""

    def reported(initiative: Initiative) -> bool:
        told = [run for run in initiative.runs.all() if run.source]
        return bool(told) and max(told, key=lambda run: run.sequence).phase in phases

    return reported


_FIGURES: tuple[tuple[str, int, Callable[[Initiative], bool]], ...] = (
    ("Igangsat i alt, 2017-2022", 44, lambda initiative: True),
    ("På voksenområdet", 29, _in(_ADULTS)),
    ("På børne- og ungeområdet", 15, _in(_CHILDREN)),
    ("I screening og modning", 33, _reported_in(Phase.SCREENING, Phase.MATURATION)),
    ("I afprøvning", 2, _reported_in(Phase.TRIAL)),
    ("I udbredelse", 9, _reported_in(Phase.DISSEMINATION)),
)


def figures(initiatives: Iterable[Initiative]) -> list[Figure]:
    """Return the survey's figures beside ours, counted among those of `initiatives` that it lists; [] for none.

    Reads their programme and runs as they were fetched. A row counts as it says (`counts_as`).
    """
    listed = [initiative for initiative in initiatives if (initiative.source_key or "").startswith(_KEYS)]
    if not listed:
        return []
    return [
        Figure(name, said, sum(initiative.counts_as for initiative in listed if belongs(initiative)))
        for name, said, belongs in _FIGURES
    ]
