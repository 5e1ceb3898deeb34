"""What an initiative's page of participants shows, fetched in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from participants import rules
from participants.models import (
    Application,
    Call,
    DataCollection,
    Entry,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
)
from participants.terms import PERFORMING, ApplicationState, Progress
from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.dates import danish

_ROW, _LONGEST = 36, 500  # of the figure of recruitment


@dataclass
class Pulje:
    """A call with its applications and their sums."""

    call: Call
    applications: list[Application]

    @property
    def applied(self) -> int:
        return len(self.applications)

    @property
    def selected(self) -> int:
        return sum(one.state == ApplicationState.SELECTED for one in self.applications)

    @property
    def granted(self) -> int | None:
        """The sum of what is granted; None where no amount is known."""
        amounts = [one.granted for one in self.applications if one.granted is not None]
        return sum(amounts) if amounts else None

    @property
    def amounts_missing(self) -> int:
        """How many of the selected have no amount yet: the sum is without them."""
        return sum(one.state == ApplicationState.SELECTED and one.granted is None for one in self.applications)

    @property
    def left(self) -> int | None:
        """What is not granted of the amount, where both are known."""
        return None if self.call.amount is None or self.granted is None else self.call.amount - self.granted


@dataclass(frozen=True)
class Bar:
    """A bar of the figure of recruitment, with its place and width in the units of the drawing."""

    label: str
    number: int
    look: str
    y: int
    width: int


@dataclass
class Recruitment:
    """Planned, recruited and completed in one phase, as of the newest count."""

    plan: RecruitmentPlan | None
    counts: list[RecruitmentCount]

    @property
    def total(self) -> rules.Count | None:
        return rules.totals(
            rules.Count(one.counted_on, one.organisation_id, one.recruited, one.completed) for one in self.counts
        )

    @property
    def percent(self) -> int | None:
        """How much of the plan is recruited, in whole percent."""
        total = self.total
        return round(100 * total.recruited / self.plan.planned) if self.plan and total else None

    @property
    def bars(self) -> list[Bar]:
        total = self.total
        numbers = [("Planlagt", self.plan.planned if self.plan else None, "plan")]
        numbers += [("Rekrutteret", total.recruited if total else None, "recruited")]
        numbers += [("Gennemført", total.completed if total else None, "completed")]
        known = [(label, number, look) for label, number, look in numbers if number is not None]
        longest = max((number for _, number, _ in known), default=0) or 1
        return [
            Bar(label, number, look, place * _ROW, round(_LONGEST * number / longest))
            for place, (label, number, look) in enumerate(known)
        ]

    @property
    def sentence(self) -> str:
        """Say how far it is, with the day of the newest count."""
        total = self.total
        if total is None:
            return "Der er ikke registreret optællinger endnu."
        plan = f" af {self.plan.planned}" if self.plan else ""
        return (
            f"{total.recruited}{plan} borgere er rekrutteret, og {total.completed} har gennemført "
            f"(optalt {danish(total.day)})."
        )

    @property
    def missing(self) -> tuple[str, ...]:
        return () if self.plan else ("Rekrutteringsmålet efter styrkeberegningen mangler.",)

    @property
    def height(self) -> int:
        return len(self.bars) * _ROW


@dataclass
class RunPage:
    """Everything about one phase."""

    run: PhaseRun
    is_newest: bool = True  # of its phase: an initiative may be in one twice
    participations: list[Participation] = field(default_factory=list)
    puljer: list[Pulje] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    recruitment: Recruitment = field(default_factory=lambda: Recruitment(None, []))
    collections: list[DataCollection] = field(default_factory=list)

    @property
    def is_trial(self) -> bool:
        return self.run.phase == Phase.TRIAL

    @property
    def is_dissemination(self) -> bool:
        return self.run.phase == Phase.DISSEMINATION

    @property
    def is_empty(self) -> bool:
        told = self.recruitment.plan or self.recruitment.counts
        return not (self.participations or self.puljer or self.rounds or self.collections or told)


def of_initiative(initiative: Initiative) -> tuple[list[RunPage], list[Entry]]:
    """Return the phases of the initiative, the newest first, with what is registered of each; and what is annulled."""
    runs = list(PhaseRun.objects.in_force().filter(initiative=initiative).order_by("-sequence"))
    newest = {run.phase: run for run in reversed(runs)}
    pages = {run.pk: RunPage(run, is_newest=run == newest[run.phase]) for run in runs}
    annulled: list[Entry] = []

    def sort(entries: Iterable[Any]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for entry in entries:
            if entry.is_annulled:
                annulled.append(entry)
            else:
                found[entry.run_id].append(entry)
        return found

    participations = sort(Participation.objects.of(initiative).select_related("run", "organisation", "round"))
    applications = Application.objects.select_related("organisation")
    calls = sort(Call.objects.of(initiative).prefetch_related(Prefetch("applications", applications)))
    rounds = sort(Round.objects.of(initiative))
    plans = sort(RecruitmentPlan.objects.of(initiative))
    counts = sort(RecruitmentCount.objects.of(initiative).select_related("organisation"))
    collections = sort(DataCollection.objects.of(initiative).select_related("responsible"))
    for pk, page in pages.items():
        page.participations, page.rounds, page.collections = participations[pk], rounds[pk], collections[pk]
        page.recruitment = Recruitment(next(iter(plans[pk]), None), counts[pk])
        page.puljer = [_pulje(call, annulled) for call in calls[pk]]
    return list(pages.values()), annulled


def _pulje(call: Call, annulled: list[Entry]) -> Pulje:
    applications = list(call.applications.all())
    for application in applications:
        application.call = call
    annulled += [one for one in applications if one.is_annulled]
    return Pulje(call, [one for one in applications if not one.is_annulled])


@dataclass(frozen=True)
class State:
    """How far the work with participants is in a phase: a sentence, and what is open, one sentence each."""

    sentence: str
    open: tuple[str, ...] = ()


def state_of(run: PhaseRun) -> State:
    """Say who takes part in `run` and what is missing of them. One query.

    Whether a participant is ready is analysed when the work in practice begins: from modning on, not in screening
    (Drejebogen, Modningsfasen, Typiske leverancer, punkt b).
    """
    participations = list(
        Participation.objects.in_force().filter(run=run).select_related("run").only(
            "run", "role", "readiness", "plan", "dropped_out_on", "annulled_at", "started_on", "started_on_precision",
            "ended_on", "ended_on_precision", "dropped_out_on_precision", "run__state",
        )
    )  # fmt: skip
    if not participations:
        return State("Der er ikke registreret deltagere i fasen endnu.")
    dropped = sum(one.has_dropped_out for one in participations)
    sentence = f"{_several(len(participations), 'deltager', 'deltagere')} i fasen"
    sentence += f", heraf {dropped} faldet fra." if dropped else "."
    performing = [one for one in participations if one.role in PERFORMING and not one.has_dropped_out]
    if run.phase == Phase.SCREENING:
        performing = []
    missing = []
    for name, words in (("readiness", "parathedsanalyse"), ("plan", "implementeringsplan")):
        lacking = sum(getattr(one, name) in ("", Progress.NOT_DONE) for one in performing)
        if lacking:
            missing.append(f"{_several(lacking, 'deltager', 'deltagere')} mangler {words}.")
    return State(sentence, tuple(missing))


def recruitment_of(run: PhaseRun) -> Recruitment:
    """Return the recruitment of `run`. Two queries."""
    plan = RecruitmentPlan.objects.in_force().filter(run=run).first()
    return Recruitment(plan, list(RecruitmentCount.objects.in_force().filter(run=run)))


def _several(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
