"""What the work of the phase carries into the SUSI-vurdering: the gate room, the record, its page and its PDF."""

import json

import pytest
from django.urls import reverse

from assessments.actions import drafting, review
from assessments.contents import Contents
from assessments.differences import differences
from assessments.models import Assessment
from assessments.pdf import render
from assessments.record import build
from phases.models import Criterion, Edition
from phases.terms import Phase, Track, WayOn
from portfolio.models import Initiative
from susi.errors import NotAllowed
from susi.roles import Role
from tests import factories
from tests.assessments.pdf_records import minimal, text
from tests.assessments.test_record_schema import faults
from tests.factories import draft_of, initiative_in, person
from tests.work.workings import chosen, define_tracks, logged, strategy_texts, weighed
from work.actions.involvement import save_strategy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition() -> Edition:
    edition = factories.rulebook()
    define_tracks(edition)
    asked = Criterion.objects.filter(code__in=["M1.1", "A1.1"])
    asked.update(wording="Brugerperspektivet har været relevant inddraget")
    return edition


@pytest.fixture
def screening() -> Initiative:
    """A screening with a strategy, something that took place, and the track chosen."""
    initiative = initiative_in(Phase.SCREENING)
    run, lead = initiative.current_run, initiative.lead
    save_strategy(run=run, by=lead, version=0, **strategy_texts("Unge vælger selv formen"))
    logged(run, lead, what="To workshopper", changed="Opstarten blev kortere")
    chosen(initiative, lead)
    return initiative


@pytest.fixture
def maturing() -> Initiative:
    """A modning in spor 2 with the three ways weighed."""
    initiative = initiative_in(Phase.MATURATION, Track.TWO)
    weighed(initiative.current_run, initiative.lead, "Helheden bærer")
    return initiative


def recorded(assessment: Assessment) -> dict:
    return build(Contents(Assessment.objects.get(pk=assessment.pk)))


