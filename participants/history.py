"""What the history of an initiative tells of those who take part: the rows of every kind of entry."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from participants.kinds import KINDS
from participants.models import (
    Application,
    Call,
    DataCollection,
    Entry,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
)
from portfolio.history import SOURCES, Asked, Event, Kind

_TOGETHER: dict[type[Entry], str] = {
    Participation: "participants",
    Round: "rounds",
    RecruitmentPlan: "recruitment",
    RecruitmentCount: "recruitment",
    DataCollection: "data_collections",
}


def entries(asked: Asked) -> Iterator[Event]:
    """Yield what was registered, corrected and annulled within the span. One query for each kind of entry."""
    for kind in KINDS.values():
        model: Any = kind.model
        of = f"{model.RUN}__initiative"
        rows = model.history.filter(asked.span.of("history_date"), **{f"{of}__in": asked.keys})
        for row in rows.select_related("history_user", of):
            initiative = row.call.run.initiative if "call" in model.RUN else row.run.initiative
            yield Event(
                row.history_date,
                row.history_user,
                row.history_change_reason or str(model._meta.verbose_name).capitalize(),
                row.annulment_reason,
                reverse("participants:of_initiative", args=[initiative.number]),
                kind=Kind.WORKED,
                initiative_id=initiative.pk,
                about=_about(row),
            )


def _about(row: Any) -> tuple[str, str]:
    """Return the document of the case file it tells of: an application belongs to its pulje."""
    model = row.instance_type
    if model in (Call, Application):
        return "call", str(row.call_id if model is Application else row.id)
    return _TOGETHER[model], "all"


def tell() -> None:
    """Let the history tell it too. Called once, when the app is loaded."""
    SOURCES.append(entries)
