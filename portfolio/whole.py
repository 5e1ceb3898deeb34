"""An initiative with all its page shows, fetched in few queries, whatever there is.

What one query has told is not asked again: the rows are kept where Django keeps what it prefetches, so that the rules
and the templates read them as ever.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast, Concat
from django.http import Http404
from django.utils import timezone

from portfolio import lineage
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, StatusNote, TargetGroup
from susi.dates import COPENHAGEN
from susi.models import StandIn, User, in_force_at
from susi.prepared import Given, GivenKeys, Prepared
from susi.roles import Role

_BETWEEN = "\x1f"  # which no name holds


def whole(user: User, number: str) -> Initiative:
    """Return the initiative. `decisions_about` are the decisions that concern it, `chain` itself and the others of its
    chain, `links` what leads from one of these to another, as far as `user` may see them, and `stand_in` who stands in
    for the lead now. 404 where `user` may not see the initiative.
    """
    now = timezone.now()
    found = _initiative(user.roles).rows(number=number, now=now, today=timezone.localdate(now, COPENHAGEN))
    if not found:
        raise Http404
    initiative: Any = found[0]
    initiative.stand_in = _as_stand_in(initiative.stand_in_told)
    initiative.chain = lineage.members(initiative, user)
    initiative.links = lineage.links(initiative.chain)
    _keep_runs(initiative.chain)
    _keep_related(initiative)
    _keep_continued_in(initiative)
    _keep_decisions(initiative)
    return initiative


@lru_cache(maxsize=100)
def _initiative(roles: frozenset[Role]) -> Prepared:
    visible = Initiative.objects.visible_by(roles).with_standing().prefetch_related(None)
    return Prepared(visible.annotate(stand_in_told=_stand_in_of_lead()).filter(number=Given("number", CharField())))


def _stand_in_of_lead() -> Subquery:
    """Who stands in for the lead now, told along with the initiative instead of asked for."""
    names = [F(f"stand_in__{name}") for name in ("username", "first_name", "last_name")]
    told = [part for name in names for part in (Value(_BETWEEN), name)]
    holds = in_force_at(Given("now", DateTimeField()), Given("today", DateField()))
    found = StandIn.objects.filter(holds, person=OuterRef("lead")).order_by()
    return Subquery(found.values(told=Concat(Cast("to_day", CharField()), *told, output_field=CharField()))[:1])


def _as_stand_in(told: str | None) -> StandIn | None:
    if not told:
        return None
    to_day, username, first_name, last_name = told.split(_BETWEEN)
    person = User(username=username, first_name=first_name, last_name=last_name)
    return StandIn(stand_in=person, to_day=date.fromisoformat(to_day))


def _keep(instance: Model, name: str, rows: Iterable[Any]) -> None:
    """Let `instance.<name>.all()` answer with `rows`."""
    fetched: Any = getattr(instance, name).all()
    fetched._result_cache, fetched._prefetch_done = list(rows), True
    vars(instance).setdefault("_prefetched_objects_cache", {})[name] = fetched


def _keep_runs(initiatives: list[Initiative]) -> None:
    """Keep the runs of each of `initiatives`, with what began, ended and stated them."""
    of: dict[int, list[PhaseRun]] = defaultdict(list)
    by_key = {one.pk: one for one in initiatives}
    for run in _runs().rows(initiatives=by_key):
        run.initiative = by_key[run.initiative_id]
        of[run.initiative_id].append(run)
    for one in initiatives:
        _keep(one, "runs", of[one.pk])


@cache
def _runs() -> Prepared:
    runs = PhaseRun.objects.filter(initiative__in=GivenKeys("initiatives"))
    return Prepared(runs.select_related("stated_agreement", "opened_by__initiative", "closed_by__initiative"))


def _keep_related(initiative: Initiative) -> None:
    """Keep its agreements, target groups and members: one query of three parts."""
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, pk, year, name, first, last in _related().rows(initiative=initiative.pk):
        match kind:
            case "agreements":
                found[kind].append(Agreement(pk=pk, year=year))
            case "target_groups":
                found[kind].append(TargetGroup(pk=pk, name=name))
            case _:
                found[kind].append(User(pk=pk, username=name, first_name=first, last_name=last))
    for kind in ("agreements", "target_groups", "members"):
        _keep(initiative, kind, sorted(found[kind], key=lambda one: one.pk))


@cache
def _related() -> Prepared:
    agreements = _part(Initiative.agreements, "agreement_id", year="agreement__year")
    groups = _part(Initiative.target_groups, "targetgroup_id", name="targetgroup__name")
    names = {"name": "user__username", "first": "user__first_name", "last": "user__last_name"}
    return Prepared(agreements.union(groups, _part(Initiative.members, "user_id", **names), all=True))


def _part(relation: Any, pk: str, **columns: str) -> QuerySet:
    """Return (kind, primary key, year, name, first name, last name) of what is related; NULL for what it has not."""
    types: dict[str, Any] = {"year": IntegerField(), "name": CharField(), "first": CharField(), "last": CharField()}
    told = {
        f"told_{name}": F(columns[name]) if name in columns else Value(None, output_field=kind)
        for name, kind in types.items()
    }
    rows = relation.through.objects.filter(initiative=Given("initiative")).order_by()
    kind = Value(relation.field.name, output_field=CharField())
    return rows.annotate(told_kind=kind, told_pk=F(pk), **told).values_list("told_kind", "told_pk", *told)


def _keep_continued_in(initiative: Any) -> None:
    """Keep what continues it, with the agreements of that, from the links of the chain."""
    visible = {one.pk for one in initiative.chain}  # a proposal that is split off is not for everybody
    onwards = [
        link
        for link in lineage.once(initiative.links)
        if link.from_initiative_id == initiative.pk and link.to_initiative_id in visible
    ]
    prefetch_related_objects([link.to_initiative for link in onwards if not link.decision_id], "agreements")
    _keep(initiative, "continued_in", onwards)


def _keep_decisions(initiative: Any) -> None:
    """Keep the decisions about each of its runs: all of them are about the initiative."""
    about: dict[int, Decision] = {}
    of_run: dict[int, list[Decision]] = defaultdict(list)
    for decision in _decisions().rows(initiatives=[initiative.pk]):
        of_run[decision.run_pk].append(about.setdefault(decision.pk, decision))
    initiative.decisions_about = list(about.values())
    for run in initiative.runs.all():
        _keep(run, "decisions", of_run[run.pk])


@cache
def _decisions() -> Prepared:
    about: Any = Decision.objects.about(GivenKeys("initiatives")).select_related("agreement", "awaits", "initiative")
    return Prepared(about.annotate(run_pk=F("runs")))


def newest_status(initiative: Initiative) -> StatusNote | None:
    """Return the latest status of it, with who wrote it; None where nobody has."""
    return next(iter(_statuses().rows(initiative=initiative.pk)), None)


@cache
def _statuses() -> Prepared:
    return Prepared(StatusNote.objects.filter(initiative=Given("initiative")).select_related("written_by")[:1])
