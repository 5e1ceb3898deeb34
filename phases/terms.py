"""The strategy's own words as closed lists. Codes are English, labels are the official Danish terms."""

from collections.abc import Iterable
from functools import cache

from django.db.models import TextChoices


class Phase(TextChoices):
    """The four phases, in order (Drejebogen, Fasemodel for udvikling og udbredelse)."""

    SCREENING = "screening", "Screening"
    MATURATION = "maturation", "Modning"
    TRIAL = "trial", "Afprøvning"
    DISSEMINATION = "dissemination", "Udbredelse"

    @property
    def definite(self) -> str:
        """The phase in running text: "modningsfasen"."""
        return f"{self.label.lower()}sfasen"

    @property
    def following(self) -> "Phase | None":
        """The phase after this one; None after udbredelse, the last."""
        order = list(Phase)
        return next(iter(order[order.index(self) + 1 :]), None)

    def precedes(self, other: "Phase") -> bool:
        order = list(Phase)
        return order.index(self) < order.index(other)


def run_together(phases: Iterable[Phase]) -> str:
    """Return the phases as Bilag 1 writes them where they are run together: "Screening/modning"."""
    return _joined(tuple(phases))


@cache
def _joined(phases: tuple[Phase, ...]) -> str:
    labels = [phase.label for phase in phases]
    return "/".join([*labels[:1], *(label.lower() for label in labels[1:])])


class Stage(TextChoices):
    """Where an initiative stands: not begun, in one of the phases, or ended."""

    PROPOSAL = "proposal", "Forslag"
    SCREENING = Phase.SCREENING.value, Phase.SCREENING.label
    MATURATION = Phase.MATURATION.value, Phase.MATURATION.label
    TRIAL = Phase.TRIAL.value, Phase.TRIAL.label
    DISSEMINATION = Phase.DISSEMINATION.value, Phase.DISSEMINATION.label
    ENDED = "ended", "Afsluttet"


class Track(TextChoices):
    """The two tracks of SUSI 2.0 (Drejebogen, To spor i fasemodellen)."""

    ONE = "1", "Spor 1"
    TWO = "2", "Spor 2"


class RatingValue(TextChoices):
    MET = "met", "Opfyldt"
    PARTLY = "partly", "Delvist opfyldt"
    NOT_MET = "not_met", "Ikke opfyldt"


class Verdict(TextChoices):
    """Whether the intervention is found fit for the new phase ("egnet til ny fase")."""

    YES = "yes", "Ja"
    PARTLY = "partly", "Delvist"
    NO = "no", "Nej"


class Recommendation(TextChoices):
    """What the assessment recommends (indstilling)."""

    CONTINUE = "continue", "Initiativet indstilles til videreførelse"
    STOP = "stop", "Initiativet indstilles ikke til videreførelse"


class Ground(TextChoices):
    """On what a criterion may be departed from (Drejebogen, Fasemodel; Faser i den nationale udvikling)."""

    PROFESSIONAL = "professional", "Faglig vurdering"
    POLITICAL = "political", "Politisk beslutning"
    PRACTICAL = "practical", "Praktiske forhold"


class WayOn(TextChoices):
    """The three ways on after modning in spor 2 (Drejebogen, Formål med modningsfasen)."""

    TRIAL_TRACK_TWO = "trial_2", "Afprøvning i spor 2"
    TRIAL_TRACK_ONE = "trial_1", "Afprøvning af udvalgte kerneelementer i spor 1"
    SPREAD = "spread", "Anden formidling af viden uden for fasemodellen (fast track)"


class Outcome(TextChoices):
    """What is decided on a transition, and what a source may state of it (Bilag 1)."""

    NOT_ENDED = "not_ended", "Ikke afsluttet"
    CONTINUED = "continued", "Videreføres"
    STOPPED = "stopped", "Videreføres ikke"
    RECOMMENDED = "recommended", "Indstillet til kommende aftale"
    AWAITING = "awaiting", "Afventer"
    FINAL = "final", "Kan ikke videreføres (udbredelse)"


class SusiStatement(TextChoices):
    """What is said of the SUSI-vurdering of a phase: was it made, and was the intervention found fit (Bilag 1)."""

    NOT_ENDED = "not_ended", "Ikke foretaget endnu"
    YES = "yes", "Ja til begge"
    YES_PARTLY = "yes_partly", "Ja og delvist"
    YES_NO = "yes_no", "Ja og nej"
    NO = "no", "Nej"
    FINAL = "final", "Foretages ikke for udbredelse"


class DeviationOutcome(TextChoices):
    """What became of a deviation, judged in the next assessment."""

    SETTLED = "settled", "Afklaret"
    CONTINUED = "continued", "Fortsætter"
    FAILED = "failed", "Håndteringen lykkedes ikke"
