"""What the work of the phase carries into the record of a SUSI-vurdering: plain data, every label written out."""

from typing import Any

from assessments.contents import Contents
from phases.terms import Track, WayOn
from phases.track_choice import Fit
from work.involvement import Involvement, texts_of


def track_choice(contents: Contents) -> dict[str, Any] | None:
    """Return the conclusion of the worksheet on the track with what it rests on; None where none is filled in.

    `differs` tells that the assessment goes to another track than the worksheet chose.
    """
    choice = contents.track_choice
    if choice is None:
        return None
    return {
        "track": _labelled(choice.track, Track),
        "differs": bool(choice.track) and choice.track != contents.assessment.to_track,
        "reason": choice.reason,
        "knowledge_goal": choice.knowledge_goal,
        "is_prepared": choice.is_prepared,
        "preparation": choice.preparation,
        "fits": [
            {
                "track": _labelled(row["track"], Track),
                "wording": row["wording"],
                "fit": _labelled(row["fit"], Fit),
                "note": row["note"],
            }
            for row in choice.fits
        ],
    }


def ways(contents: Contents) -> list[dict[str, Any]]:
    """Return the three ways on as they are weighed side by side; empty where they are not."""
    weighing = contents.weighing
    if weighing is None:
        return []
    return [
        {"way": _labelled(one.way, WayOn), "pros": one.pros, "cons": one.cons, "gain": one.gain}
        for one in weighing.weighed
    ]


def involvement(contents: Contents) -> dict[str, Any] | None:
    """Return the strategy of the phase and what took place in it; None where nothing is written of either."""
    found = contents.involvement
    if found is None or (found.strategy is None and not found.in_force):
        return None
    return {
        "phase": found.run.get_phase_display(),
        "strategy": [{"label": label, "text": text} for label, text in _strategy(found) if text],
        "events": [
            {"day": str(event.day), "what": event.what, "groups": event.groups, "changed": event.changed}
            for event in found.in_force
        ],
    }


def writers(contents: Contents) -> set[int]:
    """Return the keys of those who wrote what is carried into the record: it is text of theirs, which they may not
    approve (four eyes)."""
    found = contents.involvement
    rows = [contents.track_choice, contents.weighing, found.strategy if found else None]
    saved = {pk for row in rows if row for pk in row.history.values_list("history_user", flat=True) if pk}
    return saved | {event.written_by_id for event in (found.in_force if found else [])}


def _strategy(found: Involvement) -> list[tuple[str, str]]:
    return texts_of(found.strategy) if found.strategy else []


def _labelled(value: str, choices: Any) -> dict[str, str]:
    return {"value": value, "label": str(choices(value).label) if value else ""}
