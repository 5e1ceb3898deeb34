"""The rulebook as a page: an edition with its phases, tracks, entry conditions and criteria."""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from phases.models import Criterion, DeliverableType, Edition, Theme
from phases.terms import Phase, Track
from susi.http import UserRequest

_PHASES = list(Phase)


@dataclass(frozen=True)
class Gate:
    """What must hold before `phase` starts: its themes, each with its criteria, in order."""

    phase: Phase
    themes: list[tuple[Theme, list[Criterion]]]

    @property
    def criteria(self) -> list[Criterion]:
        return [criterion for _, criteria in self.themes for criterion in criteria]

    @property
    def count_in_track_two(self) -> int:
        return sum(criterion.applies_to(Track.TWO) for criterion in self.criteria)

    @property
    def different(self) -> list[tuple[Theme, list[Criterion]]]:
        """The themes with the criteria that are not the same in both tracks; themes without any are left out."""
        different = [(theme, [each for each in criteria if _differs(each)]) for theme, criteria in self.themes]
        return [(theme, criteria) for theme, criteria in different if criteria]

    @property
    def different_count(self) -> int:
        return sum(_differs(criterion) for criterion in self.criteria)


@require_safe
def rulebook(request: UserRequest) -> HttpResponse:
    """Show the edition in force; where none is, say so."""
    edition = _current()
    if edition is None:
        editions = Edition.objects.visible_to(request.user)
        return render(request, "phases/rulebook_empty.html", {"editions": editions})
    return _page(request, edition, current=edition)


@require_safe
def edition(request: UserRequest, number: str) -> HttpResponse:
    """Show the edition `number`. 404 where there is none, and for a draft, which only administrators may see."""
    edition = get_object_or_404(Edition.objects.visible_to(request.user), number=number)
    return _page(request, edition, current=_current())


def _page(request: UserRequest, edition: Edition, *, current: Edition | None) -> HttpResponse:
    prefetch_related_objects(
        [edition],
        *("phase_definitions", "track_definitions", "entry_conditions", "deliverable_types", "themes__criteria"),
    )
    only_different = edition.has_tracks and request.GET.get("forskelle") == "1"
    gates = _gates(edition)
    context = {
        "edition": edition,
        "editions": Edition.objects.visible_to(request.user),
        "current": current,
        "standing": _standing(edition, current),
        "phases": sorted(
            edition.phase_definitions.all(), key=lambda definition: _PHASES.index(Phase(definition.phase))
        ),
        "tracks": edition.track_definitions.all(),
        "conditions": edition.entry_conditions.all(),
        "deliverables": _deliverables(edition),
        "gates": [(gate, gate.different if only_different else gate.themes) for gate in gates],
        "only_different": only_different,
        "count": sum(len(gate.criteria) for gate in gates),
        "different_count": sum(gate.different_count for gate in gates),
    }
    return render(request, "phases/rulebook.html", context)


def _gates(edition: Edition) -> list[Gate]:
    """Return the gates of `edition` that have themes, in the order of the phases."""
    gates = []
    for phase in Phase:
        themes = sorted((theme for theme in edition.themes.all() if theme.phase == phase), key=lambda theme: theme.no)
        if themes:
            gates.append(Gate(phase, [(theme, sorted(theme.criteria.all(), key=lambda c: c.no)) for theme in themes]))
    return gates


def _deliverables(edition: Edition) -> list[tuple[Phase, list[DeliverableType]]]:
    """Return what each phase typically produces, phase by phase in order; phases without any are left out."""
    types = sorted(edition.deliverable_types.all(), key=lambda one: one.no)
    by_phase = [(phase, [one for one in types if one.phase == phase]) for phase in Phase]
    return [(phase, own) for phase, own in by_phase if own]


def _current() -> Edition | None:
    try:
        return Edition.objects.current()
    except Edition.DoesNotExist:
        return None


def _standing(edition: Edition, current: Edition | None) -> str:
    """Return where the edition stands: "draft", "current", "coming" or "replaced"."""
    if not edition.is_published:
        return "draft"
    if edition == current:
        return "current"
    return "coming" if edition.valid_from > timezone.localdate() else "replaced"


def _differs(criterion: Criterion) -> bool:
    return criterion.track2 != Criterion.TrackTwo.SAME
