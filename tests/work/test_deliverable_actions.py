"""What is done with deliverables: as it should be, in the wrong state, by the wrong person, and twice."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from phases.terms import Phase, Track
from portfolio.history import history_of
from portfolio.models import PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import User
from susi.roles import Role
from susi.uploads import NotStored, check
from tests import factories
from tests.factories import initiative_in, person
from tests.files import pdf, upload
from work.actions import deliverables as actions
from work.actions.deliverables import PlanInput, VersionInput
from work.deliverables import Status, item_at
from work.models import Deliverable, DeliverableVersion

pytestmark = pytest.mark.django_db
DUE = datetime.date(2027, 1, 4)


@pytest.fixture
def run() -> PhaseRun:
    factories.rulebook()
    return initiative_in(Phase.MATURATION, Track.ONE).current_run


@pytest.fixture
def lead(run: PhaseRun) -> User:
    return run.initiative.lead


def planned(**values: Any) -> PlanInput:
    return PlanInput(**{"state": "in_progress", "due": DUE, "notes": "Noter", "documents": ("A1.2",), **values})


def status(run: PhaseRun, code: str) -> Status:
    item = item_at(run, code)
    assert item
    return item.status


def files() -> set[Path]:
    root = Path(settings.MEDIA_ROOT)
    return {path for path in root.rglob("*") if path.is_file()}


ACTS = {
    "plan": lambda run, by: actions.plan(run=run, code="M-a", by=by, version=0, planned=planned()),
    "add_own": lambda run, by: actions.add_own(run=run, by=by, name="Film", planned=planned()),
    "take_out": lambda run, by: actions.take_out(run=run, code="M-a", by=by, reason="Fordi"),
    "take_in": lambda run, by: actions.take_in(run=run, code="M-pilot", by=by),
    "add_version": lambda run, by: actions.add_version(
        run=run, code="M-a", by=by, added=VersionInput(case_document="26-1")
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
class TestEveryAct:
    @pytest.mark.parametrize("role", [Role.LEAD, Role.MANAGER, Role.READER, Role.ADMINISTRATOR])
    def test_is_for_those_who_write_on_the_initiative(self, run: PhaseRun, act, role: Role) -> None:
        with pytest.raises(NotAllowed):
            act(run, person(role))
        assert not Deliverable.objects.exists()
        member = person(Role.LEAD)
        run.initiative.members.add(member)
        act(run, member)
        assert Deliverable.objects.exists()

    def test_needs_a_phase_that_is_not_annulled(self, run: PhaseRun, lead: User, act) -> None:
        PhaseRun.objects.filter(pk=run.pk).update(state=PhaseRun.State.ANNULLED)  # as a decision does meanwhile
        with pytest.raises(Refused, match="Fasen er annulleret"):
            act(run, lead)
        assert not Deliverable.objects.exists()

    def test_is_told_by_the_history(self, run: PhaseRun, lead: User, act) -> None:
        act(run, lead)
        event = history_of(run.initiative, lead)[0]
        assert (event.who, event.kind.value) == (lead, "worked")
        assert event.text.startswith("Leverancen ")


class TestPlan:
    def test_registers_what_is_planned(self, run: PhaseRun, lead: User) -> None:
        row = actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned(responsible=lead))
        assert (row.type.code, row.initiative, row.state, row.due) == ("M-a", run.initiative, "in_progress", DUE)
        assert (row.responsible, row.notes, row.documents, row.version) == (lead, "Noter", ["A1.2"], 1)
        change = row.history.get()
        assert (change.history_user, change.history_change_reason) == (lead, "Planlagt")

    def test_over_a_newer_text_is_a_conflict_and_writes_nothing(self, run: PhaseRun, lead: User) -> None:
        actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned())
        with pytest.raises(Conflict, match="En anden har gemt"):
            actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned(notes="Andet"))
        assert Deliverable.objects.get().notes == "Noter"

    def test_only_people_of_the_initiative_are_made_responsible(self, run: PhaseRun, lead: User) -> None:
        stranger = person(Role.LEAD)
        with pytest.raises(Refused, match="arbejder ikke på initiativet"):
            actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned(responsible=stranger))
        run.initiative.members.add(stranger)
        actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned(responsible=stranger))
        run.initiative.members.remove(stranger)
        row = actions.plan(run=run, code="M-a", by=lead, version=1, planned=planned(responsible=stranger, notes="Ny"))
        assert (row.responsible, row.notes) == (stranger, "Ny")  # who is already stays

    def test_not_of_what_is_left_out_or_unknown(self, run: PhaseRun, lead: User) -> None:
        actions.take_out(run=run, code="M-a", by=lead, reason="Fordi")
        with pytest.raises(Refused, match="Leverancen er udeladt"):
            actions.plan(run=run, code="M-a", by=lead, version=1, planned=planned())
        with pytest.raises(Refused, match="findes ikke længere"):
            actions.plan(run=run, code="M-proeve", by=lead, version=0, planned=planned())  # of the other track


class TestOwn:
    def test_gets_a_code_of_its_own(self, run: PhaseRun, lead: User) -> None:
        first, second = (actions.add_own(run=run, by=lead, name=name, planned=planned()) for name in ("Film", "Pjece"))
        assert [(row.code, row.title, row.documents) for row in (first, second)] == [
            ("egen-1", "Film", ["A1.2"]),
            ("egen-2", "Pjece", ["A1.2"]),
        ]

    def test_twice_is_a_conflict(self, run: PhaseRun, lead: User) -> None:
        actions.add_own(run=run, by=lead, name="Film", planned=planned())
        with pytest.raises(Conflict, match="allerede leverancen »Film«"):
            actions.add_own(run=run, by=lead, name="Film", planned=planned())
        assert Deliverable.objects.count() == 1

    def test_is_annulled_with_a_reason(self, run: PhaseRun, lead: User) -> None:
        actions.add_own(run=run, by=lead, name="Film", planned=planned())
        row = actions.take_out(run=run, code="egen-1", by=lead, reason="En fejl")
        assert (row.standing, row.standing_reason, status(run, "egen-1")) == ("annulled", "En fejl", Status.ANNULLED)
        with pytest.raises(Conflict, match="allerede annulleret"):
            actions.take_out(run=run, code="egen-1", by=lead, reason="Igen")


class TestOutAndIn:
    def test_a_typical_one_is_left_out_and_taken_in_again(self, run: PhaseRun, lead: User) -> None:
        actions.plan(run=run, code="M-a", by=lead, version=0, planned=planned())
        actions.take_out(run=run, code="M-a", by=lead, reason="Ikke relevant")
        assert status(run, "M-a") == Status.LEFT_OUT
        with pytest.raises(Conflict, match="allerede udeladt"):
            actions.take_out(run=run, code="M-a", by=lead, reason="Igen")
        row = actions.take_in(run=run, code="M-a", by=lead)
        assert (status(run, "M-a"), row.standing_reason, row.notes) == (Status.IN_PROGRESS, "", "Noter")
        assert "Ikke relevant" in [change.standing_reason for change in row.history.all()]

    def test_what_belongs_to_the_phase_is_not_taken_in(self, run: PhaseRun, lead: User) -> None:
        with pytest.raises(Conflict, match="hører allerede til fasen"):
            actions.take_in(run=run, code="M-a", by=lead)
        assert not Deliverable.objects.exists()

    def test_one_that_is_to_be_weighed_is_either(self, run: PhaseRun, lead: User) -> None:
        assert status(run, "M-pilot") == Status.UNDECIDED
        actions.take_out(run=run, code="M-pilot", by=lead, reason="Tiden er for kort")
        assert status(run, "M-pilot") == Status.LEFT_OUT
        actions.take_in(run=run, code="M-pilot", by=lead)
        assert status(run, "M-pilot") == Status.NOT_BEGUN


class TestVersions:
    def added(self, run: PhaseRun, by: User, **values: Any) -> DeliverableVersion:
        return actions.add_version(run=run, code="M-a", by=by, added=VersionInput(**values))

    def test_a_file_is_kept_with_name_size_and_checksum(self, run: PhaseRun, lead: User) -> None:
        version = self.added(run, lead, file=check(upload()), note="Første")
        assert (version.no, version.file_name, version.size, version.note) == (1, "rapport.pdf", len(pdf()), "Første")
        assert version.file.name.startswith("leverancer/")
        assert "rapport" not in version.file.name
        with version.file.open() as file:
            assert file.read() == pdf()
        item = item_at(run, "M-a")
        assert item
        assert (item.status, item.documents) == (Status.IN_PROGRESS, ["A1.1"])  # what is typical comes with the row

    def test_a_new_one_leaves_the_earlier(self, run: PhaseRun, lead: User) -> None:
        first = self.added(run, lead, file=check(upload()))
        second = self.added(run, lead, file=check(upload(pdf("Ny"))), is_done=True)
        assert [one.no for one in Deliverable.objects.get().versions.all()] == [2, 1]
        assert first.file.name != second.file.name
        assert default_storage.exists(first.file.name)
        assert status(run, "M-a") == Status.DONE

    @pytest.mark.parametrize("where", [{"case_document": "26-1"}, {"link": "https://eksempel.dk/"}])
    def test_it_may_lie_elsewhere(self, run: PhaseRun, lead: User, where: dict[str, str]) -> None:
        version = self.added(run, lead, **where)
        assert (version.file.name, version.sha256, version.size) == ("", "", None)
        with pytest.raises(Conflict, match="allerede gemt som version 1"):
            self.added(run, lead, **where)

    def test_it_lies_somewhere(self, run: PhaseRun, lead: User) -> None:
        with pytest.raises(Refused, match="Vælg en fil"):
            self.added(run, lead, note="Uden noget")
        assert not Deliverable.objects.exists()

    def test_the_same_file_twice_is_kept_once(self, run: PhaseRun, lead: User) -> None:
        self.added(run, lead, file=check(upload()))
        before = files()
        with pytest.raises(Conflict, match="allerede gemt som version 1"):
            self.added(run, lead, file=check(upload(name="igen.pdf")))
        assert files() == before
        assert DeliverableVersion.objects.count() == 1

    def test_a_full_disk_leaves_neither_row_nor_file(self, run: PhaseRun, lead: User, monkeypatch) -> None:
        def full(name: str, content: Any) -> str:
            raise OSError(28, "No space left on device")

        before = files()
        monkeypatch.setattr(default_storage, "save", full)
        with pytest.raises(NotStored):
            self.added(run, lead, file=check(upload()))
        assert (files(), Deliverable.objects.count(), DeliverableVersion.objects.count()) == (before, 0, 0)

    def test_what_fails_later_leaves_neither(self, run: PhaseRun, lead: User, monkeypatch) -> None:
        def fails(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError

        before = files()
        monkeypatch.setattr(actions, "DeliverableVersion", fails)
        with pytest.raises(RuntimeError):
            self.added(run, lead, file=check(upload()))
        assert (files(), Deliverable.objects.count()) == (before, 0)

    def test_a_stranger_stores_nothing(self, run: PhaseRun, monkeypatch) -> None:
        monkeypatch.setattr(default_storage, "save", lambda *_: pytest.fail("stored"))
        with pytest.raises(NotAllowed):
            self.added(run, person(Role.LEAD), file=check(upload()))

    def test_none_of_what_is_left_out(self, run: PhaseRun, lead: User) -> None:
        actions.take_out(run=run, code="M-a", by=lead, reason="Fordi")
        with pytest.raises(Refused, match="udeladt"):
            self.added(run, lead, case_document="26-1")

    def test_one_is_annulled_with_a_reason(self, run: PhaseRun, lead: User) -> None:
        first, second = self.added(run, lead, case_document="26-1"), self.added(run, lead, file=check(upload()))
        with pytest.raises(NotAllowed):
            actions.annul_version(version=second, by=person(Role.MANAGER), reason="Fordi")
        annulled = actions.annul_version(version=second, by=lead, reason="Forkert fil")
        item = item_at(run, "M-a")
        assert item
        assert (annulled.annulled_by, annulled.annulment_reason, item.latest) == (lead, "Forkert fil", first)
        assert default_storage.exists(second.file.name)
        with pytest.raises(Conflict, match="allerede annulleret"):
            actions.annul_version(version=second, by=lead, reason="Igen")
        event = history_of(run.initiative, lead)[0]
        assert event.text == "Leverancen Leverance a: version 2 er annulleret: Forkert fil"
        assert self.added(run, lead, file=check(upload())).no == 3  # a number is used once
