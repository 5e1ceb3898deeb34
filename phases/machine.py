"""Which phases may follow which. A phase may be left out, never gone back to (Drejebogen, Fasemodel).

Whether a move is justified is for `phases.gates`; that it happened is for the decision. Here stands only what is
possible at all. `protected` keeps every assignment out; the initiative's `save()` keeps out the rest.
"""

from django.db import models
from django_fsm import RETURN_VALUE, FSMField, transition

from phases.terms import Phase, Stage


class PhaseMachine(models.Model):
    """The field `phase` and the only methods that change it."""

    phase = FSMField("fase", choices=Stage.choices, default=Stage.PROPOSAL, protected=True, editable=False)

    class Meta:
        abstract = True

    @transition(field=phase, source=Stage.PROPOSAL, target=Stage.SCREENING)
    def begin_screening(self) -> None:
        """Enter screening, the ordinary beginning."""

    @transition(field=phase, source=[Stage.PROPOSAL, Stage.SCREENING], target=Stage.MATURATION)
    def begin_maturation(self) -> None:
        """Enter modning, after screening or as the first phase."""

    @transition(field=phase, source=[Stage.PROPOSAL, Stage.SCREENING, Stage.MATURATION], target=Stage.TRIAL)
    def begin_trial(self) -> None:
        """Enter afprøvning."""

    @transition(
        field=phase,
        source=[Stage.PROPOSAL, Stage.SCREENING, Stage.MATURATION, Stage.TRIAL],
        target=Stage.DISSEMINATION,
    )
    def begin_dissemination(self) -> None:
        """Enter udbredelse, the last phase."""

    @transition(
        field=phase,
        source=[Stage.PROPOSAL, Stage.SCREENING, Stage.MATURATION, Stage.TRIAL, Stage.DISSEMINATION],
        target=Stage.ENDED,
    )
    def end(self) -> None:
        """End, in whatever phase it is or before the first."""

    @transition(field=phase, source="*", target=RETURN_VALUE(*Stage.values))
    def follow_runs(self, stage: Stage) -> Stage:
        """Take over `stage` as the runs show it: after a reversed decision, or on import from a source."""
        return stage

    def begin(self, phase: Phase) -> None:
        """Enter `phase`. Raises `TransitionNotAllowed` where the phase cannot follow the present one."""
        begin_phase = {
            Phase.SCREENING: self.begin_screening,
            Phase.MATURATION: self.begin_maturation,
            Phase.TRIAL: self.begin_trial,
            Phase.DISSEMINATION: self.begin_dissemination,
        }
        begin_phase[Phase(phase)]()


def phases_after(stage: str) -> list[Phase]:
    """Return the phases that may be entered from `stage`, in order; none from udbredelse or once ended."""
    if stage == Stage.ENDED:
        return []
    if stage == Stage.PROPOSAL:
        return list(Phase)
    return [phase for phase in Phase if Phase(stage).precedes(phase)]
