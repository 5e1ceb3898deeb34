"""Fast track of knowledge: when the question is to be answered, what is still open, and the ways to pass it on.

Source: Drejebogen, 'Fast track' af viden.
"""

from django.db.models import TextChoices

from phases.terms import Phase


class Channel(TextChoices):
    """How knowledge is passed on: the grips Drejebogen names ('Fast track' af viden), and Vidensportalen.

    Drejebogen's list ends with "mv.": what is something else is said in the title of the product.
    """

    PRINT = "print", "Trykt formidling"
    WEB = "web", "Webbaseret formidling"
    PORTAL = "portal", "Vidensportalen"
    ORAL = "oral", "Mundtlig formidling"
    GUIDANCE = "guidance", "Vejledende vidensprodukt"
    STANDARD = "standard", "Standard"
    ADVICE = "advice", "Rådgivning"
    COMPETENCE = "competence", "Kompetenceudvikling"
    NETWORK = "network", "Netværk/advisory board"
    DATA = "data", "Data/monitorering"
    OTHER = "other", "Andet"


SOURCE = "Drejebogen, 'Fast track' af viden"
PHASES = (Phase.SCREENING, Phase.MATURATION, Phase.TRIAL)


class OpenQuestion(TextChoices):
    """What is still to be done about the knowledge of a phase."""

    UNANSWERED = "unanswered", "Der er ikke taget stilling til, om den nye viden skal formidles nu."
    NO_PRODUCT = "no_product", "Den nye viden skal formidles nu, men der er ikke planlagt noget produkt."


def is_asked_of(phase: str) -> bool:
    """Return whether knowledge of `phase` may take the fast track: of all but udbredelse, where none is developed."""
    return phase in PHASES


def open_fast_track(*, phase: str, has_ended: bool, answer: bool | None, products: int) -> OpenQuestion | None:
    """Return what is open about the knowledge of a phase; None where nothing is.

    The question is due when the phase has ended. `answer` is that of the approved SUSI-vurdering, else the one given
    on the phase itself, None for none. `products` counts those planned or published.
    """
    if not is_asked_of(phase):
        return None
    if answer is None:
        return OpenQuestion.UNANSWERED if has_ended else None
    return OpenQuestion.NO_PRODUCT if answer and not products else None
