"""What the worker is asked for by the clock: the documents nobody has made, and no others."""

import pytest

from assessments import tasks
from assessments.models import Assessment
from assessments.pdf import ensure_pdf
from phases.terms import Phase
from susi import typesetting
from susi.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def printed_as_text(monkeypatch, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())


def test_the_clock_asks_for_what_is_approved_and_not_made(monkeypatch) -> None:
    factories.rulebook()
    manager, to = factories.person(Role.MANAGER), {"to_phase": Phase.MATURATION}
    made, missing = (factories.approved(factories.initiative_in(Phase.SCREENING), manager=manager, **to) for _ in "12")
    factories.submitted(factories.initiative_in(Phase.SCREENING), **to)
    ensure_pdf(made)
    asked: list[int] = []
    monkeypatch.setattr(tasks.make_pdf, "delay", asked.append)

    tasks.make_missing_pdfs()
    assert asked == [missing.pk]
    tasks.make_pdf(missing.pk)
    tasks.make_pdf(missing.pk)  # asked for twice, done once
    tasks.make_missing_pdfs()
    assert asked == [missing.pk]
    document = Assessment.objects.get(pk=missing.pk)
    assert document.history.filter(history_change_reason="PDF dannet").count() == 1
