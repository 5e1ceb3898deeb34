"""What has changed between two days: the paper for the management meeting.

From the end of the first day to the end of the last, so that the changes are what tells the portfolio as of the one day
from the portfolio as of the other. The initiatives are those of the list of the last day, by the names of that day.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Min, Model, Q

from portfolio.history import Change, Event, Kind, Span, events
from portfolio.models import Agreement, Initiative, PhaseRun, Programme, TargetGroup
from portfolio.models.initiative import shown_to
from portfolio.names import as_it_was
from susi.dates import danish, last_moment
from susi.errors import Refused
from susi.models import User
from susi.numbers import grouped
from susi.past import as_of, moment_of

MOST = 20_000
_WRITTEN = (Kind.EDITED, Kind.STATUS, Kind.WORKED)
_RENAMED: dict[type[Model], str] = {
    Programme: "Program", Agreement: "Aftale", TargetGroup: "Målgruppe", User: "Person",
}  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From the end of `first` to the end of `last`; to this moment where `last` is today."""

    first: date
    last: date

    @property
    def span(self) -> Span:
        return Span(last_moment(self.first), moment_of(self.last))

    def __str__(self) -> str:
        end = "udgangen af" if self.span.until else "nu,"
        return f"fra udgangen af {danish(self.first)} til {end} {danish(self.last)}"


@dataclass(frozen=True)
class Created:
    """A new initiative, as it stood at the end of the period."""

    initiative: Initiative
    event: Event

    @property
    def where(self) -> str:
        return place(self.initiative)


@dataclass(frozen=True)
class Moved:
    """An initiative that stands elsewhere, or has been elsewhere in between: `before` and `after` are the same then."""

    initiative: Initiative
    before: str
    after: str
    events: list[Event]

    @property
    def is_back(self) -> bool:
        return self.before == self.after


@dataclass
class FieldChange:
    """A fact at both ends of the period, and the acts in between that changed it."""

    first: Change
    last: Change
    acts: list[Event] = field(default_factory=list)

    @property
    def what(self) -> str:
        return self.first.what

    @property
    def before(self) -> str:
        return self.first.before

    @property
    def after(self) -> str:
        return self.last.after

    @property
    def is_undone(self) -> bool:
        """Whether it is the same again: the value or the one it names, whatever that is called by now."""
        return bool(self.first.was == self.last.became)


@dataclass(frozen=True)
class Edited:
    initiative: Initiative
    changes: list[FieldChange]


@dataclass(frozen=True)
class Told:
    """Something that happened to an initiative."""

    initiative: Initiative
    event: Event


class Section(NamedTuple):
    """What changed of one kind, and how many that are in words."""

    key: str
    heading: str
    items: list[Any]
    words: str


_WORDS: dict[str, tuple[str, str, str]] = {
    Kind.CREATED: ("Nye initiativer", "nyt initiativ", "nye initiativer"),
    Kind.MOVED: ("Faser og status", "initiativ med ny fase eller status", "initiativer med ny fase eller status"),
    Kind.DECIDED: ("Beslutninger om faseovergang", "beslutning registreret eller omgjort",
                   "beslutninger registreret eller omgjort"),
    Kind.ASSESSED: ("SUSI-vurderinger", "hændelse om SUSI-vurderinger", "hændelser om SUSI-vurderinger"),
    Kind.DEPARTED: ("Fravigelser", "hændelse om fravigelser", "hændelser om fravigelser"),
    Kind.WORKED: ("Arbejdet i fasen", "hændelse i arbejdet i fasen", "hændelser i arbejdet i fasen"),
    Kind.EDITED: ("Ændrede oplysninger", "initiativ med ændrede oplysninger", "initiativer med ændrede oplysninger"),
    "renamed": ("Nye navne", "nyt navn på program, aftale, målgruppe eller person",
                "nye navne på programmer, aftaler, målgrupper eller personer"),
    Kind.STATUS: ("Statusser", "ny status", "nye statusser"),
}  # fmt: skip


