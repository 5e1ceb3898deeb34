"""An initiative with all its page shows, fetched in few queries, whatever there is.

What one query has told is not asked again: the rows are kept where Django keeps what it prefetches, so that the rules
and the templates read them as ever.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import (
    CharField,
    F,
    IntegerField,
    Model,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast, Concat
from django.shortcuts import get_object_or_404

from portfolio import lineage
from portfolio.models import Agreement, Decision, Initiative, PhaseRun, TargetGroup
from susi.models import StandIn, User

_BETWEEN = "\x1f"  # which no name holds


def whole(user: User, number: str) -> Initiative:
    """Return the initiative. `decisions_about` are the decisions that concern it, `chain` itself and the others of its
    chain, `links` what leads from one of these to another, as far as `user` may see them, and `stand_in` who stands in
    for the lead now. 404 where `user` may not see the initiative.
    """
    initiatives = Initiative.objects.visible_to(user).with_standing().prefetch_related(None)
    initiative: Any = get_object_or_404(initiatives.annotate(stand_in_told=_stand_in_of_lead()), number=number)
    initiative.stand_in = _as_stand_in(initiative.stand_in_told)
    initiative.chain = lineage.members(initiative, user)
    initiative.links = lineage.links(initiative.chain)
    runs = PhaseRun.objects.select_related("stated_agreement", "opened_by__initiative", "closed_by__initiative")
    prefetch_related_objects(initiative.chain, Prefetch("runs", runs))
    _keep_related(initiative)
    _keep_continued_in(initiative)
    _keep_decisions(initiative)
    return initiative


def _stand_in_of_lead() -> Subquery:
    """Who stands in for the lead now, told along with the initiative instead of asked for."""
    names = [F(f"stand_in__{name}") for name in ("username", "first_name", "last_name")]
    told = [part for name in names for part in (Value(_BETWEEN), name)]
    found = StandIn.objects.in_force().filter(person=OuterRef("lead")).order_by()
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


def _keep_related(initiative: Initiative) -> None:
    """Keep its agreements, target groups and members: one query of three parts."""
    found: dict[str, list[Any]] = defaultdict(list)
    parts = [
        _part(Initiative.agreements, initiative, "agreement_id", year="agreement__year"),
        _part(Initiative.target_groups, initiative, "targetgroup_id", name="targetgroup__name"),
        _part(Initiative.members, initiative, "user_id", name="user__username", first="user__first_name",
              last="user__last_name"),
    ]  # fmt: skip
    for kind, pk, year, name, first, last in parts[0].union(*parts[1:], all=True):
        match kind:
            case "agreements":
                found[kind].append(Agreement(pk=pk, year=year))
            case "target_groups":
                found[kind].append(TargetGroup(pk=pk, name=name))
            case _:
                found[kind].append(User(pk=pk, username=name, first_name=first, last_name=last))
    for kind in ("agreements", "target_groups", "members"):
        _keep(initiative, kind, sorted(found[kind], key=lambda one: one.pk))


def _part(relation: Any, initiative: Initiative, pk: str, **columns: str) -> QuerySet:
    """Return (kind, primary key, year, name, first name, last name) of what is related; NULL for what it has not."""
    types: dict[str, Any] = {"year": IntegerField(), "name": CharField(), "first": CharField(), "last": CharField()}
    told = {
        f"told_{name}": F(columns[name]) if name in columns else Value(None, output_field=kind)
        for name, kind in types.items()
    }
    rows = relation.through.objects.filter(initiative=initiative).order_by()
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
    found: Any = Decision.objects.about([initiative]).select_related("agreement", "awaits", "initiative")
    for decision in found.annotate(run_pk=F("runs")):
        of_run[decision.run_pk].append(about.setdefault(decision.pk, decision))
    initiative.decisions_about = list(about.values())
    for run in initiative.runs.all():
        _keep(run, "decisions", of_run[run.pk])
