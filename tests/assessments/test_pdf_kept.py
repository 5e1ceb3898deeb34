"""The PDF of a sealed SUSI-vurdering is made once, from the sealed data alone, and kept."""

import hashlib
import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from assessments import pdf
from assessments.actions import review
from assessments.models import Assessment
from assessments.pdf import SealBroken, draft_pdf, ensure_pdf, render
from assessments.tasks import make_pdf
from assessments.templatetags.reading import in_groups
from phases.models import Criterion
from phases.terms import Phase
from susi.errors import Conflict
from susi.roles import Role
from tests import factories
from tests.assessments.pdf_records import pages, text


@pytest.fixture
def manager(db: None) -> Any:
    return factories.person(Role.MANAGER, first_name="Mette", last_name="Lund")


@pytest.fixture
def approved(manager: Any) -> Assessment:
    factories.rulebook()
    initiative = factories.initiative_in(Phase.SCREENING, title="Eksempel: Støtte i egen bolig")
    programme = factories.ProgrammeFactory()
    initiative.agreements.set([factories.AgreementFactory(programme=programme, year=year) for year in (2024, 2025)])
    return factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))


def content_of(assessment: Assessment) -> bytes:
    with assessment.pdf.open() as file:
        return file.read()


class TestEnsurePdf:
    def test_stores_the_file_with_its_checksum(self, approved: Assessment) -> None:
        stored = ensure_pdf(approved)
        content = content_of(stored)
        assert stored.pdf_sha256 == hashlib.sha256(content).hexdigest()
        assert stored.pdf.name == f"susi-vurderinger/{stored.pdf_sha256}.pdf"
        assert in_groups(approved.sealed_sha256) in text(content)
        assert "Godkendt af Mette Lund" in text(content)
        assert "Aftale UIP 2024, UIP 2025 Målgruppe" in text(content)
        assert stored.history.first().history_change_reason == "PDF dannet"
        assert stored.history.first().history_user is None

    def test_twice_makes_it_once(self, approved: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
        first = ensure_pdf(approved)
        monkeypatch.setattr(pdf, "render", _fail)
        for seen in (approved, first, Assessment.objects.get(pk=approved.pk)):
            assert ensure_pdf(seen).pdf.name == first.pdf.name
        make_pdf(approved.pk)
        assert approved.history.filter(history_change_reason="PDF dannet").count() == 1

    def test_is_refused_before_approval(self, db: None) -> None:
        factories.rulebook()
        draft = factories.submitted(factories.initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
        with pytest.raises(Conflict, match="ikke godkendt"):
            ensure_pdf(draft)

    def test_is_refused_where_the_seal_is_broken(self, approved: Assessment) -> None:
        data = json.loads(approved.sealed_data) | {"conclusion": "Noget andet."}
        Assessment.objects.filter(pk=approved.pk).update(sealed_data=json.dumps(data))
        with pytest.raises(SealBroken, match="passer ikke til kontrolsummen"):
            ensure_pdf(approved)
        assert not Assessment.objects.get(pk=approved.pk).pdf

    def test_reads_the_same_after_everything_was_renamed(self, approved: Assessment, manager: Any) -> None:
        before = render(json.loads(approved.sealed_data), sealed=approved.sealed_data)
        Criterion.objects.update(wording="Ny ordlyd")
        for user in (manager, approved.initiative.lead):
            user.first_name, user.last_name = "Nyt", "Navn"
            user.save()
        initiative = approved.initiative
        initiative.title = "Nyt navn"
        initiative.save()
        with override_settings(LETTERHEAD={"name": "En anden styrelse", "address": ["Et andet sted"]}):
            after = content_of(ensure_pdf(approved))
        assert text(after) == text(before)
        assert after == before
        for changed in ("Ny ordlyd", "Nyt Navn", "Nyt navn", "En anden styrelse"):
            assert changed not in text(after)

    def test_the_version_of_the_template_is_the_sealed_one(
        self, approved: Assessment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "PDF_TEMPLATE", "v999")
        assert ensure_pdf(approved).pdf


class TestBackground:
    """Where a broker is set, approval asks the worker for the PDF once it is committed."""

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        asked: list[int] = []
        monkeypatch.setattr(make_pdf, "delay", asked.append)
        return asked

    def approve(self, manager: Any, callbacks: Any) -> Assessment:
        factories.rulebook()
        with callbacks(execute=True):
            return factories.approved(
                factories.initiative_in(Phase.SCREENING), manager=manager, to_phase=Phase.MATURATION
            )

    def test_the_worker_is_asked(
        self, manager: Any, asked: list[int], settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.PDF_IN_BACKGROUND = True
        assert asked == [self.approve(manager, django_capture_on_commit_callbacks).pk]

    def test_without_a_broker_nobody_is_asked(
        self, manager: Any, asked: list[int], django_capture_on_commit_callbacks: Any
    ) -> None:
        self.approve(manager, django_capture_on_commit_callbacks)
        assert asked == []

    def test_a_broker_that_is_down_does_not_undo_the_approval(
        self, manager: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.PDF_IN_BACKGROUND = True
        monkeypatch.setattr(make_pdf, "delay", _fail)
        approved = self.approve(manager, django_capture_on_commit_callbacks)
        assert Assessment.objects.get(pk=approved.pk).is_approved
        assert ensure_pdf(approved).pdf

    def test_the_worker_makes_it(self, approved: Assessment) -> None:
        make_pdf(approved.pk)
        assert "Godkendt af Mette Lund" in text(content_of(Assessment.objects.get(pk=approved.pk)))


class TestDraftPdf:
    def test_shows_the_draft_with_todays_letterhead(self, db: None) -> None:
        factories.rulebook()
        initiative = factories.initiative_in(Phase.SCREENING)
        draft = factories.draft_of(initiative, to_phase=Phase.MATURATION)
        with override_settings(LETTERHEAD={"name": "Eksempelstyrelsen", "address": []}):
            first = pages(draft_pdf(draft))[0]
        assert "Eksempelstyrelsen" in first
        assert "Udkast" in first
        assert "Egnet til ny fase: Ikke vurderet" in first

    def test_shows_what_was_submitted(self, db: None) -> None:
        factories.rulebook()
        draft = factories.submitted(factories.initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
        assert "Indsatsen er velbeskrevet." in text(draft_pdf(draft))

    def test_is_refused_for_a_sealed_one(self, approved: Assessment) -> None:
        with pytest.raises(Conflict, match="forseglede dokument"):
            draft_pdf(approved)


def test_a_correction_prints_what_it_changes(approved: Assessment, manager: Any) -> None:
    lead = approved.initiative.lead
    correction = review.correct(assessment=approved, by=lead)
    factories.conclude(correction, lead, change_note="Konklusionen er præciseret.")
    snapshot = review.submit(assessment=correction, by=lead)
    second = review.approve(assessment=correction, by=manager, sha256=snapshot.sha256)
    whole = text(content_of(ensure_pdf(second)))
    assert "version 2 (retter version 1)" in whole
    assert "Hvad der er rettet siden version 1 Konklusionen er præciseret." in whole


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_open_it_at_once_get_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.rulebook()
    approved = factories.approved(
        factories.initiative_in(Phase.SCREENING), manager=factories.person(Role.MANAGER), to_phase=Phase.MATURATION
    )
    made, opened, ready = [], [], threading.Barrier(3)
    real = pdf.render

    def counted(*args: Any, **kwargs: Any) -> bytes:
        made.append(threading.get_ident())
        return real(*args, **kwargs)

    def open_it() -> None:
        try:
            mine = Assessment.objects.get(pk=approved.pk)
            ready.wait(timeout=20)
            opened.append(ensure_pdf(mine).pdf.name)
        finally:
            connection.close()

    monkeypatch.setattr(pdf, "render", counted)
    threads = [threading.Thread(target=open_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(made) == 1
    assert len(opened) == 3
    assert len(set(opened)) == 1
    assert approved.history.filter(history_change_reason="PDF dannet").count() == 1


def _fail(*args: Any, **kwargs: Any) -> bytes:
    raise AssertionError("The PDF is made a second time.")
