"""A whole case: a SUSI-vurdering of the transition to modning with 13 criteria, five of them departed from.

Run with the settings of production as `python -m scripts.bench.case`, it makes some in a database with the people of
`generate_portfolio`, by the actions people use, and prints as JSON what only the application can tell of them.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "susi.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from assessments.actions import decisions, drafting, review  # noqa: E402
from assessments.inputs import CriterionInput, DecisionInput, DeviationInput  # noqa: E402
from assessments.models import Assessment  # noqa: E402
from assessments.pdf import html_and_css, render  # noqa: E402
from assessments.record import record_of  # noqa: E402
from phases.models import Edition  # noqa: E402
from phases.terms import Ground, Outcome, Phase, RatingValue, Recommendation, Track, Verdict  # noqa: E402
from portfolio import actions  # noqa: E402
from portfolio.models import Decision, Initiative  # noqa: E402
from susi.days import today  # noqa: E402
from susi.models import User  # noqa: E402
from susi.roles import Role  # noqa: E402

TIMES, DOCUMENTS = 11, 5
DEPARTED_FROM = 5
_TEXT = "Eksempel: Indsatsen er beskrevet sammen med to kommuner og prøvet i mindre skala. " * 4


def person(role: Role) -> User:
    """Return the person of `role` who does it all."""
    return User.objects.filter(groups__name=role.value).order_by("pk")[0]


def drafted(lead: User, manager: User) -> Assessment:
    """Return a draft with nothing missing, of a new initiative in screening."""
    title = f"Eksempel: Målt sag {Initiative.objects.count()}"
    initiative = actions.create_initiative(by=lead, title=title)
    decide(initiative, manager, seen=0, to_phase=Phase.SCREENING)
    initiative = Initiative.objects.get(pk=initiative.pk)
    assessment = drafting.start_assessment(
        initiative=initiative, by=lead, to_phase=Phase.MATURATION, to_track=Track.ONE
    )
    for place, criterion in enumerate(assessment.criteria()):
        written = _departed_from(lead) if place < DEPARTED_FROM else CriterionInput(RatingValue.MET, _TEXT)
        drafting.save_criterion(assessment=assessment, criterion=criterion, by=lead, version=0, written=written)
    drafting.save_conclusion(
        assessment=assessment,
        by=lead,
        version=0,
        verdict=Verdict.YES,
        conclusion=_TEXT,
        recommendation=Recommendation.CONTINUE,
        fast_track=False,
        fast_track_text=_TEXT,
    )
    return assessment


def approved(lead: User, manager: User) -> Assessment:
    """Return a sealed assessment whose decision is the next thing to do."""
    snapshot = review.submit(assessment=drafted(lead, manager), by=lead)
    return review.approve(assessment=snapshot.assessment, by=manager, sha256=snapshot.sha256)


def decide(initiative: Initiative, manager: User, *, seen: int, to_phase: Phase, to_track: str = "") -> Decision:
    """Register the decision that it goes on in `to_phase`; `seen` is the number of the last one, as the page tells."""
    enters = initiative.is_proposal
    conditions = Edition.objects.current().entry_conditions.all() if enters else []
    wanted = DecisionInput(
        outcome=Outcome.CONTINUED,
        decided_by=Decision.DecidedBy.AGENCY,
        decided_on=today(),
        to_phase=to_phase,
        to_track=to_track,
        reason="Eksempel: Besluttet på mødet.",
        entry=dict.fromkeys(conditions, (True, "")),
    )
    return decisions.register_decision(initiative=initiative, by=manager, seen=seen, wanted=wanted)


def _departed_from(owner: User) -> CriterionInput:
    deviation = DeviationInput(
        grounds=[Ground.PROFESSIONAL],
        reason=_TEXT,
        handling=_TEXT,
        owner=owner,
        review_on=today() + timedelta(days=200),
    )
    return CriterionInput(RatingValue.PARTLY, _TEXT, deviation=deviation)


def main() -> None:
    lead, manager = person(Role.LEAD), person(Role.MANAGER)
    draft = drafted(lead, manager)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(lead, backend=settings.AUTHENTICATION_BACKENDS[-1])
    first = draft.criteria()[0].code
    told = {
        "session": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "detail": reverse("portfolio:initiative_detail", args=[draft.initiative.number]),
        "gate": reverse("assessments:criterion", args=[draft.initiative.number, draft.no, first]),
        **_of_decisions(lead, manager),
        **_of_documents(approved(lead, manager)),
    }
    print(json.dumps(told))


def _of_decisions(lead: User, manager: User) -> dict[str, float]:
    """Return how long a decision takes, in milliseconds, and how many queries it asks."""
    first, *others = [approved(lead, manager).initiative for _ in range(TIMES + 1)]
    seen = {one.pk: decisions.last_decision_no(one) for one in (first, *others)}
    with CaptureQueriesContext(connection) as queries:
        decide(first, manager, seen=seen[first.pk], to_phase=Phase.MATURATION, to_track=Track.ONE)
    # The transaction's own two ask for nothing.
    asked = [query for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    start = time.perf_counter()
    for one in others:
        decide(one, manager, seen=seen[one.pk], to_phase=Phase.MATURATION, to_track=Track.ONE)
    took = (time.perf_counter() - start) * 1000 / len(others)
    return {"decision": took, "decision_queries": len(asked)}


def _of_documents(assessment: Assessment) -> dict[str, float]:
    """Return how long the document of `assessment` takes, and how long the same page without tags and enclosures."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from susi.typesetting import FontsOnly

    record, sealed = record_of(assessment), assessment.sealed_data

    def plain() -> None:
        html, css = html_and_css(record, sealed=sealed)
        fetcher, fonts = FontsOnly(), FontConfiguration()
        style = CSS(string=css, url_fetcher=fetcher, font_config=fonts)
        HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[style], font_config=fonts)

    ways: dict[str, Callable[[], Any]] = {"document": lambda: render(record, sealed=sealed), "plain_document": plain}
    return {name: statistics.median([_took(way) for _ in range(DOCUMENTS + 1)][1:]) for name, way in ways.items()}


def _took(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
