"""What the tests of the gate room share: addresses, and what its forms send."""

from typing import Any

from django.urls import reverse

from assessments.models import Assessment, Deviation, Rating
from phases.terms import Phase
from susi.models import User
from tests import factories
from tests.factories import draft_of, initiative_in

AUTOSAVE = {"X-Autosave": "1"}


def at(assessment: Assessment, place: str, *more: str) -> str:
    return reverse(f"assessments:{place}", args=[assessment.initiative.number, assessment.no, *more])


def m11(assessment: Assessment) -> str:
    return at(assessment, "criterion", "M1.1")


NO_DEPARTURE = {f"fravigelse-{name}": "" for name in ("reason", "handling", "owner", "review_on")}


def sent(version: int = 0, *, rows: int = 1, **values: Any) -> dict[str, Any]:
    """What the form of one criterion sends, with `rows` rows for references, empty but for `values`."""
    parts = [f"{number}-{name}" for number in range(rows) for name in ("title", "link", "case_document", "page")]
    return {
        "version": version,
        "value": "",
        "reasoning": "",
        "henvisning-TOTAL_FORMS": rows,
        "henvisning-INITIAL_FORMS": 0,
        **{f"henvisning-{part}": "" for part in parts},
        **NO_DEPARTURE,
        **values,
    }


def concluding(version: int = 0, **values: Any) -> dict[str, Any]:
    """What the form of the conclusion sends."""
    return {"version": version, "conclusion": "", "recommendation_text": "", "fast_track_text": "", **values}


def entering(version: int = 0, **values: Any) -> dict[str, Any]:
    """What the form of the conditions sends."""
    return {"version": version, "B1-note": "", "B2-note": "", **values}


def departure(owner: User, **values: Any) -> dict[str, Any]:
    """The part of the form that holds the fravigelse."""
    return {
        "fravigelse-grounds": ["professional"],
        "fravigelse-reason": "Datagrundlaget er spinkelt.",
        "fravigelse-handling": "Data indsamles i den næste fase.",
        "fravigelse-owner": owner.pk,
        "fravigelse-review_on": "01.06.2027",
        **values,
    }


def text_of(response: Any) -> str:
    return response.content.decode()


def rating(draft: Assessment, code: str = "M1.1") -> Rating:
    return draft.ratings.get(criterion__code=code)


def anew(assessment: Assessment) -> Assessment:
    return Assessment.objects.get(pk=assessment.pk)


def with_former_deviation(manager: User) -> tuple[Assessment, Deviation]:
    """Return a draft in screening again, and the open fravigelse of the approved assessment before it."""
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
    return draft_of(initiative, to_phase=Phase.MATURATION), initiative.deviations.get()
