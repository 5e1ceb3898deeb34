"""The whole chain an initiative belongs to: what was merged, split and carried on, with the verdict at every link.

What is fetched is in `chain_of`; where it stands in the figure is a pure function of the links, whole units of the
figure from its upper left corner, from the first initiatives down to the last.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from textwrap import wrap
from typing import Any, NamedTuple

from django.db.models import F

from phases.terms import SusiStatement, Verdict
from portfolio.models import Continuation, Initiative
from portfolio.models.continuation import linked, reached
from susi.models import User
from susi.prepared import GivenKeys, Prepared
from susi.roles import Role

WIDTH, HEIGHT, ACROSS, DOWN = 230, 116, 14, 84  # three beside one another fill the column of the page
SIDE, EDGE = 30, 3  # at the sides there is room for the verdicts
_TITLE = {"width": 27, "max_lines": 3, "placeholder": " …"}
_UNKNOWN = "Ikke oplyst"


class Place(NamedTuple):
    """Where an initiative's box begins."""

    x: int
    y: int


@dataclass(frozen=True)
class Node:
    initiative: Initiative
    place: Place
    is_here: bool

    @property
    def title_lines(self) -> list[tuple[int, str]]:
        """The title in the figure: where each line stands, and its words."""
        lines = wrap(self.initiative.title, **_TITLE)  # type: ignore[arg-type]
        return [(self.place.y + 34 + 16 * no, line) for no, line in enumerate(lines)]

    @property
    def text_x(self) -> int:
        return self.place.x + 10


@dataclass(frozen=True)
class Tie:
    """A link with its verdict: what an approved assessment found (`is_assessed`), else what is stated of the phase.

    What is split off while the whole goes on is said to be that instead (`is_split`).
    """

    before: Node
    after: Node
    verdict: str
    is_assessed: bool
    decision: tuple[str, int] | None
    source: str
    cited_title: str
    is_near_after: bool
    is_split: bool = False

    @property
    def path(self) -> str:
        x1, y1 = self.before.place.x + WIDTH // 2, self.before.place.y + HEIGHT
        x2, y2 = self.after.place.x + WIDTH // 2, self.after.place.y - 2
        bend = DOWN // 2
        return f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"

    @property
    def label_x(self) -> int:
        """Beside the line, at the side it does not turn to."""
        near = self.after if self.is_near_after else self.before
        return near.place.x + WIDTH // 2 + (-8 if self.is_left else 8)

    @property
    def label_y(self) -> int:
        return self.after.place.y - 32 if self.is_near_after else self.before.place.y + HEIGHT + 18

    @property
    def is_left(self) -> bool:
        """Whether the label stands at the left of the line."""
        before, after = self.before.place.x, self.after.place.x
        return before > after if self.is_near_after else before < after

    @property
    def words(self) -> str:
        if self.is_split:
            return "Udskilt"
        return f"Egnet: {self.verdict}" if self.is_assessed else self.verdict


@dataclass(frozen=True)
class Chain:
    """The figure. `before` and `after` count the nearest of the initiative it is about; `split` those that are split
    off from it, or that it is split off from."""

    nodes: list[Node]
    ties: list[Tie]
    width: int
    height: int
    before: int = 0
    after: int = 0
    split: int = 0
    box: tuple[int, int] = field(default=(WIDTH, HEIGHT))


def chain_of(
    initiative: Initiative, user: User, chain: list[Initiative] | None = None, found: list[Any] | None = None
) -> Chain | None:
    """Return the chain of `initiative` as far as `user` may see it; None where it neither continues nor is continued.

    `chain` are its `members` and `found` their `links`, where the page has fetched them.
    """
    nodes = {one.pk: one for one in (members(initiative, user) if chain is None else chain)}
    between = [
        link
        for link in _told(links(nodes.values()) if found is None else found)
        if link.before in nodes and link.after in nodes
    ]
    return _drawn(initiative.pk, nodes, between) if between else None


def members(initiative: Initiative, user: User) -> list[Initiative]:
    """Return `initiative` as it is and the others of its chain that `user` may see, fetched with their standing.

    One query for the links of all initiatives, and one for the others where there are any.
    """
    others = _connected(initiative.pk, initiative.all_links) - {initiative.pk}
    if not others:
        return [initiative]
    return [initiative, *_others(user.roles).rows(others=others)]


@lru_cache(maxsize=100)
def _others(roles: frozenset[Role]) -> Prepared:
    visible = Initiative.objects.visible_by(roles).filter(pk__in=GivenKeys("others"))
    return Prepared(visible.with_standing().prefetch_related(None))


def links(initiatives: Iterable[Initiative]) -> list[Any]:
    """Return the links from any of `initiatives`, each once for every assessment its decision rests on, which
    `assessed`, `assessed_state` and `assessed_verdict` tell of. No query where there is but one without a link.
    """
    pks = [one.pk for one in initiatives]
    if len(pks) == 1 and not any(pks[0] in pair for one in initiatives for pair in one.all_links):
        return []
    return _links().rows(initiatives=pks)


