"""What is done in a phase. One file for each noun."""

from work.models.deliverable import Deliverable, DeliverableVersion
from work.models.fast_track import FastTrackAnswer, KnowledgeProduct
from work.models.involvement import InvolvementEvent, InvolvementStrategy
from work.models.track_choice import TrackChoice, WayWeighing

__all__ = [
    "Deliverable",
    "DeliverableVersion",
    "FastTrackAnswer",
    "InvolvementEvent",
    "InvolvementStrategy",
    "KnowledgeProduct",
    "TrackChoice",
    "WayWeighing",
]
