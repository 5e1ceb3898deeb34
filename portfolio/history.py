"""What has happened to an initiative: who did what, when and why, from every record that says so, merged by time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from phases.terms import Phase
from portfolio.access import may_write
from portfolio.dating import NAMES, dates_of
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, Programme, TargetGroup
from susi.dates import COPENHAGEN, danish
from susi.models import User
from susi.roles import Role

FIELDS = ["title", "lead", "programme", "funding", "problem", "description", "case_number", "counts_as"]
RELATIONS = {"agreements": "agreement_id", "target_groups": "targetgroup_id", "members": "user_id"}
ONE_ACT = timedelta(minutes=1)


@dataclass(frozen=True)
class Event:
    """One thing that happened. `changes` are (what, before, after)."""

    when: datetime
    who: User | None
    text: str
    detail: str = ""
    url: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()

    @property
    def day(self) -> date:
        return timezone.localtime(self.when, COPENHAGEN).date()


def history_of(initiative: Initiative, user: User) -> list[Event]:
    """Return everything that `user` may know of, newest first, in a constant number of queries.

    Events of drafts are only for those who may read drafts.
    """
    sees_drafts = user.has_role(Role.MANAGER) or may_write(user, initiative)
    events = [
        *_head_facts(initiative),
        *_runs(initiative),
        *_dates(initiative),
        *_deviations(initiative),
        *_assessments(initiative, sees_drafts=sees_drafts),
        *_decisions(initiative),
        *_status_notes(initiative),
    ]  # in this order, so that an act stands above what it brought about at the same moment
    return sorted(events, key=lambda event: event.when)[::-1]


def _status_notes(initiative: Initiative) -> Iterator[Event]:
    for note in initiative.status_notes.select_related("written_by"):
        yield Event(note.written_at, note.written_by, "Status skrevet", note.text)


def _decisions(initiative: Initiative) -> Iterator[Event]:
    decisions = Decision.objects.about(initiative)
    for decision in decisions.select_related("initiative", "registered_by", "reversed_by"):
        url = reverse("assessments:decision_detail", args=[decision.initiative.number, decision.no])
        decided = f"Besluttet {danish(decision.decided_on)} af {decision.get_decided_by_display()}."
        reason = decision.departure_reason or decision.reason
        yield Event(
            decision.registered_at,
            decision.registered_by,
            f"Beslutning om faseovergang registreret: {decision.sentence}",
            " ".join(filter(None, [decided, reason])),
            url,
        )
        if decision.reversed_at:
            yield Event(
                decision.reversed_at,
                decision.reversed_by,
                f"Beslutning omgjort: {decision.sentence}",
                decision.reversal_reason,
                url,
            )


def _runs(initiative: Initiative) -> Iterator[Event]:
    said = {
        PhaseRun.State.PLANNED: "er planlagt",
        PhaseRun.State.OPEN: "er begyndt",
        PhaseRun.State.ENDED: "er afsluttet",
        PhaseRun.State.ANNULLED: "er annulleret",
    }
    rows = PhaseRun.history.filter(initiative=initiative)
    for row, _ in _changed(rows, lambda row: row.state):
        name = Phase(row.phase).label + (f", spor {row.track}," if row.track else "")
        if row.source and row.history_type == "+":
            yield Event(row.history_date, row.history_user, f"{name} er indlæst", f"Kilde: {row.source}")
        else:
            reason = row.history_change_reason or ""
            yield Event(row.history_date, row.history_user, f"{name} {said[row.state]}", reason)


def _dates(initiative: Initiative) -> Iterator[Event]:
    """Dates of the phases that people filled in; those that come with a decision are told by it."""
    rows = PhaseRun.history.filter(initiative=initiative)
    for row, before in _changed(rows, dates_of):
        if before is None or before.state != row.state:
            continue
        then, now = dates_of(before), dates_of(row)
        changes = tuple(
            (label.capitalize(), str(then[name] or ""), str(now[name] or ""))
            for name, label in NAMES.items()
            if then[name] != now[name]
        )
        text = f"{Phase(row.phase).label}: datoer rettet"
        yield Event(row.history_date, row.history_user, text, row.history_change_reason or "", changes=changes)


def _assessments(initiative: Initiative, *, sees_drafts: bool) -> Iterator[Event]:
    """The states of the assessments; to a reader only those of assessments that are submitted or approved now."""
    model = initiative.assessments.model
    rows = model.history.filter(initiative=initiative)
    if not sees_drafts:
        readable = initiative.assessments.filter(state__in=model.READABLE).values("pk")
        rows = rows.filter(id__in=readable)
    for row, _ in _changed(rows, lambda row: (row.state, row.to_phase, row.to_track)):
        if not sees_drafts and row.state not in model.READABLE:
            continue
        remarks = {"returned": row.return_remarks, "annulled": row.annulment_reason}.get(row.state, "")
        reason = (row.history_change_reason or row.get_state_display()).lower()
        yield Event(
            row.history_date,
            row.history_user,
            f"SUSI-vurdering {initiative.number}-{row.document_no}, version {row.doc_version}: {reason}",
            remarks,
            reverse("assessments:detail", args=[initiative.number, row.no]),
        )


def _deviations(initiative: Initiative) -> Iterator[Event]:
    """What has become of the fravigelser since they came into force."""
    said = {
        "open": "er i kraft",
        "settled": "er afklaret",
        "failed": "er vurderet: Håndteringen lykkedes ikke",
        "replaced": "er erstattet af en rettet version",
        "annulled": "er bortfaldet",
    }
    rows = initiative.deviations.model.history.filter(initiative=initiative).select_related("criterion")
    for row, before in _changed(rows, lambda row: row.state):
        was_in_force = before is not None and before.state != "draft"
        if row.state == "draft" or (row.state == "annulled" and not was_in_force):
            continue
        subject = f"kriterie {row.criterion.code}" if row.criterion else "fasemodellen"
        yield Event(
            row.history_date,
            row.history_user,
            f"Fravigelse fra {subject} {said[row.state]}",
            row.history_change_reason or "",
        )


def _changed(rows: Any, aspect: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each history row that differs from the one before of the same object in `aspect`, with that one."""
    last: dict[int, Any] = {}
    for row in rows.select_related("history_user").order_by("history_date", "history_id"):
        before = last.get(row.id)
        if before is None or aspect(before) != aspect(row):
            yield row, before
        last[row.id] = row


