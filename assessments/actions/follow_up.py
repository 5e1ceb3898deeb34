"""Following up on a fravigelse between two gates."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from assessments.models import Deviation, DeviationFollowUp
from portfolio.access import may_write
from susi.days import today
from susi.errors import Conflict, NotAllowed, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.second_click import is_written_again

_WRONG_STATE = (
    "Fravigelsen er ikke åben længere, og der kan kun følges op på åbne fravigelser. "
    "Er den rettet, er der i forløbet et link til den, der gælder nu."
)


def may_follow_up(user: User, deviation: Deviation) -> bool:
    """Whether `user` follows up on it: its owner or a stand-in, and those who write on its initiative."""
    return deviation.owner_id in user.acts_for or may_write(user, deviation.initiative)


def require_follower(user: User, deviation: Deviation) -> None:
    if not may_follow_up(user, deviation):
        raise NotAllowed("Kun den ansvarlige for fravigelsen og de, der skriver på initiativet, kan følge op på den.")


def follow_up_problems(deviation: Deviation, day: date, review_on: date | None, move_reason: str) -> dict[str, str]:
    """Return what is wrong with following up on `day` and looking again on `review_on` (None: as before), by field.

    Drejebogen asks how the challenge is handled ("følg-eller-forklar", Fasemodel); that a day to look again always
    lies ahead is this system's own demand.
    """
    is_due = deviation.review_on is not None and deviation.review_on <= day
    if review_on is None or review_on == deviation.review_on:
        if is_due:
            return {"review_on": "Skriv, hvornår der skal følges op igen."}
        moves_to = "Skriv den nye dato, eller slet begrundelsen for at flytte."
        return {"review_on": moves_to} if move_reason.strip() else {}
    if review_on <= day:
        return {"review_on": "Den næste opfølgning skal ligge efter i dag."}
    if not move_reason.strip():
        return {"move_reason": "Skriv, hvorfor opfølgningen flyttes."}
    return {}


@transaction.atomic
def follow_up(
    *,
    deviation: Deviation,
    by: User,
    seen: int,
    text: str,
    review_on: date | None = None,
    move_reason: str = "",
) -> DeviationFollowUp:
    """Write what has been done, and move the day to look again where `review_on` is another.

    `seen` is how many follow-ups the page showed. Raises `NotAllowed`, `Conflict` where somebody followed up since or
    it is judged meanwhile, or `Refused` with a sentence.
    """
    deviation = Deviation.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=deviation.pk)
    require_follower(by, deviation)
    if deviation.state != Deviation.State.OPEN:
        raise Conflict(_WRONG_STATE)
    if deviation.follow_ups.count() != seen:
        raise Conflict("Der er skrevet en opfølgning, siden du åbnede siden. Læs den, og gem så din.")
    if is_written_again(deviation.follow_ups.last(), text, by):
        raise Conflict("Den samme opfølgning er allerede gemt. Der er ikke skrevet to.")
    if not text.strip():
        raise Refused("Skriv, hvad der er gjort.")
    if problems := follow_up_problems(deviation, today(), review_on, move_reason):
        raise Refused(*problems.values())
    note = DeviationFollowUp(deviation=deviation, text=text, written_by=by, written_at=timezone.now())
    if review_on and review_on != deviation.review_on:
        note.review_from, note.review_on, note.move_reason = deviation.review_on, review_on, move_reason
        deviation.review_on, deviation.review_is_moved = review_on, True
        save_with_reason(deviation, by=by, reason=f"Opfølgningen er flyttet: {move_reason}")
    save_with_reason(note, by=by, reason="Opfølgning på fravigelse")
    return note