@cache
def _links() -> Prepared:
    assessment = "decision__grounds__assessment"
    return Prepared(
        Continuation.objects.in_force()
        .filter(from_initiative__in=GivenKeys("initiatives"))
        .select_related("to_initiative", "decision__agreement", "decision__initiative")
        .annotate(
            assessed=F(f"{assessment}__initiative"),
            assessed_state=F(f"{assessment}__state"),
            assessed_verdict=F(f"{assessment}__verdict"),
        )
        .order_by("pk")
    )


def once(found: Iterable[Any]) -> list[Any]:
    """Return each of `links` once."""
    return list({link.pk: link for link in reversed(list(found))}.values())[::-1]


class _Link(NamedTuple):
    before: int
    after: int
    source: str
    cited_title: str
    decision: tuple[str, int] | None
    verdict: str
    is_split: bool


def _connected(pk: int, pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Return everything that hangs together with `pk`, itself included. Ends also where the links go in a ring."""
    pairs = list(pairs)
    return {pk, *reached([pk], linked([*pairs, *((after, before) for before, after in pairs)]))}


def _told(found: Iterable[Any]) -> list[_Link]:
    """Return the links, each with the verdict of the approved assessment its decision rests on."""
    assessment: Any = Initiative._meta.get_field("assessments").related_model
    made: dict[int, _Link] = {}
    for link in found:
        before = link.from_initiative_id
        rests_on = link.assessed_state == assessment.State.APPROVED and link.assessed == before
        if rests_on or link.pk not in made:
            decision = (link.decision.initiative.number, link.decision.no) if link.decision else None
            made[link.pk] = _Link(
                *(before, link.to_initiative_id, link.source, link.cited_title),
                *(decision, link.assessed_verdict if rests_on else "", link.is_split),
            )
    return list(made.values())


def _drawn(here: int, initiatives: dict[int, Initiative], links: list[_Link]) -> Chain:
    pairs = [(link.before, link.after) for link in links]
    order = sorted(initiatives, key=lambda pk: initiatives[pk].number)
    places = places_of(order, pairs)
    nodes = {pk: Node(initiatives[pk], places[pk], pk == here) for pk in order}
    befores = [before for before, _ in pairs]
    ties = [_tie(link, nodes, is_near_after=befores.count(link.before) > 1) for link in links]
    return Chain(
        nodes=list(nodes.values()),
        ties=ties,
        width=max(place.x for place in places.values()) + WIDTH + SIDE,
        height=max(place.y for place in places.values()) + HEIGHT + EDGE,
        before=sum(link.after == here and not link.is_split for link in links),
        after=sum(link.before == here and not link.is_split for link in links),
        split=sum(here in (link.before, link.after) and link.is_split for link in links),
    )


def _tie(link: _Link, nodes: dict[int, Node], *, is_near_after: bool) -> Tie:
    before = nodes[link.before]
    run = before.initiative.current_run
    stated = SusiStatement(run.susi).label if run and run.susi else _UNKNOWN
    return Tie(
        before=before,
        after=nodes[link.after],
        verdict=str(Verdict(link.verdict).label if link.verdict else stated),
        is_assessed=bool(link.verdict),
        decision=link.decision,
        source=link.source,
        cited_title=link.cited_title,
        is_near_after=is_near_after,
        is_split=link.is_split,
    )


def places_of(order: list[int], pairs: list[tuple[int, int]]) -> dict[int, Place]:
    """Return where the box of each of `order` begins: below all it continues, beside those of its layer."""
    continued = {pk: [before for before, after in pairs if after == pk] for pk in order}
    layers = _layers(order, continued)
    rows: dict[int, list[int]] = {}
    for pk in order:
        rows.setdefault(layers[pk], []).append(pk)
    widest = max(len(row) for row in rows.values())
    whole = widest * WIDTH + (widest - 1) * ACROSS
    places: dict[int, Place] = {}
    for no, layer in enumerate(sorted(rows)):
        row = sorted(rows[layer], key=lambda pk: _middle([places[one] for one in continued[pk] if one in places]))
        left = SIDE + (whole - len(row) * WIDTH - (len(row) - 1) * ACROSS) // 2
        for column, pk in enumerate(row):
            places[pk] = Place(left + column * (WIDTH + ACROSS), EDGE + no * (HEIGHT + DOWN))
    return places


def _middle(above: list[Place]) -> float:
    """Where, across, those an initiative continues stand on average."""
    return sum(place.x for place in above) / len(above) if above else 0


def _layers(order: list[int], continued: dict[int, list[int]]) -> dict[int, int]:
    """Return how many links lead to each at most; what continues nothing stands just above what continues it.

    A ring, which only wrong data hold, is opened at its first.
    """
    layers: dict[int, int] = {}
    while len(layers) < len(order):
        left = [pk for pk in order if pk not in layers]
        ready = [pk for pk in left if all(before in layers for before in continued[pk])]
        for pk in ready or left[:1]:
            layers[pk] = 1 + max((layers.get(before, -1) for before in continued[pk]), default=-1)
    for pk in [pk for pk in order if not continued[pk]]:
        layers[pk] = min((layers[after] - 1 for after in order if pk in continued[after]), default=0)
    return layers