def _head_facts(initiative: Initiative) -> Iterator[Event]:
    """Creation and changes of the head facts. The rows that one act wrote are one event."""
    related = [f"historicalinitiative_{name}_set" for name in RELATIONS]
    rows = list(
        initiative.history.select_related("history_user")
        .prefetch_related(*related)
        .order_by("history_date", "history_id")
    )
    named = _Named(rows)
    before: dict[str, str] | None = None
    for act in _acts(rows):
        first, last = act[0], act[-1]
        after = named.values(last)
        if before is None:
            yield Event(first.history_date, first.history_user, "Initiativet er oprettet", _reason(first))
        elif changes := _differences(before, after):
            yield Event(first.history_date, first.history_user, _reason(first) or "Ændret", changes=changes)
        before = after


def _acts(rows: list[Any]) -> Iterator[list[Any]]:
    """Group rows of the same person and reason that were written within a minute of the first."""
    act: list[Any] = []
    for row in rows:
        same = act and (row.history_user_id, row.history_change_reason) == (
            act[0].history_user_id,
            act[0].history_change_reason,
        )
        if same and row.history_date - act[0].history_date < ONE_ACT:
            act.append(row)
        else:
            if act:
                yield act
            act = [row]
    if act:
        yield act


class _Named:
    """Puts names for the keys in the history rows; a name of today for what has been renamed since."""

    def __init__(self, rows: list[Any]) -> None:
        people = {row.lead_id for row in rows} | {
            link.user_id for row in rows for link in row.historicalinitiative_members_set.all()
        }
        self._objects: dict[str, Mapping[Any, Model]] = {
            "lead": User.objects.in_bulk(people - {None}),
            "programme": Programme.objects.in_bulk(),
            "agreements": Agreement.objects.select_related("programme").in_bulk(),
            "target_groups": TargetGroup.objects.in_bulk(),
        }
        self._objects["members"] = self._objects["lead"]

    def values(self, row: Any) -> dict[str, str]:
        """Return each fact of `row` as a person reads it."""
        values = {}
        for name in FIELDS:
            named = name in self._objects
            value = self._objects[name].get(getattr(row, f"{name}_id")) if named else getattr(row, name)
            values[name] = str(value or "")
        for name, column in RELATIONS.items():
            links = getattr(row, f"historicalinitiative_{name}_set").all()
            found = (self._objects[name].get(getattr(link, column)) for link in links)
            values[name] = ", ".join(sorted(str(one) for one in found if one))
        return values


def _differences(before: dict[str, str], after: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (str(Initiative._meta.get_field(name).verbose_name).capitalize(), before[name], after[name])  # type: ignore[union-attr]
        for name in after
        if before[name] != after[name]
    )


def _reason(row: Any) -> str:
    return row.history_change_reason or ""
