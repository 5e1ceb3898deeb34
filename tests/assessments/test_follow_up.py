"""Following up on a fravigelse, and the register of them all."""

import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from assessments.actions.follow_up import follow_up, follow_up_problems
from assessments.agenda import agenda_for
from assessments.invariants import deviations_are_frozen
from assessments.models import Deviation, DeviationFollowUp
from assessments.models.follow_up import WrittenOnce
from phases.terms import Outcome, Phase, Track
from portfolio.history import history_of
from portfolio.models import Initiative
from susi.dates import danish
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import AccessEntry, User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import decide

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SOON, LATER = TODAY + datetime.timedelta(days=30), TODAY + datetime.timedelta(days=90)
LIST = "registers_deviations"


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def deviation(manager) -> Deviation:
    """An open one of an approved assessment, owned by the lead, to be looked at again soon."""
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    return due(initiative, SOON)


def due(initiative: Initiative, day: datetime.date) -> Deviation:
    Deviation.objects.filter(initiative=initiative).update(review_on=day)
    return Deviation.objects.get(initiative=initiative)


def write(deviation: Deviation, by: User | None = None, **values: Any) -> DeviationFollowUp:
    wanted = {"seen": deviation.follow_ups.count(), "text": "To kommuner har svaret.", **values}
    return follow_up(deviation=deviation, by=by or deviation.owner, **wanted)


@pytest.mark.parametrize(
    ("review_on", "wanted", "reason", "field"),
    [
        (SOON, None, "", None),  # nothing is moved
        (SOON, SOON, "", None),
        (SOON, None, "Eksempel", "review_on"),  # a reason to move it, and nowhere to
        (SOON, SOON, "Eksempel", "review_on"),
        (SOON, LATER, "Eksempel", None),
        (SOON, LATER, " ", "move_reason"),
        (SOON, TODAY, "Eksempel", "review_on"),
        (TODAY, None, "", "review_on"),  # the day has come: another must be set
        (TODAY, TODAY, "Eksempel", "review_on"),
        (TODAY, LATER, "Eksempel", None),
    ],
)
def test_a_day_to_look_again_always_lies_ahead(review_on, wanted, reason, field) -> None:
    found = follow_up_problems(Deviation(review_on=review_on), TODAY, wanted, reason)
    assert list(found) == ([field] if field else [])


def test_a_follow_up_moves_the_day_and_nothing_else(deviation) -> None:
    note = write(deviation, review_on=LATER, move_reason="Tallene kommer senere.")
    after = Deviation.objects.get(pk=deviation.pk)
    assert (note.review_from, note.review_on, after.review_on) == (SOON, LATER, LATER)
    assert [getattr(after, name) for name in Deviation.TEXT if name != "review_on"] == [
        getattr(deviation, name) for name in Deviation.TEXT if name != "review_on"
    ]
    assert any(event.text == "Fulgt op på fravigelsen fra kriterie M1.2" for event in history_of(
        deviation.initiative, deviation.owner
    ))  # fmt: skip


def test_a_day_that_was_moved_is_no_change_of_the_text(deviation) -> None:
    deviation.history.update(review_on=deviation.review_on)  # the fixture set it behind the back of history
    write(deviation, review_on=LATER, move_reason="Tallene kommer senere.")
    assert not list(deviations_are_frozen())
    Deviation.objects.update(review_on=SOON)
    assert len(list(deviations_are_frozen())) == 1


def test_what_is_written_is_never_changed(deviation) -> None:
    note = write(deviation)
    note.text = "Noget andet"
    with pytest.raises(WrittenOnce):
        note.save()


def test_only_the_owner_and_the_writers_follow_up(deviation, manager) -> None:
    for stranger in (person(Role.READER), person(Role.LEAD), manager):
        with pytest.raises(NotAllowed):
            write(deviation, by=stranger)
    member = person(Role.LEAD)
    deviation.initiative.members.add(member)
    assert write(deviation, by=member).written_by == member


def test_a_second_click_writes_nothing_twice(deviation) -> None:
    write(deviation, seen=0)
    with pytest.raises(Conflict, match="opfølgning"):
        write(deviation, seen=0)
    assert deviation.follow_ups.count() == 1


def test_the_same_is_not_written_twice_knowingly_either(deviation) -> None:
    """The browser goes back to the form, which knows of the first by then."""
    write(deviation, text="Tallene er hentet.", seen=0)
    with pytest.raises(Conflict, match="allerede gemt"):
        write(deviation, text="Tallene er hentet.", seen=1)
    write(deviation, text="Tallene er læst.", seen=1)
    assert deviation.follow_ups.count() == 2


def test_what_is_judged_is_not_followed_up(deviation) -> None:
    Deviation.objects.filter(pk=deviation.pk).update(state=Deviation.State.SETTLED)
    with pytest.raises(Conflict, match="ikke åben"):
        write(deviation)


def test_something_must_have_been_done(deviation) -> None:
    with pytest.raises(Refused, match="hvad der er gjort"):
        write(deviation, text=" ")


