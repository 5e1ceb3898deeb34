"""What an address may hold, so that nothing else reaches a view or the database; registered in `susi.urls`."""

from django.urls.converters import StringConverter


class InitiativeNumber(StringConverter):
    """The number of an initiative: "2026-014"."""

    regex = "[0-9]{4}-[0-9]{3,}"


class Code(StringConverter):
    """The number of an edition or the code of a criterion: text without control characters."""

    regex = r"[^\x00-\x1f\x7f-\x9f]+"
