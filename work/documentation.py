"""What the work of an initiative documents: by criterion, the deliverables that say so, with their newest version."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db.models import prefetch_related_objects
from django.urls import reverse

from phases.terms import Phase
from portfolio.models import PhaseRun
from susi.prepared import GivenKeys, Prepared
from work.deliverables import registered, with_versions
from work.models import Deliverable, DeliverableVersion


@dataclass(frozen=True)
class Documentation:
    """A deliverable that documents a criterion. `latest` is None as long as it has no version."""

    deliverable: Deliverable
    latest: DeliverableVersion | None

    @property
    def key(self) -> str:
        """What names it among all there is, also in a form."""
        return str(self.deliverable.pk)

    @property
    def title(self) -> str:
        return self.deliverable.title

    @property
    def number(self) -> str:
        return self.deliverable.initiative.number

    @property
    def phase(self) -> Phase:
        return Phase(self.deliverable.run.phase)

    @property
    def state(self) -> str:
        return self.deliverable.state

    @property
    def state_label(self) -> str:
        return str(self.deliverable.get_state_display())

    @property
    def url(self) -> str:
        """The page of the deliverable."""
        return reverse("work:deliverable", args=self._place)

    @property
    def file_url(self) -> str:
        """Where the file of the newest version is handed out; "" where it has none."""
        if self.latest is None or not self.latest.file:
            return ""
        return reverse("work:version_file", args=[*self._place, self.latest.no])

    @property
    def _place(self) -> list[str | int]:
        return [self.number, self.deliverable.run.sequence, self.deliverable.code]


def documentation_of(initiatives: Iterable[int]) -> dict[str, list[Documentation]]:
    """Return what documents each criterion, by its code, in the initiatives with these keys: of the phases they have
    begun, in order. What is left out or annulled documents nothing. Two queries.
    """
    rows = _documenting().rows(initiatives=initiatives)
    if rows:
        prefetch_related_objects(rows, with_versions())
    found: dict[str, list[Documentation]] = defaultdict(list)
    for row in rows:
        latest = next((version for version in row.versions.all() if not version.is_annulled), None)
        for code in row.documents:
            found[code].append(Documentation(row, latest))
    return dict(found)


@cache
def _documenting() -> Prepared:
    rows = registered().filter(
        initiative__in=GivenKeys("initiatives"),
        standing=Deliverable.Standing.RELEVANT,
        run__state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED],
    )
    return Prepared(rows.select_related("initiative", "run").order_by("initiative__number", "run__sequence", "pk"))
