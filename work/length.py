"""The length of the present phase, as the page of the phase tells of it."""

from django.urls import reverse

from portfolio.lengths import stays
from portfolio.models import Initiative
from susi.models import User
from work.part import Part


def length_part(initiative: Initiative, user: User) -> Part | None:
    """Return how far the present phase is in time; None before the first phase. Three queries."""
    found = stays(initiative, with_extensions=False)
    if not found:
        return None
    present = next((stay for stay in found if stay.run.pk == initiative.current_run_id), found[-1])
    url = reverse("portfolio:initiative_length", args=[initiative.number])
    return Part("Længde", present.sentence, url, tuple(present.open))