def changes_between(period: Period, user: User, programme: Programme | None = None) -> list[Section]:
    """Return what changed in `period`, of what `user` may see, in a constant number of queries.

    With `programme` only of the initiatives that were in it at either end of the period. Raises `Refused` where more
    was written than can be set out.
    """
    keys = _asked_about(period, user, programme)
    _refuse_too_much(keys, period.span)
    told = _known_to(user, events(keys, user, period.span)[::-1])
    before, after = _as_they_stood(told, period, user)
    told = _linked_where_it_opens([event for event in told if event.initiative_id in after], after, user)
    created = {event.initiative_id for event in told if event.kind == Kind.CREATED}
    of_the_old = [event for event in told if event.initiative_id not in created]
    found: dict[str, list[Any]] = {
        Kind.CREATED: [Created(after[one.initiative_id], one) for one in told if one.kind == Kind.CREATED],
        Kind.MOVED: _moved(of_the_old, before, after),
        **{
            kind: [Told(after[event.initiative_id], event) for event in told if event.kind == kind]
            for kind in (Kind.DECIDED, Kind.ASSESSED, Kind.DEPARTED, Kind.WORKED, Kind.STATUS)
        },
        Kind.EDITED: _edited(of_the_old, after),
        "renamed": _renamed(keys, period.span, programme),
    }
    return [
        Section(key, heading, found[key], f"{len(found[key])} {one if len(found[key]) == 1 else several}")
        for key, (heading, one, several) in _WORDS.items()
    ]


def in_a_sentence(sections: Iterable[Section], period: Period) -> str:
    """Return the whole in one sentence: "Fra udgangen af … til …: 2 nye initiativer og 1 beslutning …"."""
    counted = [section.words for section in sections if section.items]
    start = str(period).capitalize()
    if not counted:
        return f"{start} er der ikke registreret ændringer."
    return f"{start}: {', '.join(counted[:-1])}{' og ' if counted[1:] else ''}{counted[-1]}."


def net(edits: Iterable[Event]) -> list[FieldChange]:
    """Return each fact that the `edits` of one initiative (oldest first) changed: as it was first and became last."""
    found: dict[str, FieldChange] = {}
    for edit in edits:
        for change in edit.changes:
            whole = found.setdefault(change.what, FieldChange(change, change))
            whole.last = change
            whole.acts.append(edit)
    return list(found.values())


def place(initiative: Initiative) -> str:
    """Return where an initiative fetched `with_standing` stands: "Modning, spor 1 (I gang)"."""
    if initiative.is_proposal or not initiative.phase_label:
        return initiative.standing_label
    track = initiative.track_label
    where = f"{initiative.phase_label}, {track[0].lower()}{track[1:]}" if track else initiative.phase_label
    return f"{where} ({initiative.standing_label})"


def _asked_about(period: Period, user: User, programme: Programme | None) -> set[int]:
    """Return the keys of what the list of the last day shows `user`, of `programme` at either end."""
    with as_of(period.span.until):
        shown = set(Initiative.objects.visible_to(user).values_list("pk", flat=True))
    if programme is None:
        return shown
    return shown & (_in_programme(programme, period.span.after) | _in_programme(programme, period.span.until))


def _in_programme(programme: Programme, moment: datetime | None) -> set[int]:
    with as_of(moment):
        return set(Initiative.objects.filter(programme=programme).values_list("pk", flat=True))


def _refuse_too_much(keys: Collection[int], span: Span) -> None:
    within = span.of("history_date")
    written = Initiative.history.filter(within, id__in=keys).count()
    written += PhaseRun.history.filter(within, initiative__in=keys).count()
    if written > MOST:
        number = grouped(written)
        raise Refused(
            f"Perioden rummer {number} registreringer. Det er for mange at stille op. Vælg en kortere periode."
        )


