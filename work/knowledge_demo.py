"""The examples' steps in the work of a phase: user involvement, the worksheets, and knowledge passed on."""

from abc import abstractmethod
from datetime import timedelta
from typing import Any

from django.utils import timezone

from phases.models import Edition, TrackDefinition
from phases.terms import WayOn
from portfolio.models import Initiative, PhaseRun
from susi.dates import PartialDate
from susi.models import User
from work.actions import fast_track, involvement, track_choice
from work.actions.track_choice import choice_of


class KnowledgePlay:
    """Steps a play of the examples can take; each is played through the real action, by the lead."""

    @abstractmethod
    def _initiative(self, key: str) -> Initiative: ...

    @abstractmethod
    def _lead(self, key: str) -> User: ...

    def do_strategy(self, key: str, **texts: str) -> None:
        """Write the strategy for user involvement of the present phase."""
        involvement.save_strategy(run=self._run(key), by=self._lead(key), version=0, **texts)

    def do_involve(self, key: str, *, before: int, what: str, groups: str, changed: str) -> None:
        """Log what took place `before` days earlier."""
        day = PartialDate(timezone.localdate() - timedelta(days=before))
        involvement.log_involvement(
            run=self._run(key), by=self._lead(key), happened_on=day, what=what, groups=groups, changed=changed
        )

    def do_choose_track(self, key: str, *, fits: dict[str, list[list[str]]], **values: Any) -> None:
        """Fill in the worksheet; `fits` holds (fit, note) of each characteristic by track, in their order."""
        initiative = self._initiative(key)
        before = choice_of(initiative)
        rows = [
            {"track": row.track, "wording": wording, "fit": fit, "note": note}
            for row in TrackDefinition.objects.filter(edition=Edition.objects.current())
            for wording, (fit, note) in zip(row.characteristics, fits[row.track], strict=True)
        ]
        version = before.version if before else 0
        track_choice.save_track_choice(initiative=initiative, by=self._lead(key), version=version, fits=rows, **values)

    def do_weigh(self, key: str, *, ways: dict[str, list[str]], way: str, reason: str) -> None:
        """Weigh the three ways on; `ways` holds for, against, and resources and knowledge gained, by way."""
        rows = [dict(zip(("way", "pros", "cons", "gain"), (one, *ways[one]), strict=True)) for one in WayOn.values]
        track_choice.save_weighing(run=self._run(key), by=self._lead(key), version=0, ways=rows, way=way, reason=reason)

    def do_product(self, key: str, *, planned_in: int | None = None, **values: Any) -> None:
        """Add a product, planned to come in `planned_in` days, else published on the day."""
        day = PartialDate(timezone.localdate() + timedelta(days=planned_in or 0))
        when: dict[str, Any] = {"published_on": day} if planned_in is None else {"planned_for": day}
        fast_track.add_product(run=self._run(key), by=self._lead(key), **when, **values)

    def _run(self, key: str) -> PhaseRun:
        run = self._initiative(key).current_run
        if run is None:
            raise ValueError(f"{key} has not begun a phase")
        return run
