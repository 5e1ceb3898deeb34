"""What the work documents: beside the criterion in the gate room, in the record, on the page and in print."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.actions import review
from assessments.contents import Contents
from assessments.differences import differences
from assessments.models import Assessment
from assessments.pdf import draft_pdf
from assessments.record import build, latest_snapshot
from phases.terms import Phase
from susi import typesetting
from susi.roles import Role
from susi.uploads import check
from tests import factories
from tests.assessments.rooms import at, m11, rating, sent, text_of
from tests.factories import draft_of, initiative_in, person
from tests.files import pdf, upload
from work.actions import deliverables
from work.actions.deliverables import PlanInput, VersionInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Assessment:
    factories.rulebook()
    return draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)


@pytest.fixture
def writer(draft: Assessment, client: Client) -> Client:
    client.force_login(draft.initiative.lead)
    return client


def deliver(draft: Assessment, code: str = "S-a", **values: Any) -> str:
    """Add a version and return the key of its deliverable."""
    run = draft.initiative.current_run
    version = deliverables.add_version(run=run, code=code, by=draft.initiative.lead, added=VersionInput(**values))
    return str(version.deliverable.pk)


def named(draft: Assessment, code: str = "M1.1") -> list[tuple[str, int | None]]:
    found = Contents(draft).documentation.get(code, [])
    return [(one.title, one.latest.no if one.latest else None) for one in found]


class TestWhatDocuments:
    def test_nothing_as_long_as_nothing_is_registered(self, draft: Assessment, writer: Client) -> None:
        assert named(draft) == []
        assert "Ingen leverancer er sat til at dokumentere kriteriet." in text_of(writer.get(m11(draft)))

    def test_the_criteria_chosen_in_the_plan_and_the_newest_version(self, draft: Assessment, writer: Client) -> None:
        run, lead = draft.initiative.current_run, draft.initiative.lead
        planned = PlanInput(documents=("M1.1", "M1.2"))
        deliverables.plan(run=run, code="S-b", by=lead, version=0, planned=planned)
        assert (named(draft, "M1.1"), named(draft, "M1.2"), named(draft, "M2.1")) == (
            [("Leverance b", None)],
            [("Leverance b", None)],
            [],
        )
        assert "Ingen version endnu" in text_of(writer.get(m11(draft)))
        deliver(draft, "S-b", case_document="EKS-1")
        deliver(draft, "S-b", case_document="EKS-2")
        assert named(draft) == [("Leverance b", 2)]
        page = text_of(writer.get(m11(draft)))
        assert "journalnummer EKS-2" in page
        assert "EKS-1" not in page

    def test_not_what_is_left_out_or_annulled(self, draft: Assessment) -> None:
        run, lead = draft.initiative.current_run, draft.initiative.lead
        deliver(draft, case_document="EKS-1")
        deliver(draft, case_document="EKS-2")
        row = run.deliverables.get()
        deliverables.annul_version(version=row.versions.get(no=2), by=lead, reason="En fejl")
        assert named(draft) == [("Leverance a", 1)]
        deliverables.take_out(run=run, code="S-a", by=lead, reason="Fordi")
        assert named(draft) == []

    def test_also_of_the_initiative_that_is_continued(self, draft: Assessment) -> None:
        deliver(draft, case_document="EKS-1")
        other = draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
        assert named(other) == []
        other.initiative.lineage.append(draft.initiative_id)
        assert named(other) == [("Leverance a", 1)]

    def test_costs_the_same_however_much_there_is(self, draft: Assessment, writer: Client) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                writer.get(m11(draft))
            return len(queries)

        deliver(draft, case_document="EKS-1")
        before = cost()
        run, lead = draft.initiative.current_run, draft.initiative.lead
        for no in range(4):
            row = deliverables.add_own(run=run, by=lead, name=f"Eget {no}", planned=PlanInput(documents=("M1.1",)))
            deliver(draft, row.code, case_document="EKS-2")
        assert cost() == before


class TestOneClick:
    def test_refers_to_the_document_of_the_case(self, draft: Assessment, writer: Client) -> None:
        key = deliver(draft, case_document="EKS-1")
        response = writer.post(m11(draft), sent(reasoning="Skrevet", brug=key))
        assert response.url == f"{m11(draft)}#henvisninger"
        reference = rating(draft).references.get()
        assert (reference.title, reference.case_document, reference.link) == ("Leverance a, version 1", "EKS-1", "")
        assert rating(draft).reasoning == "Skrevet"  # what was typed is saved along
        assert "Leverance a, version 1" in text_of(writer.get(m11(draft)))

    def test_a_file_is_referred_to_by_its_address(self, draft: Assessment, writer: Client) -> None:
        key = deliver(draft, file=check(upload()))
        writer.post(m11(draft), sent(brug=key))
        link = rating(draft).references.get().link
        assert link == f"http://testserver/initiativer/{draft.initiative.number}/leverancer/1/S-a/version-1/fil/"
        handed_out = writer.get(link)
        assert b"".join(handed_out.streaming_content) == pdf()
        assert handed_out["Content-Disposition"] == 'attachment; filename="rapport.pdf"'
        row = {f"henvisning-0-{name}": value for name, value in (("title", "Leverance a, version 1"), ("link", link))}
        assert writer.post(m11(draft), sent(1, **row)).status_code == 302  # the form takes it as it stands

    def test_comes_after_what_is_written_there(self, draft: Assessment, writer: Client) -> None:
        key = deliver(draft, link="https://eksempel.dk/rapport")
        writer.post(m11(draft), sent(brug=key, **{"henvisning-0-title": "Min kilde"}))
        titles = [(one.title, one.link) for one in rating(draft).references.all()]
        assert titles == [("Min kilde", ""), ("Leverance a, version 1", "https://eksempel.dk/rapport")]

    def test_twice_writes_once(self, draft: Assessment, writer: Client) -> None:
        key = deliver(draft, case_document="EKS-1")
        for _ in range(2):  # the second click sends the page as it was before the first
            assert writer.post(m11(draft), sent(brug=key)).status_code == 302
        row = {"henvisning-0-title": "Leverance a, version 1", "henvisning-0-case_document": "EKS-1"}
        assert writer.post(m11(draft), sent(1, brug=key, **row)).status_code == 302
        assert rating(draft).references.count() == 1

    def test_waits_until_what_is_wrong_is_put_right(self, draft: Assessment, writer: Client) -> None:
        key = deliver(draft, case_document="EKS-1")
        response = writer.post(m11(draft), sent(brug=key, **{"henvisning-0-page": "Uden titel"}))
        assert response.status_code == 422
        assert rating(draft).references.count() == 0

    @pytest.mark.parametrize("key", ["", "0", "x", "999999999999999999999"])
    def test_what_is_not_there_is_passed_over(self, draft: Assessment, writer: Client, key: str) -> None:
        deliver(draft, "S-b", case_document="EKS-1")  # documents another criterion
        assert writer.post(m11(draft), sent(brug=key)).status_code == 302
        assert rating(draft).references.count() == 0

    def test_is_for_those_who_write(self, draft: Assessment, client: Client) -> None:
        key = deliver(draft, case_document="EKS-1")
        client.force_login(person(Role.READER))
        assert client.post(m11(draft), sent(brug=key)).status_code in (403, 404)
        assert not draft.ratings.exists()


class TestTheRecord:
    def complete(self) -> Assessment:
        factories.rulebook()
        draft = factories.complete_draft(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION)
        return Assessment.objects.get(pk=draft.pk)

    def documentation(self, record: dict[str, Any], code: str = "M1.1") -> list[dict[str, Any]]:
        criteria = [criterion for theme in record["themes"] for criterion in theme["criteria"]]
        return next(criterion["documentation"] for criterion in criteria if criterion["code"] == code)

    def test_names_version_state_place_and_checksum(self) -> None:
        draft = self.complete()
        file = check(upload())
        deliver(draft, file=file, case_document="EKS-1", is_done=True)
        assert self.documentation(build(Contents(draft))) == [
            {
                "name": "Leverance a",
                "phase": "Screening",
                "initiative": draft.initiative.number,
                "version": 1,
                "state": {"value": "done", "label": "Færdig"},
                "case_document": "EKS-1",
                "link": "",
                "file_name": "rapport.pdf",
                "sha256": file.sha256,
            }
        ]
        assert self.documentation(build(Contents(draft)), "M1.2") == []

    def test_has_only_what_has_a_version(self) -> None:
        draft = self.complete()
        run, lead = draft.initiative.current_run, draft.initiative.lead
        deliverables.plan(run=run, code="S-a", by=lead, version=0, planned=PlanInput(documents=("M1.1",)))
        assert self.documentation(build(Contents(draft))) == []

    def test_is_sealed_as_it_was_submitted_shown_and_printed(self, client: Client, monkeypatch) -> None:
        monkeypatch.setattr(typesetting, "typeset", lambda html, css, **kind: html.encode())
        draft = self.complete()
        file = check(upload())
        deliver(draft, file=file, case_document="EKS-1")
        review.submit(assessment=draft, by=draft.initiative.lead)
        deliver(draft, case_document="EKS-2")  # later work changes nothing that is submitted
        submitted, snapshot = Assessment.objects.get(pk=draft.pk), latest_snapshot(draft)
        assert snapshot
        assert f"SHA-256 {file.sha256}" in draft_pdf(submitted).decode()
        sealed = review.approve(assessment=submitted, by=person(Role.MANAGER), sha256=snapshot.sha256)
        assert [one["case_document"] for one in self.documentation(json.loads(sealed.sealed_data))] == ["EKS-1"]
        client.force_login(person(Role.READER))
        page = text_of(client.get(at(sealed, "detail")))
        assert "Leverance a (screening), version 1, i gang, journalnummer EKS-1, filen rapport.pdf" in page
        printed = client.get(at(sealed, "pdf")).content.decode()
        assert file.sha256 in printed
        assert "EKS-2" not in page + printed

    def test_differs_where_a_version_has_come_since_and_from_records_without(self) -> None:
        draft = self.complete()
        deliver(draft, case_document="EKS-1")
        before = build(Contents(draft))
        deliver(draft, case_document="EKS-2", is_done=True)
        changes = differences(before, build(Contents(Assessment.objects.get(pk=draft.pk))))
        assert [(one.label, one.before, one.after) for one in changes] == [
            ("Kriterie M1.1, dokumentation", "Leverance a, version 1, i gang", "Leverance a, version 2, færdig")
        ]
        older = json.loads(json.dumps(before))
        for theme in older["themes"]:
            for criterion in theme["criteria"]:
                del criterion["documentation"]
        assert [one.before for one in differences(older, before)] == [""]
