"""What the examples show of the desk: somebody away with a stand-in, and a document exempt from access."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from desk.actions.exemptions import exempt
from desk.actions.stand_ins import name_stand_in
from desk.models import Exemption
from portfolio.models import Initiative
from susi.clock import clock_at
from susi.days import today
from susi.models import StandIn, User

_AGO, _AHEAD = timedelta(days=2), timedelta(days=12)


def play_desk(initiatives: Iterable[Initiative]) -> None:
    """Let it be done by the example people, through the real actions."""
    people = {person.username: person for person in User.objects.all()}
    with clock_at(timezone.now() - _AGO):
        name_stand_in(
            person=people["ansvarlig2"],
            stand_in=people["ansvarlig"],
            from_day=today(),
            to_day=today() + _AGO + _AHEAD,
            reason=StandIn.Reason.HOLIDAY,
            by=people["ansvarlig2"],
        )
        note = next(note for one in initiatives for note in one.status_notes.all())
        exempt(
            initiative=note.initiative,
            kind="status",
            key=str(note.pk),
            ground=Exemption.Ground.INTERNAL,
            reason="Eksempel: Statussen er skrevet til internt brug og er ikke sendt ud af huset.",
            by=people["leder"],
        )
