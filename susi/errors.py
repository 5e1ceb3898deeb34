"""What an action answers when it cannot be done. The messages are Danish sentences for the user."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import Http404


class Refused(Exception):
    """The action is not possible as things stand.

    `sentences` says why, one reason each; `findings` carries the gate's findings where there are any.
    """

    def __init__(self, *sentences: str, findings: Iterable = ()) -> None:
        self.findings = tuple(findings)
        self.sentences = sentences or tuple(finding.sentence for finding in self.findings)
        super().__init__(" ".join(self.sentences))


class Conflict(Refused):
    """Somebody else changed it first (or the same person, by a second click). Answered with 409."""


class NotAllowed(PermissionDenied):
    """The person's role does not cover the action. Answered with 403 and the sentence."""


class Gone(Http404):
    """What the action is about was taken out since the page was read, or asks for nothing any more; the sentence says
    so. Answered with 404, and with what was written."""