class TestRecord:
    def test_holds_involvement_and_the_choice_of_track(self, screening) -> None:
        record = recorded(draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO))
        involvement, choice = record["involvement"], record["track_choice"]
        assert involvement["phase"] == "Screening"
        assert {"label": "Hvem inddrages?", "text": "Unge vælger selv formen"} in involvement["strategy"]
        assert [event["changed"] for event in involvement["events"]] == ["Opstarten blev kortere"]
        assert (choice["track"]["label"], choice["differs"], len(choice["fits"])) == ("Spor 2", False, 4)
        asks = {row["code"]: row["asks_about_users"] for theme in record["themes"] for row in theme["criteria"]}
        assert asks == {"M1.1": True, "M1.2": False}

    def test_says_when_it_goes_to_another_track(self, screening) -> None:
        record = recorded(draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.ONE))
        assert record["track_choice"]["differs"] is True

    def test_is_empty_of_what_was_not_written(self) -> None:
        record = recorded(draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION))
        assert (record["involvement"], record["track_choice"], record["weighing"]["ways"]) == (None, None, [])

    def test_of_a_proposal_holds_its_choice(self) -> None:
        proposal = initiative_in(None)
        chosen(proposal, proposal.lead)
        record = recorded(draft_of(proposal, to_phase=Phase.MATURATION, to_track=Track.TWO))
        assert record["track_choice"]["knowledge_goal"] == "Viden om, hvad der bærer indsatsen."
        assert record["involvement"] is None

    def test_is_sealed_with_what_stood_when_it_was_submitted(self, screening) -> None:
        manager = person(Role.MANAGER)
        submitted = factories.submitted(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
        logged(screening.current_run, screening.lead, what="Efter indsendelsen")
        approved = review.approve(assessment=submitted, by=manager, sha256=submitted.snapshots.get().sha256)
        told = [event["what"] for event in json.loads(approved.sealed_data)["involvement"]["events"]]
        assert told == ["To workshopper"]

    def test_is_not_approved_by_whoever_wrote_what_it_carries(self, screening) -> None:
        both = person(Role.LEAD, Role.MANAGER)
        screening.members.add(both)
        chosen(screening, both, version=1, reason="Skrevet af en leder")
        chosen(screening, screening.lead, version=2, reason="Skrevet igen")
        submitted = factories.submitted(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
        assert not review.may_approve(both, submitted)
        with pytest.raises(NotAllowed, match="fire øjne"):
            review.approve(assessment=submitted, by=both, sha256=submitted.snapshots.get().sha256)

    def test_differs_by_what_was_written_since_and_reads_records_from_before(self, screening) -> None:
        draft = draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
        before = recorded(draft)
        logged(screening.current_run, screening.lead, what="En ny workshop")
        (change,) = differences(before, recorded(draft))
        assert (change.key, "En ny workshop" in change.after) == ("involvement.events", True)
        assert differences(minimal(), minimal()) == []


class TestWeighing:
    def test_is_what_the_conclusion_begins_with_and_is_recorded_side_by_side(self, maturing) -> None:
        draft = draft_of(maturing, to_phase=Phase.TRIAL, to_track=Track.TWO, by=maturing.lead)
        assert (draft.weighing_way, draft.weighing_text) == (WayOn.TRIAL_TRACK_TWO, "Helheden bærer")
        assert maturing.lead in draft.writers.all()
        ways = recorded(draft)["weighing"]["ways"]
        assert [row["way"]["value"] for row in ways] == list(WayOn.values)
        assert {row["gain"] for row in ways} == {"Helheden bærer"}

    def test_its_writer_may_not_approve(self, maturing) -> None:
        manager = person(Role.MANAGER, Role.LEAD)
        maturing.members.add(manager)
        weighed(maturing.current_run, manager, "Lederens egen tekst", version=1)
        draft = draft_of(maturing, to_phase=Phase.TRIAL, to_track=Track.TWO)
        assert manager in draft.writers.all()

    def test_stands_beside_the_conclusion(self, client, maturing) -> None:
        draft = draft_of(maturing, to_phase=Phase.TRIAL, to_track=Track.TWO)
        client.force_login(maturing.lead)
        page = client.get(reverse("assessments:conclusion", args=[maturing.number, draft.no])).content.decode()
        assert "De tre veje side om side" in page


class TestPages:
    def test_involvement_stands_beside_the_criteria_that_ask_about_it(self, client, screening) -> None:
        draft = draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
        client.force_login(screening.lead)
        pages = {
            code: client.get(reverse("assessments:criterion", args=[screening.number, draft.no, code])).content.decode()
            for code in ("M1.1", "M1.2")
        }
        assert "Opstarten blev kortere" in pages["M1.1"]
        assert "Opstarten blev kortere" not in pages["M1.2"]

    def test_the_track_chosen_is_offered(self, client, screening) -> None:
        client.force_login(screening.lead)
        response = client.get(reverse("assessments:start", args=[screening.number]))
        assert response.context["form"]["to_track"].value() == Track.TWO
        assert "peger på <strong>spor 2</strong>" in response.content.decode()

    def test_choosing_another_is_said(self, client, screening) -> None:
        draft = draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.ONE)
        client.force_login(screening.lead)
        page = client.get(reverse("assessments:target", args=[screening.number, draft.no])).content.decode()
        assert "Du er ved at vælge et andet spor." in page

    def test_the_reading_page_shows_it_all(self, client, screening) -> None:
        draft = draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
        client.force_login(screening.lead)
        page = client.get(reverse("assessments:detail", args=[screening.number, draft.no])).content.decode()
        for shown in ("Brugerinddragelse i screening", "To workshopper", "Sporvalg", "Viden om, hvad der bærer"):
            assert shown in page


def test_the_document_prints_it(maturing, screening) -> None:
    drafts = [
        draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO),
        draft_of(maturing, to_phase=Phase.TRIAL, to_track=Track.TWO),
    ]
    printed = " ".join(text(render(sealed_of(draft))) for draft in drafts)
    for shown in ("Brugerinddragelse i screening", "Opstarten blev kortere", "Se afsnittet Brugerinddragelse",
                  "Sporvalg", "Passer delvist", "Afvejning af vejen videre", "Helheden bærer"):  # fmt: skip
        assert shown in printed


def test_a_correction_keeps_what_the_worksheets_said(screening) -> None:
    manager = person(Role.MANAGER)
    approved = factories.approved(screening, manager=manager, to_phase=Phase.MATURATION, to_track=Track.TWO)
    assert faults(json.loads(approved.sealed_data)) == []
    correction = review.correct(assessment=approved, by=screening.lead)
    assert recorded(correction)["track_choice"] == json.loads(approved.sealed_data)["track_choice"]


def test_a_target_is_changed_as_before(screening) -> None:
    draft = draft_of(screening, to_phase=Phase.MATURATION, to_track=Track.TWO)
    drafting.change_target(assessment=draft, by=screening.lead, to_phase=Phase.MATURATION, to_track=Track.ONE)
    assert recorded(draft)["track_choice"]["differs"] is True


def sealed_of(draft: Assessment) -> dict:
    return {**recorded(draft), "letterhead": {"name": "Socialstyrelsen", "address": []}}
