"""The work of a phase."""

from work.models.deliverable import Deliverable, DeliverableVersion

__all__ = ["Deliverable", "DeliverableVersion"]
