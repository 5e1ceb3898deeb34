"""A part of the page of a phase: one kind of work, and how far it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One kind of work in the present phase: how far it is in a sentence, and what is still `open`, one sentence each.

    `url` leads to the page where it is done.
    """

    heading: str
    state: str
    url: str
    open: tuple[str, ...] = ()
