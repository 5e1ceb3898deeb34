"""The phases of an initiative so far, those run together as one, with what is decided or stated of each."""

from dataclasses import dataclass

from phases.terms import Outcome, Phase, SusiStatement, run_together
from portfolio import bilag1
from portfolio.models import Continuation, Decision, Initiative, PhaseRun
from susi import dates


@dataclass(frozen=True)
class Leg:
    """Runs that were begun together ("Screening/modning"), or a single one. `links` are what continues it."""

    runs: list[PhaseRun]
    links: list[Continuation]

    @property
    def last(self) -> PhaseRun:
        return self.runs[-1]

    @property
    def phase(self) -> str:
        """The phase whose look the leg takes: the one that is open, else the last."""
        return next((run for run in self.runs if run.state == PhaseRun.State.OPEN), self.last).phase

    @property
    def label(self) -> str:
        return run_together(Phase(run.phase) for run in self.runs)

    @property
    def track(self) -> str:
        """The track, "Spor ikke oplyst", or "" where there is none (screening)."""
        return next((_track(run) for run in reversed(self.runs) if _track(run)), "")

    @property
    def started(self) -> str:
        return str(dates.read(self.runs[0], "started_on") or "ikke oplyst")

    @property
    def ended(self) -> str:
        """When it ended: "" while it is open, "ikke oplyst" where no source says."""
        if self.last.state != PhaseRun.State.ENDED:
            return ""
        return str(dates.read(self.last, "ended_on") or "ikke oplyst")

    @property
    def source(self) -> str:
        return self.last.source

    @property
    def opened_by(self) -> Decision | None:
        return self.runs[0].opened_by

    @property
    def closed_by(self) -> Decision | None:
        return self.last.closed_by

    @property
    def decision(self) -> Decision | None:
        """The latest decision in force on what became of it."""
        in_force = [decision for run in self.runs for decision in run.decisions.all() if not decision.is_reversed]
        return max(in_force, key=lambda decision: (decision.decided_on, decision.pk), default=None)

    @property
    def carried_forward(self) -> str:
        """What became of it, as Bilag 1 says it."""
        if self.last.outcome == Outcome.NOT_ENDED:
            return str(Outcome.NOT_ENDED.label)
        return bilag1.carried_forward(self.last, links=self.links) or "Ikke oplyst"

    @property
    def susi(self) -> str:
        """What the source says of the SUSI-vurdering; "" where an approved one says it now."""
        if not self.source or self.last.susi != self.last.stated_susi:
            return ""
        if self.last.susi == SusiStatement.NOT_ENDED:
            return str(SusiStatement.NOT_ENDED.label)
        return bilag1.susi(self.last) or "Ikke oplyst"


def legs(initiative: Initiative) -> list[Leg]:
    """Return the legs in order. Reads `initiative.runs` and `initiative.continued_in` as they were fetched."""
    grouped: list[list[PhaseRun]] = []
    for run in sorted(initiative.runs.all(), key=lambda run: run.sequence):
        if run.state == PhaseRun.State.ANNULLED:
            continue
        if grouped and run.is_run_together_with(grouped[-1][-1]):
            grouped[-1].append(run)
        else:
            grouped.append([run])
    continued_in = list(initiative.continued_in.all())
    return [Leg(runs, continued_in if runs is grouped[-1] else []) for runs in grouped]


def _track(run: PhaseRun) -> str:
    if run.track:
        return run.get_track_display()
    return "" if run.phase == Phase.SCREENING else "Spor ikke oplyst"
