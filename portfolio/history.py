"""What has happened to initiatives: who did what, when and why, from every record that says so, merged by time."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Model, Q, TextChoices
from django.urls import reverse
from django.utils import timezone

from phases.terms import Ground, Phase
from portfolio.acting import with_whom_they_acted_for
from portfolio.dating import NAMES, dates_of
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, Programme, StatusNote, TargetGroup
from portfolio.names import Names
from susi.dates import COPENHAGEN, danish
from susi.models import User
from susi.roles import Role

FIELDS = ["title", "lead", "programme", "funding", "problem", "description", "case_number", "counts_as"]
RELATIONS = {"agreements": "agreement_id", "target_groups": "targetgroup_id", "members": "user_id"}
NAMED: dict[str, type[Model]] = {
    "lead": User,
    "members": User,
    "programme": Programme,
    "agreements": Agreement,
    "target_groups": TargetGroup,
}
ONE_ACT = timedelta(minutes=1)


class Kind(TextChoices):
    """What an event is about."""

    CREATED = "created", "Nye initiativer"
    MOVED = "moved", "Faseovergange"
    DECIDED = "decided", "Beslutninger"
    ASSESSED = "assessed", "SUSI-vurderinger"
    DEPARTED = "departed", "Fravigelser"
    EDITED = "edited", "Ændrede oplysninger"
    STATUS = "status", "Statusser"
    WORKED = "worked", "Arbejdet i fasen"


class Change(NamedTuple):
    """A fact before and after, by the names of that time, and the values or keys (`was`, `became`) they stand for."""

    what: str
    before: str
    after: str
    was: Any
    became: Any


@dataclass(frozen=True)
class Event:
    """One thing that happened, and what it changed.

    `by_role` where it was done by a role and not as one who writes on the initiative; `acted_for` is whom `who` stood
    in for, where that was what gave the right to it. `about` names the document it tells of, by kind and key, where it
    is one that can be exempt from access to documents (`desk.case_file.documents`).
    """

    when: datetime
    who: User | None
    text: str
    detail: str = ""
    url: str = ""
    changes: tuple[Change, ...] = ()
    kind: Kind = Kind.EDITED
    initiative_id: int = 0
    by_role: bool = False
    acted_for: User | None = None
    about: tuple[str, str] | None = None

    @property
    def by(self) -> str:
        """Who did it, in words: "Britta Holm som stedfortræder for Anne Hansen"; "" where nobody is known."""
        if self.who is None:
            return ""
        return f"{self.who} som stedfortræder for {self.acted_for}" if self.acted_for else str(self.who)

    @property
    def day(self) -> date:
        return timezone.localtime(self.when, COPENHAGEN).date()


@dataclass(frozen=True)
class Span:
    """The time asked about: later than `after`, up to and including `until`. None is no bound."""

    after: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return (self.after is None or moment > self.after) and (self.until is None or moment <= self.until)

    def of(self, column: str) -> Q:
        """Return the condition that the moment in `column` is within."""
        bounds = {f"{column}__gt": self.after, f"{column}__lte": self.until}
        return Q(**{name: moment for name, moment in bounds.items() if moment})


ALWAYS = Span()


SOURCES: list[Callable[["Asked"], Iterable[Event]]] = []  # what the apps to the right tell, added as they are loaded


def history_of(initiative: Initiative, user: User) -> list[Event]:
    """Return everything that `user` may know of the initiative, newest first."""
    return events([initiative.pk], user)


def events(keys: Collection[int], user: User, span: Span = ALWAYS) -> list[Event]:
    """Return what happened to initiatives within `span`, newest first, in a constant number of queries.

    Events of drafts are only for those who may read drafts today. `keys` are of initiatives the user may see; they
    need not be there any more.
    """
    asked = Asked(keys, user, span)
    found = [
        *_head_facts(asked),
        *_runs(asked),
        *_deviations(asked),
        *_assessments(asked),
        *_decisions(asked),
        *_status_notes(asked),
        *(event for source in SOURCES for event in source(asked)),
    ]  # in this order, so that an act stands above what it brought about at the same moment
    return with_whom_they_acted_for(sorted(found, key=lambda event: event.when)[::-1])


@dataclass(frozen=True)
class Asked:
    """Whose history is asked for, by whom, and of what time."""

    keys: Collection[int]
    user: User
    span: Span

    def rows(self, history: Any, of: str = "initiative_id") -> Any:
        """Return the history rows within the span, in order, and before them the last one of each object before it."""
        mine = history.filter(**{f"{of}__in": self.keys}).order_by("history_date", "history_id")
        told = mine.filter(self.span.of("history_date"))
        if self.span.after is None:
            return told
        touched = told.order_by().values("id")
        former = mine.filter(history_date__lte=self.span.after, id__in=touched).latest_of_each()
        return mine.filter(Q(pk__in=told.order_by().values("pk")) | Q(pk__in=former.order_by().values("pk")))

    def changed(self, rows: Any, aspect: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
        """Yield each row within the span that differs from the one before of its object in `aspect`, with that one."""
        last: dict[int, Any] = {}
        for row in rows.select_related("history_user"):
            before = last.get(row.id)
            if self.span.holds(row.history_date) and (before is None or aspect(before) != aspect(row)):
                yield row, before
            last[row.id] = row


def _status_notes(asked: Asked) -> Iterator[Event]:
    notes = StatusNote.objects.filter(asked.span.of("written_at"), initiative__in=asked.keys)
    for note in notes.select_related("written_by"):
        yield Event(
            note.written_at, note.written_by, "Status skrevet", note.text,
            kind=Kind.STATUS, initiative_id=note.initiative_id, about=("status", str(note.pk)),
        )  # fmt: skip


def _decisions(asked: Asked) -> Iterator[Event]:
    span = asked.span
    decisions = Decision.objects.about(asked.keys).filter(span.of("registered_at") | span.of("reversed_at"))
    decisions = decisions.as_read_by(asked.user)
    for decision in decisions.select_related("initiative", "agreement", "registered_by", "reversed_by"):
        about: dict[str, Any] = {
            "url": reverse("assessments:decision_detail", args=[decision.initiative.number, decision.no]),
            "kind": Kind.DECIDED,
            "initiative_id": decision.initiative_id,
            "by_role": True,
            "about": ("decision", f"{decision.initiative.number}-{decision.no}"),
        }
        if span.holds(decision.registered_at):
            yield Event(
                decision.registered_at,
                decision.registered_by,
                f"Beslutning om faseovergang registreret: {decision.sentence}",
                _decided(decision),
                **about,
            )
        if decision.reversed_at and span.holds(decision.reversed_at):
            yield Event(
                decision.reversed_at,
                decision.reversed_by,
                f"Beslutning omgjort: {decision.sentence}",
                decision.reversal_reason,
                **about,
            )


def _decided(decision: Decision) -> str:
    """Return when and by whom it was decided, under which agreement, what it awaits, and why."""
    agreement = f" under {decision.agreement.short_name}" if decision.agreement else ""
    awaits = f"Afventer initiativ {decision.awaits.number}." if decision.awaits else ""
    awaits = "Afventer et andet initiativ." if decision.awaits_hidden else awaits
    decided = f"Besluttet {danish(decision.decided_on)} af {decision.get_decided_by_display()}{agreement}."
    return " ".join(filter(None, [decided, awaits, decision.departure_reason or decision.reason]))


def _runs(asked: Asked) -> Iterator[Event]:
    """The phases that begin and end, and the dates people filled in; those that come with a decision are told by it."""
    said = {
        PhaseRun.State.PLANNED: "er planlagt",
        PhaseRun.State.OPEN: "er begyndt",
        PhaseRun.State.ENDED: "er afsluttet",
        PhaseRun.State.ANNULLED: "er annulleret",
    }
    again = {PhaseRun.State.PLANNED: "er planlagt igen", PhaseRun.State.OPEN: "er i gang igen"}
    for row, before in asked.changed(asked.rows(PhaseRun.history), lambda row: (row.state, dates_of(row))):
        name = Phase(row.phase).label + (f", spor {row.track}," if row.track else "")
        reason = row.history_change_reason or ""
        about: dict[str, Any] = {"kind": Kind.MOVED, "initiative_id": row.initiative_id, "by_role": True}
        if before and before.state == row.state:
            about |= {"kind": Kind.EDITED, "changes": _date_changes(before, row), "by_role": False}
            about["about"] = ("length", str(row.id))  # its reason may be that of an extension
            text = f"{Phase(row.phase).label}: datoer rettet"
            yield Event(row.history_date, row.history_user, text, reason, **about)
        elif row.source and row.history_type == "+":
            yield Event(row.history_date, row.history_user, f"{name} er indlæst", f"Kilde: {row.source}", **about)
        else:
            is_new = before is None or before.state == PhaseRun.State.PLANNED
            stands = (said if is_new else said | again)[row.state]
            yield Event(row.history_date, row.history_user, f"{name} {stands}", reason, **about)


def _date_changes(before: Any, after: Any) -> tuple[Change, ...]:
    then, now = dates_of(before), dates_of(after)
    return tuple(
        Change(
            f"{Phase(after.phase).label}, {label}", str(then[name] or ""), str(now[name] or ""), then[name], now[name]
        )
        for name, label in NAMES.items()
        if then[name] != now[name]
    )


def _assessments(asked: Asked) -> Iterator[Event]:
    """The states of the assessments; to a reader only those of assessments that are submitted or approved now."""
    model: Any = Initiative._meta.get_field("assessments").related_model
    rows = model.history.select_related("initiative")
    written_on = None
    if not asked.user.has_role(Role.MANAGER):
        mine = Initiative.objects.writable_by(asked.user).filter(pk__in=asked.keys).order_by().values_list("pk")
        written_on = {pk for (pk,) in mine}
        readable = model.objects.filter(initiative__in=asked.keys, state__in=model.READABLE).order_by().values("pk")
        rows = rows.filter(Q(initiative__in=mine) | Q(id__in=readable))
    for row, _ in asked.changed(asked.rows(rows), lambda row: (row.state, row.to_phase, row.to_track)):
        sees_drafts = written_on is None or row.initiative_id in written_on
        if not sees_drafts and row.state not in model.READABLE:
            continue
        number = row.initiative.number
        reason = (row.history_change_reason or row.get_state_display()).lower()
        yield Event(
            row.history_date,
            row.history_user,
            f"SUSI-vurdering {number}-{row.document_no}, version {row.doc_version}: {reason}",
            {"returned": row.return_remarks, "annulled": row.annulment_reason}.get(row.state, ""),
            reverse("assessments:detail", args=[number, row.no]),
            kind=Kind.ASSESSED,
            initiative_id=row.initiative_id,
            by_role=row.state in ("approved", "returned"),
            about=("assessment", str(row.no)),
        )


def _deviations(asked: Asked) -> Iterator[Event]:
    """What has become of the fravigelser since they came into force."""
    said = {
        "open": "er i kraft",
        "settled": "er afklaret",
        "failed": "er vurderet: Håndteringen lykkedes ikke",
        "replaced": "er erstattet af en rettet version",
        "annulled": "er bortfaldet",
    }
    model: Any = Initiative._meta.get_field("deviations").related_model
    rows = asked.rows(model.history.select_related("criterion", "owner"))
    for row, before in asked.changed(rows, lambda row: row.state):
        was_in_force = before is not None and before.state != "draft"
        if row.state == "draft" or (row.state == "annulled" and not was_in_force):
            continue
        subject = f"kriterie {row.criterion.code}" if row.criterion else "fasemodellen"
        yield Event(
            row.history_date,
            row.history_user,
            f"Fravigelse fra {subject} {said[row.state]}",
            _explained(row) if row.state == "open" else row.history_change_reason or "",
            kind=Kind.DEPARTED,
            initiative_id=row.initiative_id,
            by_role=True,
            about=("deviation", str(row.id)),
        )


def _explained(row: Any) -> str:
    """Return why it is departed from, how that is handled, and who looks again when."""
    grounds = ", ".join(ground.label.lower() for ground in Ground if getattr(row, ground.value))
    return (
        f"Begrundelse ({grounds}): {row.reason}\nHåndtering: {row.handling}\n"
        f"Følges op {danish(row.review_on)} af {row.owner}."
    )


def _head_facts(asked: Asked) -> Iterator[Event]:
    """Creation and changes of the head facts. The rows that one act wrote are one event."""
    related = [f"historicalinitiative_{name}_set" for name in RELATIONS]
    rows = list(asked.rows(Initiative.history, of="id").select_related("history_user").prefetch_related(*related))
    by_initiative: dict[int, list[Any]] = {}
    for row in rows:
        by_initiative.setdefault(row.id, []).append(row)
    facts = {row.pk: _facts(row) for row in rows}
    names = Names(_people(facts.values()))
    for own in by_initiative.values():
        yield from _of_one(own, facts, names, asked.span)


def _of_one(rows: list[Any], facts: dict[int, dict[str, Any]], names: Names, span: Span) -> Iterator[Event]:
    before: dict[str, Any] | None = None
    for act in _acts(rows, span):
        first, last = act[0], act[-1]
        after = facts[last.pk]
        about: dict[str, Any] = {"initiative_id": first.id}
        if not span.holds(first.history_date):
            pass  # only what it is compared with
        elif before is None:
            reason = _reason(first)
            yield Event(first.history_date, first.history_user, "Initiativet er oprettet", reason,
                        kind=Kind.CREATED, **about)  # fmt: skip
        elif changes := _differences(before, after, names, last.history_date):
            text = _reason(first) or "Ændret"
            yield Event(first.history_date, first.history_user, text, changes=changes, **about)
        before = after


def _acts(rows: list[Any], span: Span) -> Iterator[list[Any]]:
    """Group rows of the same person and reason that were written within a minute of the first, inside the span."""
    act: list[Any] = []
    for row in rows:
        if act and _same_act(act[0], row) and span.holds(act[0].history_date):
            act.append(row)
        else:
            if act:
                yield act
            act = [row]
    if act:
        yield act


def _same_act(first: Any, row: Any) -> bool:
    who_and_why = (first.history_user_id, first.history_change_reason)
    same = (row.history_user_id, row.history_change_reason) == who_and_why
    return same and row.history_date - first.history_date < ONE_ACT


def _facts(row: Any) -> dict[str, Any]:
    """Return each fact of `row`: a value, or the key or sorted keys of what it names."""
    facts = {name: getattr(row, f"{name}_id" if name in NAMED else name) for name in FIELDS}
    for name, column in RELATIONS.items():
        links = getattr(row, f"historicalinitiative_{name}_set").all()
        facts[name] = sorted(getattr(link, column) for link in links)
    return facts


def _people(facts: Any) -> set[int]:
    return {pk for one in facts for pk in (one["lead"], *one["members"]) if pk}


def _differences(before: dict[str, Any], after: dict[str, Any], names: Names, moment: datetime) -> tuple[Change, ...]:
    return tuple(
        Change(
            str(Initiative._meta.get_field(name).verbose_name).capitalize(),  # type: ignore[union-attr]
            _words(name, before[name], names, moment),
            _words(name, after[name], names, moment),
            before[name],
            after[name],
        )
        for name in after
        if before[name] != after[name]
    )


def _words(name: str, value: Any, names: Names, moment: datetime) -> str:
    """Return the fact as a person read it at `moment`."""
    if name in RELATIONS:
        return ", ".join(sorted(names.name(NAMED[name], pk, moment) for pk in value))
    return names.name(NAMED[name], value, moment) if name in NAMED else str(value or "")


def _reason(row: Any) -> str:
    return row.history_change_reason or ""