def _known_to(user: User, told: list[Event]) -> list[Event]:
    """Leave out what was written while the initiative was a proposal that `user` could not see."""
    written = {event.initiative_id for event in told if event.kind in _WRITTEN}
    shown = Initiative.history.filter(shown_to(user.roles), id__in=written).order_by().values_list("id")
    since = dict(shown.annotate(Min("history_date")))
    return [event for event in told if event.kind not in _WRITTEN or event.when >= since[event.initiative_id]]


def _linked_where_it_opens(told: list[Event], after: dict[int, Initiative], user: User) -> list[Event]:
    """Mark (`opens`) which of `after` `user` can open today; what is told of the others links nowhere."""
    there = set(Initiative.objects.visible_to(user).filter(pk__in=after).values_list("pk", flat=True))
    for initiative in after.values():
        initiative.opens = initiative.pk in there  # type: ignore[attr-defined]
    return [event if event.initiative_id in there else replace(event, url="") for event in told]


def _as_they_stood(
    told: list[Event], period: Period, user: User
) -> tuple[dict[int, Initiative], dict[int, Initiative]]:
    """Return the initiatives told of that the list of the last day shows `user`, by key, as they stood at the beginning
    and at the end of the period."""
    keys = {event.initiative_id for event in told}
    with as_of(period.span.until):
        last = Initiative.objects.visible_to(user).filter(pk__in=keys).with_standing()
        after = {one.pk: one for one in last}
    with as_of(period.span.after):
        before = {one.pk: one for one in Initiative.objects.filter(pk__in=after).with_standing()}
    return before, after


def _moved(told: list[Event], before: dict[int, Initiative], after: dict[int, Initiative]) -> list[Moved]:
    moves = _by_initiative(event for event in told if event.kind == Kind.MOVED)
    elsewhere = [pk for pk in after if pk in before and (pk in moves or place(before[pk]) != place(after[pk]))]
    acts = _by_initiative(event for event in told if event.kind in (Kind.MOVED, Kind.DECIDED))
    return [Moved(after[pk], place(before[pk]), place(after[pk]), acts.get(pk, [])) for pk in elsewhere]


def _edited(told: list[Event], after: dict[int, Initiative]) -> list[Edited]:
    edits = _by_initiative(event for event in told if event.kind == Kind.EDITED)
    return [Edited(after[pk], net(edits[pk])) for pk in after if pk in edits]


def _by_initiative(told: Iterable[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in told:
        found.setdefault(event.initiative_id, []).append(event)
    return found


def _renamed(keys: Collection[int], span: Span, programme: Programme | None) -> list[Event]:
    """Return the programmes, agreements, target groups and people (those who lead or write) with a new name."""
    links = Initiative.history.filter(id__in=keys)
    people = Q(id__in=links.values("lead_id")) | Q(id__in=links.values("historicalinitiative_members__user_id"))
    chosen = {"programme_id": programme.pk} if programme else {}
    asked: list[tuple[type[Model], Any, Callable[[Any], str]]] = [
        (Programme, Programme.history.filter(**{"id": programme.pk} if programme else {}), str),
        (Agreement, Agreement.history.filter(**chosen), lambda agreement: agreement.short_name),
        (TargetGroup, TargetGroup.history.all(), str),
        (User, User.history.filter(people), str),
    ]
    found = [event for model, rows, name in asked for event in _new_names(_RENAMED[model], rows, name, span)]
    return sorted(found, key=lambda event: event.when)


def _new_names(what: str, rows: Any, name: Callable[[Any], str], span: Span) -> Iterable[Event]:
    last: dict[int, str] = {}
    until = Span(until=span.until).of("history_date")
    for row in rows.filter(until).select_related("history_user").order_by("history_date", "history_id"):
        called = name(as_it_was(row))
        if span.holds(row.history_date) and last.get(row.id, called) != called:
            changes = (Change(what, last[row.id], called, last[row.id], called),)
            yield Event(row.history_date, row.history_user, row.history_change_reason or "Omdøbt", changes=changes)
        last[row.id] = called
