"""The worksheets of a transition as the pages show them: what defines each track, what follows, and the ways on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from phases.machine import phases_after
from phases.models import Criterion, Edition, TrackDefinition
from phases.terms import Phase, Track, WayOn
from phases.track_choice import (
    CONSEQUENCES,
    REQUIREMENTS,
    WAY_QUESTIONS,
    ChoiceFacts,
    Fit,
    Said,
    WeighedWay,
    choice_missing,
    track_is_to_be_chosen,
    ways_are_to_be_weighed,
    weighing_missing,
)
from portfolio.models import Initiative
from susi.models import User
from work.actions.track_choice import choice_of, weighing_of
from work.models import TrackChoice, WayWeighing
from work.part import Part


@dataclass(frozen=True)
class Characteristic:
    """What defines a track, and how it is judged to fit ("" for not yet)."""

    no: int
    wording: str
    fit: str = ""
    note: str = ""

    @property
    def fit_label(self) -> str:
        return str(Fit(self.fit).label) if self.fit else "Ikke vurderet"


@dataclass(frozen=True)
class TrackSheet:
    """All that is known and judged of one track."""

    track: Track
    name: str
    definition: str
    source: str
    characteristics: list[Characteristic]

    @property
    def requirements(self) -> tuple[Said, ...]:
        return REQUIREMENTS[self.track]

    @property
    def consequences(self) -> tuple[Said, ...]:
        return CONSEQUENCES[self.track]


@dataclass(frozen=True)
class CriterionOnTracks:
    """A criterion of the next gate, as it is worded on each track; `two` is "" where it does not apply in spor 2."""

    code: str
    one: str
    two: str

    @property
    def is_the_same(self) -> bool:
        return self.one == self.two


def sheets(edition: Edition | None, choice: TrackChoice | None) -> list[TrackSheet]:
    """Return both tracks as `edition` defines them, with what `choice` judges of each characteristic."""
    definitions = TrackDefinition.objects.filter(edition=edition) if edition else ()
    judged = {(row["track"], row["wording"]): row for row in (choice.fits if choice else [])}
    return [
        TrackSheet(
            Track(row.track),
            row.name,
            row.definition,
            row.source,
            [
                Characteristic(no, wording, *_judged(judged.get((row.track, wording))))
                for no, wording in enumerate(row.characteristics, start=1)
            ],
        )
        for row in definitions
    ]


def _judged(row: dict[str, str] | None) -> tuple[str, str]:
    return (row["fit"], row["note"]) if row else ("", "")


def next_gate(stage: str) -> Phase:
    """Return the phase whose gate the worksheet looks towards: the next one with criteria."""
    return next(phase for phase in phases_after(stage) if phase != Phase.SCREENING)


def criteria_on_tracks(edition: Edition | None, phase: Phase) -> list[CriterionOnTracks]:
    """Return the criteria for entering `phase`, as each track has them side by side. One query."""
    if edition is None:
        return []
    return [
        CriterionOnTracks(row.code, row.wording, row.wording_for(Track.TWO) if row.applies_to(Track.TWO) else "")
        for row in Criterion.objects.for_gate(edition, phase, Track.ONE)
    ]


def edition_in_force(on: date | None = None) -> Edition | None:
    return Edition.objects.in_force(on or timezone.localdate()).first()


@dataclass(frozen=True)
class ShownWay:
    """One of the three ways with its question and what is written of it."""

    way: WayOn
    question: str
    written: WeighedWay


def shown_ways(weighing: WayWeighing | None) -> list[ShownWay]:
    """Return the three ways in their order, with what is written of each."""
    weighed = weighing.weighed if weighing else [WeighedWay(way) for way in WayOn.values]
    return [ShownWay(WayOn(one.way), WAY_QUESTIONS[one.way], one) for one in weighed]


def missing_of_choice(choice: TrackChoice | None) -> list[str]:
    """Return what the worksheet lacks; where none is begun, what an empty one lacks."""
    return choice.missing if choice else choice_missing(ChoiceFacts())


def missing_of_weighing(weighing: WayWeighing | None) -> list[str]:
    return weighing.missing if weighing else weighing_missing([], "", "")


def choice_part(initiative: Initiative, user: User) -> Part | None:
    """Return the part on choosing the track; None where it is not to be chosen now."""
    if not track_is_to_be_chosen(initiative.phase, initiative.track):
        return None
    choice = choice_of(initiative)
    return _part("Sporvalg", "work:track_choice", initiative, choice, missing_of_choice(choice))


def weighing_part(initiative: Initiative, user: User) -> Part | None:
    """Return the part on the three ways on; None but in modning in spor 2."""
    if not ways_are_to_be_weighed(initiative.phase, initiative.track):
        return None
    weighing = weighing_of(initiative.current_run)
    return _part("De tre veje videre", "work:weighing", initiative, weighing, missing_of_weighing(weighing))


def _when_filled_in(initiative: Initiative) -> str:
    if initiative.is_proposal:
        return "Det udfyldes kun nu, hvis forslaget skal begynde i en senere fase end screening."
    return "Det udfyldes ved fasens afslutning."


def _part(heading: str, view: str, initiative: Initiative, row: Any, missing: list[str]) -> Part:
    url = reverse(view, args=[initiative.number])
    if row is None:
        return Part(heading, f"Arket er ikke begyndt. {_when_filled_in(initiative)}", url)
    chosen = f"{row.get_track_display()} er valgt i arket" if isinstance(row, TrackChoice) else str(row)
    state = f"{chosen}." if not missing else "Arket er begyndt."
    return Part(heading, state, url, tuple(missing))
