"""The deliverables of a phase: the typical ones of the edition in force, joined with what is registered of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet, TextChoices
from django.urls import reverse

from phases.models import Criterion, DeliverableType, Edition
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.days import today
from work.models import Deliverable, DeliverableVersion


class Status(TextChoices):
    """How it stands with a deliverable, as a person reads it."""

    NOT_BEGUN = "not_begun", "Ikke begyndt"
    IN_PROGRESS = "in_progress", "I gang"
    DONE = "done", "Færdig"
    UNDECIDED = "undecided", "Ikke afvejet"
    UNKNOWN = "unknown", "Ikke oplyst"
    LEFT_OUT = "left_out", "Udeladt"
    ANNULLED = "annulled", "Annulleret"


# Where the system has a page of its own for what the list of a phase names: what its link says, and its address.
MADE_ON = {
    **dict.fromkeys(("S-e", "M-i", "A-f"), ("Gå til SUSI-vurderingen", "assessments:start")),
    **dict.fromkeys(("S-f", "M-j", "A-g"), ("Gå til fast track af viden", "work:knowledge")),
}
COUNTED = (Status.NOT_BEGUN, Status.IN_PROGRESS, Status.DONE)


def status_of(*, standing: str, state: str, is_weighed: bool, is_over: bool) -> Status:
    """Return how it stands, from the row (`standing` and `state`, "" where there is none), whether the type belongs to
    an initiative only where that is decided, and whether the phase is over.

    A typical deliverable comes with its phase, so nothing registered is not begun; of a phase that is over it is not
    known. One that is to be weighed waits for that (Drejebogen, Eventuel pilotafprøvning).
    """
    if standing == Deliverable.Standing.RELEVANT:
        return Status(state)
    if standing:
        return Status(standing)
    if is_over:
        return Status.UNKNOWN
    return Status.UNDECIDED if is_weighed else Status.NOT_BEGUN


def is_late(status: Status, due: date | None, on: date) -> bool:
    """Whether it should have been done before the day `on`. What is due on it is not late yet."""
    return status in (Status.NOT_BEGUN, Status.IN_PROGRESS) and due is not None and due < on


@dataclass(frozen=True)
class Item:
    """A deliverable of a run: its type, its row, or both."""

    run: PhaseRun
    type: DeliverableType | None
    row: Deliverable | None
    today: date

    @property
    def code(self) -> str:
        return self.row.code if self.row else self.type.code if self.type else ""

    @property
    def title(self) -> str:
        return self.type.heading if self.type else self.row.name if self.row else ""

    @property
    def letter(self) -> str:
        return self.type.letter if self.type else ""

    @property
    def official_name(self) -> str:
        """How the list in the source words it, where that is longer than the title."""
        return self.type.name if self.type and self.type.name != self.type.heading else ""

    @property
    def track_note(self) -> str:
        return self.type.note_for(self.run.track) if self.type else ""

    @property
    def made_on(self) -> tuple[str, str] | None:
        """What leads to the page it is made on, and the address; None where it is made outside the system."""
        if self.code not in MADE_ON:
            return None
        label, view = MADE_ON[self.code]
        return label, reverse(view, args=[self.run.initiative.number])

    @property
    def is_own(self) -> bool:
        return self.type is None

    @property
    def status(self) -> Status:
        return status_of(
            standing=self.row.standing if self.row else "",
            state=self.row.state if self.row else "",
            is_weighed=self.type is not None and self.type.is_weighed,
            is_over=self.run.state == PhaseRun.State.ENDED,
        )

    @property
    def is_late(self) -> bool:
        return is_late(self.status, self.due, self.today)

    @property
    def due(self) -> date | None:
        return self.row.due if self.row else None

    @property
    def is_out(self) -> bool:
        return self.status in (Status.LEFT_OUT, Status.ANNULLED)

    @property
    def documents(self) -> list[str]:
        """The codes of the criteria it documents: as registered, else as is typical."""
        if self.row:
            return list(self.row.documents)
        return list(self.type.documents) if self.type else []

    @property
    def versions(self) -> list[DeliverableVersion]:
        """All its versions, the newest first."""
        return list(self.row.versions.all()) if self.row else []

    @property
    def latest(self) -> DeliverableVersion | None:
        """The newest version that is not annulled."""
        return next((version for version in self.versions if not version.is_annulled), None)

    @property
    def edit_version(self) -> int:
        """The number of the stored text, which the next save must name; 0 where nothing is registered."""
        return self.row.version if self.row else 0


def items_of(run: PhaseRun) -> list[Item]:
    """Return the deliverables of the run in the order of the source, one's own after them. Three queries."""
    on = today()
    rows = {row.code: row for row in registered().filter(run=run)}
    types = DeliverableType.objects.of_phase(run.phase, run.track, on)
    typical = [Item(run, one, rows.pop(one.code, None), on) for one in sorted(types, key=lambda one: one.no)]
    return [*typical, *(Item(run, row.type, row, on) for row in rows.values())]


def item_at(run: PhaseRun, code: str) -> Item | None:
    return next((item for item in items_of(run) if item.code == code), None)


def registered() -> QuerySet[Deliverable]:
    """Return the rows with their types, people and versions fetched along."""
    return Deliverable.objects.select_related("type", "responsible").prefetch_related(with_versions()).order_by("pk")


def with_versions() -> Prefetch:
    """Return what fetches the versions of deliverables, the newest first."""
    versions = DeliverableVersion.objects.select_related("added_by", "annulled_by").order_by("-no")
    return Prefetch("versions", versions)


def runs_of(initiative: Initiative) -> list[PhaseRun]:
    """Return the phases the initiative has begun, in order: those that have deliverables."""
    return [run for run in initiative.runs.all() if run.has_begun]


def criteria_documented(run: PhaseRun) -> list[Criterion]:
    """Return the criteria a deliverable of the run can document: for entering the next phase, as they are in force."""
    following = Phase(run.phase).following
    edition = Edition.objects.in_force(today()).first()
    return list(Criterion.objects.for_gate(edition, following, run.track)) if edition and following else []


def summary(items: Iterable[Item]) -> str:
    """Say how far the deliverables are: "4 af 6 leverancer er færdige. 1 er forsinket."."""
    items = list(items)
    counts = Counter(item.status for item in items)
    counted, done, late = sum(counts[status] for status in COUNTED), counts[Status.DONE], sum(i.is_late for i in items)
    if not counted:
        return "Der er ikke oplyst noget om leverancerne." if items else "Der er ingen leverancer."
    noun = "leverance" if counted == 1 else "leverancer"
    sentence = f"{done} af {counted} {noun} er {'færdig' if 1 in (counted, done) else 'færdige'}."
    return f"{sentence} {late} er {'forsinket' if late == 1 else 'forsinkede'}." if late else sentence
