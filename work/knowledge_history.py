"""What the history tells of user involvement, knowledge passed on, and the worksheets of the transition."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import IntegerField, Value
from django.urls import reverse

from phases.terms import Phase, Track, WayOn
from portfolio.history import SOURCES, Asked, Event, Kind
from portfolio.models import Initiative
from susi.dates import read
from work.models import (
    FastTrackAnswer,
    InvolvementEvent,
    InvolvementStrategy,
    KnowledgeProduct,
    TrackChoice,
    WayWeighing,
)

_OF_THE_RUN = "run__initiative_id"
_Said = tuple[str, str]  # what happened, and the text of it


def told(asked: Asked) -> Iterator[Event]:
    """Yield what was done with each of them: one query for what there is, one for each kind of it, and one for the
    initiatives.
    """
    rows = [row for no in sorted(_there_are(asked)) for row in _rows(asked, _KINDS[no])]
    if not rows:
        return
    numbers = dict(Initiative.objects.filter(pk__in=asked.keys).order_by().values_list("pk", "number"))
    for row, pk, view, (text, detail) in rows:
        url = reverse(view, args=[numbers[pk]]) if pk in numbers else ""
        yield Event(
            row.history_date,
            row.history_user,
            text,
            detail,
            url=url,
            kind=Kind.WORKED,
            initiative_id=pk,
            about=_about(row),
        )


def _about(row: Any) -> tuple[str, str]:
    """Return the document of the case file it tells of: knowledge and its products belong to their phase."""
    if row.instance_type is TrackChoice:
        return "track_choice", str(row.id)
    if row.instance_type is WayWeighing:
        return "weighing", str(row.id)
    if row.instance_type in (FastTrackAnswer, KnowledgeProduct):
        return "fast_track", str(row.run_id)
    return "involvement", "all"


def _there_are(asked: Asked) -> set[int]:
    """Return which kinds anything was written of within the span, by their place in `_KINDS`; one query."""
    found = [
        kind.model.history.filter(asked.span.of("history_date"), **{f"{kind.of}__in": asked.keys})
        .order_by()
        .annotate(kind=Value(no, output_field=IntegerField()))
        .values_list("kind", flat=True)
        for no, kind in enumerate(_KINDS)
    ]
    return set(found[0].union(*found[1:]))


def _rows(asked: Asked, kind: "_Kind") -> Iterator[tuple[Any, int, str, _Said]]:
    """Yield each row of the history that was written within the span, with its initiative and what to say of it."""
    rows = asked.rows(kind.model.history.select_related("run"), of=kind.of)
    for row, before in asked.changed(rows, lambda row: row.history_id):
        pk = row.run.initiative_id if kind.of == _OF_THE_RUN else row.initiative_id
        yield row, pk, kind.view, kind.say(row, before)


def _in(row: Any) -> str:
    return f"i {Phase(row.run.phase).definite}"


def _strategy(row: Any, before: Any) -> _Said:
    done = "rettet" if before else "lagt"
    return f"Strategi for brugerinddragelse {_in(row)} er {done}", ""


def _involved(row: Any, before: Any) -> _Said:
    told = f"{read(row, 'happened_on')}, {row.groups}: {row.what}"
    if row.annulled_at:
        return f"Brugerinddragelse {_in(row)} er annulleret", f"{told}\n{row.annulment_reason}"
    return f"Brugerinddragelse {_in(row)} er skrevet i loggen", told


def _choice(row: Any, before: Any) -> _Said:
    chosen = f"Valgt: {Track(row.track).label}. {row.reason}" if row.track else ""
    return f"Arket om sporvalg er {'rettet' if before else 'begyndt'}", chosen


def _weighing(row: Any, before: Any) -> _Said:
    chosen = f"{WayOn(row.way).label}. {row.reason}" if row.way else ""
    return f"Afvejningen af de tre veje er {'rettet' if before else 'begyndt'}", chosen


def _answer(row: Any, before: Any) -> _Said:
    answer = "ja" if row.answer else "nej"
    return f"Fast track af viden fra {Phase(row.run.phase).definite}: svaret er {answer}", row.reason


def _product(row: Any, before: Any) -> _Said:
    if row.state == KnowledgeProduct.State.ANNULLED:
        return f"Vidensproduktet »{row.title}« er annulleret", row.annulment_reason
    was_published = before is not None and before.state == KnowledgeProduct.State.PUBLISHED
    if row.state == KnowledgeProduct.State.PUBLISHED and not was_published:
        return f"Vidensproduktet »{row.title}« er formidlet", f"Til: {row.audience}"
    return f"Vidensproduktet »{row.title}« er {'rettet' if before else 'planlagt'}", f"Til: {row.audience}"


class _Kind(NamedTuple):
    """A kind of work: its model, the page it is on, what is said of a row, and how it leads to the initiative."""

    model: Any
    view: str
    say: Callable[[Any, Any], _Said]
    of: str = _OF_THE_RUN


_KINDS = [
    _Kind(InvolvementStrategy, "work:involvement", _strategy),
    _Kind(InvolvementEvent, "work:involvement", _involved),
    _Kind(TrackChoice, "work:track_choice", _choice, of="initiative_id"),
    _Kind(WayWeighing, "work:weighing", _weighing),
    _Kind(FastTrackAnswer, "work:knowledge", _answer),
    _Kind(KnowledgeProduct, "work:knowledge", _product),
]


def tell() -> None:
    """Let the history ask here."""
    SOURCES.append(told)