class TestThePage:
    def test_the_task_leads_to_where_it_is_settled(self, client, deviation) -> None:
        due(deviation.initiative, TODAY)
        owner = deviation.owner
        (task,) = next(one.tasks for one in agenda_for(owner) if one.heading.startswith("Fravigelser"))
        client.force_login(owner)
        page = client.get(task.url).content.decode()
        assert "Der skal følges op nu." in page
        sent = {"text": "Alle har svaret.", "review_on": danish(LATER), "move_reason": "Fulgt op.", "seen": 0}
        assert client.post(task.url, {**sent, "review_on": ""}).status_code == 422
        assert client.post(task.url, sent).status_code == 302
        assert "Alle har svaret." in client.get(task.url).content.decode()
        assert not [one for one in agenda_for(owner) if one.heading.startswith("Fravigelser")]

    def test_what_was_typed_stays_when_somebody_followed_up_first(self, client, deviation) -> None:
        client.force_login(deviation.owner)
        write(deviation, text="Den anden kom først.")
        response = client.post(reverse("registers_deviation", args=[deviation.pk]), {"text": "Min", "seen": 0})
        page = response.content.decode()
        assert response.status_code == 409
        assert ("Den anden kom først." in page, ">\nMin</textarea>" in page) == (True, True)
        assert deviation.follow_ups.count() == 1

    def test_who_opened_it_is_noted_of_its_initiative(self, client, deviation) -> None:
        client.force_login(reader := person(Role.READER))
        client.get(reverse("registers_deviation", args=[deviation.pk]))
        (noted,) = AccessEntry.objects.filter(user=reader, view="registers_deviation")
        assert noted.initiative == deviation.initiative.number

    def test_a_reader_sees_the_life_and_cannot_write(self, client, deviation) -> None:
        write(deviation)
        client.force_login(person(Role.READER))
        address = reverse("registers_deviation", args=[deviation.pk])
        page = client.get(address).content.decode()
        assert ("To kommuner har svaret." in page, 'id="follow-up"' in page) == (True, False)
        assert client.post(address, {"text": "Eksempel", "seen": 1}).status_code == 403


class TestTheRegister:
    def test_a_draft_is_in_it_for_nobody(self, client, manager) -> None:
        factories.rulebook()
        initiative = initiative_in(Phase.SCREENING)
        factories.complete_draft(initiative, to_phase=Phase.MATURATION, departed=("M1.2",))
        hidden = Deviation.objects.get()
        for user in (initiative.lead, manager, person(Role.READER)):
            client.force_login(user)
            assert client.get(reverse(LIST)).context["page"].paginator.count == 0
            assert client.get(reverse("registers_deviation", args=[hidden.pk])).status_code == 404

    @pytest.mark.parametrize(
        ("asked", "hits"),
        [
            ("", 1),
            ("state=open", 1),
            ("state=settled", 0),
            ("state=due", 0),
            ("ground=professional", 1),
            ("ground=political", 0),
            ("phase=maturation", 1),
            ("phase=trial", 0),
            ("criterion=model", 0),
            ("programme=none", 1),
            ("owner=me", 0),
            ("q=SPINKELT+indsamles", 1),
            ("q=spinkelt+findes", 0),
            (f"year={TODAY.year}", 1),
        ],
    )
    def test_each_filter_finds_what_it_says(self, asked, hits, client, deviation) -> None:
        client.force_login(person(Role.READER))
        page = client.get(f"{reverse(LIST)}?{asked}")
        assert page.context["page"].paginator.count == hits
        assert ("Hent som Excel" in page.content.decode()) == bool(hits)

    def test_the_criterion_and_the_owner_are_chosen_among_those_there_are(self, client, deviation) -> None:
        client.force_login(deviation.owner)
        for asked in (f"criterion={deviation.criterion_id}", f"owner={deviation.owner_id}", "owner=me"):
            page = client.get(f"{reverse(LIST)}?{asked}")
            assert page.context["sentence"] == "1 fravigelse: 1 åben", asked
            assert len(page.context["chosen"]) == 1

    def test_a_choice_that_is_gone_is_said_and_an_export_refuses_it(self, client, deviation) -> None:
        client.force_login(person(Role.READER))
        assert "Valget findes ikke" in client.get(f"{reverse(LIST)}?owner=0").content.decode()
        for kind in ("csv", "xlsx", "pdf"):
            address = reverse("registers_deviations_export", args=[kind])
            assert client.get(f"{address}?owner=0").status_code == 422

    def test_the_workbook_holds_the_same_as_the_list(self, client, deviation, tmp_path) -> None:
        client.force_login(person(Role.READER))
        response = client.get(reverse("registers_deviations_export", args=["xlsx"]))
        file = tmp_path / "fravigelser.xlsx"
        file.write_bytes(b"".join(response.streaming_content))
        sheet = load_workbook(file).worksheets[0]
        assert isinstance(sheet, Worksheet)
        headers, row = ([cell.value for cell in line] for line in sheet.iter_rows(max_row=2))
        told = dict(zip(headers, row, strict=True))
        assert (told["Kriterie"], told["Grundlag"], told["Tilstand"]) == ("M1.2", "Faglig vurdering", "Åben")

    def test_of_a_decision_that_is_reversed_it_says_so(self, client, manager) -> None:
        factories.rulebook()
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(
            initiative, manager=manager, to_phase=Phase.MATURATION, recommendation="stop", departed=("M1.2",),
            explained=False,
        )  # fmt: skip
        criterion = initiative.assessments.get().criteria().get(code="M1.2")
        decide(
            initiative, manager, Outcome.CONTINUED, to_phase=Phase.MATURATION, to_track=Track.ONE,
            departure_reason="Politisk ønske", deviations={criterion: factories.deviation_input(initiative.lead)},
        )  # fmt: skip
        client.force_login(person(Role.READER))
        assert "Beslutning" in client.get(reverse("registers_deviation", args=[Deviation.objects.get().pk])).context[
            "written_in"
        ]  # fmt: skip
