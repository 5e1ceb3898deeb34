"""How it stands with the deliverables of a phase: rules as truth tables, and the list of a run."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from phases.models import DeliverableType
from phases.terms import Phase, Track
from portfolio.models import PhaseRun
from susi.days import today
from tests import factories
from tests.factories import initiative_in, person
from work.deliverables import Item, Status, criteria_documented, is_late, items_of, status_of, summary
from work.models import Deliverable, DeliverableVersion

DAY = datetime.timedelta(days=1)
NOW = datetime.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("standing", "state", "is_weighed", "is_over", "status"),
    [
        # nothing is registered
        ("", "", False, False, Status.NOT_BEGUN),
        ("", "", True, False, Status.UNDECIDED),
        ("", "", False, True, Status.UNKNOWN),
        ("", "", True, True, Status.UNKNOWN),
        # what is registered holds, also of a phase that is over and of what was to be weighed
        *(("relevant", state, weighed, over, Status(state))
          for state in ("not_begun", "in_progress", "done") for weighed in (True, False) for over in (True, False)),
        *(("left_out", state, weighed, over, Status.LEFT_OUT)
          for state in ("not_begun", "done") for weighed in (True, False) for over in (True, False)),
        ("annulled", "done", False, False, Status.ANNULLED),
    ],
)  # fmt: skip
def test_status(standing: str, state: str, is_weighed: bool, is_over: bool, status: Status) -> None:
    assert status_of(standing=standing, state=state, is_weighed=is_weighed, is_over=is_over) is status


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("due", "past"), [(None, False), (NOW, False), (NOW + DAY, False), (NOW - DAY, True)])
def test_late_is_what_is_not_done_the_day_after(status: Status, due: datetime.date | None, past: bool) -> None:
    assert is_late(status, due, NOW) == (past and status in (Status.NOT_BEGUN, Status.IN_PROGRESS))


def item(status: Status, *, due: datetime.date | None = None) -> Item:
    """Return an item that stands so."""
    run = PhaseRun(phase=Phase.SCREENING, state=PhaseRun.State.OPEN)
    if status in (Status.UNKNOWN, Status.UNDECIDED):
        run.state = PhaseRun.State.ENDED if status == Status.UNKNOWN else run.state
        return Item(run, DeliverableType(code="S-a", is_weighed=True), None, NOW)
    out = status in (Status.LEFT_OUT, Status.ANNULLED)
    row = Deliverable(code="S-a", standing=status if out else "relevant", due=due)
    row.state = row.state if out else status
    return Item(run, None, row, NOW)


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ([], "Der er ingen leverancer."),
        (["unknown", "left_out"], "Der er ikke oplyst noget om leverancerne."),
        (["done"], "1 af 1 leverance er færdig."),
        (["done", "done", "in_progress", "not_begun"], "2 af 4 leverancer er færdige."),
        (["done", "left_out", "undecided", "unknown", "annulled", "in_progress"], "1 af 2 leverancer er færdig."),
    ],
)
def test_the_summary_counts_what_belongs_to_the_phase(statuses: list[str], sentence: str) -> None:
    assert summary([item(Status(status)) for status in statuses]) == sentence


def test_the_summary_tells_how_many_are_late() -> None:
    late = item(Status.IN_PROGRESS, due=NOW - DAY)
    assert summary([item(Status.DONE), late]) == "1 af 2 leverancer er færdig. 1 er forsinket."
    assert summary([late, late]) == "0 af 2 leverancer er færdige. 2 er forsinkede."


@pytest.mark.django_db
class TestTheList:
    @pytest.mark.parametrize(
        ("track", "codes"),
        [
            (Track.ONE, ["M-a", "M-b", "M-midtvejs", "M-pilot"]),
            (Track.TWO, ["M-a", "M-b", "M-midtvejs", "M-proeve"]),
            ("", ["M-a", "M-b", "M-midtvejs", "M-pilot", "M-proeve"]),
        ],
    )
    def test_has_the_typical_ones_of_the_track(self, track: str, codes: list[str]) -> None:
        factories.rulebook()
        items = items_of(initiative_in(Phase.MATURATION, track).current_run)
        assert [one.code for one in items] == codes
        assert [one.status for one in items] == [Status.NOT_BEGUN] * 2 + [Status.UNDECIDED] * (len(codes) - 2)
        assert {one.track_note for one in items[:2]} == {"Mere i spor 1" if track == Track.ONE else ""}

    def test_keeps_what_is_registered_of_a_type_that_is_no_longer_in_force(self) -> None:
        old = factories.rulebook()
        run = initiative_in(Phase.SCREENING).current_run
        row = Deliverable.objects.create(
            initiative=run.initiative, run=run, code="S-a", type=old.deliverable_types.get(code="S-a")
        )
        new = factories.rulebook("9.1", today())
        assert [(one.code, one.row) for one in items_of(run)] == [("S-a", row), ("S-b", None)]
        DeliverableType.objects.filter(edition=new, code="S-a").delete()
        assert [(one.code, one.row) for one in items_of(run)] == [("S-b", None), ("S-a", row)]

    def test_is_one_s_own_where_no_edition_is_in_force(self) -> None:
        run = initiative_in(Phase.SCREENING).current_run
        Deliverable.objects.create(initiative=run.initiative, run=run, code="egen-1", name="Film")
        assert [(one.title, one.is_own) for one in items_of(run)] == [("Film", True)]
        assert criteria_documented(run) == []

    @pytest.mark.parametrize(
        ("phase", "track", "codes"),
        [
            (Phase.SCREENING, "", ["M1.1", "M1.2", "M2.1"]),
            (Phase.MATURATION, Track.TWO, ["A1.1", "A1.2"]),
            (Phase.DISSEMINATION, Track.ONE, []),
        ],
    )
    def test_documents_the_criteria_for_the_next_phase(self, phase: Phase, track: str, codes: list[str]) -> None:
        factories.rulebook()
        assert [one.code for one in criteria_documented(initiative_in(phase, track).current_run)] == codes

    def test_costs_the_same_however_long_it_is(self, django_assert_num_queries) -> None:
        factories.rulebook()
        run, lead = initiative_in(Phase.SCREENING).current_run, person()
        for no in range(5):
            row = Deliverable.objects.create(initiative=run.initiative, run=run, code=f"egen-{no}", name="Eget")
            DeliverableVersion.objects.create(
                deliverable=row, no=1, case_document="26-1", added_by=lead, added_at="2026-03-02T10:00Z"
            )
        with django_assert_num_queries(3):
            assert [one.latest.case_document for one in items_of(run) if one.latest] == ["26-1"] * 5


WHOLE = {"code": "egen-1", "name": "Film"}
HALF = {
    "neither typical nor named": {"name": ""},
    "left out without a reason": {"standing": "annulled"},
    "a reason without being out": {"standing_reason": "Fordi"},
    "one's own left out": {"standing": "left_out", "standing_reason": "Fordi"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", HALF.values(), ids=HALF)
def test_the_database_takes_no_half_deliverable(change: dict[str, str]) -> None:
    run = initiative_in(Phase.SCREENING).current_run
    with pytest.raises(IntegrityError), transaction.atomic():
        Deliverable.objects.create(initiative=run.initiative, run=run, **{**WHOLE, **change})
    Deliverable.objects.create(initiative=run.initiative, run=run, **WHOLE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deliverable.objects.create(initiative=run.initiative, run=run, **WHOLE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"case_document": ""}, {"file": "x"}, {"sha256": "0" * 64}, {"annulment_reason": "Fordi"}],
    ids=["nowhere", "a file without name", "a checksum without file", "a reason without annulment"],
)
def test_nor_half_a_version(change: dict[str, str]) -> None:
    run = initiative_in(Phase.SCREENING).current_run
    row = Deliverable.objects.create(initiative=run.initiative, run=run, **WHOLE)
    whole = {"no": 1, "case_document": "26-1", "added_by": run.initiative.lead, "added_at": "2026-03-02T10:00Z"}
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliverableVersion.objects.create(deliverable=row, **{**whole, **change})
    DeliverableVersion.objects.create(deliverable=row, **whole)
