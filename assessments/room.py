"""The gate room as the page shows it: what there is to judge, how far it has come, and what is missing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from django.db.models import CharField

from assessments.addresses import CONCLUSION, ENTRY, FORMER, Missing, address, place_of, with_addresses
from assessments.contents import Contents, CriterionContents
from assessments.facts import findings_for
from assessments.models import Assessment, Deviation, Rating
from phases.terms import Stage
from susi.prepared import Given, GivenKeys, Prepared


@dataclass(frozen=True, slots=True)
class Stop:
    """A place one goes to: a criterion, or one of the other sections. `state` is the code of its look."""

    key: str
    name: str
    state: str
    missing: int
    url: str

    @property
    def short_name(self) -> str:
        """What a button calls it in running text."""
        return self.name.lower() if self.key in (ENTRY, FORMER, CONCLUSION) else self.key


@dataclass(slots=True)
class ThemeStops:
    """A theme with its criteria, and how many of them are rated."""

    no: int
    heading: str
    stops: list[Stop] = field(default_factory=list)

    @property
    def rated(self) -> int:
        return sum(stop.state != "" for stop in self.stops)


class Room:
    """The gate room with the section `here` open."""

    def __init__(self, contents: Contents, here: str) -> None:
        self.contents = contents
        self.assessment = contents.assessment
        self.here = here
        self.findings = findings_for(contents)
        self.missing: list[Missing] = with_addresses(contents, self.findings)
        self._counts = Counter(place_of(finding)[0] for finding in self.findings)
        self.themes = [
            ThemeStops(row.theme.no, str(row.theme), [self._criterion(criterion) for criterion in row.criteria])
            for row in contents.themes
        ]
        self.entry = self._section(ENTRY, "Betingelser for at indgå", untouched=not contents.entry)
        has_former = contents.former_deviations or here == FORMER
        self.former = self._section(FORMER, "Tidligere fravigelser") if has_former else None
        self.conclusion = self._section(CONCLUSION, "Konklusion og indstilling")

    @property
    def comes_first(self) -> bool:
        """Whether the conditions are part of the way through; otherwise they can be judged again by choice."""
        return self.assessment.from_stage == Stage.PROPOSAL or bool(self.contents.entry)

    @property
    def way(self) -> list[Stop]:
        """The stops in the order one goes through them."""
        criteria = [stop for theme in self.themes for stop in theme.stops]
        first = [self.entry] if self.comes_first or self.here == ENTRY else []
        return [*first, *criteria, *([self.former] if self.former else []), self.conclusion]

    @property
    def previous(self) -> Stop | None:
        position = self._position
        return self.way[position - 1] if position else None

    @property
    def next(self) -> Stop | None:
        return next(iter(self.way[self._position + 1 :]), None)

    @property
    def first_open(self) -> Stop:
        """Where to begin: the first stop where something is missing, else the conclusion."""
        return next((stop for stop in self.way if stop.missing), self.conclusion)

    @property
    def _position(self) -> int:
        return next(position for position, stop in enumerate(self.way) if stop.key == self.here)

    def _criterion(self, row: CriterionContents) -> Stop:
        url = address(self.assessment, row.code)
        return Stop(row.code, row.wording, row.rating.value, self._counts[row.code], url)

    def _section(self, key: str, name: str, *, untouched: bool = False) -> Stop:
        missing = self._counts[key]
        return Stop(key, name, "" if missing or untouched else "settled", missing, address(self.assessment, key))


@dataclass(frozen=True, slots=True)
class FormerRating:
    """How the same criterion was judged last time, in the document that counts."""

    assessment: Assessment
    rating: Rating
    deviation: Deviation | None
    other_wording: str


def former_rating(contents: Contents, row: CriterionContents) -> FormerRating | None:
    """Return how the criterion was judged in the latest approved assessment of the lineage; None where it was not."""
    assessment = contents.assessment
    found = _rated_before().rows(lineage=assessment.initiative.lineage, code=row.code)
    rating = next(iter(found), None)
    if rating is None:
        return None
    wording = rating.criterion.wording_for(rating.assessment.to_track)
    return FormerRating(
        assessment=rating.assessment,
        rating=rating,
        deviation=_first_in_force(rating.assessment.deviations.filter(criterion=rating.criterion_id)),
        other_wording=wording if wording != row.wording else "",
    )


@cache
def _rated_before() -> Prepared:
    """The query of the latest rating of the criterion with a code."""
    latest = Assessment.objects.latest_approved().filter(initiative__in=GivenKeys("lineage"))
    rated = Rating.objects.filter(
        assessment__in=latest.order_by().values("pk"), criterion__code=Given("code", CharField())
    ).exclude(value="")
    return Prepared(
        rated.select_related("assessment__initiative", "criterion").order_by("-assessment__approved_at")[:1]
    )


def _first_in_force(deviations: Iterable[Deviation]) -> Deviation | None:
    return next((one for one in deviations if one.state != Deviation.State.ANNULLED), None)
